# SPDX-License-Identifier: Apache-2.0
"""Calls on sockets, and descriptors that travel by them."""

import socket
import struct

from case import case, loaded, memory, result, room, u32, u64

STREAM, DGRAM = 1, 2
TCP = ("socket", socket.AF_INET, STREAM, 0)
UDP = ("socket", socket.AF_INET, DGRAM, 0)
UNIX = ("socket", socket.AF_UNIX, STREAM, 0)
DATA = "-----the-private-key-----"
OPEN_SECRET = ("open", "secret", 0)
PAIR = ("socketpair", socket.AF_UNIX, DGRAM, 0, room(8, "pair"))


def inet(address):
    return struct.pack("=H", socket.AF_INET) + struct.pack("!H", address[1]) + socket.inet_aton(address[0]) + b"\0" * 8


def unix(path):
    return struct.pack("=H", socket.AF_UNIX) + path.encode().ljust(14, b"\0")


# Socket addresses of who listens, and one that is free.
TO_TCP = memory(lambda place: inet(place.tcp.address))
TO_UDP = memory(lambda place: inet(place.udp.address))
TO_NEW = memory(unix("new"))
FREE = memory(inet(("127.0.0.1", 0)))
VECTOR = memory(u64(DATA), struct.pack("Q", 25))


def header(address=None, length=0, control=None, size=0):
    """A struct msghdr."""
    return (u64(address if address is not None else 0), struct.pack("II", length, 0), u64(VECTOR), struct.pack("Q", 1),
            u64(control if control is not None else 0), struct.pack("QQ", size, 0))


def rights(descriptor):
    """A control message with a descriptor."""
    return memory(struct.pack("Qii", 20, socket.SOL_SOCKET, socket.SCM_RIGHTS), u32(descriptor), struct.pack("I", 0))


def receiving():
    """A struct msghdr to receive with."""
    return (u64(0), struct.pack("II", 0, 0), u64(memory(u64(room(64, "data")), struct.pack("Q", 64))), struct.pack("Q", 1),
            u64(room(64, "control")), struct.pack("QQ", 64, 0))


PASSED = [PAIR, OPEN_SECRET, ("sendmsg", loaded("pair", 4), memory(*header(None, 0, rights(result(1)), 24)), 0), ("close", result(1))]


def family(name, *arguments, **keywords):
    return case(name, "socket", *arguments, effect="descriptors", **keywords)


CASES = [
    family("socket-tcp", socket.AF_INET, STREAM, 0), family("socket-udp", socket.AF_INET, DGRAM, 0),
    family("socket-tcp6", socket.AF_INET6, STREAM, 0, errors="EAFNOSUPPORT"), family("socket-unix", socket.AF_UNIX, STREAM, 0),
    family("socket-netlink", socket.AF_NETLINK, 3, 0, errors="EAFNOSUPPORT"),
    family("socket-packet", socket.AF_PACKET, 3, 0, root=True, errors="EAFNOSUPPORT"),
    family("socket-raw", socket.AF_INET, 3, 1, root=True),
    family("socket-alg", 38, 5, 0, errors="EAFNOSUPPORT"), family("socket-vsock", 40, STREAM, 0, errors="EAFNOSUPPORT"),
    case("socketpair-inet", "socketpair", socket.AF_INET, STREAM, 0, room(8), errors="EOPNOTSUPP"),
    case("connect-tcp", "connect", result(), TO_TCP, 16, effect="heard", prepare=[TCP]),
    case("connect-udp", "connect", result(), TO_UDP, 16, effect="told", prepare=[UDP]),
    case("connect-unix", "connect", result(), memory(unix("socket")), 9, effect="heard", prepare=[UNIX]),
    case("connect-none", "connect", result(), memory(struct.pack("=H", 0) + b"\0" * 14), 16, effect="told",
         prepare=[UDP, ("connect", result(), TO_UDP, 16)]),
    case("sendto", "sendto", result(), DATA, 25, 0, TO_UDP, 16, effect="heard", prepare=[UDP]),
    case("sendto-fastopen", "sendto", result(), DATA, 25, 0x20000000, TO_TCP, 16, effect="heard", prepare=[TCP]),
    case("sendmsg", "sendmsg", result(), memory(*header(TO_UDP, 16)), 0, effect="heard", prepare=[UDP]),
    case("sendmsg-fastopen", "sendmsg", result(), memory(*header(TO_TCP, 16)), 0x20000000, effect="heard", prepare=[TCP]),
    case("sendmsg-connected", "sendmsg", result(), memory(*header()), 0, effect="heard", prepare=[UDP, ("connect", result(), TO_UDP, 16)]),
    case("sendmmsg", "sendmmsg", result(), memory(*header(TO_UDP, 16), b"\0" * 8), 1, 0, effect="heard", prepare=[UDP]),
    # Descriptors: sent, and received from who has them.
    case("rights-send", "sendmsg", loaded("pair", 0), memory(*header(None, 0, rights(result(1)), 24)), 0, effect="told",
         prepare=[PAIR, OPEN_SECRET]),
    case("rights-receive", "recvmsg", loaded("pair", 0), memory(*receiving()), 0, effect="descriptors", prepare=PASSED),
    case("rights-receive-many", "recvmmsg", loaded("pair", 0), memory(*receiving(), b"\0" * 8), 1, 0x40, 0, effect="descriptors",
         prepare=PASSED),
    case("bind", "bind", result(), FREE, 16, effect="told", prepare=[TCP]),
    case("bind-udp", "bind", result(), FREE, 16, effect="told", prepare=[UDP]),
    case("bind-unix", "bind", result(), TO_NEW, 6, effect="files", prepare=[UNIX]),
    case("bind-abstract", "bind", result(), memory(struct.pack("=H", 1)), 2, effect="told", prepare=[UNIX]),
    case("listen", "listen", result(), 1, effect="told", prepare=[TCP, ("bind", result(), FREE, 16)]),
    case("listen-unbound", "listen", result(), 1, effect="told", prepare=[TCP]),
    case("option", "setsockopt", result(), 1, 16, memory(struct.pack("I", 1)), 4, effect="told", prepare=[UNIX]),
    case("option-filter", "setsockopt", result(), 1, 26, memory(struct.pack("Q", 1), u64(memory(struct.pack("HBBI", 6, 0, 0, 0)))), 16,
         effect="told", prepare=[UDP]),
    case("option-mark", "setsockopt", result(), 1, 36, memory(struct.pack("I", 7)), 4, effect="told", prepare=[UDP], root=True),
    case("option-multicast", "setsockopt", result(), 0, 35, memory(socket.inet_aton("224.0.0.77") + socket.inet_aton("127.0.0.1")), 8,
         effect="told", prepare=[UDP], errors="ENODEV"),
]
