# SPDX-License-Identifier: Apache-2.0
"""The cases: each runs the tracee behind a command prefix and returns what was seen. Bare and jailed must be equal."""

import ctypes
import fcntl
import itertools
import json
import os
import re
import select
import signal
import struct
import tempfile
import time

from observe import PATIENCE, SOAK, Program, Hung, find_children, find_supervisor, state_of, wait_until

COMPARED = {}  # name -> function(context) -> what was seen
JAIL_ONLY = {}  # name -> function(context) -> an error text, or None


def compared(name):
    return lambda function: COMPARED.setdefault(name, function)


def jail_only(name):
    return lambda function: JAIL_ONLY.setdefault(name, function)


class Impossible(Exception):
    """The case cannot be had here."""


class Context:
    """How this run starts the tracee: prefix is [] for bare; user is a user id, or None for our own."""

    def __init__(self, prefix, tracee, user, front):
        self.prefix, self.tracee, self.user, self.front = prefix, tracee, user, front

    def start(self, *args, **options):
        return self.start_command(self.prefix + [self.tracee] + [str(arg) for arg in args], **options)

    def start_command(self, argv, **options):
        return Program(argv, user=self.user, **options)

    def run(self, *args, without_stderr=False, **options):
        seen = self.start(*args, **options).finish().seen()
        if without_stderr:  # stacks with addresses
            del seen["err"]
        return seen

    def program_pid(self, started):
        """The pid of the program itself: jail's child when jail stays in front."""
        if not self.front:
            return started.pid
        children = find_children(started.pid)
        for child in children:
            try:
                if find_supervisor(child) in children:
                    return child
            except Hung:  # that one is the supervisor
                continue
        raise Hung("no program below %d" % started.pid)


def add_plain(name, *args, **options):
    COMPARED[name] = lambda context: context.run(*args, **options)


for code in range(256) if SOAK else (0, 1, 2, 42, 125, 126, 127, 128, 137, 255):
    add_plain("exit %d" % code, "exit", code)
for number in (signal.SIGTERM, signal.SIGKILL, signal.SIGABRT, signal.SIGUSR1, signal.SIGHUP, signal.SIGPIPE):
    add_plain("dies of its own %s" % number.name, "die", int(number), without_stderr=True)
add_plain("no child that it does not know", "children")
add_plain("nil dereference is recovered", "nil")
add_plain("CPU profile has samples", "profile")

@compared("parent, process group and user")
def see_ids(context):
    return context.run("ids")["out"].replace("ids %d " % os.getpid(), "ids PARENT ")


@compared("arguments, descriptors, environment, signal masks")
def see_start(context):
    def odd_start():
        os.umask(0o027)
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR2, signal.SIGCHLD})
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        os.open("/dev/null", os.O_RDONLY)

    environment = {"PATH": os.environ["PATH"], "A": "b", "GODEBUG": "asyncpreemptoff=0"}
    return context.start("show", "", "two words", "--", "-x", environment=environment, before_exec=odd_start).finish().seen()


@compared("closed standard descriptors")
def see_closed(context):
    def close_all():
        os.closerange(0, 3)

    started = context.start("exit", 9, before_exec=close_all)
    return started.finish().seen()


@compared("what it closes is closed")
def see_end_of_pipe(context):
    """Nobody else has kept the descriptors that it was started with."""
    ends = (1, 9, 200)
    ours, theirs = os.pipe()
    # Beyond those that Program closes in a child.
    theirs = [theirs, fcntl.fcntl(theirs, fcntl.F_DUPFD_CLOEXEC, 300)]
    started = context.start("close", *ends, before_exec=lambda: [os.dup2(theirs[1], fd) for fd in ends])
    for fd in theirs:
        os.close(fd)
    started.wait_for_text("closed\n", "err")
    ended = bool(select.select([ours], [], [], PATIENCE)[0]) and os.read(ours, 1) == b""
    os.close(ours)
    started.write("\n")
    return ended, started.finish().seen()


