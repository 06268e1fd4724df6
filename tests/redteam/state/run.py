#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""
State that the standard library keeps: a confined module that is the first to need it does not spoil it for the program, and has
nothing else read, whatever the environment says and whoever rewrites the path meanwhile.

    run.py --jail=build/jail [--variant=pie] [--go=1.21] [REGEX]

Rows are named USER/KIND/WHAT; kind is first, bare or deny. Exit status 77 (skipped, with the reason) without the Go that is asked for.
"""

import collections
import ctypes
import os
import re
import struct
import sys

sys.dont_write_bytecode = True  # the source tree is not ours to write to
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(os.path.join(HERE, "..", "..", "live", "attacks"))

import harness

sys.path.insert(0, HERE)
import rows

LIBC = ctypes.CDLL(None, use_errno=True)
PROBE = "ipStackCapabilities"
OLD = ("1.18", "1.19", "1.20", "1.21", "1.22")  # which let anybody name what is the standard library's


def zone_file():
    """A time zone whose only abbreviation is LEAKED (tzfile(5))."""
    name = b"LEAKED\0"
    return b"TZif" + b"\0" * 16 + struct.pack(">6I", 0, 0, 0, 0, 1, len(name)) + struct.pack(">iBB", 3600, 0, 0) + name


class State:
    def __init__(self, test, variant):
        self.test = test
        flags = [] if test.options.go in OLD else ["-ldflags=-checklinkname=0"]
        built = harness.go_build(harness.read_tree(os.path.join(HERE, "victim")), "state", variant, test.options.go, flags)
        self.program = test.bring(built, "app")
        self.go_mod = test.bring(os.path.join(os.path.dirname(built), "src", "go.mod"), "go.mod")
        certificate = test.run(harness.users()[0], [self.program, "certificate"], test.directory).out.encode()
        self.files = {"zone": zone_file(), "cert": certificate, "certs/one.pem": certificate}

    def run(self, user, arguments, jailed, environment=None):
        room = self.test.room(user, self.files)
        report = os.path.join(room, "report")
        jail = [self.test.jail, "run", "--go-mod=" + self.go_mod, "--report=" + report, "--"] if jailed else []
        run = self.test.run(user, jail + [self.program, *arguments], room, dict({"WORLD": room}, **(environment or {})))
        events = harness.read_report(report) if jailed else []
        denied = [event for event in events if event["event"] == "denied"]
        return run, [event["call"] + (" of the probe" if PROBE in str(event) else "") for event in denied]


def explain(problems, run, denied):
    return problems and problems + ["denied %s, output %r, errors %r" % (denied, harness.shorten(run.out), harness.shorten(run.err))]


def said(run):
    return re.findall("^main: .*", run.out, re.MULTILINE)


def run_first(state, user, what, environment):
    """As if the program had been the first, bare and under jail."""
    control, _ = state.run(user, ["first", what, "none"], False, environment)
    own, denied_own = state.run(user, ["first", what, "none"], True, environment)
    run, denied = state.run(user, ["first", what, "evil"], True, environment)
    problems = []
    if not said(control):
        problems.append("void: %r" % control.err)
    if said(own) != said(control) or denied_own:
        problems.append("without evil: %s, not %s; denied %s" % (said(own), said(control), denied_own))
    if said(run) != said(control):
        problems.append("%s, not %s" % (said(run), said(control)))
    if any(call.endswith("of the probe") for call in denied):
        problems.append("the probe of the IP stack was denied")
    if run.status != 0 or not run.out.endswith("app: all work done\n"):
        problems.append("status %s" % run.status)
    return explain(problems, run, denied)


def run_steal(state, user, arguments, jailed, void_is_fine=False):
    secret = "/tmp/" + os.path.basename(state.test.directory)[-8:] + "z"
    try:
        if arguments == ["race"]:
            with open(secret, "wb") as file:
                file.write(zone_file())
            user.own(secret)
        run, denied = state.run(user, arguments, jailed, {"SECRET": secret})
    finally:
        if arguments == ["race"] and os.path.exists(secret):
            os.unlink(secret)
    problems = []
    if "LEAKED" in run.out if jailed else ("LEAKED" not in run.out and not void_is_fine):
        problems.append("it read something else" if jailed else "void")
    if run.status != 0 or not run.out.endswith("app: all work done\n"):
        problems.append("status %s" % run.status)
    return explain(problems, run, denied)


class StuckMount:
    """A file system in user space that nobody serves: whoever asks it for something waits, and can only be killed (fuse(4))."""

    def __init__(self, path):
        self.path = path
        os.makedirs(path)

    def __enter__(self):
        self.fuse = os.open("/dev/fuse", os.O_RDWR)
        options = "fd=%d,rootmode=40000,user_id=0,group_id=0" % self.fuse
        if LIBC.mount(b"stuck", self.path.encode(), b"fuse", 0, options.encode()) != 0:
            number = ctypes.get_errno()
            os.close(self.fuse)
            raise OSError(number, os.strerror(number))

    def __exit__(self, *_):
        os.close(self.fuse)
        LIBC.umount2(self.path.encode(), 2)  # MNT_DETACH


def run_stuck(state, user, jailed):
    """What would be allowed with the others held is denied, and told, when one of them cannot be."""
    mount = StuckMount(os.path.join(state.test.room(user), "stuck"))
    try:
        with mount:
            run, denied = state.run(user, ["stuck", mount.path], jailed)
    except PermissionError as error:
        print("%s/deny/stuck: not run: %s" % (user.name, error))
        return []
    problems = []
    if run.status != 0 or not run.out.endswith("app: all work done\n"):
        problems.append("status %s" % run.status)
    if jailed != any("localtime" in call for call in denied):
        problems.append("the local time was %sdenied" % ("not " if jailed else ""))
    if jailed and "another thread could not be stopped" not in run.err:
        problems.append("why is not told")
    return explain(problems, run, denied)


def jobs_of(state, user):
    for what, environment in rows.FIRST:
        name = "%s/first/%s/%s" % (user.name, what, ",".join("%s=%s" % pair for pair in environment.items()) or "plain")
        yield name, lambda w=what, e=environment: run_first(state, user, w, e)
    for what in rows.STEAL:
        yield "%s/bare/%s" % (user.name, what), lambda w=what: run_steal(state, user, ["steal", w], False, w in rows.HARMLESS_BARE)
        yield "%s/deny/%s" % (user.name, what), lambda w=what: run_steal(state, user, ["steal", w], True)
    if user.name == "root":  # who may mount
        yield "%s/bare/stuck" % user.name, lambda: run_stuck(state, user, False)
        yield "%s/deny/stuck" % user.name, lambda: run_stuck(state, user, True)
    yield "%s/bare/race" % user.name, lambda: run_steal(state, user, ["race"], False)
    yield "%s/deny/race" % user.name, lambda: run_steal(state, user, ["race"], True)


def listed():
    """That nothing is spoilt by who is first is the twin of what is stolen."""
    for what, environment in rows.FIRST:
        yield "twin", " ".join([what] + ["%s=%s" % pair for pair in environment.items()])
    for what in rows.STEAL + ["race", "stuck"]:
        yield from (("bare", what), ("deny", what))


def main():
    harness.list_rows(listed())
    test = harness.Test(__doc__, [("--go", {"default": "newest"}), ("--variant", {"default": "exe", "choices": harness.VARIANTS})])
    test.attack_again()
    state = State(test, test.options.variant)
    jobs = [job for user in harness.users() for job in jobs_of(state, user)]
    test.rows(jobs)
    kinds = collections.Counter(name.split("/")[1] for name, _ in jobs if re.search(test.options.rows, name))
    print(", ".join("%d %s" % (count, kind) for kind, count in sorted(kinds.items())))
    test.finish()


main()
