# SPDX-License-Identifier: Apache-2.0
"""mc, a client of object stores, over TLS to a store on loopback that rclone serves: what it may do, and its cases."""

from case import Beside, Case, Run, Varying
from program import PROTOBUF_DENIAL, XID_DENIAL, Denial, Program, Uncounted
from rclone import RCLONE

ACCESS = "access12345:secret1234567"
STORE = Beside(
    ["%RCLONE%", "serve", "s3", "--config=", "--addr=127.0.0.1:%PORT%", "--auth-key=" + ACCESS.replace(":", ",")]
    + ["--cert=tls/cert.pem", "--key=tls/key.pem", "data"]
)
FILES = {
    "tls/cert.pem": "%CERT%",
    "tls/key.pem": "%KEY%",
    ".mc/certs/CAs/test.pem": "%CERT%",
    "data/pail/hello.txt": "hello\n",
    "data/pail/sub/deep.txt": "deep\n",
    "data/pail/sub/deeper/still.bin": "\x00\x01" * 2000,
    "src/one": "one\n",
    "src/deep/two.txt": "two\n" * 500,
    "src/deep/caf\u00e9 and more": "3\n",
}
TIMES = [
    Varying("when an object was made", r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d+)?( ?[A-Z]+)?", "TIME"),
    Varying(
        "how long a transfer took, and how fast it was", r"│ *\d\d[hm]\d\d[ms][^│]*│ [^│]*│|[┌├└][─┬┼┴]+[┐┤┘]|│ Total .*│", ""
    ),
    Varying("the same in JSON", r'"(duration|speed|elapsed)":[0-9.]+', r'"\1":0'),
    Varying("signatures of the moment", r"X-Amz-[A-Za-z]+=[^&\s\"]+", "X-Amz"),
    Varying("identifiers of requests", r"(?i)request-?id:? ?\S+", "REQUEST"),
]
# It writes its configuration with the times when it did.
OWN = r"^\.mc/(config\.json|share/)|^other/"


def run(*arguments, **more):
    env = {"MC_HOST_s3": "https://%s@localhost:%%PORT%%" % ACCESS, **more.pop("env", {})}
    return Run(list(arguments), env=env, **more)


# On a busy machine, bare, 3 times in 150.
MIRRORED = Varying("whether the store lists already what was mirrored just now", r"(?m)^> https://localhost:\d+/pail/mirror/only\n")


def with_store(name, *runs, files=None, normalise=(), **more):
    """A case that goes on beside the store."""
    return Case(name, [STORE, *runs], {**FILES, **(files or {})}, normalise=[*TIMES, *normalise], any_order=True, random=OWN, **more)


