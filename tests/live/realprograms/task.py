# SPDX-License-Identifier: Apache-2.0
"""task, the runner of tasks: it runs children, and reads task files over the network, on loopback. What it may do, and its cases."""

from case import Beside, Case, Run, Varying
from program import PROTOBUF_DENIAL, Program, Uncounted
from caddy import CADDY

DIGESTS = Varying("names in its cache, which hold the port", r"[0-9a-f]{64}", "...")
FIRST_FAILED = Varying("which of two downloads is the first to fail", r'Download of "https://localhost:\d+/\S+"', "Download")


def taskfile(text):
    return {"Taskfile.yml": "version: '3'\n" + text}


def run(*arguments, **more):
    return Run(["--color=false", *arguments], **more)


BUILD = """\
vars:
  NAME: world
  DATE:
    sh: date -u -d @1700000000 +%F
tasks:
  default:
    deps: [prepare]
    cmds:
      - echo "hello {{.NAME}} of {{.DATE}}"
      - task: count
        vars: {OF: words.txt}
  prepare:
    cmds:
      - mkdir -p out
      - printf 'b\\na\\nb\\n' | sort | uniq -c >out/counted
  count:
    cmds:
      - /usr/bin/wc -l {{.OF}}
      - cmd: cat out/counted
        silent: true
"""
COMPILE = """\
tasks:
  build:
    method: %s
    sources: ['src/**/*.txt']
    generates: [all]
    cmds:
      - cat src/a.txt src/b.txt src/sub/c.txt >all
  forced:
    status: ['test -f done']
    cmds:
      - touch done
"""
SOURCES = {"src/a.txt": "a\n", "src/b.txt": "b\n", "src/sub/c.txt": "c\n"}
REMOTE = """\
version: '3'
tasks:
  default:
    cmds:
      - echo from afar
      - task: second
  second:
    cmds:
      - sh -c 'echo child of a child; cat local.txt'
"""
# What serves: caddy, with or without TLS.
SERVER = {
    "Caddyfile": "{\n\tadmin off\n\tauto_https off\n\tdefault_bind 127.0.0.1\n\tskip_install_trust\n\tpersist_config off\n}\n"
    "http://127.0.0.1:%PORT% {\n\troot * www\n\tfile_server\n}\n"
    "https://localhost:%PORT2% {\n\ttls tls/cert.pem tls/key.pem\n\troot * www\n\tfile_server\n}\n",
    "tls/cert.pem": "%CERT%",
    "tls/key.pem": "%KEY%",
    "www/Taskfile.yml": REMOTE,
    "www/more/Taskfile.yml": REMOTE.replace("from afar", "from further"),
    "local.txt": "local\n",
}
SERVE = Beside(["%CADDY%", "run"], {"XDG_DATA_HOME": "beside"}, ports=("%PORT%", "%PORT2%"))
CACHE = r"^\.task|^\.cache|^beside"

