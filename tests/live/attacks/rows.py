# SPDX-License-Identifier: Apache-2.0
"""The attacks. Each row is a route by which the program's text comes to run, and a deed that it does there."""

import collections

# What is looked for from outside, after the run.
LEAKED = "the secret is in the output"
ARRIVED = "the secret arrived at a listener"
CALLED = "somebody could call"
KILLED = "another process was killed"
NEW = "there is a file that was not there"
GONE = "a file is gone"
CHANGED = "a file is not what it was"
RAN = "a program ran"
MOVED = "the program works elsewhere"
MASKED = "the program's own file has another mode"
LISTED = "a directory's entries are in the output"
IMMEDIATE = {LEAKED, NEW, GONE, CHANGED, RAN, MOVED, MASKED, LISTED, CALLED}  # there when the program has ended, or never

Row = collections.namedtuple("Row", "deed route cls effect reason blamed twins sees needs bare_work since")


def row(deed, route="direct", cls="fs.read", effect=LEAKED, reason="confined", blamed=True, twins=True, sees=True, needs=None,
        bare_work=True, since="1.18"):
    """
    blamed: the report names the module; twins: the program's own code and an unconfined dependency may do it; sees: the attacker is
    told EPERM; needs: "cgo", or None; bare_work: the program's own work is done in a bare run; since: the first Go that has it.
    """
    return Row(deed, route, cls, effect, reason, blamed, twins, sees, needs, bare_work, since)


DEEDS = [
    row("read"),
    row("list", effect=LISTED),
    row("raw-open"),
    row("open-root", since="1.24"),
    row("write", cls="fs.write", effect=NEW),
    row("crash-output", cls="fs.write", effect=NEW, since="1.23"),
    row("raw-creat", cls="fs.write", effect=NEW),
    row("mkdir", cls="fs.write", effect=NEW),
    row("rename", cls="fs.write", effect=GONE),
    row("remove", cls="fs.write", effect=GONE),
    row("rmdir", cls="fs.write", effect=GONE),
    row("symlink", cls="fs.write", effect=NEW),
    row("link", cls="fs.write", effect=NEW),
    row("mkfifo", cls="fs.write", effect=NEW),
    row("chmod", cls="fs.write", effect=CHANGED),
    row("chown", cls="fs.write", effect=CHANGED),
    row("chtimes", cls="fs.write", effect=CHANGED),
    row("truncate", cls="fs.write", effect=CHANGED),
    row("dial-tcp", cls="net.connect", effect=ARRIVED),
    row("dial-udp", cls="net.connect", effect=ARRIVED),
    row("dial-unix", cls="net.connect", effect=ARRIVED),
    row("raw-socket", cls="net.connect", effect=ARRIVED),
    row("send-udp", cls="net.connect", effect=ARRIVED),
    row("http", cls="net.connect", effect=ARRIVED),  # dialled in the transport's goroutine
    row("lookup", cls="net.connect", effect=ARRIVED),
    row("listen-tcp", cls="net.connect", effect=CALLED),
    row("listen-unix", cls="net.connect", effect=CALLED),
    row("exec", cls="exec", effect=RAN),
    row("startprocess", cls="exec", effect=RAN),
    row("forkexec", cls="exec", effect=RAN),
    row("syscall-exec", cls="exec", effect=RAN, bare_work=False),
    row("kill", cls="proc", effect=KILLED),
    row("signal", cls="proc", effect=KILLED),
    row("raw-kill", cls="proc", effect=KILLED),
    row("chdir", cls="sys", effect=MOVED),
    row("umask", cls="sys", effect=MASKED),
]

