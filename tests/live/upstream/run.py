#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""
Upstream's own tests as witnesses: the test binaries of the standard library run bare and under jail, every stop decided, and each
test must end the same way.

    run.py --jail=build/jail [--full] [--keep] [REGEX]

Rows are named USER/PACKAGE. --full runs all packages with all their tests (-test.short), else it is the choice that packages.py
makes for CI.
"""

import json
import os
import re
import subprocess
import sys

sys.dont_write_bytecode = True  # the source tree is not ours to write to
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(os.path.join(os.path.dirname(HERE), "attacks"))

import harness
import packages

PATIENCE_S = 1500
MAX_EXPLAINED = 10  # where more differ, it is not about a test
RERUNS = 3  # of a test that differs, alone: bare and jailed
MARKED_RESULT = re.compile(r"\x16\s*--- (PASS|FAIL|SKIP): (\S+) \(")


def go_environment(goroot, home):
    """For the tests, some of which call the go command."""
    return {
        "PATH": os.path.join(goroot, "bin") + ":" + harness.plain_environment()["PATH"],
        "HOME": home,
        "TMPDIR": home,
        "GOCACHE": os.path.join(home, "gocache"),
        "GOROOT": goroot,
        "GOTOOLCHAIN": "local",
        "GOPROXY": "off",
        "GOFLAGS": "",
    }


def build(goroot, package):
    """The package's test binary, which is kept in the cache; skips when this Go comes without tests."""
    name = package.replace("/", "-") + ".test"
    directory = os.path.join(harness.cache_directory(), "upstream-" + harness.go_version(goroot))
    program = os.path.join(directory, name)
    os.makedirs(directory, exist_ok=True)
    with harness.Lock(program + ".lock"):
        if not os.path.exists(program):
            environment = dict(os.environ, GOROOT=goroot, GOTOOLCHAIN="local", GOFLAGS="", GOWORK="off", GOPROXY="off", GODEBUG="")
            command = [os.path.join(goroot, "bin", "go"), "test", "-c", "-o", program + ".new", package]
            built = subprocess.run(command, cwd=directory, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                   universal_newlines=True, check=False)
            if built.returncode != 0:
                harness.fail("%s:\n%s" % (" ".join(command), built.stdout))
            if not os.path.exists(program + ".new"):
                harness.skip("%s has no tests of %s: %s" % (goroot, package, built.stdout.strip()))
            os.rename(program + ".new", program)
    return program


def is_part_of(name, test):
    return name == test or name.startswith(test + "/")


