# SPDX-License-Identifier: Apache-2.0
"""What can be seen of a process, of its files and of others, from outside."""

import collections
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(os.path.join(HERE, "..", "..", "live", "attacks"))

import harness
import world

FILES = {"secret": world.SECRET.encode() + b"\n", "file": b"content\n", "directory/entry": b""}
STATUS = re.compile(r"^(?:Uid|Gid|Groups|CapEff|CapBnd|NoNewPrivs|Seccomp_filters|Umask|NSpgid|NSsid):.*$", re.MULTILINE)
OF_VICTIM = re.compile(r"^(?:State|TracerPid|Cpus_allowed):.*$", re.MULTILINE)


def read(path):
    """A file of /proc, or nothing where the process or the thread is gone."""
    try:
        with open(path, "rb", buffering=0) as file:
            return file.read().decode(errors="replace")
    except OSError:
        return ""


def settled(path):
    """The same, read until it is the same twice: the kernel gives the mappings of a process that runs one by one."""
    text = read(path)
    while True:
        before, text = text, read(path)
        if text == before:
            return text


def links(directory):
    found = []
    try:
        for name in os.listdir(directory):
            found.append(os.readlink(os.path.join(directory, name)))
    except OSError:
        pass
    return found


class Place:
    """Where a case happens: a directory with its files, who listens there, and a process that is none of the program's."""

    def __init__(self, test, user):
        self.test, self.user = test, user
        self.directory = test.room(user, FILES)
        os.mkdir(os.path.join(self.directory, "empty"))
        self.listeners = {}
        self.sleeper = None
        ids = (0, 0) if user.name == "root" else (harness.NOBODY, harness.NOBODY) if user.name == "nobody" else (os.getuid(), os.getgid())
        self.uid, self.gid = ids
        user.own(self.directory)

    def listener(self, name, *arguments):
        if name not in self.listeners:
            self.listeners[name] = world.Listener(name, *arguments)
        return self.listeners[name]

    @property
    def tcp(self):
        return self.listener("TCP", world.socket.AF_INET, world.socket.SOCK_STREAM, ("127.0.0.1", 0))

    @property
    def udp(self):
        return self.listener("UDP", world.socket.AF_INET, world.socket.SOCK_DGRAM, ("127.0.0.1", 0))

    def listen_here(self):
        path = os.path.join(self.directory, "socket")
        self.listener("UNIX", world.socket.AF_UNIX, world.socket.SOCK_STREAM, path)
        os.chmod(path, 0o777)

    @property
    def victim(self):
        if not self.sleeper:
            with self.test.starting:
                self.sleeper = subprocess.Popen(self.user.command(["sleep", "300"]), stdin=subprocess.DEVNULL, start_new_session=True)
            while read("/proc/%d/cmdline" % self.sleeper.pid) != "sleep\x00300\x00":  # which has been set last by exec
                pass
        return self.sleeper.pid

    def outside(self):
        """What is seen of the files, the listeners and the other process."""
        seen = {"files": world.snapshot(self.directory),
                "heard": {name: bool(listener.heard) for name, listener in self.listeners.items()}}
        if self.sleeper:
            root = "/proc/%d/" % self.sleeper.pid
            fields = read(root + "stat").rpartition(")")[2].split()
            status = re.sub(r"^State:\t[RD].*$", "State:\tS (sleeping)", read(root + "status"), flags=re.MULTILINE)  # at work
            seen["victim"] = (OF_VICTIM.findall(status), fields[16:17] + fields[38:39], read(root + "cmdline"),
                              [line for line in read(root + "limits").splitlines() if line.startswith("Max core")])
        return seen

    def close(self):
        for listener in self.listeners.values():
            listener.close()
        if self.sleeper:
            self.sleeper.kill()
            self.sleeper.wait()


def process(pid):
    """What is seen of a process; what its threads have in common once."""
    root = "/proc/%d/" % pid
    tasks = [root + "task/%s/" % name for name in os.listdir(root + "task")]
    status = {tuple(STATUS.findall(text)) for text in map(read, [task + "status" for task in tasks]) if text}
    spaces = {tuple(sorted(links(task + "ns"))) for task in tasks}
    place = [os.readlink(root + name) for name in ("cwd", "root")] if os.path.exists(root + "root") else []
    maps = [line for line in settled(root + "maps").splitlines() if line.split()[1][2] == "x" or line.split()[1][3] == "s"]
    descriptors = collections.Counter(re.sub(r"\[\d+\]", "", link) for link in links(root + "fd"))
    return {"process": (sorted(status), sorted(filter(None, spaces)), place, read(root + "limits"), read(root + "mountinfo"),
                        {read(task + "personality") for task in tasks} - {""}),
            "memory map": maps, "descriptors": descriptors}
