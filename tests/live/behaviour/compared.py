# SPDX-License-Identifier: Apache-2.0
"""What must be the same bare and under jail: each row is a run of the program."""

import collections
import os
import re
import signal
import subprocess
import time

import harness

Row = collections.namedtuple("Row", "name argv status out err environment shell")


def row(name, *argv, status=0, out="", err="", environment=None, shell=None):
    """
    status, out and err (regular expressions) say what the bare run must show, or the row is void. {room} in an argument is a
    directory of the run's own; shell is a script that runs "$@".
    """
    return Row(name, argv, status, out, err, environment or {}, shell)


ROWS = [
    row("exit 0", "exit", "0"),
    row("exit 1", "exit", "1", status=1),
    row("exit 42", "exit", "42", status=42),
    row("panic", "panic", status=2, err=r"^panic: on purpose\n\ngoroutine 1 \[running\]:"),
    row("dies of SIGKILL", "die", str(int(signal.SIGKILL)), status=-signal.SIGKILL),
    row("dies of SIGTERM", "die", str(int(signal.SIGTERM)), status=-signal.SIGTERM),
    row("dies of SIGABRT, which Go tells about", "die", str(int(signal.SIGABRT)), status=2, err="SIGABRT"),
    row("dies of SIGABRT with a core", "die", str(int(signal.SIGABRT)), status=-signal.SIGABRT, err="SIGABRT",
        environment={"GOTRACEBACK": "crash"}),
    row("dies of SIGPIPE", "pipe", shell='("$@"; echo status $? >&2) | head -n 1', out="^a line\n$", err="status 141"),
    row("nil dereference is recovered", "nil", out="^recovered 1000\n$"),
    row("CPU profile has samples", "profile", out="^profile has samples: true\n$"),
    row("talks with a child", "exec", out="^8890 true\nexit status 3\ntrue\n$"),
    row("runs itself", "reexec", "/proc/self/cmdline", out="^own: .*\nown: "),
    row("one processor", "work", "{room}", out="^sum [0-9]+\n$", environment={"GOMAXPROCS": "1"}),
    row("collects all the time", "work", "{room}", out="^sum [0-9]+\n$", environment={"GOGC": "1"}),
    row("stops the world to collect", "work", "{room}", out="^sum [0-9]+\n$", environment={"GODEBUG": "gcstoptheworld=1"}),
    row("never preempts", "work", "{room}", out="^sum [0-9]+\n$", environment={"GODEBUG": "asyncpreemptoff=1"}),
    row("1000 goroutines of files", "files", "{room}", out="^total [0-9]+\n$"),
    row("busy", "busy", out="^busy: done\n$"),
]


def comparable(text):
    """Standard error without jail's words, and with what differs from run to run replaced."""
    kept, skipping = [], False
    for line in text.splitlines():
        if line.startswith("jail: "):
            skipping = True
        elif not (skipping and line.startswith("  ")):
            skipping = False
            kept.append(line)
    text = "\n".join(kept)
    text = text.split("[originating from goroutine")[0]  # tracebackancestors: documented
    text = re.sub(r"\nr[a-z0-9]+ +0x[0-9a-f]+", "", text)  # registers
    return re.sub(r"0x[0-9a-f]+|PC=\S+|m=\S+|sigcode=\S+", "X", text).split("\ngoroutine ")[0].strip()


def run_row(test, user, program, prefix, row):
    room = test.room(user)
    argv = [*prefix, program, *[argument.replace("{room}", room) for argument in row.argv]]
    if row.shell:
        argv = ["sh", "-c", row.shell, "sh", *argv]
    return test.run(user, argv, room, row.environment)