def hold_and_signal(context, disposition, number, to_group):
    started = context.start("hold", disposition)
    started.wait_for_text("ready\n")
    if to_group:
        started.signal_group(number)
    else:
        os.kill(started.pid, number)
    if disposition == "handle" and number not in (signal.SIGKILL, signal.SIGSTOP, signal.SIGURG, signal.SIGPROF):
        started.wait_for_text("heard")
        time.sleep(0.15)  # for a second one that must not come
    else:
        started.settle(0.25)
    if started.events and started.events[-1].startswith("stopped"):
        time.sleep(0.05)
        started.signal_group(signal.SIGCONT)
        started.settle(0.5)
        time.sleep(0.05)
    started.write("\n")
    seen = started.finish().seen()
    if any(event.startswith("stopped") for event in seen["events"]):
        seen["out"] = re.sub(r" ?18:1", "", seen["out"])  # whether SIGCONT is heard depends on the moment
    seen["err"] = ""  # stacks, of SIGQUIT and the like
    return seen


def add_signals():
    for disposition in ("default", "ignore", "handle"):
        for number in range(1, 32):
            for to_group in (False, True):
                name = "%s %s, %s" % (signal.Signals(number).name, disposition, "to the group" if to_group else "to the process")
                COMPARED[name] = lambda context, d=disposition, n=number, g=to_group: hold_and_signal(context, d, n, g)


add_signals()


@compared("terminal: ^Z, continue, ^C")
def see_job_control(context):
    started = context.start("terminal", terminal=True)
    started.wait_for_text("ready true" if not context.front else "ready")
    started.write("one\n")
    started.wait_for_text("line one")
    started.write("\x1a")
    started.wait_for_text("continued", "err")
    started.write("two\n")
    started.wait_for_text("line two")
    started.write("\x03")
    started.finish(close_stdin=False)
    return started.text("err").splitlines()


@compared("terminal: end of input, ^\\")
def see_quit(context):
    results = []
    for keys in ("end\n", "\x04", "\x1c"):
        started = context.start("terminal", terminal=True)
        started.wait_for_text("ready")
        started.write(keys)
        started.finish(close_stdin=False)
        results.append(started.text("err").splitlines())
    return results


def wait_for_file(file):
    deadline = time.monotonic() + 20
    while not os.path.exists(file) and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(0.05)
    return os.path.exists(file)


@compared("a daemon outlives the program")
def see_daemon(context):
    with tempfile.TemporaryDirectory() as directory:
        os.chmod(directory, 0o777)
        file = os.path.join(directory, "woke")
        seen = context.run("daemon", 500, file)
        early = os.path.exists(file)
        seen["daemon"] = (early, wait_for_file(file))
        return seen


@compared("output ends with the program, though a daemon lives on")
def see_pipe(context):
    with tempfile.TemporaryDirectory() as directory:
        os.chmod(directory, 0o777)
        begin = time.monotonic()
        started = context.start("daemon", 3000, os.path.join(directory, "woke"), merge_stderr=True).finish()
        at_once = time.monotonic() - begin < 2.0
        time.sleep(3.2)
        return [at_once, started.events]


@jail_only("the supervisor dies: so does the program")
def kill_supervisor(context):
    started = context.start("ticker")
    started.wait_for_text("ready")
    os.kill(find_supervisor(context.program_pid(started)), signal.SIGKILL)
    started.finish()
    if started.events != ["killed 9"]:
        return "after the supervisor's death: %s" % started.events
    return None


@jail_only("the supervisor ignores signals")
def signal_supervisor(context):
    started = context.start("hold", "default")
    started.wait_for_text("ready")
    supervisor = find_supervisor(context.program_pid(started))
    for number in range(1, 65):
        if number not in (signal.SIGKILL, signal.SIGSTOP):
            os.kill(supervisor, number)
    time.sleep(0.1)
    started.write("\n")
    started.finish()
    return None if started.events == ["exit 7"] else "%s" % started.events


def run_until_nothing_is_left(context, *args):
    started = context.start(*args)
    started.wait_for_text("ready")
    supervisor = find_supervisor(context.program_pid(started))
    started.write("\n")
    started.finish()
    deadline = time.monotonic() + 10
    while state_of(supervisor) not in ("", "Z") and time.monotonic() < deadline:
        time.sleep(0.01)
    return None if state_of(supervisor) in ("", "Z") else "supervisor %d lives on" % supervisor


