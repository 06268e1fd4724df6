#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""
Packed programs: what jail pack refuses, what it makes, where that runs, and what attacks on it come to.

    run.py --jail=build/jail [--go=1.20] [--variant=pie] [REGEX]

Rows are named GROUP/WHAT, or GROUP/USER/WHAT.
"""

import hashlib
import os
import re
import shutil
import struct
import subprocess
import sys

sys.dont_write_bytecode = True  # the source tree is not ours to write to

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(os.path.dirname(HERE), "attacks"), os.path.join(os.path.dirname(HERE), "failclosed")]

import damage
import forge
import harness
import image
import loading
import places
import policies
from outcome import SECRET, allowed, confined, expect

GROWTH = 2 << 20
TOO_OLD = "1.17.13"


class Pack:
    """The test, the program, bare and packed, and how it is run."""

    def __init__(self, test):
        self.test = test
        files = harness.read_tree(os.path.join(HERE, "program"))
        built = harness.go_build(files, "app", test.options.variant, test.options.go)
        self.bare = test.bring(built, "app")
        self.go_mod = test.bring(os.path.join(os.path.dirname(built), "src", "go.mod"), "go.mod")
        self.packed = os.path.join(test.directory, "app.jail")
        self.pack("-o", self.packed, self.bare, check=True)
        self.other = self.pack_other(files)
        self.secret = test.write(os.path.join(test.directory, "secret"), SECRET.encode(), 0o644)

    def pack_other(self, files):
        """A program of another module, packed."""
        renamed = {name: data.replace(b"example.com/app", b"example.com/other") for name, data in files.items()}
        built = harness.go_build(renamed, "other", "exe", self.test.options.go)
        output = os.path.join(self.test.directory, "other.jail")
        self.pack("-o", output, built, go_mod=os.path.join(os.path.dirname(built), "src", "go.mod"), check=True)
        return output

    def jail(self, *arguments, cwd=None):
        return self.test.run(harness.User("root"), [self.test.jail, *arguments], cwd or self.test.directory)

    def pack(self, *arguments, check=False, go_mod=None):
        packed = self.jail("pack", "--go-mod=" + (go_mod or self.go_mod), *arguments)
        if check and packed.status != 0:
            harness.fail("jail pack %s: %s" % (arguments, packed.err))
        return packed

    def copy(self, name, mode=0o755):
        """A copy of the packed program that a row may spoil."""
        with open(self.packed, "rb") as file:
            return self.test.write(os.path.join(self.test.room(harness.User("root")), name), file.read(), mode)

    def run(self, argv, user=None, environment=None, cwd=None, **keywords):
        return self.test.run(user or harness.users()[0], argv, cwd or self.test.directory,
                             dict({"SECRET": self.secret}, **(environment or {})), **keywords)


# --- what is made ---------------------------------------------------------------------------------------------------------------


def refused(pack, *arguments, says, output=None):
    def check():
        run = pack.pack(*arguments)
        wrong = expect(run, 125, says)
        if run.err.count("\n") != 1 or not run.err.startswith("jail: pack: "):
            wrong.append("not one line: %r" % run.err)
        if output and os.path.exists(output):
            wrong.append("there is a file nevertheless")
        return wrong
    return check


def make_rows(pack):
    test = pack.test
    room = test.room(harness.User("root"))
    output = os.path.join(room, "out")
    nothing = test.write(os.path.join(room, "nothing.mod"), b"module example.com/app\n\nrequire example.com/evil v1.2.3\n", 0o644)
    other = test.write(os.path.join(room, "other.mod"), b"module example.com/other\n\nrequire example.com/evil v1.2.3 "
                       b"// gomodjail:confined\n", 0o644)
    text = test.write(os.path.join(room, "text"), b"not a program\n")
    with open(pack.bare, "rb") as file:
        bare = bytearray(file.read())
    headless = test.write(os.path.join(room, "headless"), bytes(bare[:0x3c] + b"\0\0" + bare[0x3e:]))  # e_shnum
    segments, = struct.unpack_from("<Q", bare, 0x20)  # e_phoff
    size, count = struct.unpack_from("<HH", bare, 0x36)
    apart = bare[:0x20] + struct.pack("<Q", len(bare)) + bare[0x28:] + bare[segments:segments + size * count]
    apart = test.write(os.path.join(room, "apart"), bytes(apart))
    for name, arguments, says in (
            ("not a program", [text], "is not an ELF executable"),
            ("not a Go program", ["/bin/true"], "is not a Go program"),
            ("too new a Go", [versioned(pack, room, b"go1.99.")], "supported are go1.18"),
            ("too old a Go", [versioned(pack, room, b"go1.17.")], "is older than"),
            ("no such file", [os.path.join(room, "nowhere")], "No such file"),
            ("packed already", [pack.packed], "is packed already"),
            ("confines nothing", ["--go-mod=" + nothing, pack.bare], "confines no module of"),
            ("another module's go.mod", ["--go-mod=" + other, pack.bare], "example.com/other"),
            ("no section headers", [headless], "section"),
            ("no way to add segments", [apart], "no segments can be added to it"),
            ("a parent needed", ["--foreground", pack.bare], "--foreground needs jail in front"),
            ("a parent needed to fail", ["--fail-on-deny=3", pack.bare], "needs jail in front"),
            ("of a run", ["--report=x", pack.bare], "JAIL_REPORT"),
            ("of a run, short", ["-v", pack.bare], "JAIL_FLAGS"),
            ("relaxed", ["--unattributed=allow", pack.bare], "--force"),
            ("relaxed, of truncated stacks", ["--truncated=allow", pack.bare], "--force"),
            ("permissive", ["--permissive", pack.bare], "--force")):
        yield "refused/" + name, refused(pack, "-o", output, *arguments, says=says, output=output)
    yield "refused/the program itself", refused(pack, "-o", pack.bare, pack.bare, says="is the program itself")
    for name, link in (("a link", os.symlink), ("a hard link", os.link)):
        link(pack.bare, os.path.join(room, name))
        yield "refused/the program itself by " + name, refused(pack, "-o", os.path.join(room, name), pack.bare, says="is the program itself")
    yield "refused/a device", refused(pack, "-o", "/dev/null", pack.bare, says="/dev/null: exists and is not a regular file")
    yield "refused/a directory", refused(pack, "-o", room, pack.bare, says="exists and is not a regular file")
    yield "refused/no such directory", refused(pack, "-o", os.path.join(room, "no", "out"), pack.bare, says="No such file")
    if (test.options.variant, test.options.go) == ("exe", "newest"):
        yield "refused/built with Go " + TOO_OLD, lambda: too_old(pack, output)
    yield "make/one line", lambda: one_line(pack)
    yield "make/mode and name", lambda: mode_and_name(pack)
    yield "make/over another file", lambda: over_another_file(pack)
    yield "make/no room for it", lambda: no_room(pack)
    yield "make/the same every time", lambda: same_every_time(pack)
    yield "make/forced", lambda: forced(pack, nothing)
    yield "make/growth", lambda: growth(pack)
    yield "make/unpack", lambda: unpack(pack)
    yield "make/show", lambda: expect(pack.jail("pack", "--show", pack.packed), 0, "relaxed by  nothing", "example.com/evil",
                                      "the one of this jail", hashlib.sha256(read(pack.bare)).hexdigest())
    yield "make/verify", lambda: expect(pack.jail("pack", "--verify", pack.packed), 0, "as it was packed")
    yield "make/show what is not packed", lambda: expect(pack.jail("pack", "--show", pack.bare), 125, "is not packed")
    yield "make/check", lambda: expect(pack.jail("check", "--go-mod=" + pack.go_mod, pack.packed), 0, "example.com/evil", "confined")
    yield "make/version names the supervisor", lambda: version(pack)


def versioned(pack, room, version):
    """The program, with another Go's name in its build info."""
    spoilt = image.Image(pack.bare)
    spoilt.replace_version(version)
    return pack.test.write(os.path.join(room, version.decode() + "x"), bytes(spoilt.data))


