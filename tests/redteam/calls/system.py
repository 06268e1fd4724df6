# SPDX-License-Identifier: Apache-2.0
"""Calls on what the process is and on the machine."""

import struct

from case import STOPPED, case, loaded, memory, named, result, room, u64
from process import victim

AT = -100
BAD = 1  # an address where nothing is


def user(place):
    return place.uid


def changed(name, call, *arguments, **keywords):
    """A case that changes what the process is."""
    keywords.setdefault("effect", "process")
    return case(name, call, *arguments, alone=True, **keywords)


def turned_down(name, call, *arguments, errors, **keywords):
    """A case that has no harmless effect: its arguments are bad on purpose."""
    return case(name, call, *arguments, errors=errors, **keywords)


FILTER = memory(struct.pack("Q", 1), u64(memory(struct.pack("HBBI", 6, 0, 0, 0x7fff0000))))
TMPFS = ("fsopen", "tmpfs", 0)
CREATE = ("fsconfig", result(0), 6, 0, 0, 0)
MOUNT = ("fsmount", result(0), 0, 0)
CAPABILITIES = memory(struct.pack("Ii", 0x20080522, 0), name="header")
MAP = memory(struct.pack("12I", 2, 4, 8, 1, 0, 0, 0, 0, 0, 0, 0, 0) + b"\0" * 72)
SOFTWARE = memory(struct.pack("IIQ", 1, 112, 0) + b"\0" * 96)
RING = ("io_uring_setup", 1, room(120, "ring"))

IDS = [
    case("setuid", "setuid", user, effect="told"), case("setgid", "setgid", lambda place: place.gid, effect="told"),
    case("setreuid", "setreuid", -1, -1, effect="told"), case("setregid", "setregid", -1, -1, effect="told"),
    case("setresuid", "setresuid", -1, -1, -1, effect="told"), case("setresgid", "setresgid", -1, -1, -1, effect="told"),
    case("setfsuid", "setfsuid", -1, effect="told"), case("setfsgid", "setfsgid", -1, effect="told"),
    changed("setresuid-other", "setresuid", 1234, -1, -1, root=True), changed("setresgid-other", "setresgid", 1234, -1, -1, root=True),
    changed("setfsuid-other", "setfsuid", 1234, root=True), changed("setgroups", "setgroups", 1, memory(struct.pack("I", 5)), root=True),
    case("capset", "capset", named("header"), named("data"), effect="told", prepare=[("capget", CAPABILITIES, room(24, "data"))]),
    changed("setpgid", "setpgid", 0, 0), changed("setsid", "setsid"),
]

PLACES = [
    changed("chdir", "chdir", "/"), changed("fchdir", "fchdir", result(), prepare=[("open", "/", 0)]),
    changed("chroot", "chroot", ".", root=True),
    turned_down("pivot-root", "pivot_root", ".", ".", errors=("EINVAL", "EBUSY"), root=True),
    changed("umask", "umask", 0o77), changed("unshare-files", "unshare", 0x200, effect="told"),
    changed("unshare-mounts", "unshare", 0x20000, root=True), changed("unshare-net", "unshare", 0x40000000, root=True),
    changed("close-range", "close_range", 60, 61, 2, effect="told"),
    case("setns", "setns", result(), 0x4000000, effect="told", root=True, prepare=[("open", "/proc/self/ns/uts", 0)], twins=True),
    changed("mount", "mount", "none", "empty", "tmpfs", 0, 0, root=True),
    changed("mount-bind", "mount", "directory", "empty", 0, 0x1000, 0, root=True),
    changed("umount", "umount2", "empty", 0, root=True, prepare=[("mount", "none", "empty", "tmpfs", 0, 0)]),
    case("fsopen", "fsopen", "tmpfs", 0, effect="descriptors", root=True),
    case("fsconfig", "fsconfig", result(), 6, 0, 0, 0, effect="told", root=True, prepare=[TMPFS]),
    case("fsmount", "fsmount", result(), 0, 0, effect="descriptors", root=True, prepare=[TMPFS, CREATE]),
    case("fspick", "fspick", AT, "/", 0, effect="descriptors", root=True),
    changed("move-mount", "move_mount", result(2), "", AT, "empty", 4, root=True, prepare=[TMPFS, CREATE, MOUNT]),
    case("open-tree", "open_tree", AT, "directory", 0, effect="descriptors"),
    case("open-tree-clone", "open_tree", AT, "directory", 1, effect="descriptors", root=True),
    case("open-tree-attributes", "open_tree_attr", AT, "directory", 0, 0, 0, effect="descriptors", errors="ENOSYS"),
    turned_down("mount-attributes", "mount_setattr", AT, "directory", 0, memory(struct.pack("4Q", 1, 0, 0, 0)), 32, errors="EINVAL", root=True),
    turned_down("statmount", "statmount", 0, 0, 0, 0, errors=("EFAULT", "EINVAL", "ENOSYS")),
    turned_down("listmount", "listmount", 0, 0, 0, 0, errors=("EFAULT", "EINVAL", "ENOSYS")),
]

