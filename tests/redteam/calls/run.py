#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""
Every system call that stops, each in all its spellings, by a confined module that makes it itself, has a goroutine make it, or is
inlined into who makes it. Bare each does what it says; under jail it is EPERM and nothing changes, while the program itself and an
unconfined dependency may make it.

    run.py --jail=build/jail [--go=1.19] [--variant=pie] [REGEX]
    run.py --jail=build/jail --planted      the test of the test: nothing is confined, so every call must be found to be made
    run.py --list                           the cases, each once

Rows are named USER/KIND/WHO/WAY/CASE. A call that stops and has no case is a failure. With anything but the newest Go as an
executable only the attacks under jail are run.
"""

import errno
import itertools
import os
import re
import sys

sys.dont_write_bytecode = True  # the source tree is not ours to write to

import look
from look import harness

import case
import files
import net
import process
import session
import system

HERE = os.path.dirname(os.path.abspath(__file__))
PEOPLE = {"evil": "example.com/evil", "friend": "example.com/friend", "own": "example.com/app/own"}
WAYS = ("direct", "goroutine", "inlined")
CASES = files.CASES + net.CASES + process.CASES + system.CASES


def victim_sources():
    """The victim's files: deeds and its host once for each of the people."""
    made = {}
    for name, data in harness.read_tree(os.path.join(HERE, "victim")).items():
        for who, path in PEOPLE.items():
            copy = data.replace(b"example.com/deeds", path.encode()).replace(b"deeds", who.encode())
            if name == "host.go":
                made["host_%s.go" % who] = copy.replace(b"callDeeds", b"call_" + who.encode())
            elif name.startswith("deeds/") and not (who == "own" and name == "deeds/go.mod"):
                made[name.replace("deeds", who)] = copy
        if name in ("go.mod", "main.go"):
            made[name] = data
    return made


def check_allowed(one, seen):
    """What is wrong with a run that nobody denies."""
    problems = ["the preparation failed: " + text for text in seen.unable]
    problems += ["denied %s" % event["call"] for event in seen.events]
    if seen.number and seen.number in [getattr(errno, name) for name in one.errors]:
        return problems
    changed = seen.changed | ({"told"} if seen.number == 0 else set())
    if seen.number is None and not one.ends:
        problems.append("the program has ended")
    if not one.effect and seen.number is not None:
        problems.append("%s is none of %s" % (errno.errorcode.get(seen.number, seen.number), one.errors))
    elif one.effect not in changed:
        problems.append("no effect on %s: %s, %s" % (one.effect, errno.errorcode.get(seen.number, seen.number), sorted(seen.changed)))
    return problems


def check_denied(one, seen, reported):
    """reported: what the report has so far; it has like denials at one place of the program once."""
    problems = ["the preparation failed: " + text for text in seen.unable]
    if seen.lost:
        return problems + ["the program has ended"]
    if errno.errorcode.get(seen.number) not in one.told:
        problems.append("the attacker was told %s" % errno.errorcode.get(seen.number, seen.number))
    if seen.changed:
        problems.append("it had effects on %s %s" % (sorted(seen.changed), seen.maps or ""))
    said = [(event["class"], event["reason"], event.get("module"), event["call"].partition("(")[0]) for event in seen.events]
    reported.update(said)
    name = {one.call} if one.number == case.STOPPED[one.call].number else {text[3] for text in said}
    if not any((one.cls, "confined", PEOPLE["evil"], call) in reported for call in name):
        problems.append("not in the report: %s" % said)
    return problems + ["denied to another: %s" % (text,) for text in said if text[2] != PEOPLE["evil"]]


class Batch:
    """Cases that one process goes through."""

    def __init__(self, test, user, who, way, jailed, chosen):
        self.test, self.user, self.who, self.way, self.jailed, self.chosen = test, user, who, way, jailed, chosen
        self.denied = jailed and who == "evil"
        self.planted = ["--module=example.com/evil=unconfined"] if test.options.planted else []

    def run(self):
        report = os.path.join(self.test.room(self.user), "report") if self.jailed else None
        jail = [self.test.jail, "run", "--go-mod=" + self.test.go_mod, "--report=" + report, *self.planted, "--"] if self.jailed else []
        victim = session.Session(self.test, self.user, jail + [self.test.program, self.who, self.way], report)
        problems, places, reported = [], [], set()
        with self.test.lock:
            self.test.count += len(self.chosen) - 1
        try:
            for _, one in self.chosen:
                place = look.Place(self.test, self.user)
                places.append(place)
                seen = victim.attempt(one, place, None if self.denied or one.effect == "told" else one.effect)
                wrong = check_denied(one, seen, reported) if self.denied else check_allowed(one, seen)
                if self.planted:
                    wrong = [] if wrong else ["the attack was not noticed"]
                problems += ["%s: %s" % (one.name, text) for text in wrong]
                if seen.number is None:
                    break
        finally:
            missing, said = victim.finish()  # first: it may trace another process, which could not be waited for
            for place in places:
                place.close()
        if not self.planted and self.denied or not any(one.alone for _, one in self.chosen):
            problems += ["own work: " + text for text in missing]
        return problems and problems + ["errors %r" % harness.shorten(said, 1500)]


def kinds(options):
    """(kind, who, jailed) of the runs."""
    if options.variant == "exe" and options.go == "newest" and not options.planted:
        return [("bare", "evil", False), ("deny", "evil", True), ("twin", "friend", True), ("twin", "own", True)]
    return [("deny", "evil", True)]


def batches(test, user):
    for way in WAYS:
        for kind, who, jailed in kinds(test.options):
            chosen = []
            for one in CASES:
                name = "%s/%s/%s/%s/%s" % (user.name, kind, who, way, one.name)
                if (one.root and user.name != "root") or (kind == "twin" and not one.twins) or not re.search(test.options.rows, name):
                    continue
                chosen.append((name, one))
            together = [pair for pair in chosen if (kind == "deny" and not test.options.planted) or not pair[1].alone]
            for group in [together] + [[pair] for pair in chosen if pair not in together]:
                if group:
                    yield Batch(test, user, who, way, jailed, group)


def main():
    harness.list_rows((kind, one.name) for one in CASES for kind in ("bare", "deny", "twin")[:3 if one.twins else 2])
    test = harness.Test(__doc__, [("--go", {"default": "newest"}), ("--variant", {"default": "exe", "choices": harness.VARIANTS}),
                                  ("--planted", {"action": "store_true"})])
    missing = set(case.STOPPED) - {one.call for one in CASES}
    if missing:
        harness.fail("calls that stop and have no case: %s" % sorted(missing))
    doubled = [name for name, group in itertools.groupby(sorted(one.name for one in CASES)) if len(list(group)) > 1]
    if doubled:
        harness.fail("names of two cases: %s" % doubled)
    if not test.options.planted:
        test.attack_again()
    built = harness.go_build(victim_sources(), "calls", test.options.variant, test.options.go)
    test.program = test.bring(built, "app")
    test.go_mod = test.bring(os.path.join(os.path.dirname(built), "src", "go.mod"), "go.mod")
    made = [batch for user in harness.users() for batch in batches(test, user)]
    wanted, test.options.rows = test.options.rows, ""
    test.rows([(batch.chosen[0][0].rpartition("/")[0], batch.run) for batch in made])
    test.options.rows = wanted
    test.finish()


main()
