# SPDX-License-Identifier: Apache-2.0
"""Whole commands, from start to end: what people do with yq and rclone."""

import glob
import os
import shutil

from ways import Case, seconds

MILLISECONDS = {"": ("ms", 1e3)}
FRUIT = "fruit:\n  - {name: apple, price: 3}\n  - {name: pear, price: 4}\nstock: &stock {amount: 7}\nother:\n  <<: *stock\n"


def find_program(name):
    """One that the live tests have built, if they have."""
    cache = os.environ.get("XDG_CACHE_HOME", os.path.expanduser("~/.cache"))
    found = sorted(glob.glob(os.path.join(cache, "jail-tests", "realprograms", name + "-*-default")))
    return found[-1] if found else None


def make_files(directory):
    """What the commands work on."""
    os.makedirs(os.path.join(directory, "src", "sub"))
    for name, data in (("f.yml", FRUIT), ("g.yml", "fruit: [{name: plum}]\nstock: {amount: 8}\n"),
                       ("f.json", '{"b": [1, 2.5, null], "a": {"deep": true}}'), ("edited.yml", FRUIT)):
        with open(os.path.join(directory, name), "w", encoding="utf-8") as file:
            file.write(data)
    for i in range(40):
        with open(os.path.join(directory, "src", "sub" if i % 2 else ".", "file%d" % i), "w", encoding="utf-8") as file:
            file.write("%d\n" % i * 100)


YQ = [
    ["--version"],
    [".fruit[0].name", "f.yml"],
    ["-o=json", ".", "f.yml"],
    ["-p=json", "-o=yaml", ".", "f.json"],
    ["eval-all", "select(fileIndex == 0) * select(fileIndex == 1)", "f.yml", "g.yml"],
    ["-i", ".stock.amount = 8", "edited.yml"],
    ['.other = load("g.yml").stock', "f.yml"],
]
RCLONE = [
    ["version"],
    ["ls", "src"],
    ["lsjson", "-R", "src"],
    ["size", "src"],
    ["copy", "src", "copied"],
    ["sync", "src", "copied"],
    ["check", "src", "copied"],
    ["sha1sum", "src"],
]


def cases(bench):
    rounds = bench.options.rounds
    place = os.path.join(bench.directory, "files")
    make_files(place)
    for name, program, commands, before in (("yq", bench.options.yq, YQ, []), ("rclone", bench.options.rclone, RCLONE, ["--config="])):
        if not program:
            continue
        go_mod = bench.usual_policy(program, name)
        for command in commands:
            argv = [program, *before, *command]

            def how(front, _, argv=argv, command=command):
                if command[0] == "copy":
                    shutil.rmtree(os.path.join(place, "copied"), ignore_errors=True)
                return {"": seconds([*front, *argv], cwd=place)}

            yield Case("%s %s" % (name, " ".join(command)), bench.ways(go_mod), how, MILLISECONDS, rounds, "whole commands",
                       lambda argv=argv, go_mod=go_mod: bench.count_stops(go_mod, argv, cwd=place))
