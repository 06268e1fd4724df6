#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""
The supervisor runs under a filter of its own and without capabilities that it does not need, and judges all the same.

    run.py --jail=build/jail --inject=build/tests/live/confinement/inject [--planted=build/…/jail_without_pread64] [REGEX]

Rows are named USER/MODE/NAME; mode is detached or foreground.
"""

import os
import re
import signal
import subprocess
import sys

sys.dont_write_bytecode = True  # the source tree is not ours to write to
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(os.path.join(os.path.dirname(HERE), "attacks"))

import harness

MODES = {"detached": [], "foreground": ["--foreground"]}

# CAP_KILL, CAP_DAC_READ_SEARCH, CAP_SYS_PTRACE, CAP_CHECKPOINT_RESTORE (capabilities(7))
KEPT = 1 << 5 | 1 << 2 | 1 << 19 | 1 << 40

# What calls return in the supervisor. EFAULT, EBADF, ESRCH and the like: the filter lets them go on, to an argument that is none.
ANSWERS = {
    "getpid": "ok", "pread64": "ok", "read-open": "EFAULT", "write-open": "ENOSYS", "create": "ENOSYS", "open": "ENOSYS",
    "unlink": "ENOSYS", "rename": "ENOSYS", "socket": "ENOSYS", "connect": "ENOSYS", "sendto-address": "ENOSYS", "seize": "ENOSYS",
    "attach": "ENOSYS", "set-registers": "ENOSYS", "kill-0": "ENOSYS", "sigterm": "ENOSYS", "executable": "ENOSYS",
    "vm-write": "ENOSYS", "mount": "ENOSYS", "setuid": "ENOSYS", "io-uring": "ENOSYS", "unknown": "ENOSYS",
}
KILLING = ["execve", "fork", "clone", "x32"]

# What a root program does to itself before it acts; then the ids that it acts with, once for each act.
CHANGES = {
    "drop": (["drop", "act"], [harness.NOBODY]),
    "threads-drop": (["threads", "drop", "act"], [harness.NOBODY]),
    "drop-again": (["drop", "again"], [harness.NOBODY]),
    "drop-child": (["drop", "child", "act"], [harness.NOBODY, harness.NOBODY]),
    "hide": (["hide", "act"], None),
    "hide-child": (["hide", "child", "act"], None),
    "hide-again": (["hide", "again"], None),
    "drop-hide-child": (["drop", "hide", "child", "act"], [harness.NOBODY, harness.NOBODY]),
}


def status_of(pid):
    with open("/proc/%d/status" % pid, encoding="utf-8") as file:
        return dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)


class Place:
    """A directory with a secret, and what is started in it."""

    def __init__(self, test, user, mode):
        self.test, self.user = test, user
        with open(os.path.join(HERE, "program", "go.mod"), "rb") as file:
            self.room = test.room(user, {"go.mod": file.read(), "secret": b"\n"})
        self.report = os.path.join(test.room(user), "report")
        self.secret = os.path.join(self.room, "secret")
        self.options = [*MODES[mode], "--report=" + self.report]

    def argv(self, *steps, jail=None, program=None):
        return [jail or self.test.jail, "run", *self.options, "--", program or self.test.program, self.secret, *steps]

    def run(self, *steps, **keywords):
        return self.test.run(self.user, self.argv(*steps, **keywords), self.room)

    def start(self, *steps):
        """Starts a program that waits; returns it, its own pid and its supervisor's."""
        with self.test.starting:
            process = subprocess.Popen(self.user.command(self.argv(*steps, "wait")), cwd=self.room, stdin=subprocess.PIPE,
                                       stdout=subprocess.PIPE, stderr=subprocess.PIPE, universal_newlines=True,
                                       env=harness.plain_environment(), start_new_session=True)
        line = process.stdout.readline()
        if line != "ready\n":
            process.kill()
            raise RuntimeError("it did not start: %r %r" % (line, process.stderr.read()))
        program = process.pid
        if "--foreground" in self.options:
            with open("/proc/%d/task/%d/children" % (process.pid, process.pid), encoding="utf-8") as file:
                children = [int(child) for child in file.read().split()]
            program = next(child for child in children if int(status_of(child)["TracerPid"]) != 0)
        return process, program, int(status_of(program)["TracerPid"])


