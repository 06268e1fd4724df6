# SPDX-License-Identifier: Apache-2.0
"""What a terminal does to a program: the signals that it sends, job control by a real shell, and its loss."""

import fcntl
import os
import re
import signal
import struct
import tempfile
import termios
import time

from cases import COMPARED, compared
from observe import Hung, become_subreaper, in_child, parent_of, state_of, wait_until

DISPOSITIONS = ("default", "ignore", "handle")
KEYS = {"^C": "\x03", "^\\": "\x1c", "^Z": "\x1a"}


def press(context, disposition, key):
    started = context.start("hold", disposition, terminal=True)
    started.wait_for_text("ready\n")
    started.write(key)
    if disposition == "handle":
        started.wait_for_text("heard")
    else:
        started.settle(0.2)
    if key == KEYS["^Z"] and disposition == "default":
        started.wait_for_text("continued", "err")
    started.write("\n")
    started.finish(close_stdin=False)
    counts = [line for line in started.text().splitlines() if line.startswith("received")]
    return started.text("err").splitlines(), counts


def resize(context, disposition):
    started = context.start("hold", disposition, terminal=True)
    started.wait_for_text("ready\n")
    fcntl.ioctl(started.stdin, termios.TIOCSWINSZ, struct.pack("HHHH", 33, 99, 0, 0))
    if disposition == "handle":
        started.wait_for_text("heard")
    else:
        started.settle(0.2)
    started.write("\n")
    started.finish(close_stdin=False)
    counts = [line for line in started.text().splitlines() if line.startswith("received")]
    return started.text("err").splitlines(), counts


def use_from_background(context, disposition, use):
    started = context.start("background", use, disposition, terminal=True, background=True)
    started.write("typed\n")
    if disposition == "handle":
        started.wait_for_text("told\n")
        started.give_terminal()
    started.finish(close_stdin=False)
    # That it went on is not told to a parent that asks only after the end.
    told = [line for line in started.text("err").splitlines() if line != "continued"]
    return told, [line for line in started.text().splitlines() if line.startswith("used")]


def lose_terminal(context, disposition):
    """The leader of its session dies of the hangup; the program is left to us."""
    def lose():
        become_subreaper()
        with tempfile.TemporaryDirectory() as directory:
            os.chmod(directory, 0o777)
            file = os.path.join(directory, "told")
            started = context.start("hangup", disposition, file, terminal=True)
            started.wait_for_text("ready ")
            started.wait_for_text("\n")
            pid = int(re.search(r"ready (\d+)", started.text()).group(1))
            waited = parent_of(pid) if context.front else pid
            os.close(started.stdin)
            statuses = {}
            while waited not in statuses or started.pid not in statuses:
                gone, status = os.wait()
                statuses[gone] = status
            told = ""
            if os.path.exists(file):
                with open(file, encoding="utf-8") as opened:
                    told = opened.read()
            return statuses[started.pid], statuses[waited], told
    return in_child(lose)


def add_terminal_signals():
    for disposition in DISPOSITIONS:
        for name, key in KEYS.items():
            COMPARED["terminal: %s, %s" % (name, disposition)] = lambda c, d=disposition, k=key: press(c, d, k)
        COMPARED["terminal: resized, %s" % disposition] = lambda c, d=disposition: resize(c, d)
        COMPARED["terminal: lost, %s" % disposition] = lambda c, d=disposition: lose_terminal(c, d)
        for use in ("read", "write"):
            name = "terminal: %s from the background, %s" % (use, disposition)
            COMPARED[name] = lambda c, d=disposition, u=use: use_from_background(c, d, u)


add_terminal_signals()


