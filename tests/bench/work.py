# SPDX-License-Identifier: Apache-2.0
"""Work that takes a while: a large file, a server under load, a build, many children."""

import os
import subprocess
import time

from commands import FRUIT, MILLISECONDS
from ways import BARE, Case, printed, seconds, stops_in

SECONDS = {"": ("s", 1)}
RATE = "2000"  # requests in a second: about a fifth of what a traced server can answer here


def make_large(path, size):
    with open(path, "w", encoding="utf-8") as file:
        number = 0
        while file.tell() < size:
            file.write("- id: %d\n  name: item number %d\n  tags: [a, b, c]\n  nested:\n    value: %d.5\n    text: \"a longer text %d\"\n" % (
                (number,) * 4))
            number += 1


def large_file(bench):
    size = bench.options.megabytes * 1000000
    path = os.path.join(bench.directory, "large.yml")
    make_large(path, size)
    go_mod = bench.usual_policy(bench.options.yq, "yq")
    argv = [bench.options.yq, "length", path]
    return Case("yq length of %d MB" % bench.options.megabytes, bench.ways(go_mod), lambda front, _: {"": seconds([*front, *argv])}, SECONDS,
                bench.options.few, stops=lambda: bench.count_stops(go_mod, argv))


def served(bench, front, clients, requests, *rate):
    """Requests to a file server that runs behind front, as many in a second as it can answer, or rate; the clients are not supervised."""
    with open(os.path.join(bench.directory, "served"), "w", encoding="utf-8") as file:
        file.write(FRUIT * 20)
    server = subprocess.Popen([*front, bench.stops, "serve", bench.directory], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, text=True)
    url = server.stdout.readline().strip() + "/served"
    printed([bench.stops, "load", url, clients, "200"])  # warm
    p50, p99, answered = printed([bench.stops, "load", url, clients, requests, *rate])
    server.stdin.close()
    server.wait()
    return {"p50": p50, "p99": p99} if rate else {"p50": p50, "p99": p99, "requests per second": answered}


def count_served(bench):
    """The stops of a server, and the time that it served."""
    report = os.path.join(bench.directory, "report")
    front = [bench.jail, "run", "-q", "--permissive", "--report=" + report, "--go-mod=" + bench.stops_mod, "--"]
    start = time.perf_counter()
    served(bench, front, "8", str(bench.options.requests))
    return stops_in(report), time.perf_counter() - start


def http(bench):
    requests = str(bench.options.requests)
    units = {"p50": ("us", 1e-3), "p99": ("us", 1e-3)}
    yield Case("HTTP file server, 8 clients", bench.ways(bench.stops_mod), lambda front, _: served(bench, front, "8", requests),
               dict(units, **{"requests per second": ("1/s", 1)}), bench.options.rounds, stops=lambda: count_served(bench))
    yield Case("HTTP file server, %s requests in a second" % RATE, bench.ways(bench.stops_mod),
               lambda front, _: served(bench, front, "64", requests, RATE), units, bench.options.rounds)


def build(bench):
    """go build of a small program, whose source changes each time."""
    source = os.path.join(bench.directory, "small")
    os.makedirs(source)
    with open(os.path.join(source, "go.mod"), "w", encoding="utf-8") as file:
        file.write("module example.com/small\n\ngo 1.18\n\nrequire example.com/none v1.0.0 // gomodjail:confined\n")
    number = [0]

    def how(front, _):
        number[0] += 1
        with open(os.path.join(source, "main.go"), "w", encoding="utf-8") as file:
            file.write('package main\n\nimport "fmt"\n\nfunc main() {\n\tfmt.Println(%d)\n}\n' % number[0])
        return {"": seconds([*front, "go", "build", "-mod=mod", "-o", os.devnull, "."], cwd=source,
                            env=dict(os.environ, GOFLAGS="", GOWORK="off", GOPROXY="off"))}

    ways = bench.ways(os.path.join(source, "go.mod"), ["--via", "--decide-all"])
    how([], BARE)  # what it needs is in the cache then
    return Case("go build of a small program (--via --decide-all)", ways, how, SECONDS, bench.options.rounds)


def children(bench):
    argv = [bench.stops, "children", str(bench.options.children), "/bin/true"]
    return Case("%d children" % bench.options.children, bench.ways(bench.stops_mod), lambda front, _: {"": seconds([*front, *argv])}, SECONDS,
                bench.options.few, stops=lambda: bench.count_stops(bench.stops_mod, argv))


def trusted_child(bench):
    """One child that is no image of the policy, and opens a file again and again: each open stops, and none is judged."""
    loop = "i=0; while [ $i -lt %d ]; do : </dev/null; i=$((i+1)); done" % bench.options.opens
    argv = [bench.stops, "children", "1", "/bin/sh", "-c", loop]
    return Case("a trusted child that opens %d times" % bench.options.opens, bench.ways(bench.stops_mod),
                lambda front, _: {"": seconds([*front, *argv])}, MILLISECONDS, bench.options.rounds)


def cases(bench):
    if bench.options.yq:
        yield large_file(bench)
    yield from http(bench)
    yield build(bench)
    yield children(bench)
    yield trusted_child(bench)
