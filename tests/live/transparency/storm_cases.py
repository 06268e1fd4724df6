# SPDX-License-Identifier: Apache-2.0
"""Very much at once, and deaths at every moment: nothing may hang, get lost or be left behind."""

import os
import random
import signal
import time

from cases import COMPARED, SOAK, Impossible, add_plain, compared, jail_only
from observe import Hung, find_supervisor, state_of, wait_until

SOAK_SECONDS = 600 if SOAK else 8
LEAK_KIB = 512  # an allocator's pages come and go

add_plain("1000 goroutines of files", "files", 1000, 40 if SOAK else 2)
add_plain("thousands of threads end", "threads", 10000 if SOAK else 2000)
add_plain("chain of execs from threads", "chain", 10000 if SOAK else 100, 0)
add_plain("vfork storm", "spawn", 5000 if SOAK else 300, "/bin/true")
add_plain("children killed at random moments", "deaths", 5000 if SOAK else 100)
add_plain("children killed as they are born", "deaths", 5000 if SOAK else 100, "spawn", 100000, "/bin/true")
add_plain("children with children", "spawn", 30, "/bin/sh", "-c", "for i in 1 2 3; do (exit 0) & done; wait; /bin/true | /bin/true")


@compared("every signal of hundreds is heard")
def see_signals_in_turn(context):
    started = context.start("hold", "handle")
    started.wait_for_text("ready\n")
    rounds = 1000 if SOAK else 100
    for i in range(rounds):
        started.signal_group((signal.SIGUSR1, signal.SIGHUP, signal.SIGCHLD, signal.SIGWINCH)[i % 4])
        started.wait_for_text("heard", count=i + 1)
    started.write("\n")
    return started.finish().seen()


@compared("stop and continue storm")
def see_stop_storm(context):
    """Of files, of threads that end, of execs and of vforks; where each stop falls is chance."""
    ends = []
    works = (["files", 20, 200], ["threads", 2000], ["chain", 100, 0], ["spawn", 200, "/bin/true"])
    for work in works:
        started = context.start(*work)
        for _ in range(1000 if SOAK else 40):
            if started.poll():
                break
            started.signal_group(signal.SIGSTOP)
            time.sleep(random.uniform(0, 0.002))
            started.signal_group(signal.SIGCONT)
            time.sleep(random.uniform(0, 0.002))
            started.pump(0)
        seen = started.finish().seen()
        seen["events"] = seen["events"][-1:]
        ends.append(seen)
    return ends


def kill_at_all_moments(context, number, works, pause):
    ends = set()
    for i in range(1000 if SOAK else 40):
        started = context.start(*works[i % len(works)])
        time.sleep(pause(i))
        started.signal_group(number)
        try:
            ends.add(started.finish().events[-1])
        except Hung as hung:
            ends.add("hung: %s" % hung)
    return sorted(ends)


@compared("SIGTERM at each moment of its start")
def see_early_terms(context):
    ends = kill_at_all_moments(context, signal.SIGTERM, [["chain", 3, 0]], lambda i: i % 40 * 0.0005)
    return [end for end in ends if end != "exit 0"]


@compared("SIGKILL at each moment of its start, and while it works")
def see_kills(context):
    works = [["ticker"], ["chain", 100000, 0], ["threads", 10000000], ["spawn", 1000000, "/bin/true"], ["files", 50, 100000]]
    return kill_at_all_moments(context, signal.SIGKILL, works, lambda i: random.uniform(0, 0.03))


# --- what is left in the supervisor ---


def once(name):
    """For what is about the supervisor alone, whoever is in front of it and whose the program is: one way in CI, all with SOAK."""
    def add(function):
        @jail_only(name)
        def run_once(context):
            if (context.front or context.user is not None) and not SOAK:
                return None
            return function(context)
        return run_once
    return add


def measure_memory(supervisor):
    """In KiB."""
    with open("/proc/%d/status" % supervisor, encoding="utf-8") as status:
        for line in status:
            if line.startswith("RssAnon:"):
                return int(line.split()[1])
    raise ProcessLookupError("the supervisor has ended")


def measure(supervisor):
    """(open descriptors, KiB of memory of its own)."""
    return len(os.listdir("/proc/%d/fd" % supervisor)), measure_memory(supervisor)


def measure_again(supervisor, times):
    """The last deaths may not have been dealt with yet."""
    for _ in range(times):
        yield measure(supervisor)
        time.sleep(0.02)