def too_old(pack, output):
    """A program that a Go built that is older than the oldest of the table; it is not run, either."""
    program = harness.go_build(harness.read_tree(os.path.join(HERE, "program")), "old", "exe", TOO_OLD)
    wrong = expect(pack.run([program, "own", "read"], harness.User("root")), 0, SECRET)
    run = pack.jail("run", "--go-mod=" + pack.go_mod, program, "own", "read")
    return wrong + expect(run, 125, "supported are go1.18") + refused(pack, "-o", output, program, says="supported are go1.18", output=output)() + (
        ["it ran: %r" % run.out] if run.out else [])


def read(path):
    with open(path, "rb") as file:
        return file.read()


def one_line(pack):
    run = pack.pack("-o", os.path.join(pack.test.room(harness.User("root")), "out"), pack.bare)
    wrong = expect(run, 0, "confines example.com/evil v1.2.3, of 2 modules in it")
    return wrong + ([] if run.out.count("\n") == 1 and not run.err else ["not one line"])


def mode_and_name(pack):
    room = pack.test.room(harness.User("root"))
    program = pack.test.write(os.path.join(room, "prog"), read(pack.bare), 0o751)
    wrong = expect(pack.pack(program), 0)
    mode = os.stat(program + ".jail").st_mode & 0o7777
    return wrong + ([] if mode == 0o751 and sorted(os.listdir(room)) == ["prog", "prog.jail"] else [
        "mode %o, files %s" % (mode, os.listdir(room))])


