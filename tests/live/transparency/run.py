#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""
The program must not notice: runs each case bare, under `jail run` and under `jail run --foreground`, and compares; with --packed bare
and packed.

    run.py --jail=build/jail [--packed] [--unprivileged] [--repeat=N] [REGEX]

Exit status 77 (skipped, with the reason) without Go, or with --unprivileged when not root.
"""

import argparse
import concurrent.futures
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile

import cases
import family_cases  # these add to them
import storm_cases
import terminal_cases

from observe import Hung, Program

HERE = os.path.dirname(os.path.abspath(__file__))
NOBODY = 65534

# What jail in front cannot do as the program itself would: it cannot see a SIGKILL or a SIGSTOP that is sent to it, and it is the
# program's parent and the leader of its group.
NOT_IN_FRONT = re.compile(r"SIG(KILL|STOP) .* to the process|parent, process group|^a parent waits|^a manager|^process 1")

# What is about jail's command line.
NOT_PACKED = re.compile(r"jail in front|have their exit codes|no second tracer|the report is not open|a listener that outranks"
                        r"|is not the end|the last words")


def skip(reason):
    print("SKIP: " + reason, file=sys.stderr)
    sys.exit(77)


def build_tracee(directory):
    if not shutil.which("go"):
        skip("there is no go command")
    tracee = os.path.join(directory, "tracee")
    environment = dict(os.environ, GOFLAGS="-mod=mod", GOTOOLCHAIN="local")
    subprocess.run(["go", "build", "-o", tracee, "."], cwd=os.path.join(HERE, "tracee"), env=environment, check=True)
    return tracee


def prepare(directory, jail):
    """The tracee, and copies of jail and of the tracee's go.mod that an unprivileged user can reach, wherever the tree is."""
    tracee = build_tracee(directory)
    jail = shutil.copy(jail, os.path.join(directory, "jail"))
    go_mod = shutil.copy(os.path.join(HERE, "tracee", "go.mod"), os.path.join(directory, "go.mod"))
    os.chmod(directory, 0o755)
    return tracee, jail, go_mod


def under_jail(jail, go_mod):
    return [jail, "run", "-q", "--go-mod=" + go_mod, "--decide-all"]


def observe(case, context):
    try:
        return case(context)
    except Hung as hung:
        return "HUNG: %s" % hung
    except OSError as error:
        return "FAILED: %r" % error
    finally:
        Program.kill_all()


def ways(contexts, name):
    return [way for way in contexts if way != "bare" and not (way == "packed" and NOT_PACKED.search(name))]


def compare(name, contexts):
    """The differences that one case shows, as texts; Impossible when there is nothing to compare with."""
    case = cases.COMPARED[name]
    expected = observe(case, contexts["bare"])
    differences = []
    if isinstance(expected, str) and expected.startswith(("HUNG", "FAILED")):
        differences.append("%s: bare: %s" % (name, expected))
    for way in ways(contexts, name):
        if way == "foreground" and NOT_IN_FRONT.search(name):
            continue
        seen = observe(case, contexts[way])
        # A packed program is another file: its path is all that may differ.
        if repr(seen).replace("/packed/tracee", "/tracee") != repr(expected):
            differences.append("%s: %s\n    bare   %s\n    jailed %s" % (name, way, expected, seen))
    return differences


def check_jail_only(name, contexts):
    case = cases.JAIL_ONLY[name]
    failures = []
    for way in ways(contexts, name):
        failure = observe(case, contexts[way])
        if failure:
            failures.append("%s: %s: %s" % (name, way, failure))
    return failures


def pack(jail, go_mod, tracee):
    """The tracee, packed, with the same name in a directory of its own."""
    packed = os.path.join(os.path.dirname(tracee), "packed", os.path.basename(tracee))
    os.mkdir(os.path.dirname(packed))
    os.chmod(os.path.dirname(packed), 0o755)
    subprocess.run([jail, "pack", "--go-mod=" + go_mod, "--force", "-o", packed, tracee], check=True, stdout=subprocess.DEVNULL)
    return packed


def run_cases(contexts, pattern, repeat):
    jobs = [(compare, name) for name in cases.COMPARED] + [(check_jail_only, name) for name in cases.JAIL_ONLY]
    jobs = [job for job in jobs if re.search(pattern, job[1])] * repeat
    failures, left_out = [], []
    # Processes, not threads: the cases fork.
    with concurrent.futures.ProcessPoolExecutor(max_workers=4) as pool:
        futures = [pool.submit(check, name, contexts) for check, name in jobs]
        for future, (_, name) in zip(futures, jobs):
            try:
                failures += future.result()
            except cases.Impossible as reason:
                left_out.append("%s: %s" % (name, reason))
    return len(jobs) - len(left_out), failures, left_out


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--jail", required=True)
    parser.add_argument("--packed", action="store_true")
    parser.add_argument("--unprivileged", action="store_true")
    parser.add_argument("--repeat", type=int, default=1)
    parser.add_argument("pattern", nargs="?", default="")
    options = parser.parse_args()
    if options.unprivileged and os.getuid() != 0:
        skip("not root: the run without --unprivileged was unprivileged already")

    # Started in the background or by nohup(1), this ignores some; the programs would, too, bare and under jail.
    for number in (signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with tempfile.TemporaryDirectory() as directory:
        tracee, jail, go_mod = prepare(directory, options.jail)
        prefix = under_jail(jail, go_mod)
        user = NOBODY if options.unprivileged else None
        contexts = {
            "bare": cases.Context([], tracee, user, False),
            "detached": cases.Context(prefix + ["--"], tracee, user, False),
            "foreground": cases.Context(prefix + ["--foreground", "--"], tracee, user, True),
        }
        if options.packed:
            contexts = {"bare": contexts["bare"], "packed": cases.Context([], pack(jail, go_mod, tracee), user, False)}
        os.chdir("/tmp")
        n_cases, failures, left_out = run_cases(contexts, options.pattern, options.repeat)
    for reason in left_out:
        print("not possible here: " + reason)
    for failure in failures:
        print("FAIL: " + failure)
    print("%d cases, %d failures" % (n_cases, len(failures)))
    sys.exit(1 if failures or n_cases == 0 else 0)


if __name__ == "__main__":
    main()
