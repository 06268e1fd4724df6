#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""
What cannot be closed from outside the program: a closed list, each shown to work bare and under jail, so that docs/threat-model.md
stays honest. A limit that is closed some day fails here, and moves to the attacks.

    run.py --jail=build/jail [--go=1.19] [--variant=pie] [REGEX]
    run.py --list
"""

import os
import sys

sys.dont_write_bytecode = True  # the source tree is not ours to write to
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "names"))

import redteam

# name: (what, what helps)
LIMITS = {
    "path": ("a path, address or command that main uses", "check what dependencies return"),
    "channel": ("work handed to main over a channel", "check what dependencies return"),
    "method": ("a method value of an unconfined module that main calls", "confine that module, too"),
    "handler": ("a handler of the standard library that main serves", "main makes its own handlers"),
    "system": ("a file system of the standard library that main opens from", "main makes its own"),
    "client": ("a transport of the standard library that main's client uses", "main makes its own"),
    "mux": ("a handler registered in http.DefaultServeMux", "use http.NewServeMux()"),
    "default": ("http.DefaultTransport, DefaultClient, net.DefaultResolver replaced", "keep clients and resolvers of one's own"),
    "flag": ("a flag's value", "read flags first"),
    "environ": ("the environment", "read it first"),
    "args": ("os.Args", "read them first"),
    "fd": ("a guessed descriptor of a file that others opened", "close files early; seal secrets in a process of their own"),
    "directory": ("the entries of a directory that others have open", "close directories early"),
    "listener": ("a connection to a socket that others listen on", "listen in a process of its own"),
    "daemon": ("a daemon's socket that others are connected to", "close connections early; a daemon that asks for more than a connection"),
    "idle": ("an idle connection of http.DefaultClient's", "keep clients of one's own"),
    "link": ("what stat, access and readlink tell of a file", "keep secrets out of names and links"),
    "coroutine": ("a coroutine of main's (iter.Pull) that it resumes", "hand out values, not functions that wait for work"),
    "timer": ("an unconfined module's method that a timer runs", "give such methods no power without an argument"),
    "finalizer": ("an unconfined module's method that a finalizer is", "give such methods no power without an argument"),
    "cleanup": ("an unconfined module's method that runtime.AddCleanup runs", "give such methods no power without an argument"),
    "queued": ("a dial that waits for main's connection to end (MaxConnsPerHost)", "keep transports of one's own"),
    "pipe": ("a pipe to a child that main started", "--children=deny, or start no shells"),
    "inlined": ("a function that lies by //go:linkname and //line and is inlined", "-gcflags=MODULE/...=-l; jail check"),
    "closure": ("a closure without variables, of an inlined function, that lies by //line", "-gcflags=MODULE/...=-l; jail check"),
    "unheard": ("a package that is wholly renamed into one that is not in the program", "jail check"),
}

CGI = ("a handler of net/http/cgi that main serves, with --allow-cgi", "leave --allow-cgi out")
TRUNCATED = {
    "chain": ("an unconfined module's method, run by the last of more goroutines of the standard library than --ancestors, "
              "with --truncated=allow", "leave --truncated=allow out"),
    "deep": ("a goroutine made below 50 frames of the standard library, with --truncated=allow", "leave --truncated=allow out"),
}
REMEMBER = ("a denial that another library remembers (a `sync.Once` that it is first to reach) is remembered for main, too", "main is first")


def run_remembered(test, user, program, go_mod):
    """A denial that another library keeps in a sync.Once is no way out, but main has it, too."""
    room = test.room(user, redteam.FILES)
    bare = test.run(user, [program, "remember"], room, {"WORLD": room})
    jailed = test.run(user, [test.jail, "run", "--go-mod=" + go_mod, "--", program, "remember"], room, {"WORLD": room})
    problems = []
    if redteam.SECRET not in bare.out:
        problems.append("void: it does not work bare")
    if "operation not permitted" not in jailed.out:
        problems.append("main was told %r" % jailed.out)
    return problems


def main():
    cases = [redteam.case(name, "limit", options=["--decide-all"], why=why) for name, why in LIMITS.items()]
    # Closed as far as it goes: what net/http/cgi does is denied, whoever serves it.
    cases.append(redteam.case("cgi", reason="cgi"))
    # Those who hide behind many frames or goroutines.
    cases += [redteam.case(name, "deny", reason="truncated", told=told)
              for name, told in (("deep", "403 Forbidden"), ("chain", "operation not permitted"))]
    cases += [redteam.case(name + "-allowed", "limit", [name], options=["--truncated=allow"], why=why) for name, why in TRUNCATED.items()]
    cases.append(redteam.case("cgi-allowed", "limit", ["cgi"], options=["--allow-cgi"], why=CGI))
    redteam.list_cases(cases, [("bare", "remember"), ("limit", "remember", *REMEMBER)])
    test = redteam.test_of(__doc__)
    variant = test.options.variant
    trimmed = variant == "stripped"
    files = {}
    for name, data in redteam.tree(os.path.join(HERE, "victim")).items():
        data = data.replace(b"LIEFILE", b"example.com/app/main.go" if trimmed else b"@ROOT@/main.go")
        data = data.replace(b"FRIENDFILE", b"example.com/friend/friend.go" if trimmed else b"@ROOT@/friend/friend.go")
        files[name] = data.replace(b"RINGFILE", b"container/ring/ring.go" if trimmed else b"@GOROOT@/src/container/ring/ring.go")
    directory = redteam.build("limits", files, {"app": (".", ["."], "build")}, variant, test.options.go)
    go_mod = test.bring(os.path.join(directory, "src", "go.mod"), "go.mod")
    jobs = redteam.jobs_of(test, cases, directory, variant, go_mod)
    program = os.path.join(test.directory, "app")
    for user in redteam.harness.users():
        jobs.append(("%s/%s/limit/remember" % (user.name, variant), lambda u=user: run_remembered(test, u, program, go_mod)))
    test.rows(jobs)
    test.finish()


main()