def over_another_file(pack):
    """Who has the old one open, or runs it, keeps it: the new one takes its name."""
    output = pack.test.write(os.path.join(pack.test.room(harness.User("root")), "out"), b"old")
    with open(output, "rb") as old:
        wrong = expect(pack.pack("-o", output, pack.bare), 0)
        return wrong + ([] if old.read() == b"old" and read(output) == read(pack.packed) else ["it was written over"])


def no_room(pack):
    """What was there stays, and nothing is left behind."""
    room = pack.test.room(harness.User("root"))
    output = pack.test.write(os.path.join(room, "out"), b"old")
    wrong = []
    for command in (["pack", "--go-mod=" + pack.go_mod, "-o", output, pack.bare], ["unpack", "-o", output, pack.packed]):
        run = pack.test.run(harness.User("root"), ["prlimit", "--fsize=100000", pack.test.jail, *command], room)
        wrong += expect(run, 125, output + ": File too large")
    return wrong + ([] if os.listdir(room) == ["out"] and read(output) == b"old" else ["files %s" % os.listdir(room)])


def same_every_time(pack):
    other = os.path.join(pack.test.room(harness.User("root")), "out")
    pack.pack("-o", other, pack.bare, check=True)
    return [] if read(other) == read(pack.packed) else ["two packed files differ"]


def forced(pack, go_mod):
    """Options that allow more are shown, and hold; and a policy without anything to confine is packed all the same."""
    output = os.path.join(pack.test.room(harness.User("root")), "out")
    wrong = expect(pack.pack("--force", "--permissive", "--unattributed=allow", "--truncated=allow", "-o", output, pack.bare), 0)
    wrong += expect(pack.jail("pack", "--show", output), 0, "relaxed by  --permissive --unattributed=allow --truncated=allow")
    wrong += expect(pack.run([output, "evil", "read"]), 0, SECRET, "permissive", "relaxed by --unattributed=allow --truncated=allow")
    wrong += expect(pack.pack("--force", "-o", output, pack.bare, go_mod=go_mod), 0, "confines nothing")
    return wrong + allowed(pack.run([output, "evil", "read"]))


def growth(pack):
    grown = os.path.getsize(pack.packed) - os.path.getsize(pack.bare)
    return [] if grown <= GROWTH else ["%d bytes" % grown]


def unpack(pack):
    room = pack.test.room(harness.User("root"))
    packed = pack.test.write(os.path.join(room, "prog.jail"), read(pack.packed), 0o751)
    wrong = expect(pack.jail("unpack", packed), 0)
    if read(os.path.join(room, "prog")) != read(pack.bare):
        wrong.append("not the original")
    wrong += expect(pack.jail("unpack", "-o", packed, packed), 125, "is the packed program itself")
    wrong += expect(pack.jail("unpack", pack.bare), 125, "-o must say")
    return wrong + expect(pack.jail("unpack", "-o", os.path.join(room, "x"), pack.bare), 125, "is not packed")


