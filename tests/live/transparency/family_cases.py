# SPDX-License-Identifier: Apache-2.0
"""What a program's relatives see: the parent that waits for it, a manager of services, who adopts its orphans, and its cores."""

import os
import resource
import signal
import socket
import struct
import tempfile

from cases import COMPARED, SOAK, Impossible, compared, jail_only, run_until_nothing_is_left, wait_for_file
from observe import PATIENCE, become_subreaper, find_supervisor, in_child, state_of, status_text, wait_until


# --- the real parent's wait ---


def note_news(pid, news):
    """Everything that a parent can learn about its children at the moment, by each of the calls that tell it."""
    while True:
        info = os.waitid(os.P_ALL, 0, os.WEXITED | os.WSTOPPED | os.WCONTINUED | os.WNOHANG | os.WNOWAIT)
        if info is None:
            return
        handle = os.pidfd_open(pid)
        for kind, number in ((os.P_PID, pid), (os.P_PGID, pid), (os.P_PIDFD, handle)):
            same = os.waitid(kind, number, os.WEXITED | os.WSTOPPED | os.WCONTINUED | os.WNOHANG | os.WNOWAIT)
            news.append((kind, same.si_pid == pid, same.si_code, same.si_status))
        os.close(handle)
        got, status, usage = os.wait4(-1, os.WUNTRACED | os.WCONTINUED)
        news.append(("wait4", got == pid, status, usage.ru_maxrss > 0))
        if not os.WIFSTOPPED(status) and not os.WIFCONTINUED(status):
            return


def drain_child_signals(pid, told, expected):
    """What the SIGCHLDs say: one that is expected may take its time, others must not come."""
    patience = PATIENCE if expected else 0.15
    while True:
        info = signal.sigtimedwait({signal.SIGCHLD}, patience)
        if info is None:
            return
        patience = 0.15
        told.append((info.si_pid == pid, info.si_code, info.si_status))


def wait_as_parent(context, last_signal):
    def wait():
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
        started = context.start("hold", "default")
        started.poll = lambda: False  # nobody waits but we
        started.wait_for_text("ready")
        news, told = [], []
        for number in (signal.SIGSTOP, signal.SIGCONT, signal.SIGTSTP, signal.SIGCONT, signal.SIGTTIN, signal.SIGCONT, last_signal):
            started.signal_group(number)
            drain_child_signals(started.pid, told, number != signal.SIGUSR1)  # which it ignores
            note_news(started.pid, news)
        try:
            os.waitpid(-1, 0x40000000 | os.WNOHANG)  # __WALL
            news.append("there is a child left")
        except ChildProcessError:
            pass
        return news, told
    return in_child(wait)


for _last in (signal.SIGKILL, signal.SIGTERM, signal.SIGUSR1):
    COMPARED["a parent waits, at last for %s" % _last.name] = lambda context, last=_last: wait_as_parent(context, last)


@compared("a parent that ignores SIGCHLD has no zombies")
def see_ignoring_parent(context):
    def ignore():
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        started = context.start("exit", 3)
        try:
            os.waitpid(started.pid, 0)  # until all are gone
        except ChildProcessError:
            return state_of(started.pid)
        return "it could be waited for"
    return in_child(ignore)


# --- a manager of services ---


class Manager:
    """Starts a service, and knows it as MAINPID, by its notifications, and by its process group."""

    def __init__(self, context, directory):
        self.path = os.path.join(directory, "notify")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        os.chmod(self.path, 0o777)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        self.socket.settimeout(20)
        environment = {"PATH": os.environ["PATH"], "NOTIFY_SOCKET": self.path}
        self.service = context.start("service", environment=environment)
        self.seen = []

    def hear(self):
        """A notification, with whether the kernel says that it comes from the main process."""
        text, ancillary, _, _ = self.socket.recvmsg(1000, socket.CMSG_SPACE(12))
        sender = struct.unpack("iii", ancillary[0][2])[0]
        text = text.decode().replace("MAINPID=%d" % self.service.pid, "MAINPID=MAIN")
        self.seen.append((text, sender == self.service.pid))

    def tell_main(self, number):
        os.kill(self.service.pid, number)

    def look(self):
        """How the main process and its group look to somebody who reads /proc."""
        pid = self.service.pid
        with open("/proc/%d/comm" % pid, encoding="utf-8") as comm:
            self.seen.append(comm.read())
        self.seen.append(os.path.basename(os.readlink("/proc/%d/exe" % pid)))
        self.seen.append(len(self.members()))

    def members(self):
        members = []
        for entry in os.listdir("/proc"):
            if entry.isdigit():
                try:
                    if os.getpgid(int(entry)) == self.service.pid and state_of(int(entry)) not in ("Z", ""):
                        members.append(int(entry))
                except ProcessLookupError:
                    pass
        return members

    def end(self):
        """The worker is left: the group gets SIGKILL."""
        wait_until(self.service.poll, "the service does not end")
        self.seen.append(self.service.events[-1])
        self.seen.append(("left", len(self.members())))
        self.service.signal_group(signal.SIGKILL)
        wait_until(lambda: not self.members(), "its group does not end")
        self.socket.close()
        os.unlink(self.path)


