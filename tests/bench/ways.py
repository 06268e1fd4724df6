# SPDX-License-Identifier: Apache-2.0
"""The ways to run a program, and running them in turn."""

import dataclasses
import importlib
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
BARE, FILTER, NULL, JAIL, PACKED = "bare", "filter only", "null tracer", "jail", "jail, packed"


@dataclasses.dataclass
class Case:
    """One thing that is measured, in each of some ways. how(front, way) returns samples by the name of what was sampled."""

    name: str
    ways: dict  # name -> what stands in front of the program
    how: object
    units: dict  # what is sampled -> (unit, factor)
    rounds: int
    groups: tuple = ()  # cases of a group have a geometric mean
    stops: object = None  # counts the stops of one run under jail: (number, seconds)


def settle(path):
    """
    Has a file read into memory anew, from its beginning to its end: how fast its pages are mapped depends on how they came there, and a
    file that was just written is not like one that was read; by ten milliseconds for rclone.
    """
    with open(path, "rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        while file.read(1 << 20):
            pass


class Bench:
    """The programs that are measured, and where they are."""

    def __init__(self, options, directory):
        self.options, self.directory = options, directory
        self.packed = {}  # by program and go.mod
        self.jail = os.path.join(options.build, "jail")
        self.null_tracer = os.path.join(options.build, "tests", "bench", "null_tracer")
        self.stops, self.stops_mod = self.build("stops")
        self.hello, self.hello_mod = self.build("hello")
        for path in (self.jail, self.null_tracer, options.yq, options.rclone):
            if path:
                settle(path)

    def build(self, name):
        """One of the programs here, and its go.mod."""
        source, program = os.path.join(self.directory, name + ".source"), os.path.join(self.directory, name)
        shutil.copytree(os.path.join(HERE, name), source)
        subprocess.run(["go", "build", "-o", program, "."], cwd=source, check=True, env=dict(os.environ, GOFLAGS="", GOWORK="off"))
        settle(program)
        return program, os.path.join(source, "go.mod")

    def ways(self, go_mod, options=(), null=()):
        """null: options of the null tracer."""
        ways = {
            BARE: [],
            FILTER: [self.null_tracer, "--filter-only"],
            NULL: [self.null_tracer, *null],
            JAIL: [self.jail, "run", "-q", "--permissive", *options, "--go-mod=" + go_mod, "--"],
        }
        if os.environ.get("GOMODJAIL"):
            ways["gomodjail"] = [os.environ["GOMODJAIL"], "run", "--go-mod=" + go_mod, "--"]
        return ways

    def pack(self, program, go_mod):
        """The program as jail pack makes it, with the options that the way JAIL has."""
        if (program, go_mod) in self.packed:
            return self.packed[program, go_mod]
        packed = os.path.join(self.directory, "%s.%d.jail" % (os.path.basename(program), len(self.packed)))
        command = [self.jail, "pack", "--force", "--permissive", "--go-mod=" + go_mod, "-o", packed, program]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        settle(packed)
        self.packed[program, go_mod] = packed
        return packed

    def usual_policy(self, program, name):
        """The go.mod of a program that the live tests have built, with the directives that their cases run under (docs/compatibility.md)."""
        tables = os.path.join(HERE, os.pardir, "live", "realprograms")
        if tables not in sys.path:
            sys.path.insert(0, tables)  # before a yq that may be installed
        table = getattr(importlib.import_module(name), name.upper())
        with open(program + ".go.mod", encoding="utf-8") as file:
            text, _ = importlib.import_module("program").policy_text(file.read(), table.unconfined, table.callbacks)
        path = os.path.join(self.directory, name + ".mod")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def small_policy(self, program, name, module):
        """One that knows of a single module of the program and confines it: what differs from hello's is the program alone."""
        with open(program + ".go.mod", encoding="utf-8") as file:
            text = file.read()
        main, version = re.search(r"^module (\S+)$", text, re.M)[1], re.search(r"^\s*%s (\S+)" % re.escape(module), text, re.M)[1]
        path = os.path.join(self.directory, name + "-small.mod")
        with open(path, "w", encoding="utf-8") as file:
            file.write("module %s\n\ngo 1.18\n\nrequire %s %s // gomodjail:confined\n" % (main, module, version))
        return path

    def count_stops(self, go_mod, command, cwd=None):
        """How many calls stop in one run under jail, and how long it takes."""
        report = os.path.join(self.directory, "report")
        front = [self.jail, "run", "-q", "--permissive", "--report=" + report, "--go-mod=" + go_mod, "--"]
        start = time.perf_counter()
        subprocess.run(front + command, check=True, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        took = time.perf_counter() - start
        return stops_in(report), took


def stops_in(report):
    """How many calls the report's summary counts."""
    with open(report, encoding="utf-8") as file:
        return [event for event in map(json.loads, file) if event["event"] == "summary"][-1]["stops"]


def measure(case):
    """way -> what -> {"min", "median", "n"}. All ways take turns, round after round, so that a machine whose speed drifts slows all."""
    samples = {way: {what: [] for what in case.units} for way in case.ways}
    for _ in range(case.rounds):
        for way, front in case.ways.items():
            for what, value in case.how(front, way).items():
                samples[way][what].append(value * case.units[what][1])
    return {
        way: {what: {"min": min(values), "median": statistics.median(values), "n": len(values)} for what, values in whats.items()}
        for way, whats in samples.items()
    }


def printed(command, **more):
    """The numbers that a program prints."""
    out = subprocess.run(command, check=True, capture_output=True, text=True, **more).stdout
    return [float(word) for word in out.split()]


def seconds(command, **more):
    """The time of a command from start to end."""
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **more)
    return time.perf_counter() - start
