# SPDX-License-Identifier: Apache-2.0
"""A confined module, or who starts the program, pretends that it is supervised already: nobody gains anything."""

import os
import subprocess

import harness
from outcome import confined, expect, no_secret

HERE = os.path.dirname(os.path.abspath(__file__))
# deed: (what it is, what the report says of it, how the program ends)
DEEDS = {
    "entry-call": ("the stub's call from elsewhere", "confined", 0),
    "stub-entry-call": ("the stub's call from the stub", "unknown-code", 0),
    "stub-open": ("the stub's instruction", "unknown-code", 0),
    "stub-again": ("the stub once more, with a stack of its own", "unknown-code", 125),
}
PLANTED = {"env-self": "the environment of the next start", "plant-self": "descriptors that the next start finds"}
# What a filter of the caller's can have the kernel answer to the stub's call: success, and the supervisor's own words.
ANSWERS = (0, 1, 125, 129)


def rows(pack):
    tool = os.path.join(pack.test.directory, "answer")
    subprocess.run(["cc", "-o", tool, os.path.join(HERE, "answer.c")], check=True)
    for user in harness.users():
        prefix = "forge/%s/" % user.name
        for deed, (what, reason, status) in DEEDS.items():
            yield prefix + what, lambda user=user, deed=deed, reason=reason, status=status: forged(pack, user, deed, reason, status)
        for deed, what in PLANTED.items():
            yield prefix + what, lambda user=user, deed=deed: planted(pack, user, deed)
        yield prefix + "it starts the program itself", lambda user=user: starts_itself(pack, user)
        for answer in ANSWERS:
            yield prefix + "a filter answers the stub's call: %d" % answer, lambda user=user, answer=answer: answered(pack, user, tool, answer)


def listed():
    """The rows that are attacks by a confined module, each once."""
    return [("deny", "forge/" + what) for what in [what for what, _, _ in DEEDS.values()] + list(PLANTED.values()) + ["it starts the program itself"]]


def denials(path):
    return [event for event in harness.read_report(path) if event["event"] == "denied"]


def forged(pack, user, deed, reason, status):
    path = os.path.join(pack.test.room(user), "report")
    run = pack.run([pack.packed, "evil", deed], user, {"JAIL_REPORT": path})
    wrong = expect(run, status, *([] if status else ["app: all work done"])) + no_secret(run)
    reasons = [event["reason"] for event in denials(path)]
    return wrong + ([] if reason in reasons else ["denied for %s: %r %r" % (reasons, run.out, run.err)])


def planted(pack, user, deed):
    """Main starts the program again, with what a confined module has left for that start."""
    path = os.path.join(pack.test.room(user), "report")
    run = pack.run([pack.packed, "evil", deed, path], user)
    wrong = expect(run, 0, "jail: denied openat(", "by example.com/evil v1.2.3 [fs.read, confined]", "child: exit status 0") + no_secret(run)
    return wrong + (["it made a report"] if os.path.exists(path) else [])


def starts_itself(pack, user):
    path = os.path.join(pack.test.room(user), "report")
    run = pack.run([pack.packed, "evil", "exec-self"], user, {"JAIL_REPORT": path})
    wrong = expect(run, 0, "operation not permitted", "app: all work done") + no_secret(run)
    classes = [event["class"] for event in denials(path)]
    return wrong + ([] if "exec" in classes else ["denied %s" % classes])


def answered(pack, user, tool, answer):
    """It is confined, or does not start; the call that a supervisor would answer is no proof of one."""
    run = pack.run([tool, str(answer), pack.packed, "evil", "read"], user)
    if run.status == 125 and not run.out:
        return []
    return confined(run)
