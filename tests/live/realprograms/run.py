#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""
Real programs under jail: each case bare and under jail must show the same output, exit status and files, and every denial must be
one that the program's table explains.

    run.py --jail=build/jail PROGRAM PART [REGEX]

PROGRAM is yq or rclone. PART says which cases run how:

    all            every case, built as `go install` does
    VARIANT        a choice of cases with a build variant: stripped, pie, static, stripped-pie
    unprivileged   a choice as nobody (needs root)
    repeat         a choice, five times with GOMAXPROCS from 1 to 4, --permissive and with all modules confined: the same verdicts
    cobra          a choice with cobra confined: denied without `jail:callbacks`, equal with it

Exit status 77 (skipped, with the reason) without Go, without the program and a network to get it from, or when not root.
"""

import argparse
import collections
import concurrent.futures
import json
import os
import re
import shutil
import sys
import tempfile

sys.dont_write_bytecode = True  # the source tree stays as it is

# pylint: disable=wrong-import-position
from case import Failure, Player, differences
from program import VARIANTS, Toolchain, built, policy_text, skip
from rclone import RCLONE
from yq import YQ

PROGRAMS = {"yq": YQ, "rclone": RCLONE}
COBRA = "github.com/spf13/cobra"
NOBODY = 65534
WORKERS = 2
MAX_SHOWN, MAX_BYTES = 12, 2000
PROCESSORS = (1, 2, 3, 4, 4)


class Bench:
    """A temporary directory with the program, jail and the policies, and how to play a case there."""

    def __init__(self, program, variant, jail, unprivileged=False):
        self.program, self.unprivileged = program, unprivileged
        self.toolchain = Toolchain()
        self.path, self.go_mod = built(program, variant, self.toolchain)
        self.jail = os.path.abspath(jail)
        self.directory = tempfile.mkdtemp(prefix="jail-realprograms-")
        os.chmod(self.directory, 0o755)
        if unprivileged:  # the build tree and the cache may be where nobody cannot look
            self.path = shutil.copy2(self.path, os.path.join(self.directory, program.name))
            self.jail = shutil.copy2(self.jail, os.path.join(self.directory, "jail"))
            os.chown(self.directory, NOBODY, NOBODY)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.directory)

    def policy(self, name, unconfined, callbacks):
        with open(self.go_mod, encoding="utf-8") as file:
            text, _ = policy_text(file.read(), unconfined, callbacks)
        path = os.path.join(self.directory, name + ".mod")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def ordinary_policy(self):
        return self.policy("ordinary", self.program.unconfined, self.program.callbacks)

    def cases(self, choice=None, pattern=""):
        chosen = self.program.chosen[choice] if choice else [case.name for case in self.program.cases]
        cases = {case.name: case for case in self.program.cases}
        return [cases[name] for name in chosen if re.search(pattern, name)]

    def play(self, case, way, policy=None, options=(), env=None):
        """What was seen, and jail's report: a list of events, none if bare."""
        stem = re.sub(r"\W+", "-", case.name)
        prefix = ["setpriv", "--reuid=%d" % NOBODY, "--regid=%d" % NOBODY, "--clear-groups", "--"] if self.unprivileged else []
        report = None
        if policy:
            report = os.path.join(self.directory, "%s.%s.report" % (stem, way))
            prefix += [self.jail, "run", "-qq", "--go-mod=" + policy, "--report=" + report] + list(options) + ["--"]
        player = Player(self.path, prefix, NOBODY if self.unprivileged else None, env, report)
        # Bare and jailed runs get the same directory, one after the other: its name is in what they say.
        seen = player.play(case, os.path.join(self.directory, stem))
        if not report:
            return seen, []
        with open(report, encoding="utf-8") as file:
            return seen, [json.loads(line) for line in file]


def denials_of(events):
    return [event for event in events if event["event"] == "denied"]


def show(entry):
    return "%s by %s at %s [%s, %s] %s" % (
        entry["call"],
        entry.get("module") or "?",
        entry.get("at", {}).get("function", "?"),
        entry["class"],
        entry["reason"],
        entry.get("detail", ""),
    )


def unsupervised(case, events):
    """Whether every run of the case was indeed supervised, to its end."""
    counts = collections.Counter(event["event"] for event in events)
    supervised = sum(event["event"] == "start" and event["supervised"] for event in events)
    if supervised == len(case.runs) and counts["summary"] == len(case.runs):
        return []
    return ["%d runs, %d of them supervised, %d summaries" % (len(case.runs), supervised, counts["summary"])]