ROUTES = [
    # The start of the program.
    row("read", "init"),
    row("exec", "init", "exec", RAN),
    row("read", "init-go"),
    row("read", "variable"),
    row("mkdir", "variable", "fs.write", NEW),
    # Goroutines.
    row("read", "go-closure"),
    row("read", "go-method"),
    row("read", "go-method-value"),
    row("remove", "go-std", "fs.write", GONE, sees=False),
    row("remove", "go-reflect-std", "fs.write", GONE, sees=False),
    row("remove", "turns-std", "fs.write", GONE, sees=False),
    row("read", "wait-group", since="1.25"),
    row("http", "wait-group", "net.connect", ARRIVED, since="1.25"),
    row("remove", "wait-group-std", "fs.write", GONE, sees=False, since="1.25"),
    row("read", "context", since="1.21"),
    row("exec", "context", "exec", RAN, since="1.21"),
    row("remove", "context-std", "fs.write", GONE, sees=False, since="1.21"),
    row("remove", "context-chain-std", "fs.write", GONE, reason="truncated", blamed=False, twins=False, sees=False, since="1.21"),
    row("read", "once-func-go", since="1.21"),
    row("read", "pull", since="1.23"),
    row("exec", "pull", "exec", RAN, since="1.23"),
    row("read", "pull-go", since="1.23"),
    row("read", "pull-main", since="1.23"),
    row("dial-tcp", "pull-main", "net.connect", ARRIVED, since="1.23"),
    row("read", "go-go"),
    row("dial-tcp", "go-go", "net.connect", ARRIVED),
    row("http", "go-go", "net.connect", ARRIVED),
    row("lookup", "go-closure", "net.connect", ARRIVED),
    row("read", "go-deep"),
    row("read", "worker"),
    row("read", "lock-thread"),
    row("forkexec", "lock-thread", "exec", RAN),
    row("read", "grown"),
    # Ways out of a function.
    row("read", "defer"),
    row("remove", "defer-std", "fs.write", GONE, sees=False),
    row("read", "defer-panic"),
    row("read", "defer-nil"),
    row("read", "defer-goexit"),
    # The runtime's service goroutines.
    row("read", "timer"),
    row("dial-udp", "timer", "net.connect", ARRIVED),
    row("read", "finalizer"),
    row("read", "cleanup", since="1.24"),
    row("mkdir", "cleanup", "fs.write", NEW, since="1.24"),
    *[row("remove", route, "fs.write", GONE, reason="unattributed", blamed=False, twins=False, sees=False, since=since)
      for route, since in (("timer-std", "1.18"), ("context-timer-std", "1.21"), ("cleanup-std", "1.24"), ("cleanup-go-std", "1.25"))],
    row("exec", "finalizer-std", "exec", RAN, reason="unattributed", blamed=False, twins=False, sees=False),
    # Code that is compiled into its caller.
    row("read", "inlined"),
    row("read", "inlined-closure"),
    row("read", "inlined-lone"),
    row("read", "inlined-at-once"),
    row("read", "inlined-go"),
    row("read", "generic"),
    row("read", "generic-method"),
    # Callbacks of the standard library, and of the program.
    row("read", "interface"),
    row("read", "method-value"),
    row("read", "reflect"),
    row("read", "reflect-call"),
    row("read", "reflect-makefunc"),
    row("read", "sort"),
    row("read", "walk"),
    row("read", "walkdir"),
    row("read", "once"),
    row("read", "once-func", since="1.21"),
    row("read", "once-value", since="1.21"),
    row("read", "given-root", since="1.24"),
    row("read", "map"),
    row("read", "pool"),
    row("read", "stringer"),
    row("read", "json"),
    row("read", "template"),
    row("read", "reader"),
    row("read", "writer"),
    row("read", "handler"),
    row("read", "round-tripper"),
    row("dial-tcp", "round-tripper", "net.connect", ARRIVED),
    row("read", "sql"),
    row("exec", "sql", "exec", RAN),
    row("read", "rpc"),
    row("kill", "rpc", "proc", KILLED),
    row("read", "deep"),
    row("mkdir", "deep", "fs.write", NEW),
    # C code.
    row("read", "c", needs="cgo"),
    row("read", "c-go", needs="cgo"),
    row("exec", "c-go", "exec", RAN, needs="cgo"),
    row("read", "c-thread", reason="c-thread", blamed=False, twins=False, needs="cgo"),
    row("read", "constructor", reason="c-thread", blamed=False, twins=False, needs="cgo"),
]
