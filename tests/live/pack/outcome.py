# SPDX-License-Identifier: Apache-2.0
"""What a run of the program comes to, as a list of what is wrong with it."""

from harness import shorten

SECRET = "-----the-private-key-----"


def expect(run, status, *texts):
    """What is missing: the status, and each text in what the run said."""
    said = run.out + run.err
    wrong = [] if run.status == status else ["status %s, not %s" % (run.status, status)]
    wrong += ["it does not say %r" % text for text in texts if text not in said]
    if wrong:
        wrong.append("output %r, errors %r" % (shorten(run.out), shorten(run.err)))
    return wrong


def no_secret(run):
    return ["the secret is in the output: %r" % run.out] if SECRET in run.out else []


def confined(run, status=0, call="openat", cls="fs.read"):
    """The attack had no effect, and was reported."""
    return expect(run, status, "jail: denied %s(" % call, "by example.com/evil v1.2.3 [%s, confined]" % cls) + no_secret(run)


def denied_to_friend(run):
    return expect(run, 0, "jail: denied openat(", "by example.com/friend v1.0.0 [fs.read, confined]") + no_secret(run)


def allowed(run):
    return expect(run, 0, SECRET, "app: all work done") + (["jail said %r" % run.err] if "jail: " in run.err else [])
