#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""
The CI step on the example module, whose poisoned dependency is reached from an internal test (price) and an external one (label).

    run.py --jail=build/jail GO-VERSION [REGEX]

GO-VERSION is one that tests/live/toolchain.sh knows. What the dependency reads is a FIFO here: whoever opens it lets go of its
writer, so this test sees from outside whether it was read, whatever jail says. Exit status 77 (skipped, with the reason) without that
Go.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
MODULE = os.path.join(HERE, "..", "..", "..", "examples", "ci", "module")
TIMEOUT_S = 300
SECRET = b"machine example.com password secret\n"
READS = 'os.ReadFile(filepath.Join(os.Getenv("HOME"), ".netrc"))'
HARMLESS = "[]byte(nil), os.ErrNotExist"
WRITES = '[]byte(nil), os.WriteFile(filepath.Join(os.Getenv("HOME"), "owned"), nil, 0o600)'

BOTH = ("./price", "./label")
EXEC = ("run", "--fail-on-deny", "--")
DECIDE_ALL = ("run", "--fail-on-deny", "--decide-all", "--")
DENIED_READ = r'^jail: denied openat\(".*/\.netrc", O_RDONLY\) by example\.com/evil v1\.2\.3 \[fs\.read, confined\]$'
DENIED_WRITE = r'^jail: denied openat\(".*/owned", .*O_CREAT.*\) by example\.com/evil v1\.2\.3 \[fs\.write, confined\]$'

# name -> what go test is asked for, and what must come of it. `exec` are jail's arguments, none for a bare run. `read` and `written`
# are what is seen from outside; `said` are (regular expression, how many lines of the output).
CASES = {
    "bare, the attack works": dict(code=0, read=True),
    "an internal test": dict(exec=EXEC, packages=("./price",), code=1, failed={"price"}, said=[(DENIED_READ, 1)]),
    "an external test": dict(exec=EXEC, packages=("./label",), code=1, failed={"label"}, said=[(DENIED_READ, 1)]),
    # A test binary that reaches no confined module passes: there is nothing to check in it.
    "all packages": dict(
        exec=EXEC, code=1, failed={"price", "label"}, said=[(DENIED_READ, 2), (r"^ok\s+example\.com/shop/calm\s", 1)]
    ),
    "all packages, --decide-all": dict(exec=DECIDE_ALL, code=1, failed={"price", "label"}, said=[(DENIED_READ, 2)]),
    "only reported": dict(exec=("run", "--"), arguments=("-v",), packages=BOTH, code=0, said=[(DENIED_READ, 2)]),
    "permissive": dict(
        exec=("run", "--permissive", "--"), arguments=("-v",), packages=BOTH, code=0, read=True, said=[("^jail: would deny ", 2)]
    ),
    "with coverage": dict(
        exec=EXEC,
        arguments=("-cover", "-coverprofile=cover.out"),
        packages=("./price",),
        code=1,
        failed={"price"},
        said=[(DENIED_READ, 1)],
    ),
    "with coverage of the dependency": dict(
        exec=EXEC,
        arguments=("-coverpkg=./...,example.com/evil",),
        packages=("./price",),
        code=1,
        failed={"price"},
        said=[(DENIED_READ, 1)],
    ),
    "one at a time, verbose": dict(
        exec=EXEC,
        arguments=("-p=1", "-v"),
        packages=BOTH,
        code=1,
        failed={"price", "label"},
        said=[(DENIED_READ, 2), (r"^--- PASS", 2)],
    ),
    "stripped, without inlining": dict(
        exec=EXEC,
        arguments=("-trimpath", "-ldflags=-s -w", "-gcflags=all=-l"),
        packages=BOTH,
        code=1,
        failed={"price", "label"},
        said=[(DENIED_READ, 2)],
    ),
    "from another directory": dict(
        exec=EXEC, directory="price", packages=("example.com/shop/label",), code=1, failed={"label"}, said=[(DENIED_READ, 1)]
    ),
    "go.mod by name": dict(
        exec=("run", "--fail-on-deny", "--go-mod=%MODULE%/go.mod", "--"),
        packages=BOTH,
        code=1,
        failed={"price", "label"},
        said=[(DENIED_READ, 2)],
    ),
    "a writing attack works bare": dict(evil=WRITES, packages=BOTH, code=0, written=True),
    "a writing attack": dict(evil=WRITES, exec=EXEC, packages=BOTH, code=1, failed={"price", "label"}, said=[(DENIED_WRITE, 2)]),
    "no attack": dict(evil=HARMLESS, exec=EXEC, packages=BOTH, code=0),
    "no attack, all packages": dict(evil=HARMLESS, exec=DECIDE_ALL, code=0),
    "no attack, with coverage": dict(
        evil=HARMLESS, exec=EXEC, arguments=("-cover", "-coverprofile=cover.out"), packages=BOTH, code=0
    ),
    "unmarked, nothing is denied": dict(
        go_mod=("gomodjail:confined", "gomodjail:unconfined"), exec=("run", "--"), packages=BOTH, code=0, read=True
    ),
}


