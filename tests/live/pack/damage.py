# SPDX-License-Identifier: Apache-2.0
"""
Damage: a packed program that was cut, or in which bits were flipped, still enforces, or does not start. Of the latter, it says so with
125 wherever its stub still can: the code with which the stub checks itself may do anything when it was changed, but not run the program.
"""

import errno
import os
import random
import re
import subprocess

import harness

SECRET = "-----the-private-key-----"
SOAK = bool(os.environ.get("JAIL_TEST_SOAK"))
PATIENCE = 20
SELF = "this packed program is damaged: the stub was changed"
LAST_CODE = (2048, 768)  # from the stub's end: what loads the supervisor, used after it has checked itself; behind that are its texts


def rows(pack):
    listed = subprocess.run(["readelf", "-SW", pack.packed], stdout=subprocess.PIPE, universal_newlines=True, check=True).stdout
    places = {}
    for name, offset, size in re.findall(r"\] \.jail\.(\w+) +\S+ +\S+ +(\S+) (\S+)", listed):
        places[name] = (int(offset, 16), int(size, 16))
    size = os.path.getsize(pack.packed)
    chosen = random.Random(len(listed))
    for name in ("supervisor", "policy"):
        offset, length = places[name]
        for place in sorted(chosen.sample(range(length), 2000 if SOAK else 25)):
            bit = chosen.randrange(8)
            yield "damage/%s/%d.%d" % (name, place, bit), lambda at=offset + place, bit=bit: flipped(pack, at, bit, True)
    offset, length = places["stub"]
    last = range(length - LAST_CODE[0], length - LAST_CODE[1])
    for place in range(length) if SOAK else sorted(chosen.sample(range(length), 120)):
        bit = chosen.randrange(8)
        yield "damage/stub/%d.%d" % (place, bit), lambda at=offset + place, bit=bit, say=place in last: flipped(pack, at, bit, say, SELF if say else "")
    for bit in range(64 if SOAK else 24):
        yield "damage/entry/%d" % bit, lambda bit=bit: flipped(pack, 0x18 + bit // 8, bit % 8, False)
    begin = places["supervisor"][0]
    cuts = [begin, begin + 4096, places["policy"][0] - 1, places["policy"][0] + 100, size - 4096, size - 64, size - 1]
    for cut in cuts + [chosen.randrange(begin, size) for _ in range(200 if SOAK else 5)]:
        yield "damage/cut to %d" % cut, lambda cut=cut: truncated(pack, cut)


def judge(run, must_say, words=""):
    """Unconfined is when the attack had its effect; all else is a matter of words."""
    if SECRET in run.out:
        return ["it ran unconfined: %r %r" % (run.out, run.err)]
    if run.status == 0 and (run.out or must_say):
        return [] if "jail: denied" in run.err and not words else ["it ran, and nobody said anything: %r" % run.out]
    if run.status == 125 and run.err.startswith("jail: " + words):
        return []
    return ["status %s, %r" % (run.status, run.err)] if must_say else []


def flipped(pack, at, bit, must_say, words=""):
    copy = pack.copy("app")
    with open(copy, "r+b") as file:
        file.seek(at)
        byte = file.read(1)[0]
        file.seek(at)
        file.write(bytes([byte ^ 1 << bit]))
    return judge(pack.run([copy, "evil", "read"], timeout=PATIENCE), must_say, words)


def truncated(pack, size):
    copy = pack.copy("app")
    os.truncate(copy, size)
    try:
        return judge(pack.run([copy, "evil", "read"], timeout=PATIENCE), True)
    except OSError as error:  # the kernel cannot read the name of the dynamic loader, and says so
        return [] if error.errno == errno.EIO and "cgo" in pack.test.options.variant else [str(error)]