def version(pack):
    supervisor = hashlib.sha256(section(pack.packed, ".jail.supervisor")).hexdigest()
    return expect(pack.jail("version"), 0, supervisor)


def section(path, name):
    """The content of a section, as readelf finds it."""
    listed = subprocess.run(["readelf", "-SW", path], stdout=subprocess.PIPE, universal_newlines=True, check=True).stdout
    found = re.search(r"\] %s +\S+ +\S+ +(\S+) (\S+)" % re.escape(name), listed)
    offset, size = int(found.group(1), 16), int(found.group(2), 16)
    return read(path)[offset:offset + size]


# --- how it runs ----------------------------------------------------------------------------------------------------------------


def run_rows(pack):
    for user in harness.users():
        def go(*argv, user=user, **keywords):
            return pack.run([pack.packed, *argv], user, **keywords)
        prefix = "run/%s/" % user.name
        yield prefix + "attack", lambda go=go: confined(go("evil", "read"))
        yield prefix + "friend", lambda go=go: allowed(go("friend", "read"))
        yield prefix + "own", lambda go=go: allowed(go("own", "read"))
        yield prefix + "status", lambda go=go: expect(go("own", "exit"), 42)
        for way in ("proc", "executable", "arg0"):
            yield prefix + "itself again by " + way, lambda go=go, way=way: confined(go("own", "self", way, "evil", "read"))
            yield prefix + "in its own place by " + way, lambda go=go, way=way: confined(go("own", "become", way, "evil", "read"))
        yield prefix + "a friend again", lambda go=go: allowed(go("own", "self", "proc", "friend", "read"))
        yield prefix + "a shell in between", lambda go=go: confined(
            go("own", "start", "/bin/sh", "-c", '"$0" evil read; exit $?', pack.packed))
        yield prefix + "in its own place under jail run", lambda user=user: confined(pack.run(
            [pack.test.jail, "run", "--go-mod=" + pack.go_mod, pack.bare, "own", "become", "proc", "evil", "read"], user))
        yield prefix + "where", lambda go=go: where(pack, go)
        yield prefix + "ancestry", lambda user=user: ancestry(pack, user)
        yield prefix + "flags", lambda user=user: flags(pack, user)
        yield prefix + "report", lambda user=user: report(pack, user)
        yield from policies.rows(pack, user, prefix)


def where(pack, go):
    link = os.path.join(pack.test.directory, "link-%d" % os.getpid())
    if not os.path.islink(link):
        os.symlink(pack.packed, link)
    wrong = expect(go("own", "where"), 0, "where: %s <nil> %s %s\n" % ((pack.packed,) * 3))
    return wrong + expect(pack.run([link, "own", "where"]), 0, "where: %s <nil> %s %s\n" % (pack.packed, pack.packed, link))


def ancestry(pack, user):
    """GODEBUG is what it was, and keeps ancestors; everything else of the environment is there."""
    few = os.path.join(pack.test.room(harness.User("root")), "few")
    pack.pack("--ancestors=7", "-o", few, pack.bare, check=True)
    kept = "tracebackancestors=64"
    wrong = []
    for packed, given, wanted in ((pack.packed, None, kept), (pack.packed, "", kept), (pack.packed, "panicnil=1", "panicnil=1," + kept),
                                  (pack.packed, "tracebackancestors=0", "tracebackancestors=0," + kept),
                                  (pack.packed, "tracebackancestors=100", "tracebackancestors=100"),
                                  (few, None, "tracebackancestors=7"), (few, "x=1", "x=1,tracebackancestors=7")):
        for many in (0, 1, 2, 9000):
            more = {"V%d" % i: "x" for i in range(many)}
            environment = dict(more, LAST="last", **({} if given is None else {"GODEBUG": given}))
            count = len(harness.plain_environment(dict(environment, SECRET="", GODEBUG="")))
            wrong += expect(pack.run([packed, "own", "godebug"], user, environment), 0, 'GODEBUG: 1 "%s" of %d, last\n' % (wanted, count))
    return wrong