class Witness:
    """One package's tests, played by one user."""

    def __init__(self, test, goroot, program, user, package, choice):
        self.test, self.goroot, self.user, self.package = test, goroot, user, package
        self.choice = choice
        self.sources = os.path.join(goroot, "src", package.path)
        self.program = program
        self.n_decided = 0

    def play(self, prefix, choice):
        """(exit status, {test: result}, what was printed) of one run."""
        home = self.test.room(self.user)
        left_out = "|".join("^%s$" % row.test for row in packages.LEFT_OUT if row.package == self.package.path)
        argv = prefix + [self.program, "-test.short", "-test.v=test2json", "-test.run=" + choice]
        if left_out:
            argv.append("-test.skip=" + left_out)
        argv = ["sh", "-c", '"$@"; exit $?', "sh", *argv]  # which leads the session: tests open terminals, and must not get them
        run = self.test.run(self.user, argv, self.sources, go_environment(self.goroot, home), timeout=PATIENCE_S)
        text = run.out + run.err
        return run.status, {name: result for result, name in MARKED_RESULT.findall(run.out)}, text

    def play_jailed(self, choice):
        report = os.path.join(self.test.room(self.user), "report")
        prefix = [self.test.jail, "run", "--decide-all", "--go-mod=" + self.test.go_mod, "--report=" + report, "--"]
        status, results, text = self.play(prefix, choice)
        denied = []
        with open(report, encoding="utf-8") as file:
            for line in file:
                event = json.loads(line)
                if event["event"] == "summary":
                    self.n_decided += event["decided"]
                elif event["event"] == "denied":
                        denied.append("%s [%s] %s" % (event["call"], event["reason"], event.get("detail", "")))
        return status, results, text, denied

    def check(self):
        reached = subprocess.run(self.user.command(["sh", "-c", 'cd "$1"', "sh", self.sources]), stderr=subprocess.DEVNULL, check=False)
        if reached.returncode != 0:
            print("%s/%s: not run: %s is not theirs to enter" % (self.user.name, self.package.path, self.sources))
            return []
        bare_status, bare, bare_text = self.play([], self.choice)
        status, jailed, text, denied = self.play_jailed(self.choice)
        if not bare or bare_status not in (0, 1):
            return ["void: bare it ends with %s: %s" % (bare_status, harness.shorten(bare_text))]
        problems = self.check_denials(jailed, denied)
        if self.n_decided == 0:
            problems.append("nothing was decided")
        listed = self.listed_differences(bare, jailed)
        problems += ["%s no longer differs: take it from the list" % row.test for row in listed if jailed[row.test] == row.bare]
        differing = {name for name in bare.keys() | jailed.keys() if bare.get(name) != jailed.get(name)}
        differing -= {name for name in differing for row in listed if is_part_of(name, row.test)}
        problems += self.explain_all(differing, bare, jailed, text)
        if not listed and not differing and status != bare_status:
            problems.append("exit status %s, bare %s: %s" % (status, bare_status, harness.shorten(text)))
        print("%s/%s: %d tests, %d of them listed as different, %d stops decided" %
              (self.user.name, self.package.path, len(bare), len(listed), self.n_decided), flush=True)
        return problems

    def check_denials(self, jailed, denied):
        """The policy confines nothing: what is denied is denied in doubt, and must be listed."""
        listed = [row for row in packages.DENIALS if row.package == self.package.path and row.test in jailed]
        problems = ["denied: " + text for text in denied if not any(re.search(row.call, text) for row in listed)]
        return problems + ["%s is no longer denied: take it from the list" % row.call
                           for row in listed if not any(re.search(row.call, text) for text in denied)]

    def listed_differences(self, bare, jailed):
        """Those that apply here: bare, the test does what it is listed with (it may lack a tool, and skip)."""
        return [row for row in packages.DIFFERENCES
                if row.package == self.package.path and bare.get(row.test) == row.bare and jailed.get(row.test) in (row.bare, row.jailed)]

    def explain_all(self, differing, bare, jailed, text):
        tops = sorted({name.split("/")[0] for name in differing})
        if len(tops) > MAX_EXPLAINED:
            return ["%d tests differ: %s\n%s" % (len(tops), " ".join(tops), harness.shorten(text, 3000))]
        problems = []
        for top in tops:
            problems += self.explain(top, [name for name in differing if is_part_of(name, top)], bare, jailed, text)
        return problems

    def explain(self, top, names, bare, jailed, text):
        """Whether a test that differed does not always end the same way bare; otherwise the difference is jail's."""
        choice = "^%s$" % top
        bare_seen, jailed_seen = [bare.get(top)], [jailed.get(top)]
        for _ in range(RERUNS):
            bare_seen.append(self.play([], choice)[1].get(top))
            jailed_seen.append(self.play_jailed(choice)[1].get(top))
        if len(set(bare_seen)) > 1:
            print("%s: %s is not stable bare: %s" % (self.package.path, top, bare_seen))
            return []
        begin = text.find("=== RUN   %s\n" % top)
        end = text.find(": %s (" % top, begin)
        told = text[begin:end] if begin >= 0 else text[-3000:]
        return ["%s: bare %s, jailed %s\n%s" % (" ".join(names), bare_seen, jailed_seen, harness.shorten(told, 3000))]


def main():
    test = harness.Test(__doc__, [("--full", {"action": "store_true"})])
    goroot = harness.go_root("newest")
    test.go_mod = test.bring(os.path.join(HERE, "go.mod"))
    jobs = []
    for package in packages.PACKAGES:
        choice = "." if test.options.full else package.ci
        if not choice:
            continue
        users = [user for user in harness.users() if user.name != "nobody" or package.as_nobody]
        names = {user: "%s/%s" % (user.name, package.path) for user in users}
        if not any(re.search(test.options.rows, name) for name in names.values()):
            continue
        program = test.bring(build(goroot, package.path))  # to where every user can read it
        for user, name in names.items():
            jobs.append((name, lambda u=user, p=package, f=program, c=choice: Witness(test, goroot, f, u, p, c).check()))
    test.rows(jobs)
    test.finish()


main()
