# SPDX-License-Identifier: Apache-2.0
"""Where the cases of a program are played, and what jail's report must say about it."""

import collections
import concurrent.futures
import json
import os
import re
import shutil
import tempfile
import threading

from case import Player, differences
from ports import Ports
from program import Toolchain, built, cache_directory, policy_text
from server import Failure
from tls import make_certificate

NOBODY = 65534
WORKERS = 2
N_PORTS = 3


class Bench:
    """A temporary directory with the program, jail and the policies, and how to play a case there."""

    def __init__(self, program, variant, jail, unprivileged=False):
        self.program, self.unprivileged = program, unprivileged
        self.toolchain = Toolchain()
        self.path, self.go_mod = built(program, variant, self.toolchain)
        self.jail = os.path.abspath(jail)
        self.directory = tempfile.mkdtemp(prefix="jail-realprograms-")
        os.chmod(self.directory, 0o755)
        # By its own name, which some programs show.
        named = os.path.join(self.directory, program.name)
        if not unprivileged:
            os.symlink(self.path, named)
        self.path, cached = named, self.path
        if unprivileged:  # the build tree and the cache may be where nobody cannot look
            shutil.copy2(cached, named)
            self.jail = shutil.copy2(self.jail, os.path.join(self.directory, "jail"))
            os.chown(self.directory, NOBODY, NOBODY)
        self.certificate = make_certificate(self.directory)
        self.beside = {name.upper(): built(other, "default", self.toolchain)[0] for name, other in program.beside.items()}
        self.ports = {}  # name of a case -> its ports, which are the same in all its plays
        self.tally = collections.Counter()  # of all plays under jail: what the summaries count
        self.lock = threading.Lock()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for ports in self.ports.values():
            ports.close()
        shutil.rmtree(self.directory)

    def values(self, case):
        """What %NAME% stands for in a case."""
        with self.lock:
            if case.name not in self.ports:
                self.ports[case.name] = Ports(os.path.join(cache_directory(), "ports"), N_PORTS)
            numbers = self.ports[case.name].numbers
        ports = {"PORT" + (str(index) if index > 1 else ""): number for index, number in enumerate(numbers, 1)}
        return {**ports, **self.beside, **self.certificate}

    def policy(self, name, unconfined, callbacks):
        with open(self.go_mod, encoding="utf-8") as file:
            text, _ = policy_text(file.read(), unconfined, callbacks)
        path = os.path.join(self.directory, name + ".mod")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def ordinary_policy(self):
        return self.policy("ordinary", self.program.unconfined, self.program.callbacks)

    def cases(self, choice=None, pattern=""):
        chosen = self.program.chosen[choice] if choice else [case.name for case in self.program.cases]
        cases = {case.name: case for case in self.program.cases}
        return [cases[name] for name in chosen if re.search(pattern, name)]

    def play(self, case, way, policy=None, options=(), env=None):
        """What was seen, and jail's reports: a list of events, none if bare, each with the number of its run."""
        stem = re.sub(r"\W+", "-", case.name)
        prefix = ["setpriv", "--reuid=%d" % NOBODY, "--regid=%d" % NOBODY, "--clear-groups", "--"] if self.unprivileged else []
        if policy:
            prefix += [self.jail, "run", "-qq", "--go-mod=" + policy, "--report=%REPORT%", *case.options, *options, "--"]
        reports = os.path.join(self.directory, "%s.%s.report" % (stem, way))
        player = Player(self.path, prefix, NOBODY if self.unprivileged else None, env, reports)
        # Bare and jailed runs get the same directory, one after the other: its name is in what they say.
        seen = player.play(case, os.path.join(self.directory, stem), self.values(case))
        events = []
        for run, report in enumerate(player.reports if policy else []):
            with open(report, encoding="utf-8") as file:
                events += [dict(json.loads(line), run=run) for line in file]
            os.unlink(report)
        with self.lock:
            for summary in (event for event in events if event["event"] == "summary"):
                self.tally.update({"runs": 1, "decided": summary["decided"], "truncated": summary["truncated"]})
        return seen, events


def denials_of(events):
    return [event for event in events if event["event"] == "denied"]


def show(entry):
    return "%s by %s at %s [%s, %s] %s" % (
        entry["call"],
        entry.get("module") or "?",
        entry.get("at", {}).get("function", "?"),
        entry["class"],
        entry["reason"],
        entry.get("detail", ""),
    )


def unsupervised(case, events):
    """Whether every run of the case was indeed supervised, to its end."""
    counts = collections.Counter(event["event"] for event in events)
    supervised = sum(event["event"] == "start" and event["supervised"] for event in events)
    runs = case.supervised_runs()
    if supervised == runs and counts["summary"] == runs:
        return []
    return ["%d runs, %d of them supervised, %d summaries" % (runs, supervised, counts["summary"])]


def unexplained(program, case, events):
    """Denials that the tables do not explain, and explanations of nothing."""
    texts = []
    always = [name for name, denial in program.denials.items() if denial.always]
    met = collections.Counter()
    for entry in denials_of(events):
        names = [name for name in always + case.denied if program.denials[name].explains(entry)]
        met.update(names)
        if not names:
            texts.append("unexpected: " + show(entry))
    for name in case.denied:
        if met[name] == 0:
            texts.append("expected, and did not happen: " + name)
    for name in always:
        if met[name] < case.supervised_runs():
            texts.append("expected in each of %d runs, happened %d times: %s" % (case.supervised_runs(), met[name], name))
    return texts


def compare(bench, case, policy, env=None, bare=None):
    """The failures of one case, as texts. What was seen bare need not be played again."""
    try:
        bare = bare or bench.play(case, "bare")[0]
        jailed, events = bench.play(case, "jailed", policy, (), env)
    except Failure as failure:
        return [str(failure)]
    return unexplained(bench.program, case, events) + unsupervised(case, events) + differences(bare, jailed)


def in_parallel(cases, play):
    """case -> its failures."""
    with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
        return dict(zip([case.name for case in cases], pool.map(play, cases)))
