# SPDX-License-Identifier: Apache-2.0
"""rclone, the synchroniser for cloud storage, on local folders and over HTTP on loopback: what it may do, and its cases."""

from case import Case, Run, Serve, Varying
from program import PROTOBUF_DENIAL, Program, Uncounted

TREE = {
    "src/read.me": "hello\n",
    "src/a/one.txt": "1" * 1000,
    "src/a/two.txt": "22\n",
    "src/a/b/three.bin": "\x00\x01three\n",
    "src/empty.txt": "",
    "src/caf\u00e9/sp ace.txt": "x\n",
}
NEWER = {"dst/read.me": "old\n", "dst/gone.txt": "to be deleted\n", "dst/a/two.txt": "22\n"}
# Where the order of what is said or written would be that of whichever is ready first.
ONE_BY_ONE = ["--checkers=1", "--transfers=1"]
CONFIG = "--config=rclone.conf"

# lib/atexit/atexit.go: what runs at the end lets the server, and main, end; the goroutine that had the signal exits with 128 + its number.
ENDING = [Varying("which of two goroutines ends it after SIGINT, and with which status", codes=(0, 130))]
LOG_TIME = [Varying("the time of day with which each line of its log begins", r"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d ")]
PASSWORD = [Varying("obscured passwords, which hold a salt", r"password2? = \S+", "password = ...")]


def run(*arguments, **more):
    return Run(["--config="] + list(arguments), **more)


