# SPDX-License-Identifier: Apache-2.0
"""Programs that nobody here wrote: got through the Go module proxy, built once into the tests' cache, with a policy for each."""

import dataclasses
import fcntl
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
MAX_UNCONFINED_PERCENT = 5
TOOLCHAIN = os.path.join(HERE, "..", "toolchain.sh")

# name -> (arguments of go install, environment)
VARIANTS = {
    "default": ([], {}),
    "stripped": (["-trimpath", "-ldflags=-s -w"], {}),
    "pie": (["-buildmode=pie"], {}),
    "static": ([], {"CGO_ENABLED": "0"}),
    "stripped-pie": (["-trimpath", "-ldflags=-s -w", "-buildmode=pie"], {}),
}


def skip(reason):
    print("SKIP: " + reason, file=sys.stderr)
    sys.exit(77)


@dataclasses.dataclass
class Program:
    name: str
    module: str  # the main module
    version: str
    unconfined: dict  # module -> why it needs system calls; everything else that go.mod requires is confined
    callbacks: dict  # module that is confined with jail:callbacks -> why
    denials: dict  # name -> Denial: all that may be denied, and why the program is none the worse for it
    cases: list
    variants: list  # names of VARIANTS that a choice of the cases is run with
    chosen: dict  # what runs a part of the cases -> their names
    package: str = ""  # the program's directory in the main module
    beside: dict = dataclasses.field(default_factory=dict)  # name (%NAME% in cases) -> another Program, which serves this one
    uncounted: list = dataclasses.field(default_factory=list)  # Uncounted

    def path(self):
        return self.module + ("/" + self.package if self.package else "")


@dataclasses.dataclass
class Denial:
    module: str
    cls: str
    function: str  # the blamed frame, a regular expression
    why: str
    reason: str = "confined"
    target: str = ""  # a regular expression
    always: bool = False  # in every run: nothing that the case does brings it about

    def explains(self, entry):
        return (
            entry["reason"] == self.reason
            and entry.get("module", "") == self.module
            and entry["class"] == self.cls
            and re.fullmatch(self.function, entry.get("at", {}).get("function", "")) is not None
            and re.search(self.target, entry.get("target", "")) is not None
        )


# What many programs that use protocol buffers do.
PROTOBUF_DENIAL = Denial(
    "google.golang.org/protobuf",
    "fs.read",
    r".*/detrand\.binaryHash",
    always=True,
    why="the package hashes the program's own file at start, to vary its output; without it, it does not vary",
)
XID_DENIAL = Denial(
    "github.com/rs/xid",
    "fs.read",
    r".*/xid\..*",
    always=True,
    why="the package makes identifiers from the machine's; without, from the host's name",
)


@dataclasses.dataclass
class Uncounted:
    """Verdicts whose number, but not whose being there, is another from run to run."""

    pattern: str  # a regular expression for "reason class call module function"
    why: str


class Toolchain:
    def __init__(self):
        done = subprocess.run([TOOLCHAIN, "newest"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
        if done.returncode == 77:
            skip(done.stderr.strip().removeprefix("SKIP: "))
        done.check_returncode()
        self.go = os.path.join(done.stdout.strip(), "bin", "go")
        self.version = self.run(["env", "GOVERSION"]).strip()

    def run(self, arguments, env=None, cwd=None):
        environment = {name: value for name, value in os.environ.items() if name not in ("GOROOT", "GOOS", "GOARCH", "GODEBUG")}
        environment.update(GOTOOLCHAIN="local", GOFLAGS="", GOWORK="off", **(env or {}))
        done = subprocess.run(
            [self.go] + arguments,
            cwd=cwd or "/",
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            # No network, or no such version there.
            skip("go %s: %s" % (" ".join(arguments), (done.stderr.strip() or done.stdout.strip()).splitlines()[-1]))
        return done.stdout


def cache_directory():
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.environ.get("HOME", ""), ".cache")
    path = os.path.join(cache, "jail-tests", "realprograms")
    os.makedirs(path, exist_ok=True)
    return path


def built(program, variant, toolchain):
    """The path of the program, built with the flags of a variant; and of its go.mod. Both are kept for later runs."""
    arguments, environment = VARIANTS[variant]
    stem = "%s-%s-%s-%s" % (program.name, program.version, toolchain.version, variant)
    path = os.path.join(cache_directory(), stem)
    with open(path + ".lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # tests run side by side: one builds, the others wait
        if not os.path.exists(path):
            with tempfile.TemporaryDirectory(dir=cache_directory(), prefix="build.") as directory:
                toolchain.run(
                    ["install"] + arguments + ["%s@%s" % (program.path(), program.version)],
                    dict(environment, GOBIN=directory),
                )
                os.rename(os.path.join(directory, program.name), path)
        if not os.path.exists(path + ".go.mod"):
            answer = json.loads(toolchain.run(["mod", "download", "-json", "%s@%s" % (program.module, program.version)]))
            shutil.copyfile(os.path.join(answer["Dir"], "go.mod"), path + ".go.mod.new")
            os.rename(path + ".go.mod.new", path + ".go.mod")
    return path, path + ".go.mod"


def policy_text(go_mod, unconfined, callbacks):
    """go.mod with directives (the module line confines all, the listed modules have their own), and all modules that it requires."""
    required = []
    lines = []
    missing = set(unconfined) | set(callbacks)
    block = ""  # the verb of the block that the line is in
    for line in go_mod.splitlines():
        word = line.split("//")[0].split()
        if not block and word[:1] == ["module"]:
            line += " // gomodjail:confined"
        elif word[1:] == ["("]:
            block = word[0]
        elif word == [")"]:
            block = ""
        elif len(word) == 2 and block == "require" or len(word) == 3 and not block and word[0] == "require":
            module = word[-2]
            required.append(module)
            missing.discard(module)
            if module in unconfined:
                line += " // gomodjail:unconfined"
            elif module in callbacks:
                line += " // gomodjail:confined // jail:callbacks"
        lines.append(line)
    if missing:
        raise ValueError("go.mod requires none of these: " + " ".join(sorted(missing)))
    if 100 * len(unconfined) > MAX_UNCONFINED_PERCENT * len(required):
        raise ValueError("%d of %d modules would not be confined" % (len(unconfined), len(required)))
    return "\n".join(lines) + "\n", required
