# SPDX-License-Identifier: Apache-2.0
"""A case: a system call, what the program prepares for it, and what comes of it where it is allowed."""

import collections
import os
import re

DOCUMENT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..", "docs", "syscalls.md")

Row = collections.namedtuple("Row", "number rule cls")
Case = collections.namedtuple("Case", "name call number arguments effect errors cls prepare root alone ends twins spawn told")


def read_document():
    """{call: Row} of the calls that stop, as docs/syscalls.md has them, which a test keeps equal to the table in src."""
    found = {}
    with open(DOCUMENT, encoding="utf-8") as file:
        for number, name, rule, cls, what in re.findall(r"^\| (\d+) \| `(\w+)` \| ([^|]*) \| `([^|]*)` \| ([^|]*) \|$", file.read(), re.MULTILINE):
            found[name] = Row(int(number), rule, cls)
    return found


STOPPED = read_document()

# Arguments: a number, a text, the result of a call that was prepared, memory, memory that is named elsewhere, what stands in such
# memory, or a function of the place, for what is known only there.
Result = collections.namedtuple("Result", "index")
Memory = collections.namedtuple("Memory", "parts name")
Loaded = collections.namedtuple("Loaded", "name offset size")
Value = collections.namedtuple("Value", "argument size")


def result(index=0):
    return Result(index)


def memory(*parts, name=""):
    """parts: bytes, and the values of arguments (u32, u64)."""
    return Memory(parts, name)


def named(name):
    return Memory((), name)


def loaded(name, offset, size=4):
    """What stands in named memory by then."""
    return Loaded(name, offset, size)


def room(size, name="room"):
    """Memory that the call may write to; what stands there afterwards is an effect."""
    return memory(b"\0" * size, name=name)


def u32(argument):
    return Value(argument, 4)


def u64(argument):
    return Value(argument, 8)


def case(name, call, *arguments, effect=None, errors=(), cls=None, prepare=(), root=False, alone=False, ends=False, twins=True, spawn=False,
         number=None, told=("EPERM",)):
    """
    effect: what changes when it is allowed ("told": that it succeeded); errors: or else what is said then, where this kernel lacks
    something or the arguments are bad on purpose; cls: of the denial, where it is not the table's; prepare: (call, arguments...);
    root: only root can; alone: allowed, it spoils the process for other cases; ends: allowed, it is the end of the process;
    twins: the program itself and an unconfined dependency may; told: what the attacker is told.
    """
    errors = (errors,) if isinstance(errors, str) else tuple(errors)
    return Case(name, call, STOPPED[call].number if number is None else number, arguments, effect, errors,
                cls or STOPPED[call].cls, tuple(prepare), root, alone or ends, ends, twins, spawn, told)


# Calls that a preparation makes and that go on.
OTHER = {"mmap": 9, "pipe": 22, "socketpair": 53, "capget": 125, "inotify_init1": 294, "mlock": 149, "close": 3}


def number_of(call):
    return STOPPED[call].number if call in STOPPED else OTHER[call]


def encode(argument, place):
    """As main.go reads it."""
    if callable(argument):
        argument = argument(place)
    if isinstance(argument, int):
        return {"Number": argument if argument < 1 << 63 else argument - (1 << 64)}
    if isinstance(argument, str):
        return {"Text": argument}
    if isinstance(argument, Result):
        return {"Result": argument.index}
    if isinstance(argument, Loaded):
        return {"Name": argument.name, "Load": argument.size, "Number": argument.offset}
    parts = []
    for part in argument.parts:
        if callable(part):
            part = part(place)
        if isinstance(part, bytes):
            parts.append({"Bytes": part.hex()})
        else:
            parts.append({"Value": encode(part.argument, place), "Size": part.size})
    return {"Memory": parts, "Name": argument.name} if parts else {"Name": argument.name}


def encode_call(number, arguments, place):
    return {"Number": number, "Arguments": [encode(argument, place) for argument in arguments]}


def encode_case(one, place):
    return {"Directory": place.directory, "Spawn": one.spawn, "Call": encode_call(one.number, one.arguments, place),
            "Prepare": [encode_call(number_of(call), arguments, place) for call, *arguments in one.prepare]}