def manage(context, stop):
    with tempfile.TemporaryDirectory() as directory:
        os.chmod(directory, 0o777)
        seen = []
        for _ in range(2):  # it is started again
            manager = Manager(context, directory)
            manager.hear()
            manager.look()
            manager.tell_main(signal.SIGHUP)
            manager.hear()
            manager.hear()
            stop(manager)
            seen += manager.seen
        return seen


@compared("a manager of services: reload, stop, restart")
def see_managed(context):
    def stop(manager):
        manager.tell_main(signal.SIGTERM)
        manager.hear()
        manager.end()
    return manage(context, stop)


@compared("a manager of services that signals the whole group")
def see_group_managed(context):
    def stop(manager):
        manager.service.signal_group(signal.SIGTERM)
        manager.hear()
        manager.end()
    return manage(context, stop)


@compared("a manager of services whose service is killed")
def see_killed_service(context):
    def stop(manager):
        manager.tell_main(signal.SIGKILL)
        manager.end()
    return manage(context, stop)


@jail_only("who adopts orphans finds the supervisor among them, and it ends")
def see_adopted_supervisor(context):
    def adopt():
        become_subreaper()
        started = context.start("hold", "default")
        started.wait_for_text("ready")
        supervisor = find_supervisor(context.program_pid(started))
        started.write("\n")
        ends = {}
        try:
            while True:
                pid, status = os.wait()
                ends[pid] = status_text(status)
        except ChildProcessError:
            pass
        expected = {started.pid: "exit 7", supervisor: "exit 0"}
        if context.front:
            del expected[supervisor]  # it is jail's
        return "" if ends == expected else "%r, not %r" % (ends, expected)
    return in_child(adopt) or None


# --- orphans, daemons and who adopts them ---


@compared("a stopped process group is orphaned")
def see_orphaned_group(context):
    with tempfile.TemporaryDirectory() as directory:
        os.chmod(directory, 0o777)
        file = os.path.join(directory, "told")
        # A session of its own, so that whoever adopts the group is outside it.
        seen = context.start_command(["setsid", "--wait"] + context.prefix + [context.tracee, "orphans", file]).finish().seen()
        wait_for_file(file)
        with open(file, encoding="utf-8") as told:
            return seen, told.read()


@compared("a program adopts the orphans of its children")
def see_reaper(context):
    return context.run("reaper")


@compared("a program that adopts orphans since before it began")
def see_born_reaper(context):
    return [context.run(*arguments, before_exec=become_subreaper)
            for arguments in (["children"], ["reaper"], ["spawn", 50, "/bin/true"])]


@compared("a daemon by two forks, as a shell makes them")
def see_shell_daemon(context):
    with tempfile.TemporaryDirectory() as directory:
        os.chmod(directory, 0o777)
        file = os.path.join(directory, "told")
        script = '(setsid sh -c \'sleep 0.3; trap "" HUP; kill -HUP $$; echo alive >"$0"\' "$0" </dev/null >/dev/null 2>&1 &) ; exit 0'
        seen = context.run("spawn", 1, "/bin/sh", "-c", script, file)
        early = os.path.exists(file)
        return seen, early, wait_for_file(file)


# --- process 1 ---


def as_process_one(context):
    """The prefix that makes a command process 1 of a pid namespace."""
    namespace = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc"]
    if os.getuid() != 0 or context.user is not None:
        namespace[1:1] = ["--user", "--map-root-user"]
    if context.start_command(namespace + ["true"]).finish().events != ["exit 0"]:
        raise Impossible("no pid namespaces for this user")
    return namespace


PROCESS_ONE = {
    "its exit status": ("exit", "42"),
    "files": ("files", "10", "5"),
    "dies of its own SIGTERM": ("die", "15"),
    "dies of its own SIGUSR1": ("die", "10"),
    "children that it does not know": ("children",),
    "adopts the orphans of its children": ("reaper",),
    "a vfork storm": ("spawn", "50", "/bin/sh", "-c", "(exit 0) & /bin/true"),
}


def run_as_process_one(context, arguments):
    seen = context.start_command(as_process_one(context) + context.prefix + [context.tracee, *arguments]).finish().seen()
    if "die" in arguments:
        del seen["err"]
    return seen


