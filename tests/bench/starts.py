# SPDX-License-Identifier: Apache-2.0
"""Starts of a small and of a large program: from start to end, and until the program's first instruction."""

import os
import subprocess

from ways import BARE, JAIL, PACKED, Case, printed, seconds, settle

MILLISECONDS = {"": ("ms", 1e3)}
END, FIRST = "start to end: ", "first instruction: "


def programs(bench):
    """(name, program, arguments, go.mod)"""
    named = [("hello", bench.hello, [], bench.hello_mod)]
    if bench.options.rclone:
        rclone = bench.options.rclone
        named.append(("rclone version", rclone, ["version"], bench.usual_policy(rclone, "rclone")))
        named.append(("rclone version, one module", rclone, ["version"], bench.small_policy(rclone, "rclone", "github.com/spf13/cobra")))
    for name, program, arguments, go_mod in named:
        yield "%s (%.0f MB)" % (name, os.path.getsize(program) / 1e6), program, arguments, go_mod


def to_end(bench, name, program, arguments, go_mod):
    packed = bench.pack(program, go_mod)

    def how(front, way):
        return {"": seconds([packed, *arguments] if way == PACKED else [*front, program, *arguments])}

    return Case(END + name, dict(bench.ways(go_mod), **{PACKED: []}), how, MILLISECONDS, bench.options.rounds)


def to_first_instruction(bench, name, program, go_mod):
    """Of a copy of the program, that differs in its first instructions only (first_instruction.c)."""
    tool = os.path.join(bench.options.build, "tests", "bench", "first_instruction")
    copy = os.path.join(bench.directory, os.path.basename(program) + ".first")
    subprocess.run([tool, "--copy", program, copy], check=True)
    settle(copy)
    packed = bench.pack(copy, go_mod)

    def how(front, way):
        return {"": printed([tool, *([packed] if way == PACKED else [*front, copy])])[0]}

    return Case(FIRST + name, dict(bench.ways(go_mod), **{PACKED: []}), how, {"": ("us", 1)}, bench.options.rounds)


def cases(bench):
    for name, program, arguments, go_mod in programs(bench):
        yield to_end(bench, name, program, arguments, go_mod)
        yield to_first_instruction(bench, name, program, go_mod)


def of_packing(bench, measured):
    """What packing adds: a text for each program, from the cases that were measured."""
    def above(case, base, factor):
        packed, other = measured[case][PACKED][""], measured[case][base][""]
        return "%.2f ms (%.2f of the minima)" % tuple((packed[which] - other[which]) * factor for which in ("median", "min"))

    for name, program, _, go_mod in programs(bench):
        grown = os.path.getsize(bench.pack(program, go_mod)) - os.path.getsize(program)
        texts = ["the file grows by %.2f MiB" % (grown / 2**20)]
        if FIRST + name in measured:
            texts.append("the stub takes %s above bare" % above(FIRST + name, BARE, 1e-3))
        if END + name in measured:
            texts.append("start to end takes %s more than under jail run" % above(END + name, JAIL, 1))
        yield "packed, %s: %s" % (name, "; ".join(texts))
