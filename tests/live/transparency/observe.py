# SPDX-License-Identifier: Apache-2.0
"""Starting a program as a shell would, and noting everything that its parent, its terminal and its reader can see."""

import ast
import ctypes
import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time

SOAK = int(os.environ.get("JAIL_TEST_SOAK", "0") or 0)
PATIENCE = 1800.0 if SOAK else float(os.environ.get("JAIL_TEST_PATIENCE", 60))  # seconds after which a run counts as hung


class Hung(Exception):
    """A run did not end."""


def status_text(status):
    if os.WIFSTOPPED(status):
        return "stopped %d" % os.WSTOPSIG(status)
    if os.WIFCONTINUED(status):
        return "continued"
    if os.WIFSIGNALED(status):
        return "killed %d" % os.WTERMSIG(status)
    return "exit %d" % os.WEXITSTATUS(status)


def without_words_of_jail(text):
    return "".join(line for line in text.splitlines(True) if not line.startswith("jail: "))


class Program:
    """
    A child in a process group of its own, with pipes, or with a terminal of its own whose foreground it is; with background, not
    before it has stopped or give_terminal is called.
    """

    started = []  # all

    def __init__(self, argv, terminal=False, environment=None, before_exec=None, merge_stderr=False, user=None, background=False):
        self.started.append(self)
        self.events = []  # what waitpid tells, in order
        self.ended = False
        self.dumped_core = False
        self.background = background
        self.user = user
        self.output = {"out": b"", "err": b""}
        if terminal:
            self._start_in_terminal(argv, environment, before_exec)
        else:
            self._start_with_pipes(argv, environment, before_exec, merge_stderr)

    def _start_with_pipes(self, argv, environment, before_exec, merge_stderr):
        in_read, self.stdin = os.pipe()
        out_read, out_write = os.pipe()
        err_read, err_write = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                os.setpgid(0, 0)
                os.dup2(in_read, 0)
                os.dup2(out_write, 1)
                os.dup2(out_write if merge_stderr else err_write, 2)
                os.closerange(3, 256)
                self._become(argv, environment, before_exec)
            finally:
                os._exit(99)
        try:
            os.setpgid(self.pid, self.pid)  # both do it: whoever comes first
        except OSError:
            pass
        for fd in (in_read, out_write, err_write):
            os.close(fd)
        self.readers = {out_read: "out", err_read: "err"}

    def _start_in_terminal(self, argv, environment, before_exec):
        """A parent between us and the program leads the session, so that the program's group is not an orphaned one."""
        event_read, event_write = os.pipe()
        leader, master = pty.fork()
        if leader == 0:
            try:
                os.close(event_read)
                self._lead_session(argv, environment, before_exec, event_write)
            finally:
                os._exit(99)
        os.close(event_write)
        self.pid, self.stdin = leader, master
        self.leader_events = event_read
        self.readers = {master: "out", event_read: "err"}

    def _lead_session(self, argv, environment, before_exec, event_write):
        # Before the program is there, which would be told of it.
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 200, 0, 0))
        signal.signal(signal.SIGTTOU, signal.SIG_IGN)
        signal.signal(signal.SIGUSR1, lambda number, frame: os.tcsetpgrp(0, find_children(os.getpid())[0]))
        child = os.fork()
        if child == 0:
            os.setpgid(0, 0)
            if not self.background:
                os.tcsetpgrp(0, os.getpid())
            signal.signal(signal.SIGTTOU, signal.SIG_DFL)
            os.closerange(3, 256)
            self._become(argv, environment, before_exec)
        while True:
            _, status = os.waitpid(child, os.WUNTRACED | os.WCONTINUED)
            os.write(event_write, (status_text(status) + "\n").encode())
            if os.WIFSTOPPED(status):  # as a shell does at fg
                time.sleep(0.05)
                os.tcsetpgrp(0, child)
                os.killpg(child, signal.SIGCONT)
            if not os.WIFSTOPPED(status) and not os.WIFCONTINUED(status):
                os._exit(0)

    def _become(self, argv, environment, before_exec):
        if self.user is not None:
            os.setgroups([])
            os.setgid(self.user)
            os.setuid(self.user)
        for number in (signal.SIGPIPE, signal.SIGXFSZ):
            signal.signal(number, signal.SIG_DFL)  # Python ignores them
        if before_exec:
            before_exec()
        os.execvpe(argv[0], argv, environment if environment is not None else os.environ)

    def text(self, name="out"):
        return self.output[name].decode(errors="replace").replace("\r\n", "\n")

    def pump(self, seconds):
        """Reads what is there, for at most that long."""
        if not self.readers:
            time.sleep(seconds)
            return
        for fd in select.select(list(self.readers), [], [], seconds)[0]:
            try:
                data = os.read(fd, 65536)
            except OSError:  # the terminal's other side is closed
                data = b""
            if data:
                self.output[self.readers[fd]] += data
            else:
                del self.readers[fd]
                if fd != self.stdin:
                    os.close(fd)

    def wait_for_text(self, wanted, name="out", count=1):
        deadline = time.monotonic() + PATIENCE
        while self.text(name).count(wanted) < count:
            if time.monotonic() > deadline:
                raise Hung("no %r in %r" % (wanted, self.text(name)))
            self.pump(0.02)
            if not self.readers or (self.poll() and self.text(name).count(wanted) < count):
                self.pump(0.02)
                break

    def write(self, text):
        try:
            os.write(self.stdin, text.encode())
        except BrokenPipeError:
            pass

    def give_terminal(self):
        """To a program in the background that does not stop."""
        os.kill(self.pid, signal.SIGUSR1)

    def signal_group(self, number):
        try:
            os.killpg(self.pid, number)
        except ProcessLookupError:  # ended
            pass

    def poll(self):
        """Notes news of the child; True when it has ended."""
        while not self.ended:
            pid, status = os.waitpid(self.pid, os.WNOHANG | os.WUNTRACED | os.WCONTINUED)
            if pid == 0:
                break
            self.events.append(status_text(status))
            self.dumped_core = os.WIFSIGNALED(status) and os.WCOREDUMP(status)
            self.ended = not os.WIFSTOPPED(status) and not os.WIFCONTINUED(status)
        return self.ended

    def settle(self, seconds):
        """Waits for news for that long, or until something was heard."""
        before = len(self.events)
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and len(self.events) == before and not self.ended:
            self.pump(0.01)
            self.poll()

    def finish(self, close_stdin=True):
        """Waits for the end, and for the end of its output."""
        if close_stdin and self.stdin not in self.readers:
            os.close(self.stdin)
        deadline = time.monotonic() + PATIENCE
        while not self.poll() or self.readers:
            if time.monotonic() > deadline:
                raise Hung("%s, output %r %r" % (self.events, self.text(), self.text("err")))
            self.pump(0.02)
        return self

    @classmethod
    def kill_all(cls):
        """Those that hang are not to stay."""
        for program in cls.started:
            if not program.ended:
                program.signal_group(signal.SIGKILL)
        cls.started.clear()

    def seen(self):
        return {"events": self.events, "out": self.text(), "err": without_words_of_jail(self.text("err"))}


