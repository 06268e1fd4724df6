# SPDX-License-Identifier: Apache-2.0
"""yq, the YAML processor: what it may do, and its cases."""

from case import Case, Run, Varying
from program import Program

FRUIT = """\
# what there is
fruit:
  - name: apple
    price: 3
  - name: pear
    price: 4 # dear
stock: &stock
  amount: 7
other:
  <<: *stock
"""
DOCUMENTS = "a: 1\n---\na: 2\nb: [x, y]\n---\nc: three\n"
LOG_TIME = [Varying("the time with which the warnings of its logger begin", r"time=\S+ level", "time=... level")]
LETTER = "---\ntitle: hello\ndraft: true\n---\nDear all,\n\nyours: never yaml: at all\n"

CASES = [
    Case(
        "eval",
        [Run([".fruit[0].name", "f.yml"]), Run(["eval", ".fruit | map(.price) | .[] as $x ireduce (0; . + $x)", "f.yml"])],
        {"f.yml": FRUIT},
    ),
    Case(
        "to json", [Run(["-o=json", "f.yml"]), Run(["-o=json", "-I=0", ".fruit", "f.yml"])], {"f.yml": FRUIT}, normalise=LOG_TIME
    ),
    Case(
        "from json", [Run(["-p=json", "-o=yaml", "f.json"])], {"f.json": '{"b": [1, 2.5, null, "x\\u00e4"], "a": {"deep": true}}'}
    ),
    Case(
        "xml both ways",
        [Run(["-o=xml", "f.yml"]), Run(["-p=xml", "-o=yaml", "f.xml"])],
        {"f.yml": FRUIT, "f.xml": '<?xml version="1.0"?><shop open="yes"><item>tea</item><item>milk</item></shop>\n'},
        normalise=LOG_TIME,
    ),
    Case(
        "props both ways",
        [Run(["-o=props", "f.yml"]), Run(["-p=props", "-o=yaml", "f.properties"])],
        {"f.yml": FRUIT, "f.properties": "# of the shop\nshop.name = corner\nshop.items.0 = tea\nshop.items.1 = milk\n"},
        normalise=LOG_TIME,
    ),
    Case(
        "csv, toml and lua",
        [Run(["-o=csv", ".fruit", "f.yml"]), Run(["-p=toml", "-o=json", "f.toml"]), Run(["-o=lua", "f.yml"])],
        {"f.yml": FRUIT, "f.toml": '[shop]\nname = "corner"\nopen = 1979-05-27T07:32:00Z\n'},
        normalise=LOG_TIME,
    ),
    Case(
        "in place",
        [Run(["-i", '.fruit[1].price = 5 | .new.deep = "x"', "f.yml"]), Run(["-i", "del(.other)", "f.yml", "g.yml"])],
        {"f.yml": FRUIT, "g.yml": "other: 1\nkept: 2\n"},
    ),
    Case(
        "merge two files",
        [
            Run(["eval-all", "select(fileIndex == 0) * select(fileIndex == 1)", "f.yml", "g.yml"]),
            Run(["ea", "[.[]]", "f.yml", "g.yml"]),
        ],
        {"f.yml": FRUIT, "g.yml": "fruit:\n  - name: plum\nstock:\n  amount: 8\n"},
    ),
    Case("no such file", [Run([".a", "missing.yml"])]),
    Case("bad yaml", [Run([".a", "f.yml"])], {"f.yml": "a: [1, 2\nb: }\n"}),
    Case("bad expression", [Run([".a[", "f.yml"]), Run([".a | nothing_like_it", "f.yml"])], {"f.yml": "a: 1\n"}),
    Case("bad flag", [Run(["--no-such-flag", ".a", "f.yml"])], {"f.yml": "a: 1\n"}),
    Case("exit status", [Run(["-e", ".missing", "f.yml"]), Run(["-e", ".a", "f.yml"])], {"f.yml": "a: 1\n"}),
    Case(
        "stdin",
        [Run([".a"], stdin="a: from stdin\n"), Run(["-P", "."], stdin='{"a": [1, {"b": 2}]}'), Run(["-p=xml", ".a"], "<a>x</a>")],
    ),
    Case(
        "several documents",
        [Run(["select(document_index == 1)", "f.yml"]), Run(["-s", '"doc_" + ($index | tostring)', "f.yml"])],
        {"f.yml": DOCUMENTS},
    ),
    Case(
        "front matter",
        [Run(["--front-matter=extract", ".title", "f.md"]), Run(["-i", "--front-matter=process", ".draft = false", "f.md"])],
        {"f.md": LETTER},
    ),
    Case(
        "environment",
        [
            Run(["-n", "env(COUNT) + 1"], env={"COUNT": "41"}),
            Run(["-n", '"hello ${WHO}" | envsubst'], env={"WHO": "you"}),
            Run(["-n", '.a = strenv(WHO) | .b = (env(MISSING) // "none")'], env={"WHO": "1"}),
        ],
    ),
    Case(
        "load",
        [
            Run(['.other = load("g.yml").a | .text = load_str("t.txt") | .x = load_xml("x.xml")', "f.yml"]),
            Run(['load("missing.yml")', "f.yml"]),
            Run(["--security-disable-file-ops", 'load("g.yml")', "f.yml"]),
        ],
        {"f.yml": "a: 1\n", "g.yml": "a: {b: loaded}\n", "t.txt": "text\n", "x.xml": "<r>v</r>"},
    ),
    Case(
        "times",
        [
            Run(["-n", '"2024-03-10T01:00:00Z" | tz("America/New_York")']),
            Run(["-n", '"Saturday, 15-Dec-01 at 2:59AM" | with_dtf("Monday, 02-Jan-06 at 3:04PM"; tz("Asia/Tokyo"))']),
            Run(["-n", "1675301929 | from_unix"]),
        ],
    ),
    Case(
        "a program of its own",
        [Run(["--security-enable-system-operator", '.a = system("/bin/echo"; "said")', "f.yml"])],
        {"f.yml": "a: 1\n"},
    ),
    Case("help", [Run(["--help"]), Run(["completion", "bash"]), Run(["--version"])]),
]

YQ = Program(
    name="yq",
    module="github.com/mikefarah/yq/v4",
    version="v4.53.4",
    unconfined={},
    callbacks={"github.com/spf13/cobra": "runs the commands of yq, which are closures of the main module"},
    denials={},
    cases=CASES,
    variants=["stripped", "pie", "static"],
    chosen={
        "unprivileged": ["eval", "in place", "merge two files", "no such file", "several documents", "load", "times"],
        "variant": ["eval", "xml both ways", "in place", "bad expression", "load", "times", "a program of its own"],
        "repeat": ["in place", "load", "several documents"],
        "cobra": ["in place", "several documents"],
    },
)
