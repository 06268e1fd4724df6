# SPDX-License-Identifier: Apache-2.0
"""A case: some files, and runs of the program in their directory. It is played bare and under jail; what is seen must be equal."""

import contextlib
import dataclasses
import hashlib
import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import time

TIMEOUT_S = 120
FIXED_TIME = 1600000000  # of all files that a case begins with


@dataclasses.dataclass
class Run:
    """One run of the program. `%PORT%` in its arguments stands for the port of the case's server."""

    arguments: list
    stdin: str = ""
    env: dict = dataclasses.field(default_factory=dict)


@dataclasses.dataclass
class Serve:
    """A run that goes on beside the next ones, until they are done: then it gets SIGINT."""

    arguments: list  # %PORT% is where it shall listen on loopback
    env: dict = dataclasses.field(default_factory=dict)


@dataclasses.dataclass
class Case:
    name: str
    runs: list
    files: dict = dataclasses.field(default_factory=dict)  # path -> text
    denied: list = dataclasses.field(default_factory=list)  # names of the program's Denials, besides those of every run
    normalise: list = dataclasses.field(default_factory=list)  # (regular expression, replacement) for stdout and stderr
    any_order: bool = False  # the order of the lines is that of whichever was ready first
    times: str = ""  # files whose path matches this regular expression are compared with their modification time
    random: str = ""  # files whose path matches are compared without their contents: they hold salts or nonces


class Failure(Exception):
    pass


class Player:
    """How cases are run: bare, or behind a prefix that holds jail."""

    def __init__(self, program, prefix=(), owner=None, env=None, report=None):
        self.command = list(prefix) + [program]
        self.owner = owner
        self.env = env or {}
        self.report = report  # removed before a case

    def environment(self, directory, more):
        environment = {
            "HOME": directory,
            "LANG": "C.UTF-8",
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "TMPDIR": directory,
            "TZ": "Europe/Berlin",
        }
        environment.update(self.env)
        environment.update(more)
        return environment

    def play(self, case, directory):
        """Returns what was seen; the directory is new, and gone afterwards."""
        make_files(case, directory, self.owner)
        if self.report and os.path.exists(self.report):
            os.truncate(self.report, 0)
        seen = []
        try:
            with contextlib.ExitStack() as servers:
                port = ""
                for run in case.runs:
                    if isinstance(run, Serve):
                        server = servers.enter_context(Server(self, run, directory, seen, case))
                        port = server.port
                    else:
                        seen.append(self.run(run, directory, port, case))
            return {"runs": seen, "files": list_files(case, directory)}
        finally:
            shutil.rmtree(directory)

    def run(self, run, directory, port, case):
        arguments = [argument.replace("%PORT%", port) for argument in run.arguments]
        try:
            done = subprocess.run(
                self.command + arguments,
                input=run.stdin.encode(),
                cwd=directory,
                env=self.environment(directory, run.env),
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                timeout=TIMEOUT_S,
                check=False,
            )
        except subprocess.TimeoutExpired as hung:
            raise Failure("hung: %s" % arguments) from hung
        return seen_of(arguments, done.returncode, done.stdout, done.stderr, port, case)


class Server:
    def __init__(self, player, run, directory, seen, case):
        self.seen, self.case = seen, case
        self.port = free_port()
        self.arguments = [argument.replace("%PORT%", self.port) for argument in run.arguments]
        self.process = subprocess.Popen(
            player.command + self.arguments,
            cwd=directory,
            env=player.environment(directory, run.env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def __enter__(self):
        deadline = time.monotonic() + TIMEOUT_S
        while True:
            try:
                socket.create_connection(("127.0.0.1", int(self.port))).close()
                return self
            except ConnectionRefusedError as refused:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    self.process.kill()
                    raise Failure("the server does not answer: %s" % self.process.communicate()[1]) from refused
                time.sleep(0.02)

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGINT)
        try:
            out, err = self.process.communicate(timeout=TIMEOUT_S)
        except subprocess.TimeoutExpired as hung:
            self.process.kill()
            raise Failure("the server does not end") from hung
        self.seen.append(seen_of(self.arguments, self.process.returncode, out, err, self.port, self.case))


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return str(listener.getsockname()[1])


def seen_of(arguments, code, out, err, port, case):
    def normal(data):
        text = data.decode(errors="surrogateescape")
        if port:
            text = text.replace(":" + port, ":PORT")
        for pattern, replacement in case.normalise:
            text = re.sub(pattern, replacement, text)
        if case.any_order:
            text = "".join(sorted(text.splitlines(True)))
        return text

    return {"arguments": normal(" ".join(arguments).encode()), "code": code, "out": normal(out), "err": normal(err)}


def make_files(case, directory, owner):
    os.mkdir(directory)
    for path, text in case.files.items():
        path = os.path.join(directory, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
    for parent, _, names in os.walk(directory, topdown=False):
        for path in [os.path.join(parent, name) for name in names] + [parent]:
            os.utime(path, (FIXED_TIME, FIXED_TIME))
            if owner is not None:
                os.chown(path, owner, owner)


def list_files(case, directory):
    """path -> what it is: kind and mode, owner, contents, and the modification time where the case compares it."""
    seen = {}
    for parent, directories, names in os.walk(directory):
        for name in directories + names:
            path = os.path.join(parent, name)
            shown = os.path.relpath(path, directory)
            status = os.lstat(path)
            facts = [oct(status.st_mode), "%d:%d" % (status.st_uid, status.st_gid)]
            if stat.S_ISREG(status.st_mode):
                if not (case.random and re.search(case.random, shown)):
                    with open(path, "rb") as file:
                        facts.append(hashlib.sha256(file.read()).hexdigest())
            elif stat.S_ISLNK(status.st_mode):
                facts.append(os.readlink(path))
            if case.times and re.search(case.times, shown):
                facts.append(str(status.st_mtime_ns))
            seen[shown] = " ".join(facts)
    return seen


def differences(bare, jailed):
    texts = []
    for expected, got in zip(bare["runs"], jailed["runs"]):
        for what in ("code", "out", "err"):
            if expected[what] != got[what]:
                texts.append("%s: %s\n      bare   %r\n      jailed %r" % (expected["arguments"], what, expected[what], got[what]))
    for path in sorted(set(bare["files"]) | set(jailed["files"])):
        before, after = bare["files"].get(path), jailed["files"].get(path)
        if before != after:
            texts.append("file %s\n      bare   %s\n      jailed %s" % (path, before, after))
    return texts
