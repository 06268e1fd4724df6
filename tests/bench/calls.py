# SPDX-License-Identifier: Apache-2.0
"""Stopped calls, and what ancestry costs."""

from ways import BARE, JAIL, Case, printed

MICROSECONDS = {"": ("us", 1e-3)}


def inside(bench, *arguments, divide=1):
    """What the program measures itself, in nanoseconds."""
    return lambda front, _: {"": printed([*front, bench.stops, *arguments])[0] / divide}


def cases(bench):
    rounds, n = bench.options.rounds, str(bench.options.calls)
    ways = bench.ways(bench.stops_mod)
    placed = {"null tracer, one CPU": [bench.null_tracer, "--one-cpu"], "null tracer, anywhere": [bench.null_tracer, "--anywhere"]}
    for threads in (1, 4):
        for depth in (5, 15, 40):
            yield Case("stopped call, depth %d, %d thread%s" % (depth, threads, "s" * (threads > 1)), dict(ways, **placed),
                       inside(bench, "calls", str(depth), str(threads), n, divide=threads), MICROSECONDS, rounds)
    for depth in (0, 1, 8, 20):
        yield Case("stopped call, %d ancestors" % depth, ways, inside(bench, "ancestry", str(depth), n), MICROSECONDS, rounds)
    for depth in (1, 8, 20):
        yield Case("stopped call, %d ancestors, a new goroutine each" % depth, ways, inside(bench, "fresh", str(depth), n), MICROSECONDS,
                   rounds)
    creators = {BARE: [], "with ancestors": ["env", "GODEBUG=tracebackancestors=64"], JAIL: ways[JAIL]}
    for depth in (1, 20):
        yield Case("go statement, depth %d" % depth, creators, inside(bench, "create", str(depth), "20000"), MICROSECONDS, rounds)

    def park(front, _):
        took, size = printed([*front, bench.stops, "park", "20", str(bench.options.goroutines)])
        return {"time of each": took, "memory of each": size}

    yield Case("%d goroutines, depth 20" % bench.options.goroutines, creators, park,
               {"time of each": ("us", 1e-3), "memory of each": ("bytes", 1)}, min(rounds, 5))
