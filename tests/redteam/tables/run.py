#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""
Attacks on the supervisor, on other processes, and on what the program is: each works bare, and under jail it is denied and nothing
changes, while the program itself and an unconfined dependency may do it.

    run.py --jail=build/jail [--variant=pie] [--go=1.21] [REGEX]

Rows are named USER/KIND/WHO/DEED/TARGET; kind is bare, deny, twin, or limit: what cannot be closed from outside (docs/threat-model.md).
Exit status 77 (skipped, with the reason) without the Go that is asked for.
"""

import collections
import itertools
import os
import re
import subprocess
import sys

sys.dont_write_bytecode = True  # the source tree is not ours to write to
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(os.path.join(HERE, "..", "..", "live", "attacks"))

import harness
import world

sys.path.insert(0, HERE)
del sys.modules["rows"]  # the attacks' own table, which world knows
import rows  # pylint: disable=wrong-import-position

PEOPLE = {"evil": "example.com/evil", "friend": "example.com/friend", "own": "example.com/app/own"}
SCRIPT = b"#!/bin/sh\n/bin/mkdir -p $WORLD/new\n"
numbers = itertools.count()
Outcome = collections.namedtuple("Outcome", "run before after new arrived events place")


def victim_sources():
    """The victim's files: deeds and its host once for each of the people."""
    files = {}
    for name, data in harness.read_tree(os.path.join(HERE, "victim")).items():
        for who, path in PEOPLE.items():
            copy = data.replace(b"example.com/deeds", path.encode())
            if name == "host.go":
                files["host_%s.go" % who] = copy.replace(b"deeds", who.encode())
            elif name.startswith("deeds/") and not (who == "own" and name == "deeds/go.mod"):
                files[name.replace("deeds/", who + "/")] = copy.replace(b"package deeds", b"package " + who.encode())
        if not name.startswith("deeds/") and name != "host.go":
            files[name] = data
    return files


class Place(world.World):
    """A world whose victim is in a session of its own, and with a program that leaves a mark."""

    def __init__(self, test, user):
        super().__init__(test, user, next(numbers), False)
        self.victim = subprocess.Popen(user.command(["sleep", "300"]), stdin=subprocess.DEVNULL, start_new_session=True)
        while open("/proc/%d/comm" % self.victim.pid, encoding="utf-8").read() != "sleep\n":
            pass
        harness.write_tree(self.directory, {"bin/true": SCRIPT, "bin/hidden": SCRIPT, "x": SCRIPT})
        for name in ("bin/true", "bin/hidden", "x"):
            os.chmod(os.path.join(self.directory, name), 0o755)
        user.own(self.directory)


def victim_state(victim):
    """S whether it is at work or asleep, and another letter when it was stopped or killed; by now a signal has come to it."""
    with open("/proc/%d/stat" % victim.pid, encoding="utf-8") as file:
        letter = file.read().rpartition(")")[2].split()[0]
    return "S" if letter in "RD" else letter


def go(test, user, argv, options=None, environment=None):
    """One run: bare, or with options under jail."""
    place = Place(test, user)
    try:
        report = os.path.join(test.room(user), "report")
        jail = []
        if options is not None:
            jail = [test.jail, "run", "--go-mod=" + test.go_mod, "--report=" + report, *options, "--"]
        run = test.run(user, jail + [test.program, *argv], place.directory, dict(place.environment(), VICTIM=str(place.victim.pid), **(environment or {})))
        state = {"before": {}, "after": {}}
        for when, name, value in re.findall(r"^state (\w+) ([\w-]+)=(.*)$", run.out, re.MULTILINE):
            state[when][name] = value
        new = [name for name in os.listdir(place.directory) if name.startswith("new")]
        arrived = world.TOKEN.encode() in b"".join(listener.heard for listener in place.listeners)
        if victim_state(place.victim) != "S":
            state["after"]["target"] = victim_state(place.victim)
        events = harness.read_report(report) if options is not None and os.path.exists(report) else []
        return Outcome(run, state["before"], state["after"], new, arrived, events, place.work_done(run))
    finally:
        place.close()


def effects(outcome):
    seen = {name for name in outcome.before if outcome.before[name] != outcome.after.get(name, outcome.before[name])}
    if outcome.new:
        seen.add(rows.NEW)
    if outcome.arrived:
        seen.add(rows.ARRIVED)
    if "deed: ok" in outcome.run.out:
        seen.add(rows.TOLD)
    return seen


def explain(problems, outcome):
    if problems:
        problems.append("output %r, errors %r" % (harness.shorten(outcome.run.out), harness.shorten(outcome.run.err)))
    return problems


def denied(outcome):
    return [event for event in outcome.events if event["event"] == "denied"]


def said(event):
    return (event["class"], event["reason"], event.get("module"), event["call"])