def zombies_of(supervisor):
    """Tasks that have ended and still wait for their tracer."""
    found = []
    for entry in os.listdir("/proc"):
        try:
            if entry.isdigit() and find_supervisor(int(entry)) == supervisor and state_of(int(entry)) == "Z":
                found.append(int(entry))
        except (Hung, OSError):
            pass
    return found


def compare_sizes(before, after):
    if after[0] != before[0]:
        return "%d descriptors, %d at the beginning" % (after[0], before[0])
    if after[1] > before[1] + LEAK_KIB:
        return "%d KiB, %d KiB at the beginning" % (after[1], before[1])
    return None


def find_readable_supervisor(context, started):
    supervisor = find_supervisor(context.program_pid(started))
    if not os.access("/proc/%d/fd" % supervisor, os.R_OK):
        started.signal_group(signal.SIGKILL)
        started.finish()
        raise Impossible("the supervisor's descriptors are for root to see")
    return supervisor


@once("nothing is left in the supervisor of what comes and goes")
def see_no_leak(context):
    started = context.start("churn")
    started.wait_for_text("ready")
    supervisor = find_readable_supervisor(context, started)
    sizes = []
    for i in range(200 if SOAK else 7):
        started.write("\n")
        started.wait_for_text("round done", count=i + 1)
        wait_until(lambda: not zombies_of(supervisor), "zombies stay")
        sizes.append(min(measure_again(supervisor, 5)))
    started.finish()
    if "FAILED" in started.text() or started.events != ["exit 0"]:
        return "%s %s" % (started.events, started.text())
    wait_until(lambda: state_of(supervisor) in ("", "Z"), "the supervisor lives on")
    wrong = compare_sizes(sizes[1], sizes[-1])
    return wrong and "%s: %s" % (wrong, sizes)


@once("nothing is left in the supervisor of threads that ended")
def see_no_leak_of_threads(context):
    """Some thousand goroutines are remembered; when they are, before the middle, the oldest goes for each that comes."""
    started = context.start("threads", 200000 if SOAK else 60000)
    supervisor = None
    sizes = []
    while not started.poll():
        started.pump(0.01)
        try:
            supervisor = supervisor or find_supervisor(context.program_pid(started))
            sizes.append((0, measure_memory(supervisor)))
        except (Hung, OSError):
            pass
    started.finish()
    if started.events != ["exit 0"] or len(sizes) < 20:
        return "%s %s %d samples" % (started.events, started.text(), len(sizes))
    begin = len(sizes) * 3 // 5
    return compare_sizes(max(sizes[:begin]), max(sizes[begin:]))


@once("what is remembered of long lineages is bounded")
def see_lineages(context):
    started = context.start("lineages", 30)
    most = 0
    while not started.poll():
        started.pump(0.01)
        try:
            most = max(most, measure_memory(find_supervisor(context.program_pid(started))))
        except (Hung, OSError):
            pass
    started.finish()
    if started.events != ["exit 0"] or most == 0:
        return "%s %s %d KiB" % (started.events, started.text("err"), most)
    return "%d KiB" % most if most > 20 * 1024 else None


@once("soak")
def see_soak(context):
    seconds = SOAK_SECONDS // 4 if context.front else SOAK_SECONDS
    started = context.start("soak", seconds)
    started.wait_for_text("ready")
    supervisor = find_readable_supervisor(context, started)
    sizes = []
    deadline = time.monotonic() + seconds + 60
    while not started.poll() and time.monotonic() < deadline:
        started.pump(0.1)
        if len(sizes) < 10000 and not started.ended and state_of(supervisor) not in ("", "Z"):
            try:
                sizes.append(measure(supervisor))
            except OSError:
                break
    started.finish()
    if "FAILED" in started.text() or "soaked" not in started.text() or started.events != ["exit 0"]:
        return "%s %s" % (started.events, started.text()[-2000:])
    wait_until(lambda: state_of(supervisor) in ("", "Z"), "the supervisor lives on")
    # Where it is while things come and go, the least of each half tells.
    halves = sizes[len(sizes) // 10:len(sizes) // 2], sizes[len(sizes) // 2:]
    least = [(min(size[0] for size in half), min(size[1] for size in half)) for half in halves]
    return compare_sizes((max(least[0][0], least[1][0]), least[0][1]), (max(least[0][0], least[1][0]), least[1][1]))


@compared("stopped and continued while it starts")
def stop_at_the_start(context):
    ends = set()
    for i in range(1000 if SOAK else 50):
        started = context.start("exit", 3)
        time.sleep(i % 50 * 0.0001)
        started.signal_group(signal.SIGSTOP)
        time.sleep(0.003)
        started.signal_group(signal.SIGCONT)
        ends.add(started.finish().events[-1])
    return sorted(ends)
