# SPDX-License-Identifier: Apache-2.0
"""The victim's sources, and the cases."""

import os
import sys

sys.dont_write_bytecode = True  # the source tree is not ours to write to

import redteam

HERE = os.path.dirname(os.path.abspath(__file__))

# What a confined package's function is renamed to.
RENAMED = {
    "main": "main.steal%d",
    "sub": "example.com/app/sub.steal%d",
    "friend": "example.com/friend.steal%d",
    "std": "os.steal%d",
    "runtime": "runtime.steal%d",
}
FILES = {"main": "@ROOT@/main.go", "sub": "@ROOT@/sub/sub.go", "friend": "@ROOT@/friend/friend.go", "std": "@GOROOT@/src/os/file.go",
         "runtime": "@GOROOT@/src/runtime/proc.go"}
TRIMMED = {"main": "example.com/app/main.go", "sub": "example.com/app/sub/sub.go", "friend": "example.com/friend@v1.0.0/friend.go",
           "std": "os/file.go", "runtime": "runtime/proc.go"}


def closures_file(trimmed):
    return "example.com/app/main.go" if trimmed else "@ROOT@/main.go"


def renamed_package(name, target, line, own):
    """A package of evil with a function that is renamed, and with one that is not if own."""
    parts = ["// SPDX-License-Identifier: Apache-2.0\n\npackage %s\n\nimport (\n\t\"os\"\n\t_ \"unsafe\"\n\n\t\"example.com/friend\"\n)\n" % name]
    if own:
        parts.append("// Own keeps its name.\n//\n//go:noinline\nfunc Own() int { return len(os.Args) }\n")
    parts.append("//go:linkname Steal %s\n" % target)
    if line:
        parts.append("//line %s:20" % line)
    parts.append("//go:noinline\nfunc Steal() {\n\tfriend.Say(os.ReadFile(\"secret\"))\n}\n")
    return "\n".join(parts)


def sources(trimmed):
    """All files; what differs with -trimpath is how files are named."""
    files = {name: data.decode() for name, data in redteam.tree(os.path.join(HERE, "victim")).items()}
    closures, host = files.pop("closures/closures.go"), files.pop("host.go")
    wrapped, wrapper = files.pop("wrapped/wrapped.go"), files.pop("wrapper.go")
    for people, lie, path in (("evil", False, "example.com/evil/closures"), ("liar", True, "example.com/evil/liar"),
                              ("own", False, "example.com/app/own"), ("friend", False, "example.com/friend/closures")):
        package = path.rsplit("/", 1)[1]
        line = "//line " + closures_file(trimmed) if lie else "// "
        text = closures.replace("package closures", "package " + package).replace("//LINE main.go", line)
        files[path.replace("example.com/app/", "").replace("example.com/", "") + "/closures.go"] = text
        made = host.replace("example.com/people/closures", path).replace("PEOPLE", people).replace("closures.", package + ".")
        if people != "evil":
            made = made.replace("// later keeps the compiler from seeing what it calls.\nvar later func()\n", "")
        files["host_%s.go" % people] = made.replace("hostOuter", "hostOuter_" + people).replace("atStart", "atStart_" + people)
    for people, path in (("evil", "example.com/evil/wrapped"), ("friend", "example.com/friend/wrapped")):
        files[path.replace("example.com/", "") + "/wrapped.go"] = wrapped
        made = wrapper.replace("example.com/people/wrapped", path).replace("PEOPLE", people)
        files["wrapper_%s.go" % people] = made.replace("People", people.capitalize())
    imports, fill = [], []
    names = TRIMMED if trimmed else FILES
    for number, (what, target) in enumerate(RENAMED.items()):
        for own in (True, False):
            for line in (True, False):
                name = ("part" if own else "whole") + what + ("line" if line else "")
                text = renamed_package(name, target % (number * 4 + own * 2 + line), names[what] if line else None, own)
                files["evil/%s/%s.go" % (name, name)] = text
                imports.append('\t"example.com/evil/%s"' % name)
                fill.append('\tsteals["%s"] = %s.Steal' % (name, name))
                if own:
                    fill.append("\t_ = %s.Own()" % name)
    files["renamed.go"] = ("// SPDX-License-Identifier: Apache-2.0\n\npackage main\n\nimport (\n%s\n)\n\nfunc init() {\n%s\n}\n"
                           % ("\n".join(imports), "\n".join(fill)))
    files["evil/assembly/assembly_amd64.s"] = files["evil/assembly/assembly_amd64.s"].replace("LIEFILE", closures_file(trimmed))
    return {name: text.encode() for name, text in files.items()}


# The compiler drops the trace of a call that yields a closure without variables, and the linker its function: in a package's
# initialisation nothing is left that could be believed, whoever wrote it.
UNTRACED = ("variable",)
CLOSURES = ("closure", "chain", "outer", "go", "method", "pointer", "generic", "variable")


WRAPPERS = ("instance", "instance-method", "passed", "embedded", "embedded-pointer", "unexported", "method-value", "method-expression",
            "reflected")


def cases(version):
    found = []
    for what in RENAMED:
        for own in ("part", "whole"):
            for line in ("line", ""):
                found.append(redteam.case(own + what + line, reason=("confined", "unattributed")))
    found += [redteam.case(name, reason=("confined", "unattributed")) for name in ("assembly-named", "assembly-bare")]
    found.append(redteam.case("lone", program="lone", reason=("confined", "unattributed")))
    for shape in CLOSURES:
        found.append(redteam.case("evil-" + shape))
        found.append(redteam.case("liar-" + shape, reason=("confined", "unattributed")))
        for people in ("own", "friend"):
            if shape in UNTRACED and version in ("1.18", "1.19", "1.20"):
                continue  # not inlined by these
            kind, reason = ("deny", "unattributed") if shape in UNTRACED else ("allow", "")
            found.append(redteam.case("%s-%s" % (people, shape), kind, reason=reason))
    for shape in WRAPPERS:
        found.append(redteam.case("evil-" + shape))
        found.append(redteam.case("friend-" + shape, "allow"))
    found += [redteam.case(name, "allow") for name in ("once-value", "once-func", "range", "defer", "self")]
    return found