def check_allowed(row, outcome, bare):
    problems = []
    seen = effects(outcome)
    if row.bare_error:
        if "deed: " + row.bare_error not in outcome.run.out:
            problems.append("void: not %r" % row.bare_error)
    elif not (row.ends and row.effect == rows.TOLD) and row.effect not in seen:
        problems.append("%s: not %r (%s)" % ("void" if bare else "disturbed", row.effect, sorted(seen)))
    if not row.ends:
        problems += ["own work: " + text for text in outcome.place]
    return problems + ["denied %s" % (said(event),) for event in denied(outcome)]


def check_denied(row, outcome):
    problems = ["own work: " + text for text in outcome.place]
    seen = effects(outcome)
    if row.target == "supervisor":
        seen.discard("target-cpus")  # it chooses its CPU itself, stop by stop; that the attacker was told EPERM is checked below
    if seen:
        problems.append("it had effects: %s" % sorted(seen))
    if not any("deed: %s\n" % error in outcome.run.out for error in row.errors):
        problems.append("the attacker was not told %s" % (row.errors,))
    classes = row.cls if isinstance(row.cls, tuple) else (row.cls,)
    reason, module = ("listener", None) if row.deed == "listener" else ("confined", PEOPLE["evil"])
    if not any(event["class"] in classes and event["reason"] == reason and event.get("module") == module for event in denied(outcome)):
        problems.append("not in the report: %s" % [said(event) for event in denied(outcome)])
    return problems + ["denied to another: %s" % (said(event),) for event in denied(outcome) if event.get("module") not in (module, PEOPLE["evil"])]


def run_row(test, user, who, row, jailed):
    must_fail = jailed and (who == "evil" or row.deed == "listener")
    outcome = go(test, user, [who, row.deed, row.target], row.options if jailed else None, {} if must_fail else {"AWAITED": row.effect})
    return explain(check_denied(row, outcome) if must_fail else check_allowed(row, outcome, not jailed), outcome)


def run_reexec(test, user, who, scenario, value, jailed):
    outcome = go(test, user, [who, scenario, value], () if jailed else None)
    row = rows.row("http", cls="net.connect", effect=rows.ARRIVED)
    return explain(check_denied(row, outcome) if jailed and who == "evil" else check_allowed(row, outcome, not jailed), outcome)


def run_hidden(test, user, who, deed, jailed):
    outcome = go(test, user, [who, "hidden", deed], () if jailed else None)
    row = next(row for row in rows.ROWS if row.deed == deed)
    return explain(check_denied(row, outcome) if jailed and who == "evil" else check_allowed(row, outcome, not jailed), outcome)


def run_trusted(test, user, flags, options, wanted):
    outcome = go(test, user, ["own", "trusted", str(flags)], options, {"OTHER": test.other})
    problems = ["own work: " + text for text in outcome.place]
    if "child: %d\n" % wanted not in outcome.run.out:
        problems.append("not %d" % wanted)
    return explain(problems, outcome)


def run_steer(test, user, variable, options):
    """A limit, shown in a note; with --child-env=strict it is none."""
    outcome = go(test, user, ["evil", "steer", variable], options)
    strict = options is not None and "--child-env=strict" in options
    effect = rows.STEERED[variable]
    happened = bool(outcome.new) if effect == rows.NEW else effect in outcome.run.out
    problems = ["own work: " + text for text in outcome.place]
    if happened == strict:
        problems.append("void" if options is None else "it had an effect" if strict else "it had none")
    notes = [event["message"] for event in outcome.events if event["event"] == "note" and variable in event["message"]]
    if options is not None and not strict and len(notes) != 1:
        problems.append("notes: %s" % notes)
    if strict and not any(event["reason"] == "child-env" and variable in event["detail"] for event in denied(outcome)):
        problems.append("not in the report: %s" % [said(event) for event in denied(outcome)])
    return explain(problems, outcome)


def run_race(test, user, what, options, tries=15):
    """Another thread rewrites what is executed: the image that runs is looked at again."""
    problems = []
    ran = 0
    for _ in range(tries):
        outcome = go(test, user, ["evil", "race", what], options)
        ran += bool(outcome.new)
        if outcome.run.status is None:
            problems.append("it hangs")
    if options is None and not ran:
        problems.append("void")
    if options is not None and ran:
        problems.append("it ran %d times of %d" % (ran, tries))
    return explain(problems, outcome)


def run_flood(test, user, options):
    outcome = go(test, user, ["evil", "flooded", "self"], options)
    problems = ["own work: " + text for text in outcome.place]
    used = re.search(r"^supervisor: (\d+) kB$", outcome.run.out, re.MULTILINE)
    if not used or int(used.group(1)) > 65536:
        problems.append("the supervisor used %s" % (used.group(1) if used else "nothing?"))
    if len(outcome.run.err) > 4 << 20:
        problems.append("%d bytes of words" % len(outcome.run.err))
    size = sum(len(str(event)) for event in outcome.events)
    if size > 16 << 20:
        problems.append("%d bytes of report in %d events" % (size, len(outcome.events)))
    if outcome.new or "deed: EPERM" not in outcome.run.out:
        problems.append("not denied")
    return explain(problems, outcome)


