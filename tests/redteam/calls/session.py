# SPDX-License-Identifier: Apache-2.0
"""A run of the victim, to which one case after another is given, and what is seen before and after each."""

import collections
import json
import os
import select
import shutil
import subprocess
import time

import case as cases
import look
from look import harness, world

Seen = collections.namedtuple("Seen", "number changed events lost unable maps", defaults=([],))


class Session:
    """argv: the program and its arguments, under jail when there is a report."""

    def __init__(self, test, user, argv, report):
        self.test, self.user, self.report = test, user, report
        self.room = test.room(user, {"config": b"configuration\n"})
        self.errors = open(os.path.join(self.room, "errors"), "w+b")
        with test.starting:
            # Of root's things nothing outlasts the run: mounts, names and System V objects are its own.
            apart = ["unshare", "--mount", "--uts", "--ipc", "--"] if os.geteuid() == 0 else []
            command = user.command(argv)
            command = ["setpriv", "--no-new-privs", "--"] + command if command == argv else command[:1] + ["--no-new-privs"] + command[1:]
            self.process = subprocess.Popen(apart + command, cwd=self.room, env=harness.plain_environment({"WORLD": self.room}),
                                            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors)
        self.buffer = b""
        self.read_so_far = 0
        self.pid = int((self.line() or "pid 0").split()[1])

    def line(self, patience=harness.PATIENCE):
        """The next line, or None at the end or where none comes."""
        deadline = time.monotonic() + patience
        while b"\n" not in self.buffer:
            ready, _, _ = select.select([self.process.stdout], [], [], max(0, deadline - time.monotonic()))
            data = os.read(self.process.stdout.fileno(), 65536) if ready else b""
            if not data:
                return None
            self.buffer += data
        line, _, self.buffer = self.buffer.partition(b"\n")
        return line.decode(errors="replace")

    def say(self, text):
        try:
            self.process.stdin.write(text.encode() + b"\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass

    def events(self):
        """The denials that the report has gained."""
        if not self.report or not os.path.exists(self.report):
            return []
        with open(self.report, "rb") as file:
            file.seek(self.read_so_far)
            data = file.read()
            self.read_so_far += len(data)
        events = [json.loads(line) for line in data.decode().splitlines()]
        return [event for event in events if event["event"] == "denied"]

    def state(self, place, memory):
        seen = place.outside()
        seen["memory"] = memory
        try:
            seen.update(look.process(self.pid) if os.path.exists("/proc/%d/exe" % self.pid) else {"ended": True})
        except (FileNotFoundError, ProcessLookupError):  # meanwhile
            seen["ended"] = True
        return seen

    def attempt(self, one, place, awaited):
        """Has a case tried; awaited: its effect, which may take a moment."""
        if one.call == "connect":
            place.listen_here()
        self.say(json.dumps(cases.encode_case(one, place)))
        unable = []
        line = self.line()
        while line and line.startswith("unable"):
            unable.append(line)
            line = self.line()
        if not line or not line.startswith("ready"):
            return Seen(None, set(), [], True, unable)
        before = self.state(place, line.split(" ", 1)[1])
        self.events()
        self.say("")
        did = self.line()
        number, memory = (did.split(" ", 2)[1:] if did else (None, before["memory"] + "."))
        deadline = time.monotonic() + (5 if awaited else 0)
        while True:
            after = self.state(place, memory[:-1])
            changed = self.changes(before, after)
            if awaited in changed or number != "0" and did or time.monotonic() >= deadline:
                break
            time.sleep(0.002)
        self.say("")
        maps = set(before.get("memory map", [])) ^ set(after.get("memory map", []))
        return Seen(None if number is None else int(number), changed, self.events(), did is None, unable, sorted(maps))

    @staticmethod
    def changes(before, after):
        return {name for name in set(before) | set(after) if before.get(name) != after.get(name)}

    def finish(self):
        """What is missing of the program's own work, and what it said on standard error."""
        try:
            self.process.stdin.close()
        except BrokenPipeError:
            pass
        missing = []
        last = self.line()
        if last != "app: all work done":
            missing.append("its last words are %r" % last)
        try:
            status = self.process.wait(harness.PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            status = "it hangs"
        if status != 0:
            missing.append("status %s" % status)
        self.process.wait()
        self.process.stdout.close()
        if look.read(os.path.join(self.room, "work")) != "done with configuration\n":
            missing.append("the content of its file")
        self.errors.seek(0)
        said = self.errors.read().decode(errors="replace")
        self.errors.close()
        shutil.rmtree(self.room, ignore_errors=True)
        return missing, said
