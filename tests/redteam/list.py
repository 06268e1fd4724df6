#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""
All rows of the red team, each once, whatever the users, variants and releases of Go that it is run with.

    list.py             the groups and how many rows of each kind they have
    list.py --rows      the rows, too
    list.py --table     the part of docs/threat-model.md that is made from them
    list.py --check     fails when the document says something else, or when rows are missing
    list.py --write     writes it into the document

Kinds: bare (the attack works without jail), deny (under jail it does not), twin (what is legitimate still does), limit (what cannot
be closed from outside works under jail, too).
"""

import collections
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
DOCUMENT = os.path.join(HERE, "..", "..", "docs", "threat-model.md")
GROUPS = ["../live/attacks", "../live/pack", "names", "modules", "callbacks", "limits", "memory", "foreign", "tables", "state", "calls"]
KINDS = ("bare", "deny", "twin", "limit")
LEAST = {"deny": 140, "twin": 35}
BEGIN, END = "<!-- made by tests/redteam/list.py --write -->\n", "<!-- end -->\n"


def fail(reason):
    print("FAILED: " + reason)
    sys.exit(1)


def read_rows():
    """{group: rows}, a row being [kind, name, what, what helps], the last two of limits only."""
    found = {}
    for group in GROUPS:
        script = os.path.join(HERE, group, "run.py")
        listed = subprocess.run([sys.executable, script, "--list"], stdout=subprocess.PIPE, universal_newlines=True, check=True).stdout
        found[os.path.basename(group)] = [line.split("\t") for line in listed.splitlines()]
    return found


def counts(rows):
    return collections.Counter(row[0] for row in rows)


def check_rows(found):
    """What is wrong with the rows."""
    for group, rows in found.items():
        twice = [row for row, n in collections.Counter(map(tuple, rows)).items() if n > 1]
        if twice:
            yield "%s has a row twice: %s" % (group, twice)
        for row in rows:
            if row[0] not in KINDS:
                yield "%s has a row of no kind: %s" % (group, row)
            if row[0] == "limit" and (len(row) != 4 or not row[2] or not row[3]):
                yield "%s does not say what a limit is and what helps: %s" % (group, row)
    total = counts(row for rows in found.values() for row in rows)
    for kind, least in LEAST.items():
        if total[kind] < least:
            yield "there are %d rows of kind %s, fewer than %d" % (total[kind], kind, least)


def limits(found):
    return [row for rows in found.values() for row in rows if row[0] == "limit"]


def made_part(found):
    lines = ["| what a confined module can have others do for it, or do in the memory that all share | what helps |", "|---|---|"]
    lines += ["| %s | %s |" % tuple(row[2:]) for row in limits(found)]
    lines += ["", "The rows of the red team, each counted once:", "", "| group | %s |" % " | ".join(KINDS), "|---|" + "---:|" * len(KINDS)]
    everything = []
    for group, rows in sorted(found.items()):
        everything += rows
        lines.append("| %s | %s |" % (group, " | ".join(str(counts(rows)[kind]) for kind in KINDS)))
    lines.append("| all | %s |" % " | ".join(str(counts(everything)[kind]) for kind in KINDS))
    return "\n".join(lines) + "\n"


def main():
    found = read_rows()
    with open(DOCUMENT, encoding="utf-8") as file:
        document = file.read()
    before, begin, rest = document.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        fail("docs/threat-model.md has no place for the table")
    wanted = before + BEGIN + made_part(found) + END + after
    if "--write" in sys.argv:
        with open(DOCUMENT, "w", encoding="utf-8") as file:
            file.write(wanted)
        return
    if "--rows" in sys.argv:
        for group, rows in found.items():
            print("\n".join("%s\t%s" % (group, "\t".join(row)) for row in rows))
    if "--table" in sys.argv:
        print(made_part(found), end="")
        return
    for group, rows in found.items():
        print("%-10s %s" % (group, ", ".join("%4d %s" % (counts(rows)[kind], kind) for kind in KINDS)))
    print("%-10s %s" % ("all", ", ".join("%4d %s" % (counts(row for rows in found.values() for row in rows)[kind], kind) for kind in KINDS)))
    for problem in check_rows(found):
        fail(problem)
    if "--check" in sys.argv and document != wanted:
        fail("docs/threat-model.md differs: tests/redteam/list.py --write makes it anew")


main()
