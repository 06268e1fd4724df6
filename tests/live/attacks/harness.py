# SPDX-License-Identifier: Apache-2.0
"""What the live tests share: building Go programs once, running them as root and as nobody, rows in parallel, and what failed."""

import argparse
import collections
import concurrent.futures
import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time

LIVE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
NOBODY = 65534
PATIENCE = float(os.environ.get("JAIL_TEST_PATIENCE", 60))  # seconds after which a run counts as hung
WORKERS = 2

# name -> flags of go build. With cgo, the program's C code makes the Go linker use the external one.
VARIANTS = {
    "exe": [],
    "stripped": ["-trimpath", "-ldflags=-s -w"],
    "pie": ["-buildmode=pie"],
    "cgo": [],
    "cgo-pie": ["-buildmode=pie"],
}

Run = collections.namedtuple("Run", "status out err seconds")


def skip(reason):
    print("SKIP: " + reason, file=sys.stderr)
    sys.exit(77)


def fail(reason):
    print("FAILED: " + reason, file=sys.stderr)
    sys.exit(1)


def cache_directory():
    home = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.environ.get("HOME") or "/tmp", ".cache")
    return os.path.join(home, "jail-tests", "live")


def list_rows(rows):
    """
    With --list prints the rows of a table, each once whatever the users and variants, and ends: kind (bare, deny, twin or limit), name,
    and for a limit what it is and what helps. tests/redteam/list.py makes one list of them.
    """
    if "--list" in sys.argv:
        print("\n".join("\t".join(row) for row in rows))
        sys.exit(0)


class Lock:
    """One process at a time, by file."""

    def __init__(self, path):
        self.path = path

    def __enter__(self):
        self.file = open(self.path, "w", encoding="utf-8")
        fcntl.flock(self.file, fcntl.LOCK_EX)

    def __exit__(self, *error):
        self.file.close()


def go_root(version):
    """The GOROOT of a Go release, or of the newest; skips when it cannot be had."""
    tool = os.path.join(LIVE, "toolchain.sh")
    got = subprocess.run([tool, version], stdout=subprocess.PIPE, stderr=subprocess.PIPE, universal_newlines=True, check=False)
    if got.returncode == 77:
        skip(got.stderr.strip().rpartition("SKIP: ")[2])
    if got.returncode != 0:
        fail("toolchain.sh %s: %s" % (version, got.stderr.strip()))
    return got.stdout.strip()


def go_version(goroot):
    with open(os.path.join(goroot, "VERSION"), encoding="utf-8") as file:
        return file.readline().strip()


def has(go, since):
    """Whether a Go release has what came with another; both as 1.21, or newest."""
    return go == "newest" or [int(part) for part in go.split(".")] >= [int(part) for part in since.split(".")]


def read_tree(directory):
    """{relative path: bytes} of all files below a directory."""
    files = {}
    for parent, _, names in os.walk(directory):
        for name in names:
            path = os.path.join(parent, name)
            with open(path, "rb") as file:
                files[os.path.relpath(path, directory)] = file.read()
    return files


