#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""
What a service manager sees: systemd, as process 1 of a pid namespace, runs each case's service bare, under `jail run` and packed; its
properties, the program's output and what is left in its control group must be equal.

    systemd.py --jail=build/jail [REGEX]

Exit status 77 (skipped, with the reason) without Go or systemd, or who may not make namespaces.
"""

import argparse
import concurrent.futures
import json
import os
import re
import socket
import subprocess
import sys
import tempfile

import run
from observe import PATIENCE, Hung, wait_until

SYSTEMD = "/lib/systemd/systemd"
SOON = PATIENCE / 150  # seconds in which a program has begun, and after which its manager is to act
PROPERTIES = ["ActiveState", "SubState", "Result", "ExecMainCode", "ExecMainStatus", "NRestarts"]

CASES = {}  # name: (lines of the unit's [Service], what to do with it)
REFUSALS = {}  # the same, but of services that jail must refuse to start


def case(name, *lines, cases=None):
    def add(function):
        (CASES if cases is None else cases)[name] = (lines, function)
        return function
    return add


def systemctl(*arguments):
    """What systemctl(1) prints; it may fail, which its unit's properties show."""
    done = subprocess.run(["systemctl", *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          timeout=PATIENCE, check=False, universal_newlines=True)
    return done.stdout


def read(path):
    """What is in a file; nothing when it is not there (any more)."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except FileNotFoundError:
        return ""


class Service:
    """A unit, from its file to its end."""

    def __init__(self, directory, name, lines, command):
        self.name, self.directory, self.seen = name, directory, []
        self.output = os.path.join(directory, name + ".out")
        unit = "[Unit]\nDefaultDependencies=no\nStartLimitIntervalSec=3600\n"
        unit += "[Service]\nStandardOutput=append:%s\nStandardError=inherit\n" % self.output
        for line in lines:
            unit += line.replace("{directory}", directory).replace("{output}", self.output).replace("{}", command) + "\n"
        self.write("service", unit)

    def write(self, kind, text):
        with open(os.path.join(self.directory, "units", "%s.%s" % (self.name, kind)), "w", encoding="utf-8") as file:
            file.write(text)

    def tell(self, *arguments):
        systemctl(*arguments, self.name + ".service")

    def properties(self, *names):
        """Of these names, or all that are compared, and who the main process is."""
        lines = systemctl("show", "-p", ",".join(names or PROPERTIES + ["MainPID"]), self.name + ".service")
        return dict(line.split("=", 1) for line in lines.splitlines() if "=" in line)

    def look(self):
        found = self.properties()
        main = int(found.pop("MainPID"))
        if main != 0:
            found["comm"] = read("/proc/%d/comm" % main).strip()
            found["exe"] = os.path.basename(os.readlink("/proc/%d/exe" % main))
        else:
            found["left"] = len(self.members())
        self.seen.append(found)

    def control_file(self, name):
        return "/sys/fs/cgroup/system.slice/%s.service/cgroup.%s" % (self.name, name)

    def control(self, name):
        return read(self.control_file(name))

    def members(self):
        return self.control("procs").split()

    def freeze(self, state):
        """As `systemctl freeze` and `thaw` do, which need a message bus as well; returns when all have done so."""
        with open(self.control_file("freeze"), "w", encoding="utf-8") as file:
            file.write(state)
        wait_until(lambda: "frozen " + state in self.control("events"), "frozen " + state)

    def wait_for(self, name, *values):
        wait_until(lambda: self.properties(name).get(name) in values, "%s: one of %s" % (name, values))

    def wait_for_output(self, text):
        wait_until(lambda: text in self.said(), "it says " + text)

    def wait_for_end(self):
        self.wait_for("ActiveState", "inactive", "failed")
        # The manager knows that the program has ended before its supervisor has.
        wait_until(lambda: not self.members(), "its control group is empty")
        self.look()

    def said(self):
        return read(self.output)


NOTIFYING = ("Type=notify", "ExecStart={} service", "ExecReload=/bin/kill -HUP $MAINPID")


def reload_and_stop(service):
    service.tell("start")
    service.wait_for("ActiveState", "active")
    service.look()
    service.tell("reload")
    service.tell("stop")
    service.wait_for_end()


# Its worker does not end when it is told to.
case("a notifying service, its whole group told to end", *NOTIFYING, "TimeoutStopSec=%.1f" % (6 * SOON))(reload_and_stop)
for _name, _lines in {
        "another user": ("User=nobody",),
        "a user of its own": ("DynamicUser=yes", "BindReadOnlyPaths={directory}"),
        "no new privileges, no capabilities": ("NoNewPrivileges=yes", "CapabilityBoundingSet=", "AmbientCapabilities="),
        "a view of files of its own": ("ProtectSystem=strict", "ProtectHome=yes", "PrivateDevices=yes", "ProtectKernelTunables=yes",
                                       "ProtectKernelModules=yes", "ProtectKernelLogs=yes", "ProtectControlGroups=yes"),
        "processes of others not shown": ("User=nobody", "ProtectProc=invisible", "ProcSubset=pid"),
        "no memory that is written and executed": ("MemoryDenyWriteExecute=yes",),
        "many other restrictions": ("RestrictNamespaces=yes", "RestrictRealtime=yes", "RestrictSUIDSGID=yes", "LockPersonality=yes",
                                    "RestrictAddressFamilies=AF_UNIX", "SystemCallArchitectures=native", "UMask=0077", "PrivateUsers=yes",
                                    "PrivateNetwork=yes", "ProtectHostname=yes", "ProtectClock=yes", "KeyringMode=private"),
        "a filter that lets it be traced": ("SystemCallFilter=@system-service", "SystemCallFilter=ptrace seccomp",
                                            "SystemCallErrorNumber=EPERM"),
        "limits": ("LimitNOFILE=64", "TasksMax=200", "LimitCORE=0", "Nice=5", "CPUSchedulingPolicy=batch", "OOMScoreAdjust=300"),
        "a real-time policy": ("CPUSchedulingPolicy=rr", "CPUSchedulingPriority=5"),
        "one CPU": ("CPUAffinity=0",),
}.items():
    case("a notifying service: " + _name, *NOTIFYING, "KillMode=mixed", *_lines)(reload_and_stop)


@case("a service whose main process is killed", *NOTIFYING, "KillMode=mixed")
def see_main_killed(service):
    service.tell("start")
    service.tell("kill", "--kill-whom=main", "--signal=KILL")
    service.wait_for_end()


@case("only the main process is stopped", *NOTIFYING, "KillMode=process")
def see_process_mode(service):
    service.tell("start")
    service.tell("stop")
    service.wait_for("ActiveState", "inactive", "failed")
    service.tell("kill", "--kill-whom=all", "--signal=KILL")
    service.wait_for_end()


def start_and_wait(service):
    service.tell("start")
    service.wait_for_end()


for _status in (0, 7, 125, 127):
    case("exit status %d" % _status, "Type=oneshot", "ExecStart={} exit %d" % _status)(start_and_wait)
for _signal in (6, 9, 11, 15):
    case("death by signal %d" % _signal, "ExecStart={} die %d" % _signal, "LimitCORE=0")(start_and_wait)
case("restarts until there were too many", "ExecStart={} exit 3", "Restart=on-failure", "RestartSec=10ms")(start_and_wait)
case("it runs for too long", "ExecStart={} ticker", "RuntimeMaxSec=%.1f" % SOON)(start_and_wait)
case("it never says that it is ready", "Type=notify", "ExecStart={} ticker", "TimeoutStartSec=%.1f" % SOON)(start_and_wait)
case("the watchdog is not fed", "ExecStart={} ticker", "WatchdogSec=%.1f" % SOON, "WatchdogSignal=SIGKILL")(start_and_wait)


@case("a service that does not end when it is told to", "ExecStart={} worker", "TimeoutStopSec=%.1f" % SOON)
def see_deaf(service):
    service.tell("start")
    service.wait_for_output("ready")
    service.tell("stop")
    service.wait_for_end()


@case("a service that is frozen and thawed", "ExecStart={} ticker")
def see_frozen(service):
    service.tell("start")
    service.wait_for_output("ready")
    for _ in range(5):
        service.freeze("1")
        service.freeze("0")
        service.look()
    service.tell("stop")
    service.wait_for_end()


@case("a socket that starts its service", "ExecStart={} activated")
def see_activated(service):
    path = os.path.join(service.directory, service.name + ".socket")
    service.write("socket", "[Unit]\nDefaultDependencies=no\n[Socket]\nListenStream=%s\nSocketMode=0666\n" % path)
    systemctl("start", service.name + ".socket")
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(PATIENCE)
        client.connect(path)
        service.seen.append(client.recv(100).decode())
    service.wait_for_end()
    systemctl("stop", service.name + ".socket")


for _answer in ("", "SystemCallErrorNumber=EPERM"):
    case("a filter that lets nobody trace" + (": " + _answer if _answer else ""), "ExecStart={} nap 0 {output}",
         "SystemCallFilter=~ptrace", _answer, "LimitCORE=0", cases=REFUSALS)(start_and_wait)


def observe_case(directory, index, lines, function, command):
    service = Service(directory, "s%d" % index, lines, command)
    try:
        function(service)
    except (Hung, OSError, ValueError, subprocess.SubprocessError) as error:
        service.seen.append("FAILED: %r" % error)
        service.tell("kill", "--signal=KILL")
    return {"seen": service.seen, "said": service.said().partition("\n")[0]}


def drive(directory):
    """Inside, below systemd: what was seen of each case, each way, goes to a file."""
    with open(os.path.join(directory, "plan"), encoding="utf-8") as file:
        plan = json.load(file)
    seen = {}
    with concurrent.futures.ThreadPoolExecutor(max_workers=4) as pool:
        for name, (lines, function) in {**CASES, **REFUSALS}.items():
            if re.search(plan["pattern"], name):
                seen[name] = {way: pool.submit(observe_case, directory, len(seen) * 10 + index, lines, function, command)
                              for index, (way, command) in enumerate(plan["ways"].items())}
    seen = {name: {way: future.result() for way, future in ways.items()} for name, ways in seen.items()}
    with open(os.path.join(directory, "seen"), "w", encoding="utf-8") as file:
        json.dump(seen, file)


DRIVER = """[Unit]
DefaultDependencies=no
[Service]
Type=oneshot
TimeoutStartSec=infinity
Environment=PATH=%s
ExecStart=%s %s --drive=%s
StandardOutput=file:%s/driver
StandardError=inherit
ExecStopPost=/bin/systemctl --force exit 0
"""


def boot(directory):
    """systemd with no units but ours, in namespaces of its own; returns what it and the driver printed."""
    units = os.path.join(directory, "units")
    os.mkdir(units)
    with open(os.path.join(units, "driver.service"), "w", encoding="utf-8") as file:
        file.write(DRIVER % (os.environ["PATH"], sys.executable, os.path.abspath(__file__), directory, directory))
    script = ("mount --make-rprivate / && mount -t tmpfs tmpfs /run && { umount -R /sys/fs/cgroup 2>/dev/null; "
              "mount -t cgroup2 cgroup2 /sys/fs/cgroup; } && exec %s --unit=driver.service --log-target=console" % SYSTEMD)
    environment = {"PATH": os.environ["PATH"], "container": "test", "SYSTEMD_UNIT_PATH": units}
    return subprocess.run(["unshare", "--pid", "--fork", "--kill-child", "--mount", "--mount-proc", "--uts", "--ipc", "--cgroup",
                           "sh", "-c", script], env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False, errors="replace", universal_newlines=True).stdout


def compare(name, seen):
    expected = seen["bare"]
    failures = []
    if any(isinstance(entry, str) and entry.startswith("FAILED") for entry in expected["seen"]):
        failures.append("%s: bare: %s" % (name, expected))
    for way in seen:
        if seen[way] != expected:
            failures.append("%s: %s\n    bare   %s\n    jailed %s" % (name, way, expected, seen[way]))
    return failures


def check_refusal(name, seen):
    """Bare it does what it is asked to; under jail it does nothing, jail says why, and the status is jail's own."""
    failures = []
    if seen["bare"]["said"] != "woke up":
        failures.append("%s: bare: %s" % (name, seen["bare"]))
    for way in seen:
        end, said = seen[way]["seen"][-1], seen[way]["said"]
        refused = isinstance(end, dict) and (end["ActiveState"], end["ExecMainStatus"], end["left"]) == ("failed", "125", 0)
        if way != "bare" and not (refused and said.startswith("jail: ")):
            failures.append("%s: %s: %s" % (name, way, seen[way]))
    return failures


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--jail")
    parser.add_argument("--drive")
    parser.add_argument("pattern", nargs="?", default="")
    options = parser.parse_args()
    if options.drive:
        drive(options.drive)
        return
    if not os.path.exists(SYSTEMD):
        run.skip("there is no systemd: apt-get install systemd")
    if os.getuid() != 0:
        run.skip("systemd as process 1 of a namespace needs root")
    with tempfile.TemporaryDirectory() as directory:
        tracee, jail, go_mod = run.prepare(directory, options.jail)
        ways = {"bare": tracee,
                "jail run": " ".join([*run.under_jail(jail, go_mod), "--", tracee]),
                "packed": run.pack(jail, go_mod, tracee)}
        with open(os.path.join(directory, "plan"), "w", encoding="utf-8") as file:
            json.dump({"ways": ways, "pattern": options.pattern}, file)
        printed = boot(directory)
        try:
            with open(os.path.join(directory, "seen"), encoding="utf-8") as file:
                seen = json.load(file)
        except FileNotFoundError:
            if re.search(r"(Operation not permitted|Permission denied)", printed) and "driver" not in os.listdir(directory):
                run.skip("systemd cannot be process 1 of a namespace here: " + printed.strip().splitlines()[-1])
            sys.exit("FAIL: the driver did not end: %s%s" % (printed, read(os.path.join(directory, "driver"))))
    failures = []
    for name, ways_seen in seen.items():
        failures += (compare if name in CASES else check_refusal)(name, ways_seen)
    for failure in failures:
        print("FAIL: " + failure)
    print("%d cases, %d failures" % (len(seen), len(failures)))
    sys.exit(1 if failures or not seen else 0)


if __name__ == "__main__":
    main()
