# SPDX-License-Identifier: Apache-2.0
"""The attacks on memory, stacks and C. Each is a name that the victim's poisoned module knows."""

import collections

import rows

# deny: no effect, the attacker is told EPERM, the program's own work is done. dies: likewise no effect and a denial in the report,
# but what the attack does to its own stack ends the program. limit: it works; why is said, and in docs/threat-model.md.
Attack = collections.namedtuple("Attack", "name kind effect reasons needs bare_work sees why since")


def attack(name, kind="deny", effect=rows.NEW, reasons=("confined",), needs=None, bare_work=True, sees=True, why=None,
           since="1.18"):
    """reasons: one of these is in the report; bare_work: the program's own work is done in a bare run; sees: it is told EPERM; why: of a limit,
    what others do for it and what helps; since: the first Go that tells."""
    return Attack(name, kind, effect, reasons, needs, bare_work, sees, why, since)


DOUBT = ("incomplete", "unknown-code")

ATTACKS = [
    # The instruction is the module's own.
    attack("open", effect=rows.LEAKED),
    attack("openat"),
    attack("creat"),
    attack("frame-zero", reasons=DOUBT),
    attack("frame-forged", reasons=DOUBT),
    attack("int80"),
    attack("x32", needs="x32"),
    attack("stack-heap", reasons=DOUBT),
    attack("thread", reasons=DOUBT, sees=False),
    attack("g-zero-page", reasons=DOUBT),
    attack("g-main", reasons=DOUBT),
    attack("g-forged", reasons=DOUBT),
    attack("g0", reasons=DOUBT),
    attack("handler", reasons=DOUBT + ("confined",)),
    attack("altstack", reasons=DOUBT + ("confined",)),
    # The instruction is another's, and the stack is forged.
    attack("vanish", reasons=DOUBT, sees=False),
    attack("sigreturn", reasons=DOUBT, sees=False),
    attack("gadget", reasons=DOUBT, sees=False),
    attack("return-heap", "dies", reasons=DOUBT, bare_work=False),
    attack("return-middle", "dies", reasons=DOUBT, bare_work=False),
    attack("g0-thread", "dies", reasons=DOUBT, bare_work=False),
    attack("g-forged-m", "dies", reasons=DOUBT, bare_work=False),
    # A goroutine of the module's that forges where it comes from, and has left its function.
    *[attack("ancestry-" + what, reasons=DOUBT + ("confined", "unattributed"), sees=False)
      for what in ("gopc", "list", "nil", "empty", "bad", "long", "pcs", "root", "zero")],
    attack("ancestry-all", reasons=DOUBT, sees=False, since="1.21"),  # whose parent has another id
    attack("ancestry-whole", "limit", why=(
        "a goroutine that forges all that says where it comes from", "read the assembly and `unsafe` of confined modules")),
    # Data that is executed.
    attack("exec-mmap"),
    attack("exec-mprotect"),
    attack("exec-pkey"),
    attack("exec-memfd"),
    attack("exec-shm"),
    attack("exec-persona"),
    attack("text-mprotect"),
    attack("text-mem"),
    attack("text-mremap"),
    # C.
    attack("c-open", effect=rows.LEAKED, needs="cgo"),
    attack("c-goroutine", effect=rows.LEAKED, needs="cgo"),
    attack("c-socket", effect=rows.ARRIVED, needs="cgo"),
    attack("c-execve", effect=rows.RAN, needs="cgo", bare_work=False, sees=False),
    attack("c-spawn", effect=rows.RAN, needs="cgo"),
    attack("c-system", effect=rows.RAN, needs="cgo"),
    attack("c-vfork", effect=rows.RAN, needs="cgo"),
    attack("c-clone3", effect=rows.RAN, needs="cgo", reasons=None),
    attack("c-fork", effect=rows.RAN, needs="cgo"),
    attack("c-thread", effect=rows.LEAKED, reasons=("c-thread",), needs="cgo"),
    attack("c-thread-go", effect=rows.LEAKED, reasons=("confined", "c-thread"), needs="cgo"),
    attack("c-go", effect=rows.LEAKED, needs="cgo"),
    attack("c-exit", "dies", effect=rows.LEAKED, needs="cgo", bare_work=False),
    attack("c-destructor", "dies", effect=rows.LEAKED, needs="cgo", bare_work=False),
    attack("c-dlopen", needs="cgo"),
    attack("c-constructor", effect=rows.LEAKED, reasons=("c-thread",), needs="cgo"),
    attack("c-start-loader", effect=rows.LEAKED, reasons=("c-thread", "incomplete"), needs="cgo"),
    attack("c-tls-zero", effect=rows.LEAKED, reasons=DOUBT, needs="cgo"),
    attack("c-foreign-g", effect=rows.LEAKED, reasons=DOUBT + ("c-thread",), needs="cgo"),
    # Go sends this signal itself, to any thread.
    attack("c-handler", effect=rows.LEAKED, reasons=DOUBT + ("c-thread",), needs="cgo"),
    # What cannot be told from the program's own work.
    attack("c-handler-in-c", "limit", effect=rows.LEAKED, needs="cgo", why=(
        "a signal handler in C, while main's goroutine is in C", "build without cgo")),
    attack("vanish-indirect", "limit", why=(
        "a value that main calls jumps on, and leaves no frame", "read the assembly of confined modules")),
    attack("agreeing", "limit", why=(
        "return addresses that agree with the code, up to main", "read the assembly and `unsafe` of confined modules")),
    attack("std-value", "limit", effect=rows.RAN, why=(
        "a method value of the standard library, handed over as a plain function", "check what dependencies return")),
]