class Shell:
    """An interactive bash in a terminal of its own, and what it shows."""

    def __init__(self, context):
        self.context, self.n_marks = context, 0
        environment = {"PATH": os.environ["PATH"], "PS1": "", "PS2": "", "LC_ALL": "C", "HOME": "/"}
        self.program = context.start_command(["bash", "--norc", "--noprofile", "--noediting", "-i"], terminal=True,
                                             environment=environment)
        self.say("stty -echo; PS1=")
        self.mark()
        self.group = os.tcgetpgrp(self.program.stdin)
        self.begin = len(self.program.text())

    def say(self, line):
        self.program.write(line + "\n")

    def run(self, arguments):
        self.say(" ".join(self.context.prefix + [self.context.tracee, arguments]))

    def see(self, text, count=1):
        """With its line's end: what the terminal has not put out yet is lost with ^C, ^\\ and ^Z (termios(3), NOFLSH)."""
        self.program.wait_for_text(text, count=count)
        wait_until(lambda: "\n" in self.program.text().rpartition(text)[2] or self.program.pump(0.02), "the line of %r has no end" % text)

    def mark(self):
        """Waits until the shell has done everything so far."""
        self.n_marks += 1
        self.say("echo mark-$((%d+0))-" % self.n_marks)
        self.see("mark-%d-" % self.n_marks)

    def job(self):
        """The pid of the job that is current."""
        self.n_marks += 1
        self.say("echo mark-$((%d+0))-=$(jobs -p %%%%)=" % self.n_marks)
        wanted = re.compile(r"mark-%d-=(\d+)=" % self.n_marks)
        self.see("mark-%d-=" % self.n_marks)
        self.program.pump(0.05)
        return int(wanted.search(self.program.text()).group(1))

    def wait_for_stop(self):
        """Until the shell knows that its job is stopped; before that, `bg` would find it running, and not continue it."""
        self.say('while [ -z "$(jobs -s)" ]; do sleep 0.01; done')
        self.mark()

    def wait_for_terminal(self):
        """Until it is the shell's again: what is typed before is for the program, or lost with it."""
        wait_until(lambda: os.tcgetpgrp(self.program.stdin) == self.group, "the program keeps the terminal")

    def transcript(self):
        """What it showed, without what differs from run to run."""
        self.say("exit 0")
        self.program.finish(close_stdin=False)
        text = self.program.text()[self.begin:]
        text = text.replace(" ".join(self.context.prefix + [self.context.tracee]), "TRACEE")
        text = re.sub(r"(\[\d\]) \d+", r"\1 PID", text)
        text = re.sub(r"mark-\d+-=\d+=", "", text)
        text = re.sub(r"ready (true|false)", "ready", text)  # jail in front leads the group
        lines = [line.rstrip() for line in text.splitlines()]
        kept = [line for line in lines if line and not line.startswith("mark-")]
        # Whether the shell tells of a stop before it is asked depends on the moment.
        return [line for i, line in enumerate(kept) if i == 0 or line != kept[i - 1]], self.program.text("err")


@compared("bash: ^Z, bg, reads in the background, fg, ^C")
def see_bash_jobs(context):
    shell = Shell(context)
    shell.run("terminal")
    shell.see("ready")
    shell.say("one")
    shell.see("line one")
    shell.program.write("\x1a")
    shell.see("Stopped")
    pid = shell.job()
    shell.say("bg")  # it reads the terminal, which is not its any more
    shell.mark()
    shell.wait_for_stop()
    shell.say("jobs")
    shell.mark()
    shell.say("fg")
    shell.see("TRACEE terminal".replace("TRACEE", context.tracee), count=4)
    shell.say("two")
    shell.see("line two")
    shell.program.write("\x1a")
    wait_until(lambda: state_of(pid) in ("T", "t"), "it does not stop")
    shell.mark()
    shell.say("fg")
    shell.say("three")
    shell.see("line three")
    shell.program.write("\x03")
    shell.wait_for_terminal()
    shell.say("echo status $?")
    shell.mark()
    return shell.transcript()


@compared("bash: ^\\, exit statuses, pipelines")
def see_bash_ends(context):
    shell = Shell(context)
    shell.run("terminal 2>/dev/null")
    shell.see("ready")
    shell.program.write("\x1c")
    shell.wait_for_terminal()
    shell.say("echo status $?")
    shell.mark()
    shell.run("exit 3 & wait $!; echo status $?")
    shell.mark()
    shell.run("exit 4 | cat; echo statuses ${PIPESTATUS[@]}")
    shell.mark()
    shell.say("(%s) | (%s); echo statuses ${PIPESTATUS[@]}" % ((" ".join(context.prefix + [context.tracee, "exit 6"]),) * 2))
    shell.mark()
    return shell.transcript()


@compared("bash: background jobs are stopped, continued and terminated")
def see_bash_kills(context):
    shell = Shell(context)
    shell.run("nap 30000 /dev/null &")
    shell.mark()
    pid = shell.job()
    # Until the program itself is there: what comes before, a child of the shell's, may still ignore what stops jobs.
    wait_until(lambda: _program_naps(context, pid), "no program")
    for command in ("kill -TSTP %1", "kill -CONT %1", "kill -STOP -$(jobs -p %1)", "bg"):
        shell.say(command)
        shell.mark()
        if "TSTP" in command or "STOP" in command:
            shell.wait_for_stop()
        else:
            wait_until(lambda: state_of(pid) not in ("T", "t"), "it does not go on")
            time.sleep(0.1)
        shell.say("jobs")
        shell.mark()
    shell.say("kill %1; wait %1; echo status $?")
    shell.mark()
    return shell.transcript()


def _program_naps(context, pid):
    """A packed program has its name before it is itself; but the Go runtime has more than one thread."""
    try:
        program = context.program_pid(type("Started", (), {"pid": pid}))
        with open("/proc/%d/comm" % program) as comm:
            return comm.read().strip() == os.path.basename(context.tracee) and len(os.listdir("/proc/%d/task" % program)) > 1
    except (OSError, Hung):
        return False
