# SPDX-License-Identifier: Apache-2.0
"""Calls on files."""

import os
import struct

from case import case, memory, named, result, room, u32, u64

AT = -100
EMPTY_PATH, SYMLINK_NOFOLLOW, REMOVEDIR = 0x1000, 0x100, 0x200
RDONLY, WRONLY, RDWR = os.O_RDONLY, os.O_WRONLY, os.O_RDWR
OPEN_FILE = ("open", "file", WRONLY)
OPEN_SECRET = ("open", "secret", RDONLY)
OPEN_HERE = ("open", ".", os.O_DIRECTORY)
ATTRIBUTE = ("setxattr", "file", "user.secret", "-----the-private-key-----", 25, 0)
TIMES = memory(struct.pack("4q", 1, 0, 1, 0))
HANDLE = memory(struct.pack("Ii", 128, 0) + b"\0" * 128, name="handle")


def how(flags, mode=0):
    return memory(struct.pack("3Q", flags, mode, 0))


def written(name, call, *arguments, **keywords):
    """A case that changes the directory."""
    keywords.setdefault("effect", "files")
    return case(name, call, *arguments, **keywords)


def opened(name, call, *arguments, **keywords):
    """A case that yields a descriptor."""
    return case(name, call, *arguments, effect="descriptors", **keywords)


def attribute_at():
    return memory(u64("value"), struct.pack("II", 5, 0))