@jail_only("the supervisor ends with the program")
def supervisor_ends(context):
    return run_until_nothing_is_left(context, "hold", "default")


@jail_only("nothing is left after children that were killed")
def supervisor_ends_after_deaths(context):
    return run_until_nothing_is_left(context, "deaths", 1000 if SOAK else 100)


@jail_only("the program is killed: the status says so")
def kill_program(context):
    started = context.start("ticker")
    started.wait_for_text("ready")
    os.kill(context.program_pid(started), signal.SIGKILL)
    started.finish()
    return None if started.events == ["killed 9"] else "%s" % started.events


@jail_only("jail's failures have their exit codes")
def exit_codes(context):
    for command, code in (("/nonexistent/program", 127), ("no-such-program-anywhere", 127), ("/tmp", 126), ("/etc/passwd", 126)):
        started = context.start_command(context.prefix + [command], environment={"PATH": "/usr/bin:/bin"}).finish()
        if started.events != ["exit %d" % code]:
            return "%s: %s" % (command, started.events)
        if started.text("err").count("\n") != 1 or not started.text("err").startswith("jail: "):
            return "%s: %r" % (command, started.text("err"))
    return None


@jail_only("no second tracer: 125, and nothing is run")
def nested(context):
    outer = context.prefix[:-1] + ["--via", "--"]
    started = context.start_command(outer + context.prefix + [context.tracee, "exit", "0"]).finish()
    if started.events != ["exit 125"] or "traces it already" not in started.text("err"):
        return "%s %r" % (started.events, started.text("err"))
    return None


@jail_only("jail in front is killed: the program goes on, supervised")
def kill_front(context):
    if not context.front:
        return None
    with tempfile.TemporaryDirectory() as directory:
        os.chmod(directory, 0o777)
        file = os.path.join(directory, "woke")
        started = context.start("nap", 1500, file)
        deadline = time.monotonic() + 10
        program = None
        while program is None and time.monotonic() < deadline:
            try:
                program = context.program_pid(started)
            except (Hung, OSError):
                time.sleep(0.01)
        time.sleep(0.2)
        supervisor = find_supervisor(program)
        os.kill(started.pid, signal.SIGKILL)
        while not started.poll():
            time.sleep(0.01)
        supervised = find_supervisor(program) == supervisor  # while it naps: afterwards there is nobody to ask
        started.finish()
        if not supervised or not wait_for_file(file):
            return "the program did not go on"
    return None if started.events == ["killed 9"] else "%s" % started.events


@jail_only("the report is not open in the program")
def report_closed(context):
    with tempfile.TemporaryDirectory() as directory:
        os.chmod(directory, 0o777)
        plain = context.run("show")
        option = ["--report=" + os.path.join(directory, "report")]
        argv = context.prefix[:-1] + option + ["--", context.tracee, "show"]
        reported = context.start_command(argv).finish().seen()
        size = os.path.getsize(os.path.join(directory, "report"))
    if reported != plain or size == 0:
        return "report of %d bytes: %s, and without: %s" % (size, reported, plain)
    return None


# A launcher that executes its arguments from a thread that is not the leader.
THREAD_LAUNCHER = """
import os, sys, threading
threading.Thread(target=lambda: os.execv(sys.argv[1], sys.argv[1:])).start()
threading.Event().wait()
"""


def denied_after_exec(context, options, command):
    """What is denied in the last image is said, counted and in the report, whose summary comes last."""
    with tempfile.TemporaryDirectory() as directory:
        os.chmod(directory, 0o777)
        file = os.path.join(directory, "report")
        argv = context.prefix[:-1] + options + ["--report=" + file, "--"] + command
        argv.remove("-q")
        if context.front:
            argv[argv.index("--foreground")] = "--fail-on-deny=33"
        started = context.start_command(argv, environment=dict(os.environ, TOUCH="1")).finish()
        with open(file, encoding="utf-8") as report:
            events = [json.loads(line) for line in report]
    kinds = [event["event"] for event in events]
    expected = "exit 33" if context.front else "exit 0"
    said = "denied openat" in started.text("err") and "summary: denied 1 call" in started.text("err")
    if started.events != [expected] or not said or kinds[-1] != "summary" or kinds.count("denied") != 1 or events[-1]["denied"] != 1:
        return "%s %s %r" % (started.events, kinds, started.text("err"))
    return None


