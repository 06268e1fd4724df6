#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""
A program under jail behaves as it does bare, and jail's options do what they say.

    run.py --jail=build/jail [--go=1.19] [--variant=cgo] [REGEX]

Rows are named USER/compared/NAME and USER/options/NAME.
"""

import os
import subprocess
import sys

sys.dont_write_bytecode = True  # the source tree is not ours to write to
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(os.path.join(os.path.dirname(HERE), "attacks"))

import harness
import compared
import options

# name -> what follows a module's line in go.mod, "module" being the module line's own
POLICIES = {
    "none": {},
    "evil": {"evil": "// gomodjail:confined"},
    "quiet": {"evil": "// gomodjail:confined jail:quiet fs.read"},
    "quiet-bare": {"evil": "// gomodjail:confined jail:quiet"},
    "cobra": {"evil": "// gomodjail:confined", "cobra": "// gomodjail:confined"},
    "callbacks": {"evil": "// gomodjail:confined", "cobra": "// gomodjail:confined jail:callbacks"},
    "module-line": {"module": "// gomodjail:confined"},
    "module-line-but": {"module": "// gomodjail:confined", "evil": "// gomodjail:unconfined"},
}


def write_policies(test):
    with open(os.path.join(HERE, "program", "go.mod"), encoding="utf-8") as file:
        lines = file.read().splitlines()
    for name, directives in POLICIES.items():
        directory = os.path.join(test.directory, "policy", name)
        os.makedirs(directory)
        with open(os.path.join(directory, "go.mod"), "w", encoding="utf-8") as file:
            for line in lines:
                words = line.split()
                for module, directive in directives.items():
                    at_module_line = module == "module" and words[:1] == ["module"]
                    if at_module_line or (words[:1] == ["example.com/" + module] and "=>" not in words):
                        line += " " + directive
                file.write(line + "\n")
    test.policy = lambda name: os.path.join(test.directory, "policy", name, "go.mod")


def build_launcher(test):
    launcher = os.path.join(test.directory, "launcher")
    subprocess.run([os.environ.get("CC", "cc"), "-O2", "-o", launcher, os.path.join(HERE, "launcher.c")], check=True)
    test.launcher = launcher


def run_case(test, user, function):
    case = options.Case(test, user)
    function(case)
    return case.problems


def main():
    test = harness.Test(__doc__, [("--go", {"default": "newest"}), ("--variant", {"default": "exe", "choices": harness.VARIANTS})])
    variant = test.options.variant
    program = harness.go_build(harness.read_tree(os.path.join(HERE, "program")), "app", variant, test.options.go)
    test.program = test.bring(program, "app")
    test.cgo = variant.startswith("cgo")
    write_policies(test)
    build_launcher(test)
    jobs = []
    for user in harness.users():
        for row in compared.ROWS:
            jobs.append(("%s/compared/%s" % (user.name, row.name), lambda u=user, r=row: compared.compare(test, u, r)))
        for name, function in compared.CASES.items():
            jobs.append(("%s/compared/%s" % (user.name, name), lambda u=user, f=function: f(test, u)))
        for name, function in options.CASES.items():
            jobs.append(("%s/options/%s" % (user.name, name), lambda u=user, f=function: run_case(test, u, f)))
    test.rows(jobs)
    test.finish()


main()