def find_supervisor(pid):
    """The tracer of a process."""
    with open("/proc/%d/status" % pid, encoding="utf-8") as status:
        for line in status:
            if line.startswith("TracerPid:") and int(line.split()[1]) > 0:
                return int(line.split()[1])
    raise Hung("nobody traces %d" % pid)  # 0 would be everybody to kill(2)


def find_children(pid):
    children = []
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                with open("/proc/%s/stat" % entry, encoding="utf-8", errors="replace") as stat:
                    fields = stat.read().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[1]) == pid:
                children.append(int(entry))
    return children


def state_of(tid, pid=None):
    """The letter of the state of a process, or of a thread of process pid; "" when it is gone."""
    try:
        with open("/proc/%s/stat" % ("%d/task/%d" % (pid, tid) if pid else tid), encoding="utf-8", errors="replace") as stat:
            return stat.read().rpartition(")")[2].split()[0]
    except OSError:
        return ""


def in_child(function):
    """What the function returns, called in a child of ours: with no children but its own, and whatever it does to itself."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.close(read)
            try:
                result = function()
            except (Hung, OSError) as error:
                result = "FAILED: %r" % error
            os.write(write, repr(result).encode())
        finally:
            os._exit(0)
    os.close(write)
    with open(read, "rb") as file:
        result = file.read()
    os.waitpid(pid, 0)
    return ast.literal_eval(result.decode())


def become_subreaper():
    """Orphans among our descendants become our children from now on."""
    pr_set_child_subreaper = 36
    if ctypes.CDLL(None, use_errno=True).prctl(pr_set_child_subreaper, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "PR_SET_CHILD_SUBREAPER")


def wait_until(condition, what):
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise Hung(what)
        time.sleep(0.01)


def parent_of(pid):
    with open("/proc/%d/stat" % pid, encoding="utf-8", errors="replace") as stat:
        return int(stat.read().rpartition(")")[2].split()[1])
