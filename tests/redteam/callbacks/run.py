#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""
jail:callbacks and jail:quiet: a confined module may run the main module's functions, and nothing else by that.

    run.py --jail=build/jail [--go=1.19] [--variant=pie] [REGEX]
"""

import os
import sys

sys.dont_write_bytecode = True  # the source tree is not ours to write to
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "names"))

import redteam
from redteam import harness

COBRA, EVIL, QUIET = "example.com/cobra", "example.com/evil", "example.com/quiet"
BLAMED = ("confined", "unattributed")
CASES = [
    # The main module's own work.
    *[redteam.case(name, "allow") for name in ("own", "own-closure", "own-method", "own-friend", "own-goroutine", "own-in", "friend-own")],
    # Only the module that may; another confined one on the stack counts.
    redteam.case("own-by-evil", module=EVIL),
    redteam.case("own-both", module=EVIL),
    redteam.case("evil-through", module=EVIL),
    # Not for itself, whoever calls it, and whatever it has called before.
    *[redteam.case(name, module=COBRA) for name in ("itself", "itself-through", "after", "friend-runs")],
    # Not for a closure or a function that some witness calls main's.
    redteam.case("closure", module=COBRA, reason=BLAMED),
    redteam.case("linkname", module=COBRA, reason=BLAMED),
    redteam.case("lie", module=COBRA, reason=BLAMED),
    # Not for an unconfined dependency's function, in its own goroutine neither.
    redteam.case("friend", module=COBRA),
    redteam.case("goroutine", module=COBRA),
    # A function of the main module that runs what it is given does so as main's.
    redteam.case("deputy", "limit", why=("a function of main's that runs what it is given, below jail:callbacks", "leave jail:callbacks out")),
    # Quiet ones are denied all the same.
    redteam.case("quiet", module=QUIET),
    redteam.case("quiet-runs", module=QUIET),
]


def quiet_case(test, user, program, go_mod, name, options, status, words, quiet):
    """What a denial does to the exit status and on the terminal, and what the report says of it."""
    room = test.room(user, redteam.FILES)
    report = os.path.join(test.room(user), "report")
    run = test.run(user, [test.jail, "run", "--go-mod=" + go_mod, "--report=" + report, *options, "--", program, name], room,
                   {"WORLD": room})
    problems = []
    if run.status != status:
        problems.append("status %s, not %s" % (run.status, status))
    if redteam.SECRET in run.out:
        problems.append("the secret is in the output")
    if ("denied openat" in run.err) != words:
        problems.append("jail said %r" % run.err)
    events = harness.read_report(report)
    denied = [event for event in events if event["event"] == "denied"]
    if not denied or any(event["quiet"] != quiet for event in denied):
        problems.append("the report has %s" % denied)
    return problems


# What a denial does to the exit status: name, argument, options, status, whether jail says so, whether it is quiet.
STATUS = [
    ("quiet-shown", "quiet", ["-v"], 0, True, True),
    ("quiet-hidden", "quiet", [], 0, False, True),
    ("quiet-fails-not", "quiet", ["--fail-on-deny"], 0, False, True),
    ("loud-fails", "itself", ["--fail-on-deny=7"], 7, True, False),
]


def main():
    redteam.list_cases(CASES, [("deny", row[0]) for row in STATUS])
    test = redteam.test_of(__doc__)
    variant = test.options.variant
    line = b"example.com/app/main.go" if variant == "stripped" else b"@ROOT@/main.go"
    files = {name: data.replace(b"LIEFILE", line) for name, data in redteam.tree(os.path.join(HERE, "victim")).items()}
    directory = redteam.build("callbacks", files, {"app": (".", ["."], "build")}, variant, test.options.go)
    go_mod = test.bring(os.path.join(directory, "src", "go.mod"), "go.mod")
    jobs = redteam.jobs_of(test, CASES, directory, variant, go_mod)
    program = os.path.join(test.directory, "app")
    for user in harness.users():
        for name, argv, options, status, words, quiet in STATUS:
            jobs.append(("%s/%s/status/%s" % (user.name, variant, name),
                         lambda u=user, a=argv, o=options, s=status, w=words, q=quiet: quiet_case(test, u, program, go_mod, a, o, s, w, q)))
    test.rows(jobs)
    test.finish()


main()