CASES = [
    opened("open-read", "open", "secret", RDONLY),
    opened("open-write", "open", "file", WRONLY, cls="fs.write"),
    opened("open-both", "open", "file", RDWR, cls="fs.write"),
    opened("open-path", "open", "secret", os.O_PATH),
    opened("open-directory", "open", "directory", os.O_DIRECTORY),
    opened("open-proc", "open", "/proc/self/environ", RDONLY),
    opened("open-memory", "open", "/proc/self/mem", RDWR, cls="fs.write"),
    opened("open-device", "open", "/dev/zero", RDONLY),
    opened("open-temporary", "open", ".", os.O_TMPFILE | RDWR, 0o600, cls="fs.write"),
    written("open-create", "open", "new", WRONLY | os.O_CREAT, 0o644, cls="fs.write"),
    written("open-truncate", "open", "file", WRONLY | os.O_TRUNC, cls="fs.write"),
    opened("openat", "openat", AT, "secret", RDONLY),
    opened("openat-directory", "openat", result(), "secret", RDONLY, prepare=[OPEN_HERE]),
    opened("openat-above", "openat", result(), "../secret", RDONLY, prepare=[("open", "directory", os.O_DIRECTORY)]),
    opened("openat-link", "openat", AT, "/proc/self/cwd/secret", RDONLY),
    opened("openat-absolute", "openat", -1, lambda place: place.directory + "/secret", RDONLY),
    written("openat-create", "openat", AT, "new", WRONLY | os.O_CREAT, 0o644, cls="fs.write"),
    opened("openat2", "openat2", AT, "secret", how(RDONLY), 24),
    written("openat2-create", "openat2", AT, "new", how(WRONLY | os.O_CREAT, 0o644), 24),
    written("creat", "creat", "new", 0o644),
    written("creat-truncate", "creat", "file", 0o644),
    opened("open-by-handle", "open_by_handle_at", result(1), named("handle"), RDONLY, root=True,
           prepare=[("name_to_handle_at", AT, "secret", HANDLE, room(8, "mount"), 0), OPEN_HERE]),
    case("name-to-handle", "name_to_handle_at", AT, "secret", HANDLE, room(8, "mount"), 0, effect="memory"),
    written("mkdir", "mkdir", "new", 0o755), written("mkdirat", "mkdirat", AT, "new", 0o755),
    written("rmdir", "rmdir", "empty"), written("unlinkat-directory", "unlinkat", AT, "empty", REMOVEDIR),
    written("unlink", "unlink", "file"), written("unlinkat", "unlinkat", AT, "file", 0),
    written("rename", "rename", "file", "new"), written("renameat", "renameat", AT, "file", AT, "new"),
    written("renameat2", "renameat2", AT, "file", AT, "new", 1), written("rename-exchange", "renameat2", AT, "file", AT, "secret", 2),
    written("rename-over", "rename", "file", "secret"),
    written("link", "link", "file", "new"), written("linkat", "linkat", AT, "file", AT, "new", 0),
    written("linkat-descriptor", "linkat", result(), "", AT, "new", EMPTY_PATH, root=True, prepare=[OPEN_SECRET]),
    written("symlink", "symlink", "secret", "new"), written("symlinkat", "symlinkat", "secret", AT, "new"),
    written("mknod", "mknod", "new", 0o10644, 0), written("mknodat", "mknodat", AT, "new", 0o140644, 0),
    written("mknod-device", "mknod", "new", 0o20644, 0x103, root=True),
    written("chmod", "chmod", "file", 0o600), written("fchmod", "fchmod", result(), 0o600, prepare=[OPEN_FILE]),
    written("fchmodat", "fchmodat", AT, "file", 0o600), written("fchmodat2", "fchmodat2", AT, "file", 0o600, 0, errors="ENOSYS"),
    written("chmod-setuid", "chmod", "file", 0o4755),
    written("chown", "chown", "file", -1, -1), written("lchown", "lchown", "file", -1, -1),
    written("fchown", "fchown", result(), -1, -1, prepare=[OPEN_FILE]), written("fchownat", "fchownat", AT, "file", -1, -1, 0),
    written("chown-root", "chown", "file", 1, 1, root=True),
    written("fchownat-descriptor", "fchownat", result(), "", -1, -1, EMPTY_PATH, prepare=[OPEN_FILE]),
    written("utime", "utime", "file", TIMES), written("utimes", "utimes", "file", TIMES),
    written("futimesat", "futimesat", AT, "file", TIMES), written("utimensat", "utimensat", AT, "file", TIMES, 0),
    written("futimens", "utimensat", result(), 0, TIMES, 0, prepare=[OPEN_FILE]), written("utimes-now", "utimes", "file", 0),
    written("truncate", "truncate", "file", 0), written("ftruncate", "ftruncate", result(), 0, prepare=[OPEN_FILE]),
    written("fallocate", "fallocate", result(), 0, 0, 9000, prepare=[OPEN_FILE]),
    written("fallocate-punch", "fallocate", result(), 3, 0, 4, prepare=[OPEN_FILE]),
    written("setxattr", "setxattr", "file", "user.x", "value", 5, 0), written("lsetxattr", "lsetxattr", "file", "user.x", "value", 5, 0),
    written("fsetxattr", "fsetxattr", result(), "user.x", "value", 5, 0, prepare=[OPEN_FILE]),
    written("setxattrat", "setxattrat", AT, "file", 0, "user.x", attribute_at(), 16, errors="ENOSYS"),
    written("removexattr", "removexattr", "file", "user.secret", prepare=[ATTRIBUTE]),
    written("lremovexattr", "lremovexattr", "file", "user.secret", prepare=[ATTRIBUTE]),
    written("fremovexattr", "fremovexattr", result(1), "user.secret", prepare=[ATTRIBUTE, OPEN_FILE]),
    written("removexattrat", "removexattrat", AT, "file", 0, "user.secret", prepare=[ATTRIBUTE], errors="ENOSYS"),
    case("getxattr", "getxattr", "file", "user.secret", room(40), 40, effect="memory", prepare=[ATTRIBUTE]),
    case("lgetxattr", "lgetxattr", "file", "user.secret", room(40), 40, effect="memory", prepare=[ATTRIBUTE]),
    case("listxattr", "listxattr", "file", room(40), 40, effect="memory", prepare=[ATTRIBUTE]),
    case("llistxattr", "llistxattr", "file", room(40), 40, effect="memory", prepare=[ATTRIBUTE]),
    case("getxattrat", "getxattrat", AT, "file", 0, "user.secret", memory(u64(room(40)), struct.pack("II", 40, 0)), 16, effect="memory",
         prepare=[ATTRIBUTE], errors="ENOSYS"),
    case("listxattrat", "listxattrat", AT, "file", 0, room(40), 40, effect="memory", prepare=[ATTRIBUTE], errors="ENOSYS"),
    written("file-setattr", "file_setattr", AT, "file", memory(struct.pack("QIIII", 0x40, 0, 0, 0, 0)), 24, 0, errors=("ENOSYS", "EOPNOTSUPP")),
    written("ioctl-setflags", "ioctl", result(), 0x40086602, memory(struct.pack("Q", 0x40)), prepare=[OPEN_SECRET],
            errors=("ENOTTY", "EOPNOTSUPP")),
    opened("memfd-create", "memfd_create", "x", 0), opened("memfd-secret", "memfd_secret", 0, errors="ENOSYS"),
    case("seal", "fcntl", result(), 1033, 2, effect="told", cls="fs.write", prepare=[("memfd_create", "x", 2)]),
    case("lease", "fcntl", result(), 1024, 0, effect="told", cls="fs.write", prepare=[("open", "file", RDONLY)]),
    case("notify", "fcntl", result(), 1026, 4, effect="told", cls="fs.read", prepare=[OPEN_HERE]),
    opened("mq-open", "mq_open", "jail-mine", WRONLY | os.O_CREAT, 0o600, 0, cls="fs.write", root=True),
    case("mq-unlink", "mq_unlink", "jail-theirs", effect="told", root=True, prepare=[("mq_open", "jail-theirs", RDWR | os.O_CREAT, 0o600, 0)]),
    case("mq-notify", "mq_notify", result(), memory(struct.pack("qiiqq", 0, 1, 1, 0, 0) + b"\0" * 40), effect="told", root=True,
         prepare=[("mq_open", "jail-other", RDWR | os.O_CREAT, 0o600, 0)]),
    case("inotify", "inotify_add_watch", result(), "directory", 0xfff, effect="told", prepare=[("inotify_init1", 0)]),
    opened("fanotify", "fanotify_init", 0x200, 0, errors=("ENOSYS",)),
    case("fanotify-mark", "fanotify_mark", result(), 1, 0x20, AT, "file", effect="told", prepare=[("fanotify_init", 0x200, 0)],
         errors=("ENOSYS", "ENODEV", "EXDEV")),
    # Of the machine: with arguments that the kernel turns down.
    case("acct", "acct", "absent", errors=("ENOENT", "ENOSYS"), root=True),
    case("swapon", "swapon", "absent", 0, errors=("ENOENT", "ENOSYS"), root=True),
    case("swapoff", "swapoff", "absent", errors=("ENOENT", "ENOSYS"), root=True),
    case("quotactl", "quotactl", 4 << 8, "absent", 0, 0, errors=("ENOENT", "ENOSYS", "ENODEV")),
    case("quotactl-fd", "quotactl_fd", -1, 4 << 8, 0, 0, errors=("EBADF", "ENOSYS")),
]