def skip(reason):
    print("SKIP: " + reason, file=sys.stderr)
    sys.exit(77)


def toolchain(version):
    done = subprocess.run([os.path.join(HERE, "..", "toolchain.sh"), version], capture_output=True, text=True, check=False)
    if done.returncode == 77:
        skip(done.stderr.strip().removeprefix("SKIP: "))
    done.check_returncode()
    return os.path.join(done.stdout.strip(), "bin", "go")


class Fifo:
    """A file that knows whether somebody opened it."""

    def __init__(self, path):
        os.mkfifo(path, 0o600)
        self.path, self.opened, self.ended = path, 0, False
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        while True:
            file = os.open(self.path, os.O_WRONLY)  # until a reader comes
            if self.ended:
                os.close(file)
                return
            self.opened += 1
            try:
                os.write(file, SECRET)
            except BrokenPipeError:
                pass
            os.close(file)

    def end(self):
        """How often it was opened."""
        self.ended = True
        reader = os.open(self.path, os.O_RDONLY | os.O_NONBLOCK)  # lets go of the writer
        self.thread.join()
        os.close(reader)
        return self.opened


def replace_in(path, old, new):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    if old not in text:
        raise ValueError("%s does not hold %s" % (path, old))
    with open(path, "w", encoding="utf-8") as file:
        file.write(text.replace(old, new))


def go_test(go, jail, case, directory):
    """Runs one case in a copy of the module; returns its failures, and what go test said."""
    module, home = os.path.join(directory, "module"), os.path.join(directory, "home")
    shutil.copytree(MODULE, module)
    os.mkdir(home)
    if "evil" in case:
        replace_in(os.path.join(module, "evil", "evil.go"), READS, case["evil"])
        if case["evil"] == HARMLESS:
            replace_in(os.path.join(module, "evil", "evil.go"), '\t"path/filepath"\n', "")
    if "go_mod" in case:
        replace_in(os.path.join(module, "go.mod"), *case["go_mod"])
    fifo = Fifo(os.path.join(home, ".netrc"))

    command = [go, "test", "-count=1"] + list(case.get("arguments", ()))
    if "exec" in case:
        command.append("-exec=" + " ".join([jail] + [argument.replace("%MODULE%", module) for argument in case["exec"]]))
    command += case.get("packages", ("./...",))
    # The go command's own home is another one: it looks for a .netrc, too. Its caches stay where they are.
    environment = {name: value for name, value in os.environ.items() if name not in ("GOROOT", "GODEBUG", "GOEXPERIMENT")}
    environment.update(
        GOFLAGS="-mod=mod",
        GOWORK="off",
        GOPROXY="off",
        GOSUMDB="off",
        GOTOOLCHAIN="local",
        HOME=home,
        GOENV="off",
        GOCACHE=subprocess.check_output([go, "env", "GOCACHE"], text=True, env=dict(os.environ, GOTOOLCHAIN="local")).strip(),
        NO_COLOR="1",
        LC_ALL="C",
    )
    done = subprocess.run(
        command,
        cwd=os.path.join(module, case.get("directory", "")),
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    opened = fifo.end()
    return judge(case, done, opened > 0, os.path.exists(os.path.join(home, "owned"))), done.stdout


def judge(case, done, read, written):
    failures = []

    def expect(what, expected, got):
        if expected != got:
            failures.append("%s: %s expected, %s seen" % (what, expected, got))

    expect("the status of go test", case["code"], done.returncode)
    expect("the secret was read", case.get("read", False), read)
    expect("a file was written", case.get("written", False), written)
    expect(
        "packages that failed", case.get("failed", set()), set(re.findall(r"^FAIL\s+example\.com/shop/(\w+)\s", done.stdout, re.M))
    )
    # The tests themselves pass: the dependency copes with a denial. So a failure is jail's.
    expect("tests that failed", [], re.findall(r"^\s*--- FAIL.*", done.stdout, re.M))
    for pattern, count in case.get("said", ()):
        expect("lines like " + pattern, count, len(re.findall(pattern, done.stdout, re.M)))
    if not any(pattern in (DENIED_READ, DENIED_WRITE) for pattern, _ in case.get("said", ())) and case.get("code") == 0:
        expect("denials", 0, len(re.findall(r"^jail: denied", done.stdout, re.M)))
    return failures


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jail", required=True)
    parser.add_argument("go")
    parser.add_argument("pattern", nargs="?", default="")
    options = parser.parse_args()

    go, jail = toolchain(options.go), os.path.abspath(options.jail)
    names = [name for name in CASES if re.search(options.pattern, name)]
    n_failed = 0
    for name in names:
        with tempfile.TemporaryDirectory(prefix="jail-citest-") as directory:
            failures, said = go_test(go, jail, CASES[name], directory)
        print("%-4s %s" % ("FAIL" if failures else "ok", name))
        if failures:
            n_failed += 1
            print("".join("    %s\n" % line for line in failures + said.splitlines()), end="")
    print("%d cases, %d failed" % (len(names), n_failed))
    return 1 if n_failed or not names else 0


if __name__ == "__main__":
    sys.exit(main())
