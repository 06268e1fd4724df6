# SPDX-License-Identifier: Apache-2.0
"""Where packed programs run: places without /proc, without rights, without room."""

import os
import shutil
import signal
import subprocess

import harness
from harness import shorten

SECRET = "-----the-private-key-----"
STARTS = 50


def rows(pack):
    for user in harness.users():
        prefix = "place/%s/" % user.name
        yield prefix + "execute only", lambda user=user: execute_only(pack, user)
        yield prefix + "50 starts at once", lambda user=user: many(pack, user)
        yield prefix + "standard descriptors closed", lambda user=user: closed(pack, user)
        yield prefix + "a small limit of file sizes", lambda user=user: small_files(pack, user)
        yield prefix + "few descriptors", lambda user=user: few_descriptors(pack, user)
        yield prefix + "traced already", lambda user=user: traced(pack, user)
        yield prefix + "user namespace", lambda user=user: in_namespaces(pack, user, ["unshare", "--user"])
    if os.geteuid() != 0:
        return
    nobody = harness.User("nobody")
    for name, user, mode in (("root", harness.User("root"), 0o755), ("nobody", nobody, 0o755), ("nobody, execute only", nobody, 0o711)):
        yield "place/empty root/" + name, lambda user=user, mode=mode: empty_root(pack, user, mode)
    root = harness.User("root")
    yield "place/nosuid and noexec /tmp, read-only root", lambda: in_namespaces(pack, root, [
        "unshare", "--mount", "sh", "-c", "mount -t tmpfs -o nosuid,noexec,nodev tmpfs /tmp && mount -o remount,bind,ro / && exec \"$@\"",
        "sh"], place="/var/tmp")
    yield "place/process 1", lambda: in_namespaces(pack, root, ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc"])
    yield "place/memory files not executable", lambda: no_memfd(pack)


def void(what):
    """A row that cannot be tried here says so, and is no failure."""
    print("void: " + what)
    return []


def attacked(run, what="", status=0):
    wrong = []
    if run.status != status or SECRET in run.out or "jail: denied openat(" not in run.err or "app: all work done" not in run.out:
        wrong.append("%s: status %s, output %r, errors %r" % (what, run.status, shorten(run.out), shorten(run.err)))
    return wrong


def not_started(run, says):
    if run.status == 125 and says in run.err and run.err.startswith("jail: ") and not run.out:
        return []
    return ["status %s, output %r, errors %r" % (run.status, shorten(run.out), shorten(run.err))]


def execute_only(pack, user):
    copy = pack.copy("app", 0o711)
    wrong = attacked(pack.run([copy, "evil", "read"], user), "attack")
    again = pack.run([copy, "own", "self", "arg0", "evil", "read"], user)
    if user.name != "nobody":  # who owns it may read it
        wrong += attacked(again, "again")
    elif SECRET in again.out or "its executable cannot be read" not in again.err:  # nobody may look into it: it is not started
        wrong.append("again: %r %r" % (again.out, again.err))
    friend = pack.run([copy, "friend", "read"], user)
    return wrong + ([] if SECRET in friend.out else ["friend: %r %r" % (friend.out, friend.err)])


def many(pack, user):
    copy = pack.copy("app")
    environment = harness.plain_environment({"SECRET": pack.secret})
    with pack.test.starting:
        runs = [subprocess.Popen(user.command([copy, "evil", "read"]), env=environment, stdin=subprocess.DEVNULL,
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE, universal_newlines=True) for _ in range(STARTS)]
    wrong = []
    for process in runs:
        out, err = process.communicate(timeout=harness.PATIENCE)
        if process.returncode != 0 or SECRET in out or err.count("jail: denied") != 1:
            wrong.append("status %s, output %r, errors %r" % (process.returncode, shorten(out), shorten(err)))
    return wrong


def closed(pack, user):
    """What the program would find at these numbers must not be jail's."""
    wrong = []
    for what in ("<&-", "<&- >&-", "2>&-", "<&- >&- 2>&-"):
        path = os.path.join(pack.test.room(user), "report")
        run = pack.run(["sh", "-c", 'exec "$@" ' + what, "sh", pack.packed, "evil", "read"], user, {"JAIL_REPORT": path})
        denied = [event for event in harness.read_report(path) if event["event"] == "denied"]
        if run.status != 0 or SECRET in run.out or len(denied) != 1:
            wrong.append("%s: status %s, %r, %r, %d denials" % (what, run.status, run.out, run.err, len(denied)))
    return wrong


def small_files(pack, user):
    """No file is made to start it, not even in memory."""
    return attacked(pack.run(["prlimit", "--fsize=4096", pack.packed, "evil", "read"], user))


def few_descriptors(pack, user):
    """It does not start, and says so; it is never a signal."""
    return not_started(pack.run(["prlimit", "--nofile=4", pack.packed, "evil", "read"], user), "jail: cannot ")


def traced(pack, user):
    if not shutil.which("strace"):
        return void("traced already: there is no strace")
    log = os.path.join(pack.test.room(user), "log")
    return not_started(pack.run(["strace", "-f", "-o", log, pack.packed, "own", "read"], user), "traces it already")


def in_namespaces(pack, user, command, place=None):
    if place:
        room = os.path.join(place, "jail-pack-%d" % os.getpid())
        os.makedirs(room, exist_ok=True)
        packed = shutil.copy(pack.packed, room)
        secret = shutil.copy(pack.secret, room)
    else:
        room, packed, secret = None, pack.packed, pack.secret
    try:
        run = pack.run([*command, packed, "evil", "read"], user, {"SECRET": secret}, cwd="/")
        if "unshare failed" in run.err or "Operation not permitted" in run.err:
            return void("%s: %s" % (" ".join(command[:2]), run.err.strip()))
        return attacked(run)
    finally:
        if room:
            shutil.rmtree(room)


def empty_root(pack, user, mode):
    """Nothing but the program and the secret: no /proc, no /dev, no libraries."""
    if "cgo" in pack.test.options.variant or "pie" in pack.test.options.variant:
        return void("an empty root: this variant needs the dynamic loader")
    root = pack.test.room(harness.User("root"))
    with open(pack.packed, "rb") as file:
        pack.test.write(os.path.join(root, "app"), file.read(), mode)
    pack.test.write(os.path.join(root, "secret"), SECRET.encode(), 0o644)
    os.mkdir(os.path.join(root, "reports"), 0o755)
    os.chmod(os.path.join(root, "reports"), 0o1777)
    spec = "--userspec=%d:%d" % ((harness.NOBODY,) * 2 if user.name == "nobody" else (0, 0))

    def go(*argv):
        return pack.run(["chroot", spec, root, "/app", *argv], harness.User("root"), {"SECRET": "/secret", "JAIL_REPORT": "/reports/r"})

    wrong = attacked(go("evil", "read"), "attack")
    friend = go("friend", "read")
    if friend.status != 0 or SECRET not in friend.out:
        wrong.append("friend: %s %r %r" % (friend.status, friend.out, friend.err))
    forged = go("evil", "stub-open")
    if SECRET in forged.out:
        wrong.append("by the stub: %r" % forged.out)
    denied = [event for event in harness.read_report(os.path.join(root, "reports", "r")) if event["event"] == "denied"]
    return wrong + ([] if len(denied) == 2 else ["%d denials in the report" % len(denied)])


def no_memfd(pack):
    setting = "/proc/sys/vm/memfd_noexec"
    if not os.path.exists(setting):
        return void("memory files not executable: this kernel has no " + setting)
    return attacked(pack.run(["unshare", "--pid", "--fork", "--kill-child", "--mount-proc", "sh", "-c",
                              "echo 2 >%s && \"$@\"; exit $?" % setting, "sh", pack.packed, "evil", "read"], harness.User("root")))
