# SPDX-License-Identifier: Apache-2.0
"""A case: some files, and runs of the program in their directory. It is played bare and under jail; what is seen must be equal."""

import contextlib
import dataclasses
import difflib
import hashlib
import os
import re
import shutil
import stat
import subprocess

from server import TIMEOUT_S, Failure, Left, Server, output_file

FIXED_TIME = 1600000000  # of all files that a case begins with

# In arguments, environment, requests and the text of files:
#   %PORT% %PORT2% %PORT3%   ports on loopback that nobody uses, the same whenever the case is played
#   %CERT% %KEY%             a certificate of 127.0.0.1 and localhost, and its key, in PEM


@dataclasses.dataclass
class Run:
    """One run of the program."""

    arguments: list
    stdin: str = ""
    env: dict = dataclasses.field(default_factory=dict)


@dataclasses.dataclass
class Serve:
    """A run that goes on beside the next ones, until they are done: then it gets SIGINT."""

    arguments: list
    env: dict = dataclasses.field(default_factory=dict)
    ports: tuple = ("%PORT%",)  # where it listens on loopback once it is ready


@dataclasses.dataclass
class Beside:
    """Another program that serves the next runs. It is never under jail, and what it says does not count."""

    command: list
    env: dict = dataclasses.field(default_factory=dict)
    ports: tuple = ("%PORT%",)


@dataclasses.dataclass
class Daemon:
    """A process that the run before has left behind, and that a later run tells to end: the case ends when it has."""

    pid_file: str


@dataclasses.dataclass
class Varying:
    """
    What differs from one bare run to the next, and is compared without: in standard output, standard error and answers, and which of
    some exit statuses it is.
    """

    what: str
    pattern: str = "(?!)"
    replacement: str = ""
    codes: tuple = ()


@dataclasses.dataclass
class Case:
    name: str
    runs: list  # Run, Serve, Beside, Daemon, and what asking.py has
    files: dict = dataclasses.field(default_factory=dict)  # path -> text
    denied: list = dataclasses.field(default_factory=list)  # names of the program's Denials, besides those of every run
    normalise: list = dataclasses.field(default_factory=list)  # Varying
    options: dict = dataclasses.field(default_factory=dict)  # of jail run -> why: what the case needs to be equal
    any_order: bool = False  # the order of the lines is that of whichever was ready first
    times: str = ""  # files whose path matches this regular expression are compared with their modification time
    random: str = ""  # files whose path matches are compared without their contents: they hold salts or nonces
    passing: str = ""  # files whose path matches are not looked at: work in the background makes and removes them

    def supervised_runs(self):
        return sum(isinstance(run, (Run, Serve)) for run in self.runs)


class Player:
    """How cases are run: bare, or behind a prefix that holds jail, whose %REPORT% is another file for each run."""

    def __init__(self, program, prefix=(), owner=None, env=None, report=""):
        self.prefix, self.program = list(prefix), program
        self.owner = owner
        self.env = env or {}
        self.report = report  # what the names of the reports begin with
        self.reports = []

    def command(self):
        report = "%s.%d" % (self.report, len(self.reports))
        self.reports.append(report)
        return [word.replace("%REPORT%", report) for word in self.prefix] + [self.program]

    def environment(self, directory, more, words):
        environment = {
            "HOME": directory,
            "LANG": "C.UTF-8",
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "TMPDIR": directory,
            "TZ": "Europe/Berlin",
        }
        environment.update({name: words(value) for name, value in more.items()})
        return environment

    def play(self, case, directory, values):
        """Returns what was seen; the directory is new, and gone afterwards. Values are what %NAME% stands for."""

        def words(text):
            return re.sub("%([A-Z]+[0-9]?)%", lambda match: values.get(match.group(1), match.group()), text)

        make_files(case, directory, self.owner, words)
        seen = []
        try:
            with contextlib.ExitStack() as servers:
                for run in case.runs:
                    if isinstance(run, Run):
                        seen.append(self.run(run, directory, words, case))
                    elif isinstance(run, Serve):
                        servers.enter_context(self.serve(run, directory, words, case, seen))
                    elif isinstance(run, Daemon):
                        servers.enter_context(Left(os.path.join(directory, run.pid_file)))
                    elif isinstance(run, Beside):
                        command = [words(word) for word in run.command]
                        environment = self.environment(directory, run.env, words)
                        servers.enter_context(Server(command, map(words, run.ports), directory, environment))
                    else:
                        seen.append(seen_of(*run(directory, words), case))
            return {"runs": seen, "files": list_files(case, directory)}
        finally:
            shutil.rmtree(directory)

    def run(self, run, directory, words, case):
        arguments = [words(argument) for argument in run.arguments]
        with output_file() as out, output_file() as err:
            try:
                done = subprocess.run(
                    self.command() + arguments,
                    input=words(run.stdin).encode(),
                    cwd=directory,
                    env=dict(self.environment(directory, run.env, words), **self.env),
                    stdout=out,
                    stderr=err,
                    timeout=TIMEOUT_S,
                    check=False,
                )
            except subprocess.TimeoutExpired as hung:
                raise Failure("hung: %s" % arguments) from hung
            out.seek(0)
            err.seek(0)
            return seen_of(" ".join(arguments), done.returncode, out.read(), err.read(), case)

    def serve(self, run, directory, words, case, seen):
        arguments = [words(argument) for argument in run.arguments]
        environment = dict(self.environment(directory, run.env, words), **self.env)

        def ended(*what):
            seen.append(seen_of(" ".join(arguments), *what, case))

        return Server(self.command() + arguments, map(words, run.ports), directory, environment, ended)


def seen_of(what, code, out, err, case):
    def normal(data):
        text = data.decode(errors="surrogateescape") if isinstance(data, bytes) else data
        for varying in case.normalise:
            text = re.sub(varying.pattern, varying.replacement, text)
        if case.any_order:
            text = "".join(sorted(text.splitlines(True)))
        return text

    for varying in case.normalise:
        if code in varying.codes:
            code = varying.codes[0]
    return {"what": what, "code": code, "out": normal(out), "err": normal(err)}


def make_files(case, directory, owner, words):
    os.mkdir(directory)
    for name, text in case.files.items():
        path = os.path.join(directory, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(words(text))
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
            if case.passing and re.search(case.passing, shown):
                continue
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
    if len(bare["runs"]) != len(jailed["runs"]):
        texts.append("%d runs bare, %d jailed" % (len(bare["runs"]), len(jailed["runs"])))
    for expected, got in zip(bare["runs"], jailed["runs"]):
        for what in ("code", "out", "err"):
            if expected[what] != got[what]:
                texts.append("%s: %s\n%s" % (expected["what"], what, difference(expected[what], got[what])))
    for path in sorted(set(bare["files"]) | set(jailed["files"])):
        before, after = bare["files"].get(path), jailed["files"].get(path)
        if before != after:
            texts.append("file %s\n      bare   %s\n      jailed %s" % (path, before, after))
    return texts


def difference(expected, got):
    if not isinstance(expected, str) or expected.count("\n") < 2:
        return "      bare   %r\n      jailed %r" % (expected, got)
    lines = difflib.unified_diff(expected.splitlines(), got.splitlines(), "bare", "jailed", n=0, lineterm="")
    return "\n".join("      %r" % line for line in lines)
