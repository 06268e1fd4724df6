# SPDX-License-Identifier: Apache-2.0
"""Whole commands, from start to end: what people do with yq and rclone."""

import glob
import json
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


DOCUMENT = """apiVersion: apps/v1
kind: Deployment
metadata:
  name: web-%d
  labels: {app: web, tier: "%d"}
spec:
  replicas: %d
  template:
    spec:
      containers:
        - name: main
          image: registry.example.com/web:%d
          env:
            - {name: PORT, value: "80"}
"""
SMALL, ORDINARY = "on small files", "on ordinary files"


def write(directory, name, data):
    path = os.path.join(directory, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(data)


def make_files(directory):
    """What the commands work on: a handful of lines and 40 files of a line, or 56 KB and 300 files of 20 KB."""
    for name, data in (("f.yml", FRUIT), ("g.yml", "fruit: [{name: plum}]\nstock: {amount: 8}\n"),
                       ("f.json", '{"b": [1, 2.5, null], "a": {"deep": true}}'), ("edited.yml", FRUIT)):
        write(directory, name, data)
    many = [DOCUMENT % (i, i % 3, i % 5, i) for i in range(200)]
    for name in ("many.yml", "edited-many.yml"):
        write(directory, name, "---\n".join(many))
    write(directory, "many.json", json.dumps([{"name": "web-%d" % i, "env": [{"name": "PORT", "value": i}] * 8} for i in range(200)]))
    for i in range(40):
        write(os.path.join(directory, "src"), os.path.join("sub" if i % 2 else ".", "file%d" % i), "%d\n" % i * 100)
    for i in range(300):
        write(os.path.join(directory, "tree"), os.path.join("sub%d" % (i % 20), "file%d" % i), ("%d\n" % i * 20000)[:20000])


def rclone_commands(tree):
    copied = "copied-" + tree
    return [["ls", tree], ["lsjson", "-R", tree], ["size", tree], ["copy", tree, copied], ["sync", tree, copied], ["check", tree, copied],
            ["sha1sum", tree]]


def yq_commands(files, edited, name, number):
    """files: what the names of the files begin with; name, number: where such things stand in them."""
    return [
        [name, files + ".yml"],
        ["-o=json", ".", files + ".yml"],
        ["-p=json", "-o=yaml", ".", files + ".json"],
        ["eval-all", "select(fileIndex == 0) * select(fileIndex == 1)", files + ".yml", "g.yml"],
        ["-i", number + " = 8", edited + ".yml"],
        ['.other = load("g.yml").stock', files + ".yml"],
    ]


# The same on small and on ordinary files, as far as they make a difference.
YQ = {
    SMALL: [["--version"], *yq_commands("f", "edited", ".fruit[0].name", ".stock.amount")],
    ORDINARY: yq_commands("many", "edited-many", ".metadata.name", ".spec.replicas"),
}
RCLONE = {
    SMALL: [["version"], *rclone_commands("src")],
    ORDINARY: rclone_commands("tree"),
}


def commands(bench):
    """(how it is called, program, its go.mod, the files, the command)"""
    for name, program, by_files, before in (("yq", bench.options.yq, YQ, []), ("rclone", bench.options.rclone, RCLONE, ["--config="])):
        if not program:
            continue
        go_mod = bench.usual_policy(program, name)
        for files, lines in by_files.items():
            for line in lines:
                yield "%s %s" % (name, " ".join(line)), [program, *before, *line], go_mod, files


def case(bench, place, name, argv, go_mod, files):
    def prepare():
        if "copy" in argv:
            shutil.rmtree(os.path.join(place, argv[-1]), ignore_errors=True)

    def how(front, _):
        prepare()
        return {"": seconds([*front, *argv], cwd=place)}

    def stops():
        prepare()
        return bench.count_stops(go_mod, argv, cwd=place)

    groups = ("whole commands", "whole commands " + files)
    return Case(name, bench.ways(go_mod), how, MILLISECONDS, bench.options.rounds, groups, stops)


def cases(bench):
    place = os.path.join(bench.directory, "files")
    make_files(place)
    for command in commands(bench):
        yield case(bench, place, *command)