CASES = [
    with_store(
        "list",
        run("ls", "s3"),
        run("ls", "-r", "s3/pail"),
        run("ls", "--summarize", "s3/pail/sub"),
        run("--json", "ls", "s3/pail"),
    ),
    with_store(
        "copy up", run("cp", "src/one", "s3/pail/up/one"), run("cp", "-r", "src/", "s3/pail/tree/"), run("ls", "-r", "s3/pail")
    ),
    with_store(
        "copy down",
        run("cp", "s3/pail/hello.txt", "here.txt"),
        run("cp", "-r", "s3/pail/", "all/"),
        run("get", "s3/pail/hello.txt", "got"),
    ),
    with_store("copy inside", run("cp", "s3/pail/hello.txt", "s3/pail/again"), run("mv", "s3/pail/again", "s3/pail/moved")),
    with_store(
        "many files",
        run("cp", "-r", "--quiet", "many/", "s3/pail/many/"),
        run("cp", "-r", "--quiet", "s3/pail/many/", "back/"),
        files={"many/%d/%d" % (i % 5, i): "%d\n" % i * i for i in range(60)},
    ),
    with_store(
        "several streams",
        run("put", "--quiet", "--part-size", "5MiB", "--parallel", "3", "large", "s3/pail/large"),
        run("get", "--quiet", "s3/pail/large", "back"),
        files={"large": "0123456789abcdef" * 800000},
    ),
    with_store(
        "mirror",
        run("mirror", "--quiet", "src", "s3/pail/mirror"),
        run("mirror", "--quiet", "s3/pail/mirror", "back"),
        run("mirror", "--quiet", "--remove", "--overwrite", "empty", "s3/pail/mirror"),
        run("diff", "src", "s3/pail/mirror"),
        files={"empty/only": "x\n"},
        normalise=[MIRRORED],
    ),
    with_store(
        "read",
        run("cat", "s3/pail/hello.txt", "s3/pail/sub/deep.txt"),
        run("head", "-n", "1", "s3/pail/hello.txt"),
        run("stat", "s3/pail/hello.txt"),
    ),
    with_store("from stdin", run("pipe", "--quiet", "s3/pail/piped", stdin="from stdin\n"), run("cat", "s3/pail/piped")),
    with_store(
        "buckets",
        run("mb", "s3/new"),
        run("mb", "s3/new"),
        run("cp", "src/one", "s3/new/one"),
        run("rb", "--force", "s3/new"),
        run("ls", "s3"),
    ),
    with_store("remove", run("rm", "s3/pail/hello.txt"), run("rm", "-r", "--force", "s3/pail/sub"), run("rm", "s3/pail/missing")),
    with_store(
        "find",
        run("find", "s3/pail", "--name", "*.txt"),
        run("find", "s3/pail", "--larger", "1KiB", "--print", "{base}"),
        run("find", "s3/pail", "--name", "*.txt", "--exec", "sh -c 'echo found {base}'"),
    ),
    with_store("sizes and trees", run("du", "s3/pail"), run("du", "-r", "s3/pail"), run("tree", "--files", "s3/pail")),
    with_store("share", run("share", "download", "s3/pail/hello.txt"), run("share", "list", "download")),
    with_store(
        "whom it believes", run("ls", "s3", "--config-dir", "other"), run("ls", "s3", "--config-dir", "other", "--insecure")
    ),
    with_store(
        "wrong keys",
        run("ls", "s3/pail", env={"MC_HOST_s3": "https://access12345:wrong12345@localhost:%PORT%"}),
        run("ls", "s3/missing"),
        run("cat", "s3/pail/missing"),
    ),
    with_store(
        "aliases",
        run("alias", "set", "mine", "https://localhost:%PORT%", *ACCESS.split(":")),
        run("ls", "mine/pail"),
        run("alias", "remove", "mine"),
    ),
    Case(
        "files alone",
        [run("cp", "-r", "src/", "dst/"), run("ls", "-r", "src"), run("rm", "-r", "--force", "dst")],
        FILES,
        normalise=TIMES,
        any_order=True,
        random=OWN,
    ),
    Case(
        "help",
        [run("--help"), run("cp", "--help"), run("--version"), run("no-such-command"), run("cp", "--no-such-flag")],
        random=OWN,
    ),
]

MC = Program(
    name="mc",
    module="github.com/minio/mc",
    version="v0.0.0-20250313080218-cf909e1063a9",
    unconfined={
        "github.com/minio/filepath": "walks through directories",
        "github.com/minio/pkg/v3": "keeps the configuration in a file",
    },
    callbacks={
        "github.com/klauspost/compress": "its compressing transport uses one of the main module, which dials itself",
        "github.com/minio/cli": "runs the commands of mc, which are functions of the main module",
        "github.com/minio/minio-go/v7": "makes its requests with the main module's transport",
    },
    denials={
        "protobuf-detrand": PROTOBUF_DENIAL,
        "machine-id": XID_DENIAL,
        "terminal": Denial(
            "github.com/cheggaaa/pb",
            "fs.read",
            r".*/pb\.init\.0",
            always=True,
            target="/dev/tty",
            why="the package opens the terminal to find its width; what it does for that is not to be seen where there is none",
        ),
        "boot time": Denial(
            "github.com/shirou/gopsutil/v3",
            "fs.read",
            r".*\.ReadLinesOffsetN",
            always=True,
            target="^/proc/",
            why="the package reads at start when the machine was booted, which only the diagnosis commands show",
        ),
    },
    cases=CASES,
    variants=[],
    chosen={
        "unprivileged": ["list", "copy down", "many files", "whom it believes"],
        "repeat": ["many files", "copy inside", "mirror"],
    },
    beside={"rclone": RCLONE},
    uncounted=[
        Uncounted(" net.connect ", "connections to the store are kept and used again: there are as many as were needed at once"),
        Uncounted(" mkdirat ", "of files that are made at once, the first makes their directory"),
    ],
)
