# SPDX-License-Identifier: Apache-2.0
"""What is not started, and what is not allowed."""

import collections
import os
import random

from image import Image

Start = collections.namedtuple("Start", "name make status words runs is_image")
Call = collections.namedtuple("Call", "name argv cls reason module words bare kernel_may_lack_it")

EVIL = "example.com/evil"


# --- programs that jail does not understand: make(place) returns the path ---

def spoil(function):
    def make(place):
        image = Image(place.test.program)
        function(image)
        return place.write("spoilt", bytes(image.data))
    return make


def write(data, mode=0o755, name="file"):
    return lambda place: place.write(name, data, mode)


def cut(place):
    data = Image(place.test.program).data
    return place.write("cut", bytes(data[:len(data) * 2 // 3]))


def cut_header(place):
    return place.write("cut", bytes(Image(place.test.program).data[:40]))


def directory(place):
    path = os.path.join(place.room, "directory")
    os.mkdir(path)
    return path


def not_go(place):
    return place.test.bring("/bin/true", "true-" + os.path.basename(place.room))


def for_i386(place):
    header = bytearray(Image(place.test.program).data[:64])
    header[4] = 1  # ELFCLASS32
    header[18:20] = b"\x03\x00"  # EM_386
    return place.write("i386", bytes(header) + bytes(1000))


def for_arm64(place):
    data = Image(place.test.program).data
    data[18:20] = b"\xb7\x00"  # EM_AARCH64
    return place.write("arm64", bytes(data))


def go_mod(text):
    def make(place):
        place.options = ["--go-mod=" + place.write("go.mod", text.encode(), 0o644)]
    return make


def no_go_mod(place):
    place.options = ["--go-mod=" + os.path.join(place.room, "no-such-go.mod")]


def no_go_mod_anywhere(place):
    os.remove(os.path.join(place.room, "go.mod"))


def start(name, make, words, status=125, runs=False, is_image=False):
    """runs: bare it does; is_image: it is a Go program of the policy, so that executing it later is refused, too."""
    return Start(name, make, status, words, runs, is_image)


def image(name, function, words, runs=False):
    return start(name, spoil(function), words, runs=runs, is_image=True)


def swap_functions(image):
    table = image.function_table()
    middle = table + 8 * (image.function_count() // 2)
    image.data[middle:middle + 4], image.data[middle + 8:middle + 12] = image.data[middle + 8:middle + 12], image.data[middle:middle + 4]


def go_mod_text(rest):
    return "module example.com/app\n\ngo 1.18\n\n" + rest


STARTS = [
    image("unknown Go version", lambda i: i.replace_version(b"go1.99."), r"spoilt: .*go1\.99\.0*,.* supported are go1\.18", runs=True),
    image("Go version of another major", lambda i: i.replace_version(b"go2.1.1"), r"spoilt: .*go2\.1\.1", runs=True),
    image("development version of Go", lambda i: i.replace_version(b"devel a"), r"spoilt: .*development version.*devel a", runs=True),
    image("a version that is none", lambda i: i.replace_version(b"gopher"), r"spoilt: .*unknown Go version.*gopher", runs=True),
    image("too old a Go", lambda i: i.replace_version(b"go1.17."), r"spoilt: .*go1\.17\.0*,.* is older than", runs=True),
    image("pclntab: magic", lambda i: i.flip(i.pclntab()[0]), r"spoilt: .*\.gopclntab"),
    image("pclntab: pointer size", lambda i: i.put(i.pclntab()[0] + 7, "B", 4), r"spoilt: .*\.gopclntab"),
    image("pclntab: more functions than there is room for", lambda i: i.put_header_word(0, 0x7fffffff), r"spoilt: .*\.gopclntab"),
    image("pclntab: no functions", lambda i: i.put_header_word(0, 0), r"spoilt: .*\.gopclntab"),
    image("pclntab: names lie outside", lambda i: i.put_header_word(3, 1 << 40), r"spoilt: .*\.gopclntab"),
    image("pclntab: function table lies outside", lambda i: i.put_header_word(7, 1 << 40), r"spoilt: .*\.gopclntab"),
    image("pclntab: function table lies elsewhere", lambda i: i.put_header_word(7, 64), r"spoilt: .*(pclntab|module data)"),
    image("pclntab: functions out of order", swap_functions, r"spoilt: .*\.gopclntab"),
    image("pclntab: last function outside the text", lambda i: i.put(i.function_table() + 8 * i.function_count(), "<I", 0x7fffffff),
          r"spoilt: .*(pclntab|module data)"),
    image("no build info", lambda i: i.put(i.sections[".go.buildinfo"][0], "16s", bytes(16)), r"spoilt: .*[Bb]uild info", runs=True),
    start("cut off", cut, r"cut: .*(truncated|outside the file)", is_image=True),
    start("cut off in its header", cut_header, r"cut: .*truncated"),
    start("no sections", spoil(lambda i: i.drop_section_headers()), r"spoilt: .*without section names", runs=True, is_image=True),
    start("a directory", directory, r"directory", status=126),
    start("a script", write(b"#!/bin/sh\n: > mark\n"), r"file is a script, not a Go program", runs=True),
    start("a script without its first line", write(b": > mark\n"), r"file is not an ELF executable"),
    start("an empty file", write(b""), r"file is empty"),
    start("no permission to execute", write(b"#!/bin/sh\n: > mark\n", 0o644), r"file: [Pp]ermission denied", status=126),
    start("no such file", lambda place: os.path.join(place.room, "no-such-file"), r"no-such-file: [Nn]o such file", status=127),
    start("a C program", not_go, r"true-\S+ is not a Go program"),
    start("a 32-bit program", for_i386, r"i386 is a 32-bit program"),
    start("a program of another processor", for_arm64, r"arm64"),
    start("go.mod of another main module", go_mod("module example.com/other\n\ngo 1.18\n"),
          r"program of module example\.com/app, but \S*go\.mod is that of module example\.com/other", runs=True),
    start("go.mod is garbage", go_mod("\x00\x01\x02garbage\n"), r"go\.mod:1:1: ", runs=True),
    start("go.mod is a binary", lambda place: go_mod("")(place) or place.write("go.mod", b"\x7fELF" + bytes(range(256)) * 20, 0o644) and None,
          r"go\.mod:1:", runs=True),
    start("go.mod is empty", go_mod(""), r"go\.mod", runs=True),
    start("go.mod has no such word", go_mod(go_mod_text("requires example.com/evil v1.2.3\n")), r"go\.mod:5:1: .*requires", runs=True),
    start("go.mod: block without end", go_mod(go_mod_text("require (\n\texample.com/evil v1.2.3\n")), r"go\.mod:[567]:", runs=True),
    start("directive is misspelt", go_mod(go_mod_text("require example.com/evil v1.2.3 // gomodjail:confind\n")),
          r"go\.mod:5:\d+: .*confind.*confined", runs=True),
    start("directive has a blank in it", go_mod(go_mod_text("require example.com/evil v1.2.3 // gomodjail: confined\n")),
          r"go\.mod:5:\d+: .*confined", runs=True),
    start("directive of a newer jail", go_mod(go_mod_text("require example.com/evil v1.2.3 // jail:teleport\n")),
          r"go\.mod:5:\d+: .*teleport.*newer", runs=True),
    start("no such go.mod", no_go_mod, r"no-such-go\.mod: [Nn]o such file", runs=True),
    start("no go.mod anywhere", no_go_mod_anywhere, r"no go\.mod in .* or a directory above it; --go-mod=FILE names one", runs=True),
    start("go.mod is a directory", lambda place: setattr(place, "options", ["--go-mod=" + directory(place)]), r"directory", runs=True),
]


# --- tables that are wrong inside ---

def flip_in(where, seed):
    """20 programs with 50 bytes each flipped in a part."""
    def make(test):
        generator = random.Random(seed)
        for _ in range(20):
            image = Image(test.program)
            offset, length = where(image)
            for _ in range(50):
                image.flip(offset + generator.randrange(length), generator.randrange(1, 256))
            yield image
    return make


def zero_pc_values(test):
    image = Image(test.program)
    offset, length = image.pc_values()
    image.data[offset:offset + length] = bytes(length)
    yield image


DAMAGES = {
    "pclntab, anywhere": flip_in(lambda image: image.pclntab(), 1),
    "pclntab, header": flip_in(lambda image: (image.pclntab()[0], 72), 2),
    "pclntab, pc values": flip_in(lambda image: image.pc_values(), 3),
    "pclntab, no pc values": zero_pc_values,
    "build info": flip_in(lambda image: image.sections[".go.buildinfo"], 4),
    "ELF header": flip_in(lambda image: (0, 64), 5),
    "program headers": flip_in(lambda image: (64, 56 * 6), 6),
}


# --- calls ---

def call(name, argv, cls=None, reason=None, module=None, words="", bare='^tried: "the-secret', kernel_may_lack_it=False):
    return Call(name, argv.split(), cls, reason, module, words, bare, kernel_may_lack_it)


CALLS = [
    call("evil, plainly", "try plain", "fs.read", "confined", EVIL, r"by example\.com/evil"),
    call("evil jumps on, and leaves no frame", "jump", "fs.read", "confined", EVIL, r"at    evil\.Sum"),
    call("stack in the heap", "try pivot-heap", "fs.read", "unknown-code", None, r"\n  why   .*evil\.openPivoted"),
    call("stack in other memory", "try pivot-low", "fs.read", "incomplete", None, r"\n  why   .*stack pointer 0x\w+ is not on the stack"),
    call("stack nowhere", "try pivot-nowhere", "fs.read", "incomplete", None, r"\n  why   .*stack pointer 0x10 is not on the stack"),
    call("stack without evil's frames", "try pivot-up", "fs.read", "unknown-code", None, r"\n  why   .*evil\.openHigher"),
    call("stack at an odd address", "try pivot-odd", "fs.read", "unknown-code", None, r"\n  why   .*evil\.openHigher"),
    call("stack of 30,000 frames", "deep", "fs.read", "incomplete", None, r"\n  why   too many frames"),
    call("code made at run time calls", "jit", "fs.read", "unknown-code", None, r"\n  why   the call comes from 0x\w+, which is no known code"),
    call("code made at run time computes", "jit-compute", bare='^tried: "42" <nil>'),
    call("evil maps executable memory", "try mmap-exec", "mem.exec", "confined", EVIL, r"denied mmap\(.*PROT_EXEC", bare='^tried: "mapped" <nil>'),
    call("evil makes memory executable", "try mprotect-exec", "mem.exec", "confined", EVIL, r"denied mprotect\(.*PROT_EXEC",
         bare='^tried: "protected" <nil>'),
    call("evil: unknown number", "try number", "other", "confined", EVIL, r"denied syscall 999\(", bare="function not implemented"),
    call("evil: negative number", "try negative", "other", "confined", EVIL, r"denied syscall -1\(", bare="function not implemented"),
    call("own: unknown number", "number", bare="function not implemented"),
    call("evil by i386's entry", "try i386", "other", "confined", EVIL, r"denied i386 syscall 5\(", kernel_may_lack_it=True),
    call("evil by x32's numbers", "try x32", "other", "confined", EVIL, r"denied x32 syscall 2\(", kernel_may_lack_it=True),
]
