#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the tests of real programs are to notice, planted: each must be noticed, and what is in order must not be taken for a fault."""

import http.server
import os
import sys
import tempfile
import threading

sys.dont_write_bytecode = True  # the source tree stays as it is

# pylint: disable=wrong-import-position
from asking import Ask, Load
from bench import compare
from case import Case, Player, Run, Varying, differences
from ports import Ports
from program import Denial, Program, Uncounted, policy_text
from run import play_repeat, verdicts_of
from server import Failure

FAULTS = []


def check(what, holds):
    print("%-4s %s" % ("ok" if holds else "FAIL", what))
    if not holds:
        FAULTS.append(what)


class Moody(http.server.ThreadingHTTPServer):
    """Answers every request, but each nth not at all, or with an error."""

    def __init__(self, nth=0, status=0):
        self.nth, self.status, self.count, self.lock = nth, status, 0, threading.Lock()
        super().__init__(("127.0.0.1", 0), Answer)
        self.url = "http://127.0.0.1:%d/" % self.server_address[1]

    def __enter__(self):
        threading.Thread(target=self.serve_forever).start()
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()


class Answer(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        with self.server.lock:
            self.server.count += 1
            good = not self.server.nth or self.server.count % self.server.nth
        if not good and not self.server.status:
            self.close_connection = True
            return
        self.send_response(200 if good else self.server.status)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"hi")

    def log_message(self, *_):
        pass


def check_asking(directory):
    def code_of(server):
        with server:
            _, code, out, _ = Load([server.url], requests=60, at_once=4)(directory, str)
        return code, out

    code, out = code_of(Moody())
    check("a server that answers all requests", code == 0 and out.startswith("60 x 200 "))
    code, out = code_of(Moody(nth=20))
    check("a request that gets no answer", code != 0 and "lost" in out)
    code, out = code_of(Moody(nth=20, status=502))
    check("a request that gets an error", code != 0 and "3 x 502 " in out)
    with Moody(nth=1) as server:
        try:
            Ask(server.url)(directory, str)
            check("no answer to a single request", False)
        except Failure:
            check("no answer to a single request", True)


def event(call="openat", module="example.com/evil", function="evil.F", run=0, id=1):
    return {
        "event": "denied",
        "run": run,
        "id": id,
        "reason": "confined",
        "class": "fs.read",
        "syscall": call,
        "call": call,
        "module": module,
        "at": {"function": function},
    }


def repeated(count, run=0, id=1):
    return {"event": "repeated", "run": run, "id": id, "count": count}


def check_verdicts():
    once = verdicts_of([event()], [])
    check("the same verdicts", once == verdicts_of([event()], []))
    check("a verdict that happens more often", once != verdicts_of([event(), repeated(2)], []))
    check("the repetition of another run", once == verdicts_of([event(), repeated(2, run=1)], []))
    check("another call", once != verdicts_of([event("unlinkat")], []))
    check("another function", once != verdicts_of([event(function="evil.G")], []))
    check("another module", once != verdicts_of([event(module="example.com/other")], []))
    uncounted = [Uncounted(" openat ", "of the test")]
    check("a number that does not count", verdicts_of([event()], uncounted) == verdicts_of([event(), repeated(2)], uncounted))
    check("no verdict where the number does not count", verdicts_of([], uncounted) != verdicts_of([event()], uncounted))


class Scripted:
    """Stands for a Bench: each play shows what the script says."""

    def __init__(self, outputs, permissive):
        denial = Denial("example.com/evil", "fs.read", ".*", "of the test", always=True)
        self.program = Program("p", "example.com/p", "v1.0.0", {}, {}, {"d": denial}, [], [], {})
        self.outputs, self.permissive = iter(outputs), iter(permissive)

    def ordinary_policy(self):
        return "ordinary"

    def policy(self, *_):
        return "all"

    def play(self, _, way, policy=None, options=(), env=None):
        events = [{"event": "start", "supervised": True}, {"event": "summary"}]
        events += next(self.permissive) if "--permissive" in options else [event()]
        return {"runs": [{"what": "x", "code": 0, "out": next(self.outputs), "err": ""}], "files": {}}, events


def check_repeat():
    plays = 9  # bare, and with each of four settings under two policies
    case = Case("c", [Run([])])
    same = ["x"] * plays

    def wrong(outputs, permissive):
        return play_repeat(Scripted(outputs, permissive), [case])["c"]

    check("plays that are all the same", not wrong(same, [[event()]] * 4))
    check("another output in the last play", wrong(same[:-1] + ["y"], [[event()]] * 4))
    check("another output under the ordinary policy", wrong(["x", "y"] + same[2:], [[event()]] * 4))
    check("another verdict in the third play", wrong(same, [[event()]] * 2 + [[event("unlinkat")], [event()]]))
    check("another number in the last play", wrong(same, [[event()]] * 3 + [[event(), repeated(7)]]))
    check("no verdict at all", wrong(same, [[]] * 4))
    check("a verdict that is none about a module", wrong(same, [[dict(event(), reason="incomplete")]] * 4))

    def compared(case, **more):
        bench = Scripted(same, [])
        vars(bench.program).update(more)
        return compare(bench, case, "ordinary")

    check("a denial that is explained", not compared(case))
    check("a denial that is not", compared(case, denials={}))
    check("a denial that was to happen in each of two runs", compared(Case("c", [Run([]), Run([])])))


def check_cases(directory):
    player = Player("/bin/sh")

    def seen(script, **more):
        case = Case("c", [Run(["-c", script])], **more)
        return player.play(case, os.path.join(directory, "case"), {"PORT": "1"})

    check("equal runs", not differences(seen("echo x >f; echo y"), seen("echo x >f; echo y")))
    check("another output", differences(seen("echo x"), seen("echo y")))
    check("another status", differences(seen("exit 1"), seen("exit 2")))
    check("another file", differences(seen("echo x >f"), seen("echo y >f")))
    check("a missing file", differences(seen("echo x >f"), seen("true")))
    check("another mode", differences(seen(">f"), seen(">f; chmod 600 f")))
    numbers = [Varying("numbers", "[0-9]+", "N")]
    check("what varies", not differences(seen("echo 12", normalise=numbers), seen("echo 345", normalise=numbers)))
    check("what varies less", differences(seen("echo 12", normalise=numbers), seen("echo x", normalise=numbers)))


def check_ports(directory):
    first, second = Ports(directory, 3), Ports(directory, 3)
    check("ports that are held twice", not set(first.numbers) & set(second.numbers) and len(first.numbers + second.numbers) == 6)
    first.close()
    second.close()


def check_policy():
    def refused(unconfined, modules):
        go_mod = "module example.com/p\nrequire (\n" + "".join("\texample.com/%d v1.0.0\n" % i for i in range(modules)) + ")\n"
        try:
            policy_text(go_mod, {"example.com/%d" % i: "" for i in range(unconfined)}, {})
            return False
        except ValueError:
            return True

    check("one module in twenty that is not confined", not refused(1, 20))
    check("too many modules that are not confined", refused(2, 39))
    check("a module that go.mod does not require", refused(3, 2))


def main():
    os.environ.pop("JAIL_TEST_SOAK", None)
    with tempfile.TemporaryDirectory(prefix="jail-planted-") as directory:
        check_asking(directory)
        check_verdicts()
        check_repeat()
        check_cases(directory)
        check_ports(os.path.join(directory, "ports"))
        check_policy()
    return 1 if FAULTS else 0


if __name__ == "__main__":
    sys.exit(main())