def flags(pack, user):
    wrong = expect(pack.run([pack.packed, "evil", "read"], user, {"JAIL_FLAGS": "-v --stats"}), 0, "jail: denied", "jail: stats:")
    quiet = pack.run([pack.packed, "evil", "read"], user, {"JAIL_FLAGS": "-q -q"})
    wrong += expect(quiet, 0) + (["it is not quiet: %r" % quiet.err] if "jail:" in quiet.err else [])
    wrong += expect(pack.run([pack.packed, "evil", "read"], user, {"JAIL_FLAGS": "--color"}), 0, "\033[")
    for bad in ("--permissive", "-x", "-v\n-q", "--color=blue"):
        wrong += expect(pack.run([pack.packed, "own", "read"], user, {"JAIL_FLAGS": bad}), 125, "jail: JAIL_FLAGS: ")
    return wrong


def report(pack, user):
    path = os.path.join(pack.test.room(user), "report")
    wrong = confined(pack.run([pack.packed, "evil", "read"], user, {"JAIL_REPORT": path}))
    events = harness.read_report(path)
    if [event["event"] for event in events] != ["start", "denied", "summary"]:
        wrong.append("events %s" % events)
    else:
        wrong += expect(pack.jail("pack", "--show", pack.packed), 0, "policy      sha256 %s\n" % events[0]["policy_identity"])
    text = pack.test.write(os.path.join(pack.test.room(user), "text"), b"somebody's text\n", 0o666)
    wrong += expect(pack.run([pack.packed, "own", "read"], user, {"JAIL_REPORT": text}), 125, "jail: JAIL_REPORT=")
    wrong += expect(pack.run([pack.packed, "own", "read"], user, {"JAIL_REPORT": ""}), 125, "jail: JAIL_REPORT: expected a file name, ")
    return wrong + expect(pack.run([pack.packed, "own", "read"], user, {"JAIL_REPORT": "fd:2"}), 125, "jail: JAIL_REPORT: ")


# --- threads --------------------------------------------------------------------------------------------------------------------


def thread_rows(pack):
    """Of a process that has more than one when the stub begins."""
    if not pack.test.options.variant.startswith("cgo"):
        return
    library = os.path.join(pack.test.directory, "thread.so")
    subprocess.run(["cc", "-shared", "-fPIC", "-pthread", "-o", library, os.path.join(HERE, "thread.c")], check=True)
    # Where somebody else must start it, that would load the library, too, and not survive to change its user in one of two threads.
    user = harness.users()[0]
    yield "threads/%s/of a constructor" % user.name, lambda: constructor_thread(pack, user, library)


def constructor_thread(pack, user, library):
    """It goes on as before until the supervisor is there, and is judged from then on: no call of it meets a filter that nobody answers."""
    run = pack.run([pack.packed, "own", "wait"], user, {"LD_PRELOAD": library})
    wrong = [] if "[fs.read, c-thread]" in run.err else ["nothing of it was denied: %r" % run.err]
    return wrong + expect(run, 0, "thread: EPERM\n")


# --- limits ---------------------------------------------------------------------------------------------------------------------


CONSTRUCTOR = "a shared library's constructor"


def listed():
    """The rows that belong to the red team's, each once (harness.list_rows)."""
    return forge.listed() + [("bare", "limit/" + CONSTRUCTOR), ("limit", "limit/" + CONSTRUCTOR, "a constructor of a shared library that a "
                             "packed program loads (LD_PRELOAD, too): it runs before the entry stub", "build without cgo, or jail run")]


def limit_rows(pack):
    """What docs/threat-model.md says of packed programs. A row fails when a limit is one no longer."""
    if not pack.test.options.variant.startswith("cgo"):
        return
    library = os.path.join(pack.test.directory, "constructor.so")
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, os.path.join(HERE, "constructor.c")], check=True)
    for user in harness.users():
        yield "limit/%s/%s" % (user.name, CONSTRUCTOR), lambda user=user: constructor(pack, user, library)