CASES = [
    Case("tasks", [run(), run("count", "OF=Taskfile.yml")], {**taskfile(BUILD), "words.txt": "one\ntwo\n"}),
    Case(
        "up to date by checksums",
        [run("build"), run("build"), run("--status", "build"), run("--force", "build"), run("forced"), run("forced")],
        {**taskfile(COMPILE % "checksum"), **SOURCES},
    ),
    Case(
        "up to date by times", [run("build"), run("build"), run("--dry", "build")], {**taskfile(COMPILE % "timestamp"), **SOURCES}
    ),
    Case(
        "many at once",
        [run("--output=group", "all"), run("--parallel", "--silent", *["one-%d" % i for i in range(12)])],
        taskfile(
            "tasks:\n  all:\n    deps:\n"
            + "".join("      - one-%d\n" % i for i in range(12))
            + "".join("  one-%d:\n    cmds: ['/bin/echo %d >made-%d', 'cat made-%d']\n" % (i, i, i, i) for i in range(12))
        ),
        any_order=True,
    ),
    Case(
        "failing commands",
        [
            run("fails"),
            run("--exit-code", "fails"),
            run("ignored"),
            run("killed"),
            run("missing"),
            run("nothing-like-it"),
            run("condition"),
        ],
        taskfile(
            """\
tasks:
  fails:
    cmds:
      - defer: echo cleaned up
      - sh -c 'exit 7'
      - echo not reached
  ignored:
    cmds:
      - cmd: exit 3
        ignore_error: true
      - echo reached
  killed:
    cmds: ["sh -c 'kill -TERM $$'"]
  missing:
    cmds: [no-such-command]
  condition:
    preconditions:
      - sh: test -e absent
        msg: absent is missing
    cmds: [echo no]
"""
        ),
    ),
    Case(
        "lists and summaries",
        [run("--list-all"), run("--list", "--json"), run("--summary", "default"), run("--dry", "default")],
        {**taskfile(BUILD), "words.txt": "one\n"},
    ),
    Case(
        "included files and dotenv",
        [run("sub:show"), run("top")],
        {
            **taskfile(
                "includes:\n  sub:\n    taskfile: sub/Taskfile.yml\n    dir: sub\ndotenv: ['.env']\n"
                "tasks:\n  top:\n    cmds: ['echo $FROM_FILE', 'env | grep ^FROM_ | sort']\n    env: {FROM_TASK: two}\n"
            ),
            "sub/Taskfile.yml": "version: '3'\ntasks:\n  show:\n    cmds: [pwd | xargs basename, ls]\n",
            ".env": "FROM_FILE=one\n",
        },
    ),
    Case(
        "loops and templates",
        [run("each"), run("where")],
        {
            **taskfile(
                """\
tasks:
  each:
    sources: ['src/*.txt']
    cmds:
      - for: sources
        cmd: wc -c <{{.ITEM}}
      - for: [x, y]
        task: say
        vars: {WHAT: '{{.ITEM | upper}}'}
  say:
    internal: true
    cmds: ["printf '%s\\n' {{.WHAT}}"]
  where:
    cmds:
      - for: {var: LIST}
        cmd: echo "[{{.ITEM}}]"
    vars:
      LIST: {sh: "ls src"}
"""
            ),
            **SOURCES,
        },
    ),
    Case(
        "the shell itself",
        [run("pipes"), run("background"), run("redirects", stdin="from stdin\n")],
        taskfile(
            """\
tasks:
  pipes:
    cmds:
      - seq 1 2000 | tac | head -n 3
      - yes | head -n 2 || true
      - x=$(expr 6 \\* 7) && echo $x
  background:
    cmds:
      - |
        for i in 1 2 3; do sh -c "sleep 0.0$i; echo $i >out-$i" & done
        wait
        cat out-1 out-2 out-3
  redirects:
    cmds:
      - cat >got
      - cat <got >>twice
      - tr a-z A-Z <got
"""
        ),
    ),
    Case(
        "a task file over http",
        [
            SERVE,
            run("--insecure", "--yes", "--taskfile", "http://127.0.0.1:%PORT%/Taskfile.yml"),
            run("--insecure", "--yes", "--offline", "--taskfile", "http://127.0.0.1:%PORT%/Taskfile.yml", "second"),
            run("--insecure", "--yes", "--taskfile", "http://127.0.0.1:%PORT%/missing.yml"),
            run("--yes", "--taskfile", "http://127.0.0.1:%PORT%/Taskfile.yml"),
        ],
        SERVER,
        normalise=[DIGESTS],
        random=CACHE,
    ),
    Case(
        "included over https",
        [
            SERVE,
            run("--yes", "--cacert", "tls/cert.pem", "far:default", "further:second"),
            run("--yes", "far:default"),
            run("--yes", "--insecure", "--download", "far:default"),
        ],
        {
            **SERVER,
            **taskfile(
                "includes:\n  far: https://localhost:%PORT2%/Taskfile.yml\n  further: https://localhost:%PORT2%/more\n"
                "tasks:\n  default: echo near\n"
            ),
        },
        normalise=[DIGESTS, FIRST_FAILED],
        any_order=True,
        random=CACHE,
    ),
    Case(
        "patterns of file names",
        [run("all"), run("none")],
        {**taskfile("tasks:\n  all:\n    - echo src/*.txt src/*/*.txt\n    - cat src/[ab].txt\n  none: ls none/*\n"), **SOURCES},
        options={
            "--unattributed=allow": "the shell reads directories in a closure of a function that was compiled into its caller, and of "
            "which the program holds nothing else (docs/threat-model.md: doubt that denies the innocent)"
        },
    ),
    Case("a new file", [run("--init"), run("--list-all"), run()]),
    Case("bad files", [run(), run("--taskfile", "missing.yml")], {"Taskfile.yml": "version: '3'\ntasks:\n  a: {cmds: [}\n"}),
    Case("help", [run("--help"), run("--version"), run("--completion", "bash"), run("--no-such-flag")]),
]

TASK = Program(
    name="task",
    module="github.com/go-task/task/v3",
    version="v3.54.0",
    package="cmd/task",
    unconfined={
        "github.com/joho/godotenv": "reads the .env files",
        "mvdan.cc/sh/v3": "is the shell that runs the tasks' commands",
    },
    callbacks={
        "github.com/elliotchance/orderedmap/v3": "its iterators run the bodies of the main module's loops",
        "golang.org/x/sync": "errgroup runs closures of the main module, which run tasks and read task files",
    },
    denials={"protobuf-detrand": PROTOBUF_DENIAL},
    cases=CASES,
    variants=[],
    chosen={
        "unprivileged": ["tasks", "many at once", "up to date by checksums", "a task file over http"],
        "repeat": ["many at once", "the shell itself", "included over https"],
    },
    beside={"caddy": CADDY},
    uncounted=[
        Uncounted(" mkdirat ", "of two task files that are fetched at once, the first makes the cache's directories"),
        Uncounted(" exec clone ", "the kernel begins it once more (ERESTARTNOINTR) when the thread is held for another's sake just then"),
    ],
)
