# SPDX-License-Identifier: Apache-2.0
"""How the supervisor is loaded: from the packed program's own pages, or, where the kernel refuses that, by an exec from memory."""

import os
import re
import subprocess

import harness
from outcome import confined
from places import not_started, void

HERE = os.path.dirname(os.path.abspath(__file__))
IN_PLACE, EXECUTED = "in place", "executed from memory"
# Each of these is enough.
REFUSALS = {"mremap": "mappings do not move", "mprotect": "a filter keeps data from becoming code", "mdwe": "the kernel keeps data from becoming code",
            "random": "no random numbers"}
NO_REFUSAL = 77


def rows(pack):
    tool = os.path.join(pack.test.directory, "refuse")
    subprocess.run(["cc", "-o", tool, os.path.join(HERE, "refuse.c")], check=True)
    for user in harness.users():
        prefix = "load/%s/" % user.name
        yield prefix + IN_PLACE, lambda user=user: loaded(pack, user, [pack.packed], IN_PLACE)
        for what, words in REFUSALS.items():
            yield prefix + words, lambda user=user, what=what: loaded(pack, user, [tool, what, pack.packed], EXECUTED)
        yield prefix + "a large environment", lambda user=user: loaded(pack, user, [pack.packed], EXECUTED, {"V%d" % i: "x" for i in range(9000)})
        yield prefix + "little address space", lambda user=user: loaded(pack, user, ["prlimit", "--as=%d" % (3 << 30), pack.packed], None)
        yield prefix + "many arguments", lambda user=user: loaded(pack, user, [pack.packed], IN_PLACE, arguments=["x" * 1000] * 1000)
        for what in ("mremap,memfd", "mprotect,memfd"):
            yield prefix + "no way: " + what, lambda user=user, what=what: not_started(
                pack.run([tool, what, pack.packed, "evil", "read"], user), "memfd_create")


def look(pid, what):
    with open("/proc/%d/%s" % (pid, what), "rb") as file:
        return file.read()


def mappings(pid):
    """(permissions, offset in the file, length, path) of each."""
    for line in look(pid, "maps").decode(errors="replace").splitlines():
        begin, end, permissions, offset, path = re.match(r"(\w+)-(\w+) (\S+) (\w+) \S+ \S+ *(.*)", line).groups()
        yield permissions, int(offset, 16), int(end, 16) - int(begin, 16), path


def places_of(path):
    """Where the file has its sections of jail's: {name: (offset, length)}."""
    listed = subprocess.run(["readelf", "-SW", path], stdout=subprocess.PIPE, universal_newlines=True, check=True).stdout
    return {name: (int(offset, 16), int(size, 16)) for name, offset, size in re.findall(r"\] \.jail\.(\w+) +\S+ +\S+ +(\S+) (\S+)", listed)}


def loaded(pack, user, command, wanted, environment=None, arguments=()):
    """What /proc says of both processes while the program runs, then that it enforces."""
    wrong = []
    argv = user.command([*command, "own", "start", "/bin/sh", "-c", "echo there; read -r word", "sh", *arguments])
    with pack.test.starting:
        # pylint: disable=consider-using-with
        process = subprocess.Popen(argv, env=harness.plain_environment(dict({"SECRET": pack.secret}, **(environment or {}))),
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, universal_newlines=True)
    try:
        if process.stdout.readline() == "there\n":
            supervisor = int(re.search(rb"TracerPid:\t(\d+)", look(process.pid, "status")).group(1))
            wrong += looks(pack, process.pid, supervisor, wanted)
    except PermissionError as error:
        wrong += void("how it is loaded: %s" % error)
    out, err = process.communicate("\n", timeout=harness.PATIENCE)
    if process.returncode == NO_REFUSAL:
        return void("this kernel cannot refuse that")
    if process.returncode != 0 or "app: all work done" not in out or err:
        wrong.append("status %s, output %r, errors %r" % (process.returncode, harness.shorten(out), harness.shorten(err)))
    return wrong + confined(pack.run([*command, "evil", "read"], user, environment))


def looks(pack, program, supervisor, wanted):
    wrong = []
    exe = os.readlink("/proc/%d/exe" % supervisor)
    way = IN_PLACE if exe == pack.packed else EXECUTED if exe.startswith("/memfd:jail") else exe
    if wanted not in (way, None):
        wrong.append("the supervisor is %s" % way)
    if look(supervisor, "comm") != b"jail\n":
        wrong.append("it is called %r" % look(supervisor, "comm"))
    command = look(supervisor, "cmdline").rstrip(b"\0").split(b"\0")
    if command[0] != b"jail" or any(not word.isdigit() for word in command[1:]) or (way == IN_PLACE and command[1:]):
        wrong.append("its command is %r" % command[:9])
    begin, length = places_of(pack.packed)["supervisor"]
    end = begin + length
    for pid in (program, supervisor):
        for permissions, offset, size, path in mappings(pid):
            packed = path == pack.packed and offset < end and begin < offset + size
            if "w" in permissions and "x" in permissions or (pid == program and packed and permissions != "r--p"):
                wrong.append("%s has %s of %s at %#x" % ("the program" if pid == program else "the supervisor", permissions, path, offset))
    return wrong + (code_of(pack, supervisor) if way == IN_PLACE else [])


def code_of(pack, supervisor):
    """The supervisor's own, the stub, and the kernel's: nothing of the program or its libraries."""
    places = places_of(pack.packed)
    own = 0
    wrong = []
    for permissions, offset, size, path in mappings(supervisor):
        if "x" not in permissions or path in ("[vdso]", "[vsyscall]"):
            continue
        begin, length = places["supervisor"]
        if path == pack.packed and begin <= offset and offset + size <= begin + length:
            own += 1
        elif path != pack.packed or offset != places["stub"][0]:
            wrong.append("the supervisor has code of %s at %#x" % (path or "nowhere", offset))
    return wrong + ([] if own == 1 else ["it has %d texts of its own" % own])
