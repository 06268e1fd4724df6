#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""
Real programs under jail: each case bare and under jail must show the same output, exit status and files, and every denial must be
one that the program's table explains.

    run.py --jail=build/jail PROGRAM PART [REGEX]

PART says which cases run how:

    all            every case, built as `go install` does
    VARIANT        a choice of cases with a build variant: stripped, pie, static, stripped-pie
    unprivileged   a choice as nobody (needs root)
    repeat         a choice, again and again with GOMAXPROCS from 1 to 4, a hard-working garbage collector or not, and with goroutines
                   preempted by signals or not: equal each time, and with all modules confined and --permissive the same verdicts
                   each time, the same number of times. 4 times; 100 times if $JAIL_TEST_SOAK is set
    cobra          a choice with cobra confined: denied without `jail:callbacks`, equal with it

Exit status 77 (skipped, with the reason) without Go, without the program and a network to get it from, or when not root.
"""

import argparse
import collections
import itertools
import os
import re
import sys

sys.dont_write_bytecode = True  # the source tree stays as it is

# pylint: disable=wrong-import-position
from bench import Bench, compare, denials_of, in_parallel, show, unexplained, unsupervised
from caddy import CADDY
from case import differences
from mc import MC
from program import VARIANTS, skip
from rclone import RCLONE
from server import Failure
from task import TASK
from yq import YQ

PROGRAMS = {program.name: program for program in (YQ, RCLONE, CADDY, MC, TASK)}
COBRA = "github.com/spf13/cobra"
MAX_SHOWN, MAX_BYTES = 12, 2000
# GOMAXPROCS, GOGC, asyncpreemptoff
ALL_SETTINGS = list(itertools.product((1, 2, 3, 4), ("1", "100"), (0, 1)))
SOME_SETTINGS = [(1, "1", 1), (2, "100", 0), (3, "100", 1), (4, "1", 0)]
SOAK_PLAYS = 100


def play_equal(bench, cases):
    policy = bench.ordinary_policy()
    return in_parallel(cases, lambda case: compare(bench, case, policy))


def settings_of_plays():
    """The environment of each play of a case in the repeat part."""
    settings = SOME_SETTINGS
    if os.environ.get("JAIL_TEST_SOAK"):
        settings = list(itertools.islice(itertools.cycle(ALL_SETTINGS), SOAK_PLAYS))
    return [
        {"GOMAXPROCS": str(processors), "GOGC": percent, "GODEBUG": "asyncpreemptoff=%d" % off}
        for processors, percent, off in settings
    ]


def verdicts_of(events, uncounted):
    """(reason, class, call, module, function) -> how often; only that it was there, where the number is another each time."""
    repeated = {(event["run"], event["id"]): event["count"] for event in events if event["event"] == "repeated"}
    verdicts = collections.Counter()
    for entry in denials_of(events):
        words = (
            entry["reason"],
            entry["class"],
            entry["syscall"],
            entry.get("module", "?"),
            entry.get("at", {}).get("function", "?"),
        )
        key = " ".join(words)
        verdicts[key] += repeated.get((entry["run"], entry["id"]), 1)
    return {
        key: "some" if any(re.search(each.pattern, key) for each in uncounted) else "%d times" % count
        for key, count in verdicts.items()
    }


def play_repeat(bench, cases):
    ordinary = bench.ordinary_policy()
    all_confined = bench.policy("all-confined", {}, {})

    def play(case):
        texts = []
        try:
            bare, _ = bench.play(case, "bare")
            first = None
            for env in settings_of_plays():
                wrong = compare(bench, case, ordinary, env, bare)
                seen, events = bench.play(case, "repeat", all_confined, ["--permissive"], env)
                wrong += differences(bare, seen) + unsupervised(case, events)
                verdicts = verdicts_of(events, bench.program.uncounted)
                first = first or verdicts
                if verdicts != first or not verdicts:
                    wrong.append("other verdicts: %s" % sorted(set(first.items()) ^ set(verdicts.items())))
                wrong += ["odd: " + show(entry) for entry in denials_of(events) if entry["reason"] != "confined"]
                texts += ["%s: %s" % (" ".join("%s=%s" % pair for pair in env.items()), text) for text in wrong]
        except Failure as failure:
            texts.append(str(failure))
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


def play_part(program, part, jail, pattern=""):
    """The failures of each case, and what the summaries count in all plays."""
    if part == "unprivileged" and os.geteuid() != 0:
        skip("not root: the other tests run unprivileged")
    variant = part if part in VARIANTS else "default"
    choice = None if part == "all" else "variant" if part in VARIANTS else part
    play = {"repeat": play_repeat, "cobra": play_cobra}.get(part, play_equal)
    with Bench(program, variant, jail, part == "unprivileged") as bench:
        return play(bench, bench.cases(choice, pattern)), bench.tally


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jail", required=True)
    parser.add_argument("program", choices=PROGRAMS)
    parser.add_argument("part", choices=["all", "unprivileged", "repeat", "cobra"] + list(VARIANTS))
    parser.add_argument("pattern", nargs="?", default="")
    options = parser.parse_args()

    results, tally = play_part(PROGRAMS[options.program], options.part, options.jail, options.pattern)
    for name, failures in results.items():
        print("%-4s %s" % ("FAIL" if failures else "ok", name))
        for failure in failures[:MAX_SHOWN]:
            print("    " + failure[:MAX_BYTES])
        if len(failures) > MAX_SHOWN:
            print("    and %d more" % (len(failures) - MAX_SHOWN))
    n_failed = sum(bool(failures) for failures in results.values())
    print("%d runs under jail, %d decisions, %d on a truncated stack" % (tally["runs"], tally["decided"], tally["truncated"]))
    print("%d cases, %d failed" % (len(results), n_failed))
    return 1 if n_failed or not results else 0


if __name__ == "__main__":
    sys.exit(main())
