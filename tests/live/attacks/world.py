# SPDX-License-Identifier: Apache-2.0
"""What a victim runs in: files that it may spoil, listeners that it may reach, a process that it may kill."""

import os
import socket
import stat
import struct
import subprocess
import threading
import time

import harness
import rows

TOKEN = "the-private-key"
SECRET = "-----" + TOKEN + "-----"
ENTRY = "an-entry-of-the-directory"
FILES = {"config": b"configuration\n", "secret": SECRET.encode() + b"\n", "file": b"content\n", "directory/" + ENTRY: b""}


def snapshot(directory):
    """Everything about the files that a change would change, but for what reading changes."""
    seen = {}
    for parent, directories, names in os.walk(directory):
        for name in directories + names:
            path = os.path.join(parent, name)
            st = os.lstat(path)
            content = None
            if stat.S_ISREG(st.st_mode):
                with open(path, "rb") as file:
                    content = file.read()
            changed = None if stat.S_ISDIR(st.st_mode) else (st.st_mtime_ns, st.st_ctime_ns)
            seen[os.path.relpath(path, directory)] = (st.st_mode, st.st_uid, st.st_gid, st.st_nlink, content, changed)
    return seen


class Listener:
    """Hears in a thread; whatever it hears is answered as the protocol asks."""

    def __init__(self, name, family, kind, address):
        self.name, self.heard = name, b""
        self.socket = socket.socket(family, kind)
        self.socket.bind(address)
        self.address = self.socket.getsockname()
        if kind == socket.SOCK_STREAM:
            self.socket.listen(5)
        threading.Thread(target=self.hear if kind == socket.SOCK_STREAM else self.hear_datagrams, daemon=True).start()

    def hear(self):
        while True:
            try:
                connection = self.socket.accept()[0]
            except OSError:  # closed
                return
            with connection:
                self.heard += b"connection "
                connection.settimeout(10)
                try:
                    self.heard += connection.recv(4096)
                    connection.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n")
                except OSError:  # hung up
                    pass

    def hear_datagrams(self):
        while True:
            try:
                data, sender = self.socket.recvfrom(4096)
            except OSError:
                return
            self.heard += b"datagram " + data
            if not sender:  # closed
                return
            try:  # as a name server: there is no such name
                self.socket.sendto(data[:2] + struct.pack(">H", 0x8183) + data[4:], sender)
            except OSError:  # closed meanwhile
                return

    def close(self):
        try:
            self.socket.shutdown(socket.SHUT_RDWR)  # which wakes the thread
        except OSError:  # a datagram socket is woken all the same, and told so
            pass
        self.socket.close()


def start_victim(user):
    """A process to kill, once it is the user's."""
    victim = subprocess.Popen(user.command(["sleep", "300"]), stdin=subprocess.DEVNULL)
    deadline = time.monotonic() + harness.PATIENCE
    while time.monotonic() < deadline:
        with open("/proc/%d/comm" % victim.pid, encoding="utf-8") as comm:
            if comm.read() == "sleep\n":
                break
        time.sleep(0.001)
    return victim


class World:
    def __init__(self, test, user, number, to_kill):
        self.directory = test.room(user, FILES)
        os.mkdir(os.path.join(self.directory, "empty"))
        user.own(self.directory)
        self.listeners = []
        self.add_listener("TCP", socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0))
        self.add_listener("UDP", socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0))
        self.add_listener("UNIX", socket.AF_UNIX, socket.SOCK_STREAM, os.path.join(self.directory, "socket"))
        os.chmod(os.path.join(self.directory, "socket"), 0o777)
        self.before = snapshot(self.directory)
        # An address of its own: rows run side by side.
        self.to_call = ("127.%d.%d.%d" % (os.getpid() >> 8 & 255, os.getpid() & 255, number % 250 + 2), 17017)
        self.called = b""
        self.victim = start_victim(user) if to_kill else None
        self.ended = threading.Event()

    def add_listener(self, *args):
        self.listeners.append(Listener(*args))

    def environment(self):
        tcp, udp = self.listeners[0].address, self.listeners[1].address
        return {"WORLD": self.directory, "TOKEN": TOKEN, "TCP": "%s:%d" % tcp, "UDP": "%s:%d" % udp, "LISTEN": "%s:%d" % self.to_call,
                "VICTIM": str(self.victim.pid if self.victim else 0)}

    def keep_calling(self):
        """Calls until somebody answers or the run has ended."""
        unix = os.path.join(self.directory, "new")
        while not self.ended.is_set():
            for family, address in ((socket.AF_INET, self.to_call), (socket.AF_UNIX, unix)):
                with socket.socket(family, socket.SOCK_STREAM) as caller:
                    caller.settimeout(5)
                    try:
                        caller.connect(address)
                        self.called += caller.recv(100)
                        return
                    except OSError:
                        pass
            time.sleep(0.005)

    def run(self, test, user, argv, calls):
        caller = threading.Thread(target=self.keep_calling, daemon=True)
        if calls:
            caller.start()
        run = test.run(user, argv, self.directory, self.environment())
        self.ended.set()
        if calls:
            caller.join()
        return run

    def work_done(self, run):
        """What is missing of the program's own work."""
        missing = []
        if run.status != 0:
            missing.append("status %s" % run.status)
        if not run.out.endswith("app: all work done\n"):
            missing.append("its last words")
        try:
            with open(os.path.join(self.directory, "work"), "rb") as file:
                if file.read() != b"done with configuration\n":
                    missing.append("the content of its file")
        except OSError as error:
            missing.append(str(error))
        return missing

    def effects(self, run, effect, expected):
        """All that can be seen from outside. What others do about a deed may take them a moment."""
        deadline = time.monotonic() + (5 if expected else 0.02)
        seen = self.look(run)
        while effect not in seen and effect not in rows.IMMEDIATE and time.monotonic() < deadline:
            time.sleep(0.002)
            seen = self.look(run)
        return seen

    def look(self, run):
        seen = set()
        after = snapshot(self.directory)
        work = after.pop("work", None)
        if SECRET in run.out:
            seen.add(rows.LEAKED)
        if ENTRY in run.out:
            seen.add(rows.LISTED)
        if TOKEN.encode() in b"".join(listener.heard for listener in self.listeners):
            seen.add(rows.ARRIVED)
        elif any(listener.heard for listener in self.listeners):
            seen.add("somebody connected")
        if self.called:
            seen.add(rows.CALLED)
        if self.victim and self.victim.poll() is not None:
            seen.add(rows.KILLED)
        if "ran" in after:
            seen.add(rows.RAN)
            del after["ran"]
        if set(after) - set(self.before):
            seen.add(rows.NEW)
        if set(self.before) - set(after):
            seen.add(rows.GONE)
        if any(after[name] != self.before[name] for name in self.before if name in after):
            seen.add(rows.CHANGED)
        if "app: works in" in run.out and "app: works in %s\n" % self.directory not in run.out:
            seen.add(rows.MOVED)
        if work and stat.S_IMODE(work[0]) != 0o644:
            seen.add(rows.MASKED)
        return seen

    def close(self):
        for listener in self.listeners:
            listener.close()
        if self.victim:
            self.victim.kill()
            self.victim.wait()
