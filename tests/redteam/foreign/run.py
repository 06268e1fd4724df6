#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""
A program with C code that is not the confined module's: the module uses it all the same, from threads that say that they have no
goroutine. What C code does in threads of its own is allowed, and what Go does that such threads call.

    run.py --jail=build/jail [--go=1.19] [--variant=cgo-pie] [REGEX]
"""

import os
import sys

sys.dont_write_bytecode = True  # the source tree is not ours to write to
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "names"))

import redteam

CASES = [
    redteam.case("without", reason=("c-thread", "incomplete")),
    redteam.case("own-thread", reason=("c-thread", "incomplete")),
    redteam.case("on-behalf", reason="c-thread"),
    redteam.case("no-curg", reason=("c-thread", "incomplete")),
    redteam.case("other-curg", reason="incomplete"),
    *[redteam.case(name, "allow") for name in ("in-thread", "in-threads", "in-go", "killed", "leaderless")],
]


def main():
    redteam.list_cases(CASES)
    test = redteam.test_of(__doc__)
    variant = test.options.variant
    files = redteam.tree(os.path.join(HERE, "victim"))
    directory = redteam.build("foreign", files, {"app": (".", ["."], "build")}, variant, test.options.go, environment={"CGO_ENABLED": "1"})
    go_mod = test.bring(os.path.join(directory, "src", "go.mod"), "go.mod")
    test.rows(redteam.jobs_of(test, CASES, directory, variant, go_mod))
    test.finish()


main()
