# SPDX-License-Identifier: Apache-2.0
"""Calls on processes and memory."""

import os
import struct

from case import case, loaded, memory, named, result, room, u64

AT = -100
PAGE = 4096
SIGCHLD = 17
PAGES = ("mmap", 0, PAGE, 3, 0x22, -1, 0)


def victim(place):
    return place.victim


def runner(_):
    return os.getpid()


def arguments_of_victim(place):
    with open("/proc/%d/stat" % place.victim, encoding="utf-8") as file:
        return int(file.read().rpartition(")")[2].split()[45])


def on_other(name, call, *arguments, effect="victim", **keywords):
    """A case that changes another process."""
    return case(name, call, *arguments, effect=effect, **keywords)


def born(name, call, *arguments, **keywords):
    """A case that makes a process, which leaves a mark."""
    return case(name, call, *arguments, effect="files", spawn=True, **keywords)


def clone3(flags):
    return memory(struct.pack("11Q", flags, 0, 0, 0, SIGCHLD, 0, 0, 0, 0, 0, 0))


def info(code=-1):
    return memory(struct.pack("iii", 9, 0, code) + b"\0" * 116)


def words(*texts):
    return memory(*[u64(text) for text in texts], b"\0" * 8)


MKDIR = ("/bin/mkdir", words("mkdir", "new"), words("PATH=/bin"))
PIDFD = ("pidfd_open", victim, 0)
OPEN_PROGRAM = ("open", "/bin/mkdir", os.O_RDONLY)
ATTRIBUTES = memory(struct.pack("IIQiIQQQ", 48, 5, 0, 0, 0, 0, 0, 0))
VECTOR = memory(u64(arguments_of_victim), struct.pack("Q", 1))
LIMITS = memory(struct.pack("2Q", 0, 0))

