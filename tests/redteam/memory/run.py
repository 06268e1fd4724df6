#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""
A poisoned module that forges: stacks, goroutines, code, C threads. Each attack succeeds bare; under jail it has no effect, or it is
a limit that docs/threat-model.md states.

    run.py --jail=build/jail [--go=1.19] [--variant=pie] [REGEX]
    run.py --list

Rows are named USER/ATTACK/bare and USER/ATTACK/jail. Exit status 77 (skipped, with the reason) without the Go that is asked for.
"""

import itertools
import os
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True  # the source tree is not ours to write to
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "live", "attacks"))

import attacks
import harness
import rows
import world

EVIL = "example.com/evil"
# In Go 1.18 the standard library's instruction stands in a function that writes its results over its caller's frame.
SPOILING = {"1.18": ("vanish", "sigreturn", "vanish-indirect", "agreeing")}
numbers = itertools.count()


def has_x32(test):
    """Whether the kernel has the x32 calls: without them that attack is none."""
    probe = "import ctypes; libc = ctypes.CDLL(None, use_errno=True); libc.syscall(39 | 1 << 30); print(ctypes.get_errno())"
    return subprocess.run([sys.executable, "-c", probe], stdout=subprocess.PIPE, check=False).stdout.strip() == b"0"


def build_library(test):
    """A library that says that it was loaded, beside the program."""
    compiler = shutil.which("cc")
    if not compiler:
        harness.skip("there is no C compiler")
    target = os.path.join(test.directory, "app.so")
    subprocess.run([compiler, "-shared", "-fPIC", "-o", target, os.path.join(HERE, "victim", "library.c")], check=True)
    os.chmod(target, 0o755)


def check_report(attack, events, problems):
    denied = [event for event in events if event["event"] == "denied"]
    if attack.kind == "limit":  # its effect says that it is one; the scheduler's own signals may bring denials beside it
        return
    if attack.reasons and not any(event["reason"] in attack.reasons for event in denied):
        problems.append("not in the report: %s; there is %s" % (attack.reasons, [
            (event["class"], event["reason"], event.get("module"), event.get("call"), event.get("detail")) for event in denied]))
    problems += ["denied to another: %s" % event["call"] for event in denied if event.get("module") not in (None, EVIL)]


def run_attack(test, user, program, attack, jailed):
    place = world.World(test, user, next(numbers), False)
    problems = []
    try:
        report = os.path.join(test.room(user), "report")
        prefix = [test.jail, "run", "--go-mod=" + test.go_mod, "--report=" + report, "--"] if jailed else []
        run = place.run(test, user, prefix + [program, attack.name], False)
        works = not jailed or attack.kind == "limit"
        seen = place.effects(run, attack.effect, works)
        if works and attack.effect not in seen:
            problems.append("no effect: not %r (%s)" % (attack.effect, sorted(seen) or "nothing"))
        if not works and seen:
            problems.append("it had effects: %s" % sorted(seen))
        if attack.bare_work if works else attack.kind != "dies":
            problems += ["own work: " + text for text in place.work_done(run)]
        if run.status is None:
            problems.append("it hung")
        if jailed:
            check_report(attack, harness.read_report(report), problems)
            if attack.kind == "deny" and attack.sees and "deed: EPERM" not in run.out:
                problems.append("the attacker was not told EPERM")
        if problems:
            problems.append("output %r, errors %r" % (harness.shorten(run.out), harness.shorten(run.err, 1500)))
    finally:
        place.close()
    return problems


def listed():
    for attack in attacks.ATTACKS:
        yield "bare", attack.name
        yield ("limit", attack.name, *attack.why) if attack.kind == "limit" else ("deny", attack.name)


def main():
    harness.list_rows(listed())
    test = harness.Test(__doc__, [("--go", {"default": "newest"}), ("--variant", {"default": "exe", "choices": harness.VARIANTS})])
    test.attack_again()
    variant = test.options.variant
    built = harness.go_build(harness.read_tree(os.path.join(HERE, "victim")), "app", variant, test.options.go)
    program = test.bring(built, "app")
    test.go_mod = test.bring(os.path.join(os.path.dirname(built), "src", "go.mod"), "go.mod")
    available = {None}
    if variant.startswith("cgo"):
        build_library(test)
        available.add("cgo")
    if has_x32(test):
        available.add("x32")
    else:
        print("void: x32, since the kernel has no such calls")
    jobs = []
    for user in harness.users():
        for attack in attacks.ATTACKS:
            if attack.name in SPOILING.get(test.options.go, ()):
                attack = attack._replace(kind="dies" if attack.kind == "deny" else attack.kind, bare_work=False)
            if attack.needs in available and harness.has(test.options.go, attack.since):
                for jailed in (False, True):
                    jobs.append(("%s/%s/%s" % (user.name, attack.name, "jail" if jailed else "bare"),
                                 lambda u=user, a=attack, j=jailed: run_attack(test, u, program, a, j)))
    test.rows(jobs)
    test.finish()


main()
