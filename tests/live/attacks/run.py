#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""
A victim and its poisoned module: each attack succeeds bare, and under jail it fails with EPERM and has no effect, while the
program's own work goes on, and the same done by the program itself or by a module that is not confined is not disturbed.

    run.py --jail=build/jail [--go=1.19] [--variant=pie] [REGEX]
    run.py --list
    run.py --jail=build/jail --planted      the test of the test: nothing is confined, so every attack must be found to succeed

Rows are named USER/WHO/DEED/ROUTE. Exit status 77 (skipped, with the reason) without the Go that is asked for.
"""

import itertools
import os
import sys

sys.dont_write_bytecode = True  # the source tree is not ours to write to

import harness
import rows
import world

HERE = os.path.dirname(os.path.abspath(__file__))
PEOPLE = {"evil": "example.com/evil", "friend": "example.com/friend", "own": "example.com/app/own"}

numbers = itertools.count()


def victim_sources():
    """The victim's files: deeds and what leads to them once for each of the people."""
    template = harness.read_tree(os.path.join(HERE, "victim"))
    files = {}
    for name, data in template.items():
        for who, path in PEOPLE.items():
            copy = data.replace(b"example.com/deeds", path.encode()).replace(b"deeds", who.encode())
            copy = copy.replace(b"hostDeeds", b"host_" + who.encode()).replace(b"moreOfDeeds", b"more_" + who.encode())
            if name.startswith("host"):
                files[name.replace("host", "host_" + who)] = copy
            elif name.startswith("deeds/") and not (who == "own" and name == "deeds/go.mod"):
                files[name.replace("deeds/", who + "/").replace("deeds", who)] = copy
        if name in ("go.mod", "main.go"):
            files[name] = data
    return files


def check_effects(row, seen, expected, problems):
    if expected and row.effect not in seen:
        problems.append("no effect: not %r (%s)" % (row.effect, sorted(seen) or "nothing"))
    if not expected and seen:
        problems.append("it had effects: %s" % sorted(seen))


def check_blame(row, events, problems):
    """The report of an attack: this is denied for its class and reason, and nobody else is."""
    denied = [event for event in events if event["event"] == "denied"]
    wanted = PEOPLE["evil"] if row.blamed else None
    if not any((event["class"], event["reason"], event.get("module")) == (row.cls, row.reason, wanted) for event in denied):
        problems.append("not in the report: %s, %s, %s; there is %s" % (row.cls, row.reason, wanted, [
            (event["class"], event["reason"], event.get("module"), event.get("call")) for event in denied]))
    problems += ["denied to another: %s" % event["call"] for event in denied if event.get("module") != wanted]


def run_row(test, user, program, who, row, jailed):
    place = world.World(test, user, next(numbers), row.effect == rows.KILLED)
    problems = []
    try:
        report = os.path.join(test.room(user), "report")
        prefix = [test.jail, "run", "--go-mod=" + test.go_mod, "--report=" + report, *test.planted, "--"] if jailed else []
        run = place.run(test, user, prefix + [program, who, row.route, row.deed], row.effect == rows.CALLED)
        confined = jailed and who == "evil"
        check_effects(row, place.effects(run, row.effect, not confined), not confined, problems)
        if confined or row.bare_work:
            problems += ["own work: " + text for text in place.work_done(run)]
        if row.sees and confined and "deed: EPERM" not in run.out:
            problems.append("the attacker was not told EPERM")
        if not confined and ("deed: EPERM" in run.out or "deed: failed" in run.out):
            problems.append("it was disturbed")
        if confined:
            check_blame(row, harness.read_report(report), problems)
        elif jailed:
            problems += ["denied %s" % event["call"] for event in harness.read_report(report) if event["event"] == "denied"]
        if problems:
            problems.append("output %r, errors %r" % (harness.shorten(run.out), harness.shorten(run.err)))
    finally:
        place.close()
    return problems


def expect_failure(function):
    problems = function()
    return [] if any("it had effects" in problem for problem in problems) else ["the attack was not noticed: %s" % problems]


def listed():
    for row in rows.DEEDS + rows.ROUTES:
        name = "%s by %s" % (row.deed, row.route)
        yield from (("bare", name), ("deny", name))
        if row.twins:
            yield "twin", name


def main():
    harness.list_rows(listed())
    test = harness.Test(__doc__, [("--go", {"default": "newest"}), ("--variant", {"default": "exe", "choices": harness.VARIANTS}),
                                  ("--planted", {"action": "store_true"})])
    test.planted = ["--module=example.com/evil=unconfined", "--unattributed=allow"] if test.options.planted else []
    variant = test.options.variant
    if not test.options.planted:
        test.attack_again()
    built = harness.go_build(victim_sources(), "app", variant, test.options.go)
    program = test.bring(built, "app")
    test.go_mod = test.bring(os.path.join(os.path.dirname(built), "src", "go.mod"), "go.mod")
    jobs = []
    for user in harness.users():
        for row in rows.DEEDS + rows.ROUTES:
            if (row.needs == "cgo" and not variant.startswith("cgo")) or not harness.has(test.options.go, row.since):
                continue
            name = "%s/%%s/%s/%s" % (user.name, row.deed, row.route)
            runs = [("bare", "evil", False), ("evil", "evil", True)]
            if row.twins:
                runs += [("friend", "friend", True), ("own", "own", True)]
            for label, who, jailed in runs:
                jobs.append((name % label, lambda u=user, w=who, r=row, j=jailed: run_row(test, u, program, w, r, j)))
    if test.planted:
        jobs = [(name, lambda f=function: expect_failure(f)) for name, function in jobs if "/evil/" in name]
    test.rows(jobs)
    test.finish()


main()