CASES = [
    born("fork", "fork"), born("vfork", "vfork"), born("clone", "clone", SIGCHLD, 0, 0, 0, 0),
    born("clone-vfork", "clone", 0x4100 | SIGCHLD, 0, 0, 0, 0), born("clone-files", "clone", 0x600 | SIGCHLD, 0, 0, 0, 0),
    born("clone-untraced", "clone", 0x800000 | SIGCHLD, 0, 0, 0, 0, twins=False),
    born("clone-silent", "clone", 0, 0, 0, 0, 0),
    born("clone-mounts", "clone", 0x20000 | SIGCHLD, 0, 0, 0, 0, root=True, cls="sys"),
    born("clone3", "clone3", clone3(0), 88, told=("EPERM", "ENOSYS")),
    born("clone3-vfork", "clone3", clone3(0x4100), 88, told=("EPERM", "ENOSYS")),
    case("execve", "execve", *MKDIR, effect="files", ends=True),
    case("execveat", "execveat", AT, *MKDIR, 0, effect="files", ends=True),
    case("execveat-descriptor", "execveat", result(), "", *MKDIR[1:], 0x1000, effect="files", ends=True, prepare=[OPEN_PROGRAM]),
    case("execve-self", "execve", "/proc/self/exe", words("app", "evil"), words("PATH=/bin"), effect="ended", ends=True),
    on_other("kill", "kill", victim, 9), on_other("kill-stop", "kill", victim, 19), on_other("tkill", "tkill", victim, 9),
    on_other("kill-nothing", "kill", victim, 0, effect="told"),
    on_other("tgkill", "tgkill", victim, victim, 9), on_other("sigqueue", "rt_sigqueueinfo", victim, 9, info()),
    on_other("tgsigqueue", "rt_tgsigqueueinfo", victim, victim, 9, info()),
    case("pidfd-open", "pidfd_open", victim, 0, effect="descriptors"),
    on_other("pidfd-signal", "pidfd_send_signal", result(), 9, 0, 0, prepare=[PIDFD]),
    case("pidfd-getfd", "pidfd_getfd", result(), 0, 0, effect="descriptors", prepare=[PIDFD]),
    case("process-madvise", "process_madvise", result(), VECTOR, 1, 20, 0, effect="told", prepare=[PIDFD],
         errors=("EINVAL", "ENOSYS"), root=True),
    case("process-release", "process_mrelease", result(), 0, prepare=[PIDFD], errors=("EINVAL", "ENOSYS")),
    on_other("trace", "ptrace", 0x4206, victim, 0, 0, twins=False),
    case("trace-peek", "ptrace", 2, victim, arguments_of_victim, room(8), errors="ESRCH"),
    case("vm-read", "process_vm_readv", victim, memory(u64(room(1)), struct.pack("Q", 1)), 1, VECTOR, 1, 0, effect="memory"),
    on_other("vm-write", "process_vm_writev", victim, memory(u64("!"), struct.pack("Q", 1)), 1, VECTOR, 1, 0),
    case("compare", "kcmp", runner, runner, 1, 0, 0, effect="told", root=True, errors="ENOSYS"),
    case("robust-list", "get_robust_list", victim, room(8, "head"), room(8, "length"), effect="memory"),
    on_other("priority", "setpriority", 0, victim, 19), on_other("scheduler", "sched_setscheduler", victim, 5, memory(b"\0" * 8)),
    on_other("scheduler-parameter", "sched_setparam", victim, memory(b"\0" * 8), effect="told"),
    on_other("scheduler-attributes", "sched_setattr", victim, ATTRIBUTES, 0),
    on_other("affinity", "sched_setaffinity", victim, 8, memory(struct.pack("Q", 1))),
    on_other("io-priority", "ioprio_set", 1, victim, 3 << 13, effect="told"),
    on_other("limits", "prlimit64", victim, 4, LIMITS, 0),
    case("limits-own", "prlimit64", 0, 4, LIMITS, 0, effect="process", cls="sys", alone=True),
    case("priority-own", "setpriority", 0, 0, 5, effect="told", alone=True),
    case("migrate-pages", "migrate_pages", victim, 8, room(8, "old"), room(8, "new"), errors=("EINVAL", "ENOSYS")),
    case("move-pages", "move_pages", victim, 1, memory(u64(arguments_of_victim)), 0, room(8), 0, effect="told", errors=("ENOSYS", "EIO", "ENOENT")),
    case("owner", "fcntl", result(), 8, victim, effect="told", cls="proc", prepare=[("open", "file", 0)]),
    case("owner-signal", "fcntl", result(), 10, 9, effect="told", cls="proc", prepare=[("open", "file", 0)]),
    case("asynchronous", "fcntl", result(), 4, os.O_ASYNC, effect="told", cls="proc",
         prepare=[("socket", 1, 1, 0)]),
    # Memory.
    case("mmap", "mmap", 0, PAGE, 5, 0x22, -1, 0, effect="memory map"),
    case("mmap-writable", "mmap", 0, PAGE, 7, 0x22, -1, 0, effect="memory map"),
    case("mmap-file", "mmap", 0, PAGE, 5, 2, result(), 0, effect="memory map", prepare=[OPEN_PROGRAM]),
    case("mprotect", "mprotect", result(), PAGE, 5, effect="memory map", prepare=[PAGES]),
    case("pkey-mprotect", "pkey_mprotect", result(), PAGE, 5, -1, effect="memory map", prepare=[PAGES]),
    case("mremap", "mremap", result(), PAGE, 2 * PAGE, 1, 0, effect="told", prepare=[PAGES]),
    case("mremap-fixed", "mremap", result(), PAGE, PAGE, 3, result(1), effect="told", prepare=[PAGES, PAGES]),
    case("remap-pages", "remap_file_pages", result(), PAGE, 0, 1, 0, effect="told", errors="EINVAL",
         prepare=[("mmap", 0, 2 * PAGE, 3, 0x21, -1, 0)]),
    case("shadow-stack", "map_shadow_stack", 0, PAGE, 0, effect="told", errors=("EOPNOTSUPP", "ENOSYS")),
    case("mseal", "mseal", result(), PAGE, 0, effect="told", errors="ENOSYS", prepare=[PAGES]),
    case("poison", "madvise", 1, PAGE, 100, errors="EINVAL", root=True),
    case("personality", "personality", 0x0400000, effect="process", alone=True),
    # System V and asynchronous I/O.
    case("shmget", "shmget", 0, PAGE, 0o1600, effect="told", root=True),
    case("shmat", "shmat", result(), 0, 0o100000, effect="memory map", root=True, prepare=[("shmget", 0, PAGE, 0o1700)]),
    case("shmctl", "shmctl", result(), 0, 0, effect="told", root=True, prepare=[("shmget", 0, PAGE, 0o1600)]),
    case("semget", "semget", 0, 1, 0o1600, effect="told", root=True),
    case("semop", "semop", result(), memory(struct.pack("Hhh", 0, 1, 0)), 1, effect="told", root=True, prepare=[("semget", 0, 1, 0o1600)]),
    case("semtimedop", "semtimedop", result(), memory(struct.pack("Hhh", 0, 1, 0)), 1, 0, effect="told", root=True,
         prepare=[("semget", 0, 1, 0o1600)]),
    case("semctl", "semctl", result(), 0, 0, 0, effect="told", root=True, prepare=[("semget", 0, 1, 0o1600)]),
    case("msgget", "msgget", 0, 0o1600, effect="told", root=True),
    case("msgsnd", "msgsnd", result(), memory(struct.pack("2Q", 1, 0)), 8, 0, effect="told", root=True, prepare=[("msgget", 0, 0o1600)]),
    case("msgrcv", "msgrcv", result(), room(16), 8, 0, 0o4000, effect="memory", root=True,
         prepare=[("msgget", 0, 0o1600), ("msgsnd", result(), memory(struct.pack("2Q", 1, 7)), 8, 0)]),
    case("msgctl", "msgctl", result(), 0, 0, effect="told", root=True, prepare=[("msgget", 0, 0o1600)]),
    case("io-setup", "io_setup", 1, room(8), effect="memory", errors="ENOSYS"),
    case("io-submit", "io_submit", loaded("context", 0, 8), 0, 0, effect="told", prepare=[("io_setup", 1, room(8, "context"))], errors="ENOSYS"),
]
