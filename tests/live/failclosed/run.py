#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""
What jail cannot judge it does not allow: programs that it does not understand are not started, and calls whose stack it cannot
read are denied, each with words that say which.

    run.py --jail=build/jail [--go=1.19] [--variant=pie] [REGEX]

Rows are named USER/start/NAME (what is not started), USER/exec/NAME (what is not executed by a program under jail), USER/damaged/NAME
(tables that are wrong where nobody looks at once) and USER/call/NAME.
"""

import os
import re
import sys

sys.dont_write_bytecode = True  # the source tree is not ours to write to
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(os.path.join(os.path.dirname(HERE), "attacks"))

import harness
import rows

SECRET = "the-secret"


class Place:
    """A directory with a secret and a go.mod, and what is started in it."""

    def __init__(self, test, user):
        self.test, self.user = test, user
        with open(os.path.join(HERE, "program", "go.mod"), "rb") as file:
            self.room = test.room(user, {"go.mod": file.read(), "secret": SECRET.encode() + b"\n"})
        self.program = test.program
        self.options = []

    def write(self, name, data, mode=0o755):
        return self.test.write(os.path.join(self.room, name), data, mode)

    def run(self, argv, timeout=harness.PATIENCE):
        return self.test.run(self.user, argv, self.room, timeout=timeout)

    def jail(self, *argv, options=(), timeout=harness.PATIENCE):
        return self.run([self.test.jail, "run", *self.options, *options, "--", *argv], timeout)

    def marked(self):
        """Whether the program ran; the mark is taken away."""
        mark = os.path.join(self.room, "mark")
        if not os.path.exists(mark):
            return False
        os.remove(mark)
        return True


def check_refusal(run, place, status, words):
    problems = []
    if run.status != status:
        problems.append("status %s, not %d" % (run.status, status))
    if place.marked() or run.out:
        problems.append("something ran: %r" % run.out)
    if not re.match(r"jail: .*\n\Z", run.err) or not re.search(words, run.err):
        problems.append("not one line that says %r: %r" % (words, harness.shorten(run.err)))
    return problems


def start(test, user, row):
    """jail run does not start it; bare it would have run, if the row says so."""
    place = Place(test, user)
    program = row.make(place) or place.program
    problems = []
    if row.runs:
        bare = place.run([program, "mark"])
        if not place.marked():
            problems.append("void: bare it does not run: %s" % (bare,))
    return problems + check_refusal(place.jail(program, "mark"), place, row.status, row.words)


def execute(test, user, row):
    """A program under jail cannot execute it, either, nor can a launcher."""
    place = Place(test, user)
    program = row.make(place) or place.program
    problems = []
    bare = place.run([test.program, "exec", program, "mark"])
    if not place.marked():
        problems.append("void: bare it does not run: %s" % (bare,))
    for argv, options in (([test.program, "exec", program, "mark"], []),
                          (["sh", "-c", '"$0" mark; echo after', program], ["--via"])):
        report = os.path.join(test.room(user), "report")
        run = place.jail(*argv, options=[*options, "--report=" + report])
        if place.marked():
            problems.append("it ran: %s" % (run,))
        if not re.search("(app: done|after)\n$", run.out):
            problems.append("who wanted it did not go on: %s" % (run,))
        if not re.search("^jail: denied execve\\((.*\n)*.*" + row.words, run.err, re.M):
            problems.append("no line says %r: %r" % (row.words, run.err))
        if not any(event["event"] in ("refused", "denied", "image") and event.get("reason") == "unsupported"
                   for event in harness.read_report(report)):
            problems.append("not in the report: %s" % harness.read_report(report))
    return problems


def damaged(test, user, make):
    """Wrong tables must not be to evil's advantage, whatever becomes of the program: it may well get lost in them itself."""
    place = Place(test, user)
    problems = []
    for number, image in enumerate(make(test)):
        run = place.jail(place.write("damaged%d" % number, bytes(image.data)), "try", "plain", timeout=3)
        if SECRET in run.out:
            problems.append("damage %d: %s" % (number, run))
        if run.status == -9:
            problems.append("damage %d: its supervisor must have died: %s" % (number, run))
    return problems


def call(test, user, row):
    """Bare it works, under jail it is denied for the reason, and the program goes on."""
    place = Place(test, user)
    report = os.path.join(test.room(user), "report")
    bare = place.run([test.program, *row.argv])
    jailed = place.jail(test.program, *row.argv, options=["--report=" + report])
    denied = [event for event in harness.read_report(report) if event["event"] == "denied"]
    problems = []
    if bare.status != 0 or (not re.search(row.bare, bare.out) and not row.kernel_may_lack_it):
        problems.append("void: bare it shows %s" % (bare,))
    if row.reason is None:
        if jailed != bare._replace(seconds=jailed.seconds) or denied:
            problems.append("bare %s, jailed %s" % (bare, jailed))
        return problems
    if jailed.status != 0 or "operation not permitted\napp: done\n" not in jailed.out or SECRET in jailed.out:
        problems.append("not denied: %s" % (jailed,))
    if [(event["class"], event["reason"], event.get("module")) for event in denied] != [(row.cls, row.reason, row.module)]:
        problems.append("the report: %s" % [(event["class"], event["reason"], event.get("module")) for event in denied])
    if not re.search(row.words, jailed.err):
        problems.append("no words %r: %r" % (row.words, jailed.err))
    return problems


def relaxed(test, user):
    """--incomplete=allow allows what is incomplete, and says so."""
    place = Place(test, user)
    run = place.jail(test.program, "deep", options=["--incomplete=allow"])
    if SECRET not in run.out or run.status != 0 or not re.match("jail: .*--incomplete=allow", run.err):
        return ["%s" % (run,)]
    return []


def main():
    test = harness.Test(__doc__, [("--go", {"default": "newest"}), ("--variant", {"default": "exe", "choices": harness.VARIANTS})])
    built = harness.go_build(harness.read_tree(os.path.join(HERE, "program")), "app", test.options.variant, test.options.go)
    test.program = test.bring(built, "app")
    jobs = []
    for user in harness.users():
        name = user.name + "/%s/%s"
        jobs += [(name % ("start", row.name), lambda u=user, r=row: start(test, u, r)) for row in rows.STARTS]
        jobs += [(name % ("exec", row.name), lambda u=user, r=row: execute(test, u, r))
                 for row in rows.STARTS if row.is_image and row.runs]
        jobs += [(name % ("damaged", what), lambda u=user, m=make: damaged(test, u, m)) for what, make in rows.DAMAGES.items()]
        jobs += [(name % ("call", row.name), lambda u=user, r=row: call(test, u, r)) for row in rows.CALLS]
        jobs.append((name % ("call", "incomplete, and allowed"), lambda u=user: relaxed(test, u)))
    test.rows(jobs)
    test.finish()


main()
