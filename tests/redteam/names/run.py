#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""
Names that lie: a confined module gives its functions other packages' names (//go:linkname), other files (//line), or lets them be
compiled into their callers.

    run.py --jail=build/jail [--go=1.19] [--variant=pie] [REGEX]
"""

import os
import sys

sys.dont_write_bytecode = True  # the source tree is not ours to write to

import names
import redteam


def check_warns(test, program, go_mod):
    """jail check reads in the sources what the binary has lost."""
    said = test.run(redteam.harness.User("self"), [test.jail, "check", "--go-mod=" + go_mod, program], "/").out
    wanted = ["evil has functions with another package's name (//go:linkname): ", "evil has functions with another directory's file (//line): ",
              "-gcflags=example.com/evil/...=-l"]
    return ["jail check does not say %r but %r" % (text, said) for text in wanted if text not in said]


def main():
    redteam.list_cases(names.cases("newest"))
    test = redteam.test_of(__doc__)
    variant = test.options.variant
    trimmed = variant == "stripped"
    directory = redteam.build("names", names.sources(trimmed), {"app": (".", ["."], "build"), "lone": (".", ["./lone"], "build")}, variant, test.options.go)
    go_mod = test.bring(os.path.join(directory, "src", "go.mod"), "go.mod")
    jobs = redteam.jobs_of(test, names.cases(test.options.go), directory, variant, go_mod)
    sources = os.path.join(directory, "src", "go.mod")
    jobs.append((variant + "/check", lambda: check_warns(test, os.path.join(directory, "app"), sources)))
    test.rows(jobs)
    test.finish()


main()
