#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""
Modules told apart exactly: whatever a module is called and wherever its sources stood, the confined one is denied by its name, and its
unconfined twin is not disturbed.

    run.py --jail=build/jail [--go=1.19] [--variant=pie] [REGEX]
"""

import os
import sys

sys.dont_write_bytecode = True  # the source tree is not ours to write to
sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "names"))

import layouts
import redteam


def listed():
    return [(kind, "%s: %s" % (layout.name, path)) for layout in layouts.LAYOUTS for path, confined in layout.modules.items()
            for kind in ("bare", "deny" if confined else "twin")]


def main():
    redteam.harness.list_rows(listed())
    test = redteam.test_of(__doc__)
    variant = test.options.variant
    jobs = []
    for layout in layouts.LAYOUTS:
        if test.options.go in layout.not_in:
            continue
        for trimmed in (False, True):
            if trimmed and variant == "stripped":
                continue  # it is already
            targets = {"app": (layout.place, [layout.package], layout.verb)}
            directory = redteam.build("modules-" + layout.name, layouts.sources(layout), targets, variant, test.options.go,
                                      (["-trimpath"] if trimmed else []) + layout.flags, layout.prepare, layout.environment)
            label = layout.name + ("-trimmed" if trimmed else "")
            program = test.bring(os.path.join(directory, "app"), label)
            go_mod = test.bring(os.path.join(directory, "src", layout.place, "go.mod"), label + ".mod")
            cases = [redteam.case("%s/%s" % (label, path), "deny" if confined else "allow", layout.argv(path), label, module=path,
                                  environment={"READ": path}, work=layout.work) for path, confined in layout.modules.items()]
            jobs += redteam.jobs_with(test, cases, {label: program}, variant, go_mod)
    test.rows(jobs)
    test.finish()


main()