def end(process):
    try:
        out, err = process.communicate("x", timeout=harness.PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        raise
    return process.returncode, out, err


def in_force(test, user, mode):
    """As /proc/PID/status tells everybody."""
    process, program, supervisor = Place(test, user, mode).start()
    status, programs = status_of(supervisor), status_of(program)
    problems = []
    if status["Seccomp"] != "2" or status["NoNewPrivs"] != "1":
        problems.append("Seccomp %s, NoNewPrivs %s" % (status["Seccomp"], status["NoNewPrivs"]))
    held = int(status_of(os.getpid())["CapEff"], 16) if user.name == "root" else 0
    for which, wanted in (("CapEff", held & KEPT), ("CapPrm", held & KEPT), ("CapInh", 0), ("CapAmb", 0)):
        if int(status[which], 16) != wanted:
            problems.append("%s %s, not %016x" % (which, status[which], wanted))
    if int(programs["CapEff"], 16) != held:
        problems.append("the program itself lost capabilities: %s" % programs["CapEff"])
    ended = end(process)
    if ended != (0, "went on\n", ""):
        problems.append("the program: %r" % (ended,))
    return problems


def inject(test, supervisor, calls):
    done = subprocess.run([test.options.inject, str(supervisor), *calls], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          universal_newlines=True, check=False, timeout=harness.PATIENCE)
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    return dict(line.split() for line in done.stdout.splitlines())


def answers(test, user, mode):
    """What is not on the list fails, and the supervisor goes on."""
    process, _, supervisor = Place(test, user, mode).start()
    got = inject(test, supervisor, list(ANSWERS))
    problems = ["%s: %s, not %s" % (call, got.get(call), wanted) for call, wanted in ANSWERS.items() if got.get(call) != wanted]
    ended = end(process)
    if ended != (0, "went on\n", ""):
        problems.append("the program: %r" % (ended,))
    return problems


def kills(test, user, mode, call):
    """What nobody but an intruder calls ends the supervisor, and the program with it."""
    process, _, supervisor = Place(test, user, mode).start()
    got = inject(test, supervisor, [call])
    problems = [] if got == {call: "killed"} else ["%s" % got]
    status, out, err = end(process)
    if "went on" in out or status not in (-signal.SIGKILL, 128 + signal.SIGKILL):
        problems.append("the program went on: %s %r %r" % (status, out, err))
    return problems


def changed(test, user, mode, name):
    """Whatever the program makes of itself, each act is judged: main may, evil may not."""
    steps, ids = CHANGES[name]
    place = Place(test, user, mode)
    run = place.run(*steps)
    denied = [event["module"] for event in harness.read_report(place.report) if event["event"] == "denied"]
    uid = harness.NOBODY if user.name == "nobody" else os.getuid()
    ids = ids or [uid] * (2 if "child" in steps and "act" in steps else 1)
    wanted = "".join("app %d main: <nil> evil: open %s: operation not permitted child: child <nil>\n" % (i, place.secret) for i in ids)
    problems = []
    if run.status != 0 or run.out != wanted:
        problems.append("%s" % (run,))
    if denied != ["example.com/evil"] and denied != ["example.com/evil"] * len(ids):
        problems.append("the report: %s" % denied)
    return problems


def unreadable(test, user, mode):
    """A program that its user may execute and not read, of another user: root's supervisor reads it without all of root's rights."""
    place = Place(test, user, mode)
    with open(test.program, "rb") as file:
        program = test.write(os.path.join(place.room, "unreadable"), file.read(), 0o711)
    os.chown(program, 12345, 12345)
    run = place.run("act", program=program)
    if run.status != 0 or "evil: open %s: operation not permitted" % place.secret not in run.out or "main: <nil>" not in run.out:
        return ["%s" % (run,)]
    return []


def planted(test, user, mode):
    """A filter that lacks a call that is needed: the tests would notice."""
    place = Place(test, user, mode)
    whole = place.run("act", jail=test.killing)
    lacking = place.run("act", jail=test.planted)
    problems = []
    if whole.status != 0 or "main: <nil>" not in whole.out:
        problems.append("with the whole table: %s" % (whole,))
    if lacking.status not in (-signal.SIGKILL, 128 + signal.SIGKILL) or "main: <nil>" in lacking.out:
        problems.append("without pread64: %s" % (lacking,))
    return problems


def main():
    test = harness.Test(__doc__, [("--inject", {}), ("--killing", {}), ("--planted", {})])
    test.program = test.bring(harness.go_build(harness.read_tree(os.path.join(HERE, "program")), "app"), "app")
    test.killing = test.bring(test.options.killing)
    test.planted = test.bring(test.options.planted)
    jobs = []

    def add(user, mode, name, function, *arguments):
        jobs.append(("%s/%s/%s" % (user.name, mode, name), lambda: function(test, user, mode, *arguments)))

    for user in harness.users():
        for mode in MODES:
            add(user, mode, "in-force", in_force)
            add(user, mode, "planted", planted)
            for name, (steps, _) in CHANGES.items():
                if user.name == "root" or "drop" not in steps:
                    add(user, mode, name, changed, name)
            if user.name != "root":
                continue
            add(user, mode, "answers", answers)
            add(user, mode, "unreadable", unreadable)
            for call in KILLING:
                add(user, mode, "kills-" + call, kills, call)
    test.rows(jobs)
    test.finish()


main()