@jail_only("a thread that executes a program is not the end")
def exec_is_no_end(context):
    return denied_after_exec(context, [], [context.tracee, "chain", "5", "0"])


@jail_only("a thread of a launcher that executes the program is not the end")
def exec_of_launcher_is_no_end(context):
    return denied_after_exec(context, ["--via"], ["/usr/bin/env", "python3", "-c", THREAD_LAUNCHER, context.tracee, "chain", "0", "0"])


def fill(fd):
    """Fills a pipe, so that who else writes to it has to wait."""
    os.set_blocking(fd, False)
    try:
        while True:
            os.write(fd, b" ")
    except BlockingIOError:
        os.set_blocking(fd, True)


def stop_and_continue(group, pid):
    """A group, and so all threads of its process pid; the first one may have ended."""
    for number in (signal.SIGSTOP, signal.SIGCONT):
        os.killpg(group, number)
        stopped = number == signal.SIGSTOP
        wait_until(lambda stopped=stopped: all((state in "Tt") == stopped for state in states_of_threads(pid)), "signal %d" % number)


def states_of_threads(pid):
    states = [state_of(int(tid), pid) for tid in os.listdir("/proc/%d/task" % pid)]
    return [state for state in states if state not in ("", "Z")]


def last_words_of(context, how, code):
    report_read, report_write = os.pipe()
    moved = fcntl.fcntl(report_write, fcntl.F_DUPFD, 300)  # the tracee's other descriptors are closed up to there
    os.set_inheritable(moved, True)
    fcntl.fcntl(moved, fcntl.F_SETPIPE_SZ, 4096)
    argv = context.prefix[:-1] + ["--report=fd:%d" % moved, "--", context.tracee, "leave", how, str(code)]
    started = context.start_command(argv)
    started.wait_for_text("ready")
    if how == "stopped":
        stop_and_continue(started.pid, context.program_pid(started))
    fill(moved)
    os.write(started.stdin, b"x")
    time.sleep(0.2)
    pid, _ = os.waitpid(started.pid, os.WNOHANG)
    os.close(report_write)
    os.close(moved)
    if pid == 0:
        with open(report_read, "rb") as report:
            words = report.read().strip()
        # Who reads the report's end may be faster than the end of jail in front: that it was continued is then still to be told.
        seen = [event for event in started.finish().events if event != "continued"]
        return seen == ["exit %d" % code] and json.loads(words.splitlines()[-1])["event"] == "summary", (seen, words)
    os.close(report_read)
    return False, "the end was known before the last words"


@jail_only("the last words come before anybody learns of the end, whichever thread brings it about")
def last_words(context):
    for how, code in itertools.product(("with", "after", "stopped"), (0, 5)):
        right, seen = last_words_of(context, how, code)
        if not right:
            return "%s %d: %s" % (how, code, seen)
    return None


@jail_only("a listener that outranks jail: 125, unless it is allowed")
def outer_listener(context):
    for options, expected in (([], "exit 125"), (["--allow-outer-listener"], "exit 6")):
        argv = context.prefix[:-1] + options + ["--", context.tracee, "exit", "6"]
        started = context.start_command(argv, before_exec=install_listener).finish()
        if started.events != [expected]:
            return "%s: %s %r" % (options, started.events, started.text("err"))
    return None


def install_listener():
    """A seccomp filter that allows everything, with a listener that stays open in the program."""
    set_no_new_privs, set_mode_filter, new_listener, sys_seccomp = 38, 1, 8, 317
    libc = ctypes.CDLL(None, use_errno=True)
    allow = struct.pack("<HBBI", 6, 0, 0, 0x7FFF0000)
    buffer = ctypes.create_string_buffer(allow, len(allow))
    program = struct.pack("<H6xQ", 1, ctypes.addressof(buffer))
    libc.prctl(set_no_new_privs, 1, 0, 0, 0)
    fd = libc.syscall(sys_seccomp, set_mode_filter, new_listener, program)
    if fd < 0:
        os._exit(98)
    os.set_inheritable(fd, True)