def write_tree(directory, files):
    for name, data in files.items():
        path = os.path.join(directory, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(data)


def go_build(files, name, variant="exe", version="newest", flags=(), package="."):
    """Builds the module that files are, once; returns the program, which is in the cache, and whose sources are in src beside it."""
    goroot = go_root(version)
    key = hashlib.sha256(repr((sorted(files.items()), variant, go_version(goroot), list(flags), package, 3)).encode()).hexdigest()
    directory = os.path.join(cache_directory(), "%s-%s-%s-%s" % (name, go_version(goroot), variant, key[:16]))
    program = os.path.join(directory, name)
    os.makedirs(directory, exist_ok=True)
    with Lock(directory + ".lock"):
        if not os.path.exists(program):
            source = os.path.join(directory, "src")
            shutil.rmtree(source, ignore_errors=True)
            write_tree(source, files)
            cgo = "1" if variant.startswith("cgo") else "0"
            environment = dict(os.environ, GOROOT=goroot, GOTOOLCHAIN="local", GOFLAGS="-mod=mod", GOWORK="off", GOPROXY="off",
                               CGO_ENABLED=cgo, GO111MODULE="on", GOSUMDB="off", GODEBUG="")
            command = [os.path.join(goroot, "bin", "go"), "build", *VARIANTS[variant], *flags, "-o", program + ".new", package]
            if has(version, "1.19"):
                command.insert(2, "-buildvcs=false")
            built = subprocess.run(command, cwd=source, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                   universal_newlines=True, check=False)
            if built.returncode != 0:
                fail("go build of %s (%s, %s):\n%s" % (name, variant, version, built.stdout))
            os.rename(program + ".new", program)
    return program


class User:
    """Whom a test runs as."""

    def __init__(self, name):
        self.name = name

    def command(self, argv):
        if self.name == "nobody" and os.geteuid() == 0:
            return ["setpriv", "--reuid=%d" % NOBODY, "--regid=%d" % NOBODY, "--clear-groups", "--", *argv]
        return list(argv)

    def own(self, path):
        """Gives a tree to the user."""
        if self.name != "nobody" or os.geteuid() != 0:
            return
        os.chown(path, NOBODY, NOBODY)
        for parent, directories, names in os.walk(path):
            for name in directories + names:
                os.chown(os.path.join(parent, name), NOBODY, NOBODY, follow_symlinks=False)


def users():
    """Root and nobody; for anybody else, oneself."""
    return [User("root"), User("nobody")] if os.geteuid() == 0 else [User("self")]


class Test:
    """A run of a table: a directory that every user can enter, jail in it, and what failed so far."""

    passes = 1  # how often the rows are run, and whether each time as another user
    in_turn = False

    def __init__(self, description, options=()):
        parser = argparse.ArgumentParser(description=description)
        parser.add_argument("--jail", default=os.environ.get("JAIL"), help="the jail to test; otherwise $JAIL")
        parser.add_argument("--keep", action="store_true", help="leave the working directory and name it")
        parser.add_argument("rows", nargs="?", default="", help="a regular expression: only these rows")
        for name, keywords in options:
            parser.add_argument(name, **keywords)
        self.options = parser.parse_args()
        if not self.options.jail:
            parser.error("--jail or $JAIL is needed")
        if not shutil.which("go"):
            skip("there is no go command")
        if os.geteuid() == 0 and not shutil.which("setpriv"):
            skip("there is no setpriv to become nobody with")
        self.directory = tempfile.mkdtemp(prefix="jail-live-")
        os.chmod(self.directory, 0o755)
        self.starting = threading.Lock()
        self.jail = self.bring(self.options.jail)
        self.failures = []
        self.count = 0
        self.lock = threading.Lock()

    def bring(self, file, name=None):
        """Copies a file to where every user can read and execute it."""
        with open(file, "rb") as source:
            return self.write(os.path.join(self.directory, name or os.path.basename(file)), source.read())

    def write(self, path, data, mode=0o755):
        """Writes a file that may be executed at once: no process that starts meanwhile inherits it open for writing."""
        with self.starting:
            with open(path, "wb") as file:
                file.write(data)
            os.chmod(path, mode)
        return path

    def room(self, user, files=None):
        """A new directory that belongs to the user."""
        room = tempfile.mkdtemp(dir=self.directory)
        os.chmod(room, 0o755)
        write_tree(room, files or {})
        user.own(room)
        return room

    def run(self, user, argv, cwd, environment=None, stdin=subprocess.DEVNULL, timeout=PATIENCE):
        """Runs to the end, and to the end of the output. A run that hangs is killed, with status None."""
        begin = time.monotonic()
        with self.starting:
            process = subprocess.Popen(user.command(argv), cwd=cwd, env=plain_environment(environment), stdin=stdin,
                                       stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)
        try:
            out, err = process.communicate(timeout=timeout)
            status = process.returncode
        except subprocess.TimeoutExpired:
            # The supervisor has a process group of its own, and may be what hangs.
            subprocess.run(["pkill", "-KILL", "-s", str(process.pid)], check=False)
            out, err = process.communicate()
            status = None
        return Run(status, out.decode(errors="replace"), err.decode(errors="replace"), time.monotonic() - begin)

    def attack_again(self):
        """
        Attacks are run twice, 20 times in a long run (tests/run --soak): as every user each time with the newest Go as an executable,
        with other builds as one user and then as the other. Bare they are run the first time only.
        """
        soak = bool(os.environ.get("JAIL_TEST_SOAK"))
        self.passes = 20 if soak else 2
        self.in_turn = not soak and (self.options.go, self.options.variant) != ("newest", "exe")

    def of_pass(self, number, jobs):
        """The jobs of one pass; their names begin with the user's, and have the word bare in them."""
        chosen = [job for job in jobs if number == 0 or "bare" not in job[0].split("/")]
        if self.in_turn:
            names = [user.name for user in users()]
            others = set(names) - {names[number % len(names)]}
            chosen = [job for job in chosen if job[0].partition("/")[0] not in others]
        return chosen

    def rows(self, jobs):
        """Runs (name, function) with some at a time; a function returns a list of what was wrong."""
        jobs = [job for job in jobs if re.search(self.options.rows, job[0])]
        for number in range(self.passes):
            chosen = self.of_pass(number, jobs)
            with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
                for (name, _), wrong in zip(chosen, pool.map(lambda job: self.row(*job), chosen)):
                    self.failures += ["%s: %s%s" % (name, "pass %d: " % (number + 1) if number else "", text) for text in wrong]

    def row(self, name, function):
        with self.lock:
            self.count += 1
        try:
            return function()
        except Exception as error:  # a broken row must not hide the others
            return ["%s: %s" % (type(error).__name__, error)]

    def finish(self):
        """Says what failed and exits."""
        for failure in self.failures:
            print("FAILED: " + failure)
        print("%d runs of rows%s, %d failures" % (self.count, " in %d passes" % self.passes if self.passes > 1 else "", len(self.failures)))
        if self.count == 0:
            print("FAILED: no row was run")
        if self.options.keep:
            print("kept: " + self.directory)
        else:
            shutil.rmtree(self.directory, ignore_errors=True)
        sys.exit(1 if self.failures or self.count == 0 else 0)


def plain_environment(more=None):
    """What a program under test gets: nothing of the caller's that could change what it does."""
    environment = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/nonexistent", "LANG": "C"}
    environment.update(more or {})
    return environment


def read_report(path):
    """The events of a report."""
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def words_of_jail(err):
    """The lines that begin jail's entries."""
    return [line for line in err.splitlines() if line.startswith("jail: ")]


def shorten(text, limit=600):
    return text if len(text) <= limit else text[:limit // 2] + " [...] " + text[-limit // 2:]