CASES = [
    Case("copy", [run("copy", "src", "dst")], TREE, times="^dst/"),
    Case("copy with a filter", [run("copy", "--include=*.txt", "--max-size=100B", "src", "dst")], TREE, times="^dst/"),
    Case(
        "copy, many at once",
        [run("copy", "--transfers=16", "--checkers=16", "src", "dst")],
        {"src/%d/%d" % (i % 7, i): "%d\n" % i * i for i in range(120)},
        times="^dst/",
    ),
    Case(
        "copy with several streams",
        [run("copy", "--multi-thread-cutoff=1M", "--multi-thread-streams=4", "src", "dst")],
        {"src/large": "0123456789abcdef" * 200000},
        times="^dst/",
    ),
    Case("sync", [run("sync", "src", "dst"), run("sync", "src", "dst")], {**TREE, **NEWER}, times="^dst/"),
    Case("sync with a backup", [run("sync", "--backup-dir=old", "src", "dst")], {**TREE, **NEWER}),
    Case("dry run", [run("sync", "--dry-run", *ONE_BY_ONE, "src", "dst")], {**TREE, **NEWER}, normalise=LOG_TIME, any_order=True),
    Case(
        "check",
        [run("check", "src", "src"), run("check", "--combined=-", *ONE_BY_ONE, "src", "dst")],
        {**TREE, **NEWER},
        normalise=LOG_TIME,
        any_order=True,
    ),
    Case(
        "sums",
        [
            run("hashsum", "md5", *ONE_BY_ONE, "src"),
            run("sha1sum", *ONE_BY_ONE, "src", "--output-file=sums"),
            run("hashsum", "sha256", "src/read.me"),
        ],
        TREE,
    ),
    Case(
        "verify sums",
        [run("hashsum", "md5", *ONE_BY_ONE, "src", "--output-file=sums"), run("checksum", "md5", "sums", "src")],
        TREE,
        normalise=LOG_TIME,
    ),
    Case(
        "crypt",
        [
            Run(["config", "create", "secret", "crypt", "remote=cipher", "password=open sesame", "password2=salt", CONFIG]),
            Run(["copy", "src", "secret:", CONFIG]),
            Run(["lsf", "-R", *ONE_BY_ONE, "secret:", CONFIG]),
            Run(["cat", "secret:read.me", CONFIG]),
            Run(["copy", "secret:", "back", CONFIG]),
            Run(["cryptcheck", "src", "secret:", CONFIG]),
        ],
        TREE,
        normalise=LOG_TIME + PASSWORD,
        any_order=True,
        times="^back/",
        random=r"^cipher/|^rclone\.conf",
    ),
    Case(
        "lsjson",
        [
            run("lsjson", "-R", "--hash", *ONE_BY_ONE, "src"),
            run("lsf", "-R", *ONE_BY_ONE, "--format=pst", "src"),
            run("lsl", "src/a"),
        ],
        TREE,
    ),
    Case("tree", [run("tree", "src"), run("tree", "-s", "--dirsfirst", "src")], TREE),
    Case("size", [run("size", "src"), run("size", "--json", "src"), run("ncdu", "--help")], TREE),
    Case("move", [run("move", "src", "dst"), run("moveto", "dst/read.me", "elsewhere/renamed")], TREE, times="^dst/|^elsewhere/"),
    Case(
        "cat and rcat",
        [
            run("cat", "src/a/b"),
            run("cat", "--offset=2", "--count=3", "src/read.me"),
            run("rcat", "new/file", stdin="from stdin\n"),
        ],
        TREE,
    ),
    Case(
        "delete",
        [
            run("delete", "--include=*.txt", "src"),
            run("rmdirs", "--leave-root", "src"),
            run("mkdir", "fresh"),
            run("purge", "src/a"),
        ],
        TREE,
        normalise=LOG_TIME,
    ),
    Case("touch", [run("touch", "-t", "2020-01-02T03:04:05", "src/read.me"), run("touch", "src/new")], TREE, times="read.me"),
    Case(
        "links",
        [run("copyto", "link.rclonelink", "dst/link"), run("copy", "--links", "src", "dst")],
        {**TREE, "link.rclonelink": "read.me"},
    ),
    Case("memory and alias", [run("copyto", "src/read.me", ":memory:b/f"), run("copy", "src", ":alias,remote=dst:a")], TREE),
    Case("no such folder", [run("copy", "missing", "dst", "--retries=1"), run("ls", "missing")], TREE, normalise=LOG_TIME),
    Case("no such remote or flag", [run("ls", "nowhere:x"), run("ls", "--no-such-flag", "src")], TREE, normalise=LOG_TIME),
    Case(
        "serve and copy over http",
        [
            Serve(["serve", "http", "--config=", "--addr=127.0.0.1:%PORT%", "src"]),
            run("lsf", "-R", *ONE_BY_ONE, ":http,url='http://127.0.0.1:%PORT%/':"),
            run("copy", ":http,url='http://127.0.0.1:%PORT%/':", "dst"),
            run("cat", ":http,url='http://localhost:%PORT%/':read.me"),
        ],
        TREE,
        normalise=LOG_TIME + ENDING,
        times="^dst/",
    ),
    Case(
        "serve and copy over webdav",
        [
            Serve(["serve", "webdav", "--config=", "--addr=127.0.0.1:%PORT%", "src"]),
            run("copy", ":webdav,url='http://127.0.0.1:%PORT%/':", "dst"),
            run("rcat", ":webdav,url='http://127.0.0.1:%PORT%/':new/up.txt", stdin="sent\n"),
        ],
        TREE,
        normalise=LOG_TIME + ENDING,
        random="^$",
    ),
]

RCLONE = Program(
    name="rclone",
    module="github.com/rclone/rclone",
    version="v1.68.0",
    unconfined={
        "github.com/hanwen/go-fuse/v2": "opens /dev/null when the program starts, and panics when it cannot",
        "golang.org/x/sys": "is called for what the standard library lacks: umask at start, fallocate before writing a file",
    },
    callbacks={
        "github.com/go-chi/chi/v5": "calls the handlers of the main module for the requests that it routes",
        "github.com/spf13/cobra": "runs the commands of rclone, which are closures of the main module",
        "golang.org/x/net": "its WebDAV handler calls the file system that the main module gives it",
        "golang.org/x/sync": "errgroup runs closures of the main module, which transfer files",
    },
    denials={"protobuf-detrand": PROTOBUF_DENIAL},
    cases=CASES,
    variants=["stripped-pie"],
    chosen={
        "unprivileged": ["copy", "sync", "sums", "crypt", "no such folder", "serve and copy over http"],
        "variant": ["copy, many at once", "sync", "crypt", "lsjson", "move", "serve and copy over http"],
        "repeat": ["copy", "sync", "serve and copy over http"],
        "cobra": ["copy", "move"],
    },
    uncounted=[
        Uncounted(" net.connect ", "connections to the server are kept and used again: there are as many as were needed at once"),
        Uncounted(" mkdirat ", "of files that are copied at once, the first makes their directory"),
    ],
)