def constructor(pack, user, library):
    """It runs before the stub; under jail run it is supervised."""
    environment = {"LD_PRELOAD": library}
    packed = pack.run([pack.packed, "own", "exit"], user, environment)
    wrong = expect(packed, 42, "constructor: " + SECRET)
    jailed = pack.run([pack.test.jail, "run", "--go-mod=" + pack.go_mod, "--", pack.bare, "own", "exit"], user, environment)
    bare = pack.run([pack.bare, "own", "exit"], user, environment)
    # jail itself, and what starts it, load the library, too.
    count = jailed.out.count("constructor: " + SECRET)
    started = 2 if user.name == "nobody" else 1
    if count > started or "[fs.read, c-thread]" not in jailed.err:
        wrong.append("jailed: %d times, %r %r" % (count, jailed.out, jailed.err))
    return wrong + expect(bare, 42, "constructor: " + SECRET)


# --- tools ----------------------------------------------------------------------------------------------------------------------


def tool_rows(pack):
    goroot = harness.go_root(pack.test.options.go)
    go = os.path.join(goroot, "bin", "go")
    yield "tools/go version", lambda: same_words(pack, [go, "version", "-m"])
    yield "tools/go tool buildid", lambda: same_words(pack, [go, "tool", "buildid"])
    yield "tools/file", lambda: same_words(pack, ["file"], lambda words: re.findall(r"ELF 64-bit LSB|BuildID\[sha1\]=\w+|stripped|interpreter \S+", words))
    yield "tools/readelf", lambda: readelf(pack)
    if pack.test.options.variant != "stripped":
        yield "tools/gdb", lambda: same_words(pack, ["gdb", "-batch", "-nx", "-ex", "info line main.main", "-ex", "info address main.own"],
                                              lambda words: [line for line in words.splitlines() if "main." in line])
    for name, command in (("strip", ["strip"]), ("strip debug", ["strip", "-g"]), ("objcopy", ["objcopy", "--strip-debug"]),
                          ("objcopy compress", ["objcopy", "--compress-debug-sections"]), ("eu-strip", ["eu-strip"])):
        yield "tools/" + name, lambda name=name, command=command: stripped(pack, name, command)
    yield "tools/strip-section-headers", lambda: sections_gone(pack)


def tool(command):
    if not shutil.which(command[0]):
        return None
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True, check=False,
                          env=dict(os.environ, DEBUGINFOD_URLS="", GOTOOLCHAIN="local"))


def same_words(pack, command, select=lambda words: words):
    bare, packed = tool([*command, pack.bare]), tool([*command, pack.packed])
    if bare is None:
        return places.void("there is no " + command[0])
    words = [select(run.stdout.replace(pack.packed, "FILE").replace(pack.bare, "FILE")) for run in (bare, packed)]
    if not words[0] or words[0] != words[1] or packed.returncode != bare.returncode:
        return ["bare %r, packed %r" % (words[0], words[1])]
    return []


def readelf(pack):
    run = tool(["readelf", "-hlSnW", pack.packed])
    return ["%d: %r" % (run.returncode, line) for line in run.stdout.splitlines() if run.returncode or re.search("warning|error", line, re.I)]


def stripped(pack, name, command):
    copy = pack.copy("app")
    run = tool([*command, copy])
    if run is None:
        return places.void("there is no " + command[0])
    if run.returncode != 0:
        return ["%s: %s" % (name, run.stdout)]
    return confined(pack.run([copy, "evil", "read"])) + expect(pack.jail("pack", "--verify", copy), 125, "changed since") \
        if read(copy) != read(pack.packed) else confined(pack.run([copy, "evil", "read"]))


def sections_gone(pack):
    """Without section headers the Go tables cannot be found: it does not start, and says so."""
    copy = pack.copy("app")
    with open(copy, "r+b") as file:
        file.seek(0x28)
        file.write(bytes(8))  # e_shoff
        file.seek(0x3c)
        file.write(bytes(4))  # e_shnum, e_shstrndx
    return expect(pack.run([copy, "evil", "read"]), 125, "jail: ")


def main():
    harness.list_rows(listed())
    test = harness.Test(__doc__, [("--go", {"default": "newest"}), ("--variant", {"default": "exe", "choices": harness.VARIANTS})])
    pack = Pack(test)
    jobs = [*make_rows(pack), *run_rows(pack), *forge.rows(pack), *thread_rows(pack), *limit_rows(pack), *tool_rows(pack), *places.rows(pack), *loading.rows(pack), *damage.rows(pack)]
    test.rows(jobs)
    test.finish()


main()
