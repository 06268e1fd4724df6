# SPDX-License-Identifier: Apache-2.0
"""What a confined module may do to the supervisor, to other processes, and to its own process: nothing."""

import collections
import os

# An effect is a line of the program's state that changes ("target", "Uid", ...), or one of these.
NEW = "there is a file that was not there"
ARRIVED = "the token arrived at a listener"
TOLD = "it was told that it did"

Row = collections.namedtuple("Row", "deed target cls effect errors root twins options bare_error ends variants")


def row(deed, target="self", cls="sys", effect=TOLD, errors=("EPERM",), root=False, twins=True, options=(), bare_error=None, ends=False,
        variants=None):
    """
    errors: what the attacker may be told; root: only root can do it bare; twins: the program itself and an unconfined dependency may
    do it under jail as well; bare_error: what is said bare, where it is no success; ends: bare, the program ends by it; variants: only
    those.
    """
    return Row(deed, target, cls, effect, errors, root, twins, tuple(options), bare_error, ends, variants)


def on_processes():
    """Each against the supervisor, its launcher, a child of the program and a process outside."""
    deeds = [
        ("kill", "target"), ("kill-stop", "target"), ("kill-segv", "target"), ("tkill", "target"), ("tgkill", "target"),
        ("sigqueue", "target"), ("tgsigqueue", "target"), ("pidfd", "target"), ("trace", "target-tracer"), ("attach", "target-tracer"),
        ("vm-write", "target-args"), ("proc-mem", "target-args"), ("affinity", "target-cpus"), ("nice", "target-nice"),
        ("scheduler", "target-policy"), ("sched-attr", "target-policy"), ("prlimit", "target-core"), ("ioprio", TOLD),
        ("pidfd-getfd", TOLD), ("own", TOLD), ("kcmp", TOLD), ("robust-list", TOLD),
    ]
    traced = ("trace", "attach")  # a process of the tree is traced already: by the supervisor
    for deed, effect in deeds:
        cls = "fs.write" if deed == "proc-mem" else "proc"
        yield row(deed, "supervisor", cls, effect, twins=False)
        yield row(deed, "child", cls, effect, twins=deed not in traced)
        yield row(deed, "other", cls, effect)
    for deed, effect in deeds[:3]:
        yield row(deed, "launcher", "proc", effect, twins=False, options=["--foreground"])
    for deed, effect in (("affinity", TOLD), ("nice", TOLD), ("scheduler", TOLD), ("sched-attr", TOLD), ("prlimit", "core")):
        yield row(deed, "self", ("proc", "sys"), effect)
    yield row("kill-group", "supervisor", "proc", "target", twins=False)
    yield row("kill-group", "other", "proc", "target")


ROWS = list(on_processes()) + [
    # Ids, for all threads; the runtime, or the C library, has them all make the call.
    row("setuid"), row("setgid"), row("setgroups", root=True, effect="Groups"), row("setresuid"), row("setregid"),
    row("drop", root=True, effect="Uid"), row("drop-groups", root=True, effect="Groups"),
    row("all-prctl", variants=("exe", "pie")), row("all-umask", effect="cwd", variants=("exe", "pie")),
    row("raw-setuid", root=True, effect="Uid"), row("raw-setgroups", root=True, effect="Groups"),
    row("capset", root=True, effect="CapEff"),
    # What all threads share, or the thread alone.
    row("chdir", effect="cwd"), row("fchdir", effect="cwd", cls=("fs.read", "sys")), row("chroot", root=True),
    row("umask", effect="Umask"), row("setrlimit", effect="core"), row("personality"),
    row("setsid", effect=TOLD, bare_error="EPERM"), row("setpgid", effect=TOLD, bare_error="EPERM"),
    row("unshare-fs"), row("unshare-uts", root=True, effect="ns-uts"), row("unshare-net", root=True, effect="ns-net"),
    row("setns", root=True, cls=("fs.read", "sys")), row("undumpable", effect="dumpable"),
    row("ptracer", twins=False, bare_error=None if os.path.exists("/proc/sys/kernel/yama") else "failed invalid argument"),
    row("no-new-privs"), row("set-mm"),
    # Filters: a plain one is the program's affair; a listener outranks the supervisor.
    row("strict", twins=False, ends=True), row("filter", effect="Seccomp_filters"), row("filter-prctl", effect="Seccomp_filters"),
    row("filter-tsync", effect="Seccomp_filters"),
    row("listener", effect="Seccomp_filters", twins=False, errors=("EBUSY",)),
    # Processes, and a program that is in no file.
    row("clone-fork", cls="exec", effect=NEW), row("clone-untraced", cls="exec", effect=NEW, twins=False),
    row("clone-ptrace", cls="exec", effect=NEW), row("clone-parent", cls="exec", effect=NEW),
    row("clone-fs", cls="exec", effect=NEW), row("clone-uts", cls="sys", effect=NEW, root=True),
    row("clone-user", cls="sys", effect=NEW, root=True), row("clone-vm", cls="exec", effect=NEW), row("fork", cls="exec", effect=NEW),
    row("clone3", cls="exec", effect=NEW, errors=("EPERM", "ENOSYS")),
    row("clone3-untraced", cls="exec", effect=NEW, errors=("EPERM", "ENOSYS"), twins=False),
    row("memfd", cls=("fs.write", "exec"), effect=NEW, ends=True), row("execveat", cls="exec", effect=NEW, ends=True),
    # Starving the supervisor.
    row("bad-path", cls="fs.write", bare_error="failed bad address", twins=False), row("userfaultfd", root=True),
    # The ancestry is that of the program's start, whatever the environment says now.
    row("http", cls="net.connect", effect=ARRIVED), row("setenv-debug", cls="net.connect", effect=ARRIVED),
]

# Executed again, with the ancestry taken away: the values of GODEBUG, one for each time that it is in the environment.
GODEBUGS = ["none", "tracebackancestors=0", "tracebackancestors=1", "tracebackancestors=-1", "tracebackancestors=99999999999",
            "panicnil=0,tracebackancestors=0", "tracebackancestors=0|tracebackancestors=100", "tracebackancestors=100|tracebackancestors=0",
            "tracebackancestors=100,tracebackancestors=0", ",,tracebackancestors=0,", "tracebackancestors=0#x"]

# Variables that steer a child. What bare and --child-env=report show of it in the output or in the world.
STEERED = {"PATH": NEW, "BASH_ENV": NEW, "ENV": NEW, "LD_PRELOAD": "absent.so"}