def table(test, user, variant):
    for row in rows.ROWS:
        if (row.root and user.name != "root") or (row.variants and variant not in row.variants):
            continue
        name = "%s/%%s/%%s/%s/%s" % (user.name, row.deed, row.target)
        runs = [("bare", "evil", False), ("deny", "evil", True)]
        if row.twins or row.deed == "listener":
            runs += [("twin", "friend", True), ("twin", "own", True)]
        for kind, who, jailed in runs:
            yield name % (kind, who), lambda w=who, r=row, j=jailed: run_row(test, user, w, r, j)


def again(test, user):
    for scenario, value in [("reexec", value) for value in rows.GODEBUGS] + [("reexec-vs", "x")]:
        for kind, who, jailed in (("bare", "evil", False), ("deny", "evil", True), ("twin", "friend", True), ("twin", "own", True)):
            yield "%s/%s/%s/%s/%s" % (user.name, kind, who, scenario, value), lambda s=scenario, v=value, w=who, j=jailed: run_reexec(
                test, user, w, s, v, j)


def steered(test, user):
    for variable in rows.STEERED:
        for kind, options in (("bare", None), ("limit", ()), ("deny", ("--child-env=strict",))):
            yield "%s/%s/evil/steer/%s" % (user.name, kind, variable), lambda v=variable, o=options: run_steer(test, user, v, o)


def others(test, user):
    for deed in ("http", "chdir"):
        for kind, who, jailed in (("bare", "evil", False), ("deny", "evil", True), ("twin", "friend", True), ("twin", "own", True)):
            yield "%s/%s/%s/hidden/%s" % (user.name, kind, who, deed), lambda d=deed, w=who, j=jailed: run_hidden(test, user, w, d, j)
    for name, flags, kind, answer in (("filter", 0, "twin", 0), ("listener", 8, "deny", 16)):
        yield "%s/bare/child/%s" % (user.name, name), lambda f=flags: run_trusted(test, user, f, None, 0)
        yield "%s/%s/child/%s" % (user.name, kind, name), lambda f=flags, a=answer: run_trusted(test, user, f, (), a)


def races(test, user):
    for what, options in (("path", ("--children=deny",)), ("env", ("--child-env=strict",))):
        yield "%s/bare/evil/race/%s" % (user.name, what), lambda w=what: run_race(test, user, w, None)
        yield "%s/deny/evil/race/%s" % (user.name, what), lambda w=what, o=options: run_race(test, user, w, o)


def listed():
    """The rows of root, who can try them all, each once."""
    class Anybody:
        name = "root"
    test, seen = None, {}
    for part in (table(test, Anybody, "exe"), again(test, Anybody), steered(test, Anybody), races(test, Anybody), others(test, Anybody)):
        for name, _ in part:
            _, kind, _, what = name.split("/", 3)
            seen[kind, what] = (kind, what) + (("a variable of the environment that steers a child (%s)" % what.rpartition("/")[2],
                                                "--child-env=strict") if kind == "limit" else ())
    for what in ("text", "stats"):
        seen["deny", "flood/" + what] = ("deny", "flood/" + what)
    return seen.values()


def main():
    harness.list_rows(listed())
    test = harness.Test(__doc__, [("--go", {"default": "newest"}), ("--variant", {"default": "exe", "choices": harness.VARIANTS})])
    test.attack_again()
    variant = test.options.variant
    built = harness.go_build(victim_sources(), "tables", variant, test.options.go)
    test.program = test.bring(built, "app")
    test.go_mod = test.bring(os.path.join(os.path.dirname(built), "src", "go.mod"), "go.mod")
    other = harness.go_build(harness.read_tree(os.path.join(HERE, "other")), "other", "exe", test.options.go)
    test.other = test.bring(other, "other")
    jobs = []
    for user in harness.users():
        jobs += list(table(test, user, variant)) + list(again(test, user)) + list(steered(test, user))
        jobs += list(races(test, user)) + list(others(test, user))
        jobs.append(("%s/deny/evil/flood/text" % user.name, lambda u=user: run_flood(test, u, ())))
        jobs.append(("%s/deny/evil/flood/stats" % user.name, lambda u=user: run_flood(test, u, ("-v", "--stats"))))
    test.rows(jobs)
    kinds = collections.Counter(name.split("/")[1] for name, _ in jobs if re.search(test.options.rows, name))
    print(", ".join("%d %s" % (count, kind) for kind, count in sorted(kinds.items())))
    test.finish()


main()