def compare(test, user, row):
    bare = run_row(test, user, test.program, [], row)
    problems = []
    if bare.status != row.status or not re.search(row.out, bare.out) or not re.search(row.err, bare.err):
        problems.append("void: bare it shows %s" % (bare,))
    jailed = run_row(test, user, test.program, [test.jail, "run", "--go-mod=" + test.policy("evil"), "--"], row)
    if row.name == "runs itself":  # what evil tries is judged elsewhere
        bare = bare._replace(out=re.sub("stolen.*", "", bare.out))
        jailed = jailed._replace(out=re.sub("stolen.*", "", jailed.out))
    for what in ("status", "out"):
        if getattr(bare, what) != getattr(jailed, what):
            problems.append("%s: bare %r, jailed %r" % (what, getattr(bare, what), getattr(jailed, what)))
    if comparable(bare.err) != comparable(jailed.err):
        problems.append("err: bare %r, jailed %r" % (comparable(bare.err), comparable(jailed.err)))
    if problems:
        problems.append("jailed errors %r" % harness.shorten(jailed.err))
    return problems


# --- what needs somebody else to act ---


def start(test, user, argv, room, **options):
    process = subprocess.Popen(user.command(argv), cwd=room, env=harness.plain_environment(), stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True, **options)
    assert process.stdout.readline() == b"ready\n", process.stderr.read()
    return process


def both(function):
    """A case that sees the same with and without jail."""
    def compare_both(test, user):
        jail = [test.jail, "run", "--go-mod=" + test.policy("evil"), "--"]
        bare = function(test, user, [test.program], test.room(user))
        jailed = function(test, user, [*jail, test.program], test.room(user))
        return [] if bare == jailed else ["bare %r, jailed %r" % (bare, jailed)]
    return compare_both


@both
def handles_sigterm(test, user, program, room):
    process = start(test, user, program + ["signal", "15"], room)
    process.send_signal(signal.SIGTERM)
    out, _ = process.communicate(timeout=harness.PATIENCE)
    return process.returncode, out, out == b"received terminated\n" or "void"


@both
def notices_a_signal_to_the_group(test, user, program, room):
    process = start(test, user, program + ["signal", str(int(signal.SIGUSR1))], room)
    os.killpg(process.pid, signal.SIGUSR1)
    out, _ = process.communicate(timeout=harness.PATIENCE)
    return process.returncode, out


@both
def is_killed_by_others(test, user, program, room):
    process = start(test, user, program + ["hold"], room)
    process.kill()
    process.communicate(timeout=harness.PATIENCE)
    return process.returncode


@both
def leaves_a_daemon(test, user, program, room):
    mark = os.path.join(room, "mark")
    run = test.run(user, program + ["daemon", "300", mark], room)
    early = os.path.exists(mark)
    deadline = time.monotonic() + harness.PATIENCE
    while not os.path.exists(mark) and time.monotonic() < deadline:
        time.sleep(0.01)
    return run.status, run.out, early, os.path.exists(mark)


@both
def ends_its_output_before_its_daemon(test, user, program, room):
    mark = os.path.join(room, "mark")
    run = test.run(user, ["sh", "-c", '"$@" 2>&1 | cat', "sh", *program, "daemon", "3000", mark], room)
    return run.status, run.out, run.seconds < 2.5


def dies_with_its_supervisor(test, user):
    room = test.room(user)
    process = start(test, user, [test.jail, "run", "--go-mod=" + test.policy("evil"), "--", test.program, "hold"], room)
    with open("/proc/%d/status" % process.pid, encoding="utf-8") as status:
        tracer = int(re.search(r"TracerPid:\s+(\d+)", status.read()).group(1))
    if tracer == 0:
        process.kill()
        return ["nobody traces it"]
    os.kill(tracer, signal.SIGKILL)
    process.wait(timeout=harness.PATIENCE)  # its standard input stays open
    process.communicate()
    return [] if process.returncode == -signal.SIGKILL else ["status %s" % process.returncode]


CASES = {
    "handles SIGTERM": handles_sigterm,
    "notices a signal to its group": notices_a_signal_to_the_group,
    "is killed by others": is_killed_by_others,
    "leaves a daemon": leaves_a_daemon,
    "ends its output before its daemon": ends_its_output_before_its_daemon,
    "dies with its supervisor": dies_with_its_supervisor,
}
