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


def main():
    test = redteam.test_of(__doc__)
    variant = test.options.variant
    trimmed = variant == "stripped"
    directory = redteam.build("names", names.sources(trimmed), {"app": (".", ["."], "build")}, variant, test.options.go)
    go_mod = test.bring(os.path.join(directory, "src", "go.mod"), "go.mod")
    test.rows(redteam.jobs_of(test, names.cases(test.options.go), directory, variant, go_mod))
    test.finish()


main()