for _name, _arguments in PROCESS_ONE.items():
    COMPARED["process 1 of a pid namespace: " + _name] = lambda context, a=_arguments: run_as_process_one(context, a)


# In the namespace, every few milliseconds: the next id that is free from 100 on. Who writes it is gone with process 1.
USE_IDS_AGAIN = """
(while :; do echo 100 >/proc/sys/kernel/ns_last_pid || exit; sleep 0.005; done) 2>/dev/null &
"$@"
"""


def run_with_few_ids(context, *arguments):
    namespace = as_process_one(context)
    if context.start_command(namespace + ["sh", "-c", "echo 100 >/proc/sys/kernel/ns_last_pid"]).finish().events != ["exit 0"]:
        raise Impossible("ns_last_pid cannot be set")
    argv = namespace + ["sh", "-c", USE_IDS_AGAIN, "sh"] + context.prefix + [context.tracee, *(str(argument) for argument in arguments)]
    seen = context.start_command(argv).finish().seen()
    return seen["events"], seen["out"]


# What has ended must leave nothing in the supervisor that could be taken for its successor.
for _name, _arguments in {
        "killed children": ("deaths", 1000 if SOAK else 60, "spawn", 100000, "/bin/true"),
        "of all kinds": ("deaths", 1000 if SOAK else 60),
        "executing threads": ("chain", 3000 if SOAK else 100, 0),
        "many short children": ("spawn", 5000 if SOAK else 300, "/bin/true"),
}.items():
    COMPARED["ids are used again at once: " + _name] = lambda context, a=_arguments: run_with_few_ids(context, *a)


# --- cores ---


def dump_core(context, *arguments):
    """(what the parent sees, whether it says that there is a core, which cores there are)."""
    def allow_core():
        resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY,) * 2)

    with tempfile.TemporaryDirectory() as directory:
        os.chmod(directory, 0o777)
        before = os.getcwd()
        os.chdir(directory)
        try:
            environment = {"PATH": os.environ["PATH"], "GOTRACEBACK": "crash"}
            started = context.start(*arguments, environment=environment, before_exec=allow_core).finish()
        finally:
            os.chdir(before)
        cores = [describe_core(os.path.join(directory, name)) for name in os.listdir(directory)]
        return started.events, started.dumped_core, sorted(cores), started.text()


def describe_core(path):
    """The program and the number of threads of a core file, as its notes have them."""
    with open(path, "rb") as file:
        core = file.read(1 << 20)
    elf_core, segment_note, note_status, note_info = 4, 4, 1, 3
    kind, segments, n_segments = struct.unpack_from("<16xH14xQ16xH", core)[:3]
    if core[:4] != b"\x7fELF" or kind != elf_core:
        return "no core"
    n_threads, program = 0, ""
    for i in range(n_segments):
        segment, offset, size = struct.unpack_from("<I4xQ16xQ", core, segments + i * 56)
        at, end = offset, offset + size
        while segment == segment_note and at < end:
            name_len, len_bytes, note = struct.unpack_from("<III", core, at)
            at += 12 + (name_len + 3 & ~3)
            if note == note_status:
                n_threads += 1
            elif note == note_info:
                program = core[at + 40:at + 56].rstrip(b"\0").decode()
            at += len_bytes + 3 & ~3
    return program, n_threads > 1


def makes_files():
    """Whether cores become files of the working directory here (core(5))."""
    with open("/proc/sys/kernel/core_pattern", encoding="utf-8") as pattern:
        return not pattern.read().startswith(("|", "/", "@"))


for _number in (signal.SIGABRT, signal.SIGQUIT, signal.SIGSEGV):
    COMPARED["core dumped by %s" % _number.name] = lambda context, n=_number: see_core(context, n)


def see_core(context, number):
    events, dumped, cores, _ = dump_core(context, "die", int(number))
    if not cores and makes_files():
        raise OSError("no core")
    # Jail in front dies as the program did, but leaves the core to it.
    return events, dumped or context.front, cores


@compared("a child's core dumped")
def see_child_core(context):
    events, _, cores, said = dump_core(context, "core", "SEGV")
    return events, cores, said


# --- Yama ---


@jail_only("Yama: only ancestors may trace")
def under_yama(context):
    scope = "/proc/sys/kernel/yama/ptrace_scope"
    if not os.path.exists(scope):
        raise Impossible("this kernel has no Yama")
    with open(scope, encoding="utf-8") as file:
        if file.read().strip() == "0":
            raise Impossible("Yama is there, but its ptrace_scope is 0")
    return run_until_nothing_is_left(context, "deaths", 10)