def unexplained(program, case, events):
    """Denials that the tables do not explain, and explanations of nothing."""
    texts = []
    always = [name for name, denial in program.denials.items() if denial.always]
    met = collections.Counter()
    for entry in denials_of(events):
        names = [name for name in always + case.denied if program.denials[name].explains(entry)]
        met.update(names)
        if not names:
            texts.append("unexpected: " + show(entry))
    for name in case.denied:
        if met[name] == 0:
            texts.append("expected, and did not happen: " + name)
    for name in always:
        if met[name] < len(case.runs):
            texts.append("expected in each of %d runs, happened %d times: %s" % (len(case.runs), met[name], name))
    return texts


def compare(bench, case, policy):
    """The failures of one case, as texts."""
    try:
        bare, _ = bench.play(case, "bare")
        jailed, events = bench.play(case, "jailed", policy)
    except Failure as failure:
        return [str(failure)]
    return unexplained(bench.program, case, events) + unsupervised(case, events) + differences(bare, jailed)


def play_equal(bench, cases):
    policy = bench.ordinary_policy()
    return in_parallel(cases, lambda case: compare(bench, case, policy))


def play_repeat(bench, cases):
    policy = bench.policy("all-confined", {}, {})

    def verdicts_of(events):
        return {
            (entry["reason"], entry["class"], entry.get("module"), entry.get("at", {}).get("function"))
            for entry in denials_of(events)
        }

    def play(case):
        texts = []
        bare, _ = bench.play(case, "bare")
        first = None
        for processors in PROCESSORS:
            seen, events = bench.play(case, "repeat", policy, ["--permissive"], {"GOMAXPROCS": str(processors)})
            texts += differences(bare, seen) + unsupervised(case, events)
            verdicts = verdicts_of(events)
            first = first or verdicts
            if verdicts != first or not verdicts:
                texts.append("GOMAXPROCS=%d: other verdicts: %s" % (processors, sorted(first ^ verdicts, key=str)))
            texts += ["odd: " + show(entry) for entry in denials_of(events) if entry["reason"] != "confined"]
        return texts

    return in_parallel(cases, play)


def play_cobra(bench, cases):
    callbacks = {module: why for module, why in bench.program.callbacks.items() if module != COBRA}
    without = bench.policy("without-callbacks", bench.program.unconfined, callbacks)

    def play(case):
        texts = ["with callbacks: " + text for text in compare(bench, case, bench.ordinary_policy())]
        # What this harness does with a run that goes wrong is tried here, too.
        failures = compare(bench, case, without)
        if not any(text.startswith("unexpected: ") and " by %s at " % COBRA in text for text in failures):
            texts.append("without callbacks: cobra was to be denied: %s" % failures)
        others = [text for text in failures if text.startswith(("unexpected: ", "expected")) and " by %s at " % COBRA not in text]
        texts += ["without callbacks: " + text for text in others]
        if (
            not unsupervised(case, [])
            or any(denial.always for denial in bench.program.denials.values())
            and not unexplained(bench.program, case, [])
        ):
            texts.append("this harness takes an empty report for a good one")
        bare, _ = bench.play(case, "bare")
        jailed, _ = bench.play(case, "jailed", without)
        if all(run["code"] == 0 for run in jailed["runs"]):
            texts.append("without callbacks: the program was to fail: %s" % jailed["runs"])
        if bare["files"] == jailed["files"]:
            texts.append("without callbacks: no file was to be written")
        return texts

    return in_parallel(cases, play)


def in_parallel(cases, play):
    """case -> its failures."""
    with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
        return dict(zip([case.name for case in cases], pool.map(play, cases)))


def play_part(program, part, jail, pattern=""):
    if part == "unprivileged" and os.geteuid() != 0:
        skip("not root: the other tests run unprivileged")
    variant = part if part in VARIANTS else "default"
    choice = None if part == "all" else "variant" if part in VARIANTS else part
    play = {"repeat": play_repeat, "cobra": play_cobra}.get(part, play_equal)
    with Bench(program, variant, jail, part == "unprivileged") as bench:
        return play(bench, bench.cases(choice, pattern))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jail", required=True)
    parser.add_argument("program", choices=PROGRAMS)
    parser.add_argument("part", choices=["all", "unprivileged", "repeat", "cobra"] + list(VARIANTS))
    parser.add_argument("pattern", nargs="?", default="")
    options = parser.parse_args()

    results = play_part(PROGRAMS[options.program], options.part, options.jail, options.pattern)
    for name, failures in results.items():
        print("%-4s %s" % ("FAIL" if failures else "ok", name))
        for failure in failures[:MAX_SHOWN]:
            print("    " + failure[:MAX_BYTES])
        if len(failures) > MAX_SHOWN:
            print("    and %d more" % (len(failures) - MAX_SHOWN))
    n_failed = sum(bool(failures) for failures in results.values())
    print("%d cases, %d failed" % (len(results), n_failed))
    return 1 if n_failed or not results else 0


if __name__ == "__main__":
    sys.exit(main())