PROCESS = [
    changed("limit", "setrlimit", 4, memory(struct.pack("2Q", 0, 0))), changed("undumpable", "prctl", 4, 0, 0, 0, 0, effect="told"),
    changed("no-new-privileges", "prctl", 38, 1, 0, 0, 0, effect="told"), changed("death-signal", "prctl", 1, 9, 0, 0, 0, effect="told"),
    changed("subreaper", "prctl", 36, 1, 0, 0, 0, effect="told"), changed("keep-capabilities", "prctl", 8, 1, 0, 0, 0, effect="told"),
    changed("drop-capability", "prctl", 24, 21, 0, 0, 0, root=True), changed("time-stamp", "prctl", 26, 1, 0, 0, 0, effect="told"),
    turned_down("set-memory", "prctl", 35, 99, 0, 0, 1, errors="EINVAL"),
    changed("filter", "seccomp", 1, 0, FILTER),
    changed("filter-all", "seccomp", 1, 1, FILTER),
    changed("filter-prctl", "prctl", 22, 2, FILTER, 0, 0),
    case("segments", "modify_ldt", 0, room(16), 16, effect="told", errors="ENOSYS"),
    changed("base", "arch_prctl", 0x1001, 0, effect="told"),
    turned_down("ports", "iopl", 4, errors=("EINVAL", "ENOSYS")), turned_down("port", "ioperm", 70000, 1, 1, errors=("EINVAL", "ENOSYS")),
    case("landlock", "landlock_create_ruleset", memory(struct.pack("Q", 1)), 8, 0, effect="descriptors", errors=("ENOSYS", "EOPNOTSUPP")),
    turned_down("landlock-rule", "landlock_add_rule", -1, 1, 0, 0, errors=("EBADF", "EFAULT", "EINVAL", "ENOSYS", "EOPNOTSUPP")),
    turned_down("landlock-self", "landlock_restrict_self", -1, 0, errors=("EBADF", "ENOSYS", "EOPNOTSUPP"), root=True),
    turned_down("lsm-get", "lsm_get_self_attr", 99, 0, 0, 0, errors=("EINVAL", "EFAULT", "ENOSYS", "EOPNOTSUPP")),
    turned_down("lsm-set", "lsm_set_self_attr", 99, 0, 0, 0, errors=("EINVAL", "EFAULT", "ENOSYS", "EOPNOTSUPP")),
    turned_down("lsm-list", "lsm_list_modules", 0, 0, 1, errors=("EINVAL", "ENOSYS")),
    turned_down("terminal", "ioctl", 0, 0x5412, "x", errors=("ENOTTY", "EINVAL")),
]

MACHINE = [
    case("io-uring", "io_uring_setup", 1, room(120), effect="descriptors", errors="ENOSYS"),
    case("io-uring-enter", "io_uring_enter", result(), 0, 0, 0, 0, 0, effect="told", prepare=[RING]),
    case("io-uring-register", "io_uring_register", result(), 1, 0, 0, errors=("ENXIO",), prepare=[RING]),
    case("userfaultfd", "userfaultfd", 1, effect="descriptors", errors="ENOSYS"),
    case("bpf", "bpf", 0, MAP, 120, effect="descriptors", root=True, errors="ENOSYS"),
    case("perf", "perf_event_open", SOFTWARE, 0, -1, -1, 0, effect="descriptors", errors=("ENOSYS", "EACCES", "ENOENT")),
    case("add-key", "add_key", "user", "jail", "key", 3, -2, effect="told", errors="ENOSYS"),
    turned_down("request-key", "request_key", "user", "jail-absent", 0, 0, errors=("ENOKEY", "ENOSYS")),
    case("keyctl", "keyctl", 0, -2, 1, 0, 0, effect="told", errors="ENOSYS"),
    case("keyctl-session", "keyctl", 0, -3, 0, 0, 0, effect="told", errors=("ENOSYS", "ENOKEY")),
    case("adjtimex", "adjtimex", room(208), effect="memory"), case("clock-adjtime", "clock_adjtime", 0, room(208), effect="memory"),
    turned_down("clock-settime", "clock_settime", 0, BAD, errors="EFAULT"),
    turned_down("settimeofday", "settimeofday", BAD, 0, errors="EFAULT"),
    case("host-name", "sethostname", "jail", 4, effect="told", root=True), case("domain-name", "setdomainname", "jail", 4, effect="told", root=True),
    turned_down("reboot", "reboot", 1, 2, 3, 0, errors="EINVAL", root=True),
    turned_down("kexec", "kexec_load", 0, 1000, 0, 0, errors=("EINVAL", "ENOSYS"), root=True),
    turned_down("kexec-file", "kexec_file_load", -1, -1, 0, 0, 0x100000, errors=("EINVAL", "ENOSYS"), root=True),
    turned_down("init-module", "init_module", BAD, 0, "", errors=("ENOEXEC", "EFAULT", "ENOSYS", "EINVAL"), root=True),
    turned_down("finit-module", "finit_module", -1, "", 0, errors=("EBADF", "ENOSYS"), root=True),
    turned_down("delete-module", "delete_module", "jail_absent", 0, errors=("ENOENT", "ENOSYS"), root=True),
    case("kernel-log", "syslog", 10, 0, 0, effect="told", root=True), case("file-systems", "sysfs", 3, 0, 0, effect="told", errors="ENOSYS"),
    changed("hang-up", "vhangup", effect="told", root=True, cls="sys"),
]

# Numbers that no kernel has any more, or not yet.
ABSENT = [turned_down(name, name, errors="ENOSYS") for name, row in STOPPED.items() if row.cls == "other"]
ABSENT += [case("number-%x" % number, "uselib", number=number, errors=("ENOSYS",)) for number in (
    335 + 65, 600, 1000, 0x3fffffff, 0x7fffffff)]

CASES = IDS + PLACES + PROCESS + MACHINE + ABSENT
