# SPDX-License-Identifier: Apache-2.0
"""caddy, the HTTP server and proxy, on loopback: what it may do, and its cases. No case touches the machine's trust store."""

import sys

from asking import Ask, Load
from case import Beside, Case, Daemon, Run, Serve, Varying
from program import PROTOBUF_DENIAL, XID_DENIAL, Program, Uncounted

SITE = "http://127.0.0.1:%PORT%"
OTHER_SITE = "http://127.0.0.1:%PORT2%"
SECURE_SITE = "https://localhost:%PORT3%"

OPTIONS = """\
{
	admin off
	auto_https %s
	default_bind 127.0.0.1
	skip_install_trust
	persist_config off
	storage_clean_interval off
	%s
}
"""
QUIET = "log {\n\t\tlevel ERROR\n\t}"
PAGES = {
    "www/index.html": "<h1>home</h1>\n",
    "www/notes.txt": "some notes\n" * 300,
    "www/sub/page.html": '<p>{{ .Req.Method }} {{ "shout" | upper }}</p>\n{{ include "/part.html" }}\n',
    "www/part.html": "<i>a part</i>\n",
    "www/letter.md": "---\ntitle: A letter\n---\n# Dear all\n\n- one\n- *two*\n",
    "www/read.html": '{{ $f := .Args }}{{ $letter := readFile "letter.md" | splitFrontMatter }}{{ markdown $letter.Body }}\n',
}
TLS_FILES = {"tls/cert.pem": "%CERT%", "tls/key.pem": "%KEY%"}

DATE = Varying("the date of an answer", r"(?m)^Date: .*$", "Date: ...")
LOG = [
    Varying("the times in its log", r'"(ts|duration|elapsed)":[0-9.e-]+', r'"\1":0'),
    Varying("addresses of objects in its log", r'"0x[0-9a-f]+"', '"0x..."'),
    Varying("the ports of clients", r'"remote_port":"\d+"', '"remote_port":"..."'),
    Varying("identifiers that it draws", r'"err_id":"\w+"', '"err_id":"..."'),
    Varying("the headers of requests in its log, whose order is any", r'"headers":\{[^{}]*\}', '"headers":{}'),
    Varying("the order of the origins that it allows", r'"origins":\["[^{}]*"\]', '"origins":[]'),
]
HTTP3 = Varying(
    "whether its HTTP/3 server, which starts beside the others, is there to be announced yet", r"(?m)^Alt-Svc: .*\n", ""
)
REPLACED = Varying(
    "whether its administration's server, which a request to it has replaced, ends before it answers", r"(?m)^Connection: close\n", ""
)
CLEANING = Varying("whether it has got round to cleaning its storage", r"(?m)^.*storage clean.*\n|^.*cleaning storage.*\n", "")


def caddyfile(text, options=QUIET, auto_https="off"):
    return {"Caddyfile": OPTIONS % (auto_https, options) + text}


def serve(*arguments, **more):
    return Serve(["run", *arguments], **more)


CASES = [
    Case(
        "files",
        [
            serve(),
            Ask(SITE + "/"),
            Ask(SITE + "/notes.txt", headers={"Range": "bytes=5-20"}),
            Ask(SITE + "/notes.txt", method="HEAD"),
            Ask(SITE + "/sub", headers={"Accept": "text/html"}),
            Ask(SITE + "/missing"),
            Ask(SITE + "/../Caddyfile"),
            Ask(SITE + "/", method="POST", body="x"),
        ],
        {**PAGES, **caddyfile(SITE + " {\n\troot * www\n\tfile_server\n}\n")},
        normalise=[DATE],
    ),
    Case(
        "browse, hidden and precompressed files",
        [
            serve(),
            Ask(SITE + "/", headers={"Accept": "application/json"}),
            Ask(SITE + "/.secret"),
            Ask(SITE + "/notes.txt", headers={"Accept-Encoding": "br"}),
        ],
        {
            **{path: text for path, text in PAGES.items() if not path.endswith("index.html")},
            "www/.secret": "hidden\n",
            "www/notes.txt.br": "not really compressed\n",
            **caddyfile(SITE + " {\n\troot * www\n\tfile_server browse {\n\t\thide .*\n\t\tprecompressed br\n\t}\n}\n"),
        },
        normalise=[DATE],
    ),
    Case(
        "templates and markdown",
        [serve(), Ask(SITE + "/sub/page.html"), Ask(SITE + "/read.html"), Ask(SITE + "/notes.txt")],
        {**PAGES, **caddyfile(SITE + " {\n\troot * www\n\ttemplates\n\tfile_server\n}\n")},
        normalise=[DATE],
    ),
    Case(
        "answers, rewrites and headers",
        [
            serve(),
            Ask(SITE + "/hello?name=you"),
            Ask(SITE + "/old/page"),
            Ask(SITE + "/inside"),
            Ask(SITE + "/cel", headers={"X-Level": "11"}),
            Ask(SITE + "/elsewhere", method="DELETE"),
        ],
        caddyfile(
            SITE
            + """ {
	header X-Served "here"
	header -Server
	respond /hello "hello {query.name}" 201
	redir /old/* /new{path} permanent
	rewrite /inside /hello?name=rewritten
	@loud expression `{header.X-Level} == "11"`
	respond @loud "loud" 202
	respond "nothing" 404
}
"""
        ),
        normalise=[DATE],
    ),
    Case(
        "passwords",
        [
            serve(),
            Ask(SITE + "/"),
            Ask(SITE + "/", headers={"Authorization": "Basic Ym9iOmhpY2N1cA=="}),
            Ask(SITE + "/", headers={"Authorization": "Basic Ym9iOndyb25n"}),
        ],
        {
            **PAGES,
            **caddyfile(
                SITE
                + " {\n\troot * www\n\tbasic_auth {\n\t\t"
                + "bob $2a$05$abcdefghijklmnopqrstuuyV3X96ltJx/LtjJaxiZEaHVDy/e.FJm\n\t}\n\tfile_server\n}\n"
            ),
        },
        normalise=[DATE],
    ),
    Case(
        "compression",
        [
            serve(),
            Ask(SITE + "/notes.txt", headers={"Accept-Encoding": "gzip"}),
            Ask(SITE + "/notes.txt", headers={"Accept-Encoding": "zstd"}),
            Ask(SITE + "/notes.txt"),
        ],
        {**PAGES, **caddyfile(SITE + " {\n\troot * www\n\tencode zstd gzip\n\tfile_server\n}\n")},
        normalise=[DATE],
    ),
    Case(
        "proxy",
        [
            serve(ports=("%PORT%", "%PORT2%")),
            Ask(SITE + "/notes.txt"),
            Ask(SITE + "/echo", method="POST", body="sent on"),
            Ask(SITE + "/missing"),
            Ask(SITE + "/dead"),
        ],
        {
            **PAGES,
            **caddyfile(
                SITE
                + " {\n\treverse_proxy /dead 127.0.0.1:1\n\treverse_proxy "
                + "127.0.0.1:%PORT2% {\n\t\theader_down X-Through proxy\n\t}\n}\n"
                + OTHER_SITE
                + ' {\n\troot * www\n\trespond /echo "{http.request.body}"\n\tfile_server\n}\n'
            ),
        },
        normalise=[DATE, *LOG],
    ),
    Case(
        "proxy to another program",
        [
            Beside(
                [sys.executable, "-m", "http.server", "--bind", "127.0.0.1", "--directory", "www", "%PORT2%"], ports=("%PORT2%",)
            ),
            serve(),
            Ask(SITE + "/notes.txt"),
            Ask(SITE + "/missing"),
            Ask(SITE + "/sub/"),
        ],
        {**PAGES, **caddyfile(SITE + " {\n\treverse_proxy localhost:%PORT2%\n}\n")},
        normalise=[DATE],
    ),
    Case(
        "proxy under load",
        [
            serve(ports=("%PORT%", "%PORT2%", "%PORT3%")),
            Load(
                [SITE + "/notes.txt", SITE + "/", SITE + "/sub/page.html", SITE + "/turns", OTHER_SITE + "/part.html"],
                requests=600,
                at_once=100,
            ),
        ],
        {
            **PAGES,
            **caddyfile(
                SITE
                + " {\n\treverse_proxy 127.0.0.1:%PORT2% localhost:%PORT3% {\n\t\tlb_policy round_robin\n\t}\n}\n"
                + "http://:%PORT2%, http://:%PORT3% {\n\troot * www\n\trespond /turns ok\n\ttemplates\n\tfile_server\n}\n"
            ),
        },
    ),
    Case(
        "TLS",
        [
            serve(ports=("%PORT%", "%PORT3%")),
            Ask(SECURE_SITE + "/notes.txt"),
            Ask(SITE + "/notes.txt"),
            Load([SECURE_SITE + "/", SECURE_SITE + "/notes.txt"], requests=40, at_once=8),
        ],
        {
            **PAGES,
            **TLS_FILES,
            **caddyfile(
                SECURE_SITE
                + " {\n\ttls tls/cert.pem tls/key.pem\n\troot * www\n\tfile_server\n}\n"
                + SITE
                + " {\n\treverse_proxy "
                + SECURE_SITE
                + " {\n\t\ttransport http {\n\t\t\ttls_trust_pool file tls/cert.pem\n\t\t}\n\t}\n}\n"
            ),
        },
        normalise=[DATE, HTTP3, *LOG],
    ),
    Case(
        "certificates of its own",
        [
            serve(ports=("%PORT%", "%PORT3%")),
            Ask(SECURE_SITE + "/notes.txt", believe=True, patient=True),  # it makes the certificate meanwhile
            Ask(SITE + "/notes.txt"),
        ],
        {
            **PAGES,
            **caddyfile(
                SECURE_SITE
                + " {\n\ttls internal\n\troot * www\n\tfile_server\n}\n"
                + SITE
                + " {\n\treverse_proxy "
                + SECURE_SITE
                + " {\n\t\ttransport http {\n\t\t\ttls_insecure_skip_verify\n\t\t}\n\t}\n}\n",
                auto_https="disable_redirects",
            ),
        },
        normalise=[DATE, HTTP3, *LOG],
        random=r"^\.local/share/caddy/",
        passing=r"/locks|/[0-9]+$",
    ),
    Case(
        "log",
        [serve(), Ask(SITE + "/notes.txt"), Ask(SITE + "/missing")],
        {
            **PAGES,
            **caddyfile(
                SITE + " {\n\troot * www\n\tlog {\n\t\toutput file logs/access.log\n\t}\n\tfile_server\n}\n",
                "log {\n\t\tlevel INFO\n\t}",
            ),
        },
        normalise=[DATE, *LOG],
        any_order=True,
        random=r"^logs/",
    ),
    Case(
        "administration",
        [
            serve(ports=("%PORT%", "%PORT2%")),
            Run(["reload", "--address", "localhost:%PORT2%", "--config", "Other", "--adapter", "caddyfile"]),
            Ask(SITE + "/"),
            Ask(OTHER_SITE + "/config/apps/http/servers/srv0/listen"),
            Ask(
                OTHER_SITE + "/config/apps/http/servers/srv0/listen/0",
                method="POST",
                body='":1"',
                headers={"Content-Type": "application/json"},
            ),
            Ask(OTHER_SITE + "/config/apps/http/servers/srv0/listen/7"),
            Ask(OTHER_SITE + "/reverse_proxy/upstreams"),
            Run(["adapt", "--config", "Other"]),
        ],
        {
            "Caddyfile": "{\n\tadmin localhost:%PORT2%\n\tskip_install_trust\n\tauto_https off\n\tstorage_clean_interval off\n}\n"
            + SITE
            + " {\n\trespond first\n}\n",
            "Other": "{\n\tadmin localhost:%PORT2%\n\tskip_install_trust\n\tauto_https off\n\tstorage_clean_interval off\n}\n"
            + SITE
            + " {\n\trespond second\n}\n",
        },
        normalise=[DATE, REPLACED, *LOG],
        any_order=True,
        random=r"^\.(local/share|config)/caddy/",
    ),
    Case(
        "start and stop",
        [
            Run(["start", "--pidfile", "caddy.pid"]),
            Daemon("caddy.pid"),
            Ask(SITE + "/notes.txt"),
            Run(["stop", "--address", "localhost:%PORT2%"]),
        ],
        {
            **PAGES,
            "Caddyfile": "{\n\tadmin localhost:%PORT2%\n\tskip_install_trust\n\tauto_https off\n\tstorage_clean_interval off\n\t"
            + "persist_config off\n\t%s\n}\n" % QUIET
            + SITE
            + " {\n\troot * www\n\tfile_server\n}\n",
        },
        normalise=[DATE, *LOG, Varying("process IDs", r"pid=\d+|\"pid\":\d+", "pid=...")],
        any_order=True,
        random=r"^\.local/share/caddy/",
    ),
    Case(
        "servers without a file",
        [
            Serve(["file-server", "--root", "www", "--listen", "127.0.0.1:%PORT%"], env={"XDG_DATA_HOME": "a"}),
            Serve(
                ["respond", "--listen", "127.0.0.1:%PORT2%", "--body", "said {{.N}}"], {"XDG_DATA_HOME": "b"}, ports=("%PORT2%",)
            ),
            Serve(
                ["reverse-proxy", "--from", "http://127.0.0.1:%PORT3%", "--to", "127.0.0.1:%PORT%"],
                {"XDG_DATA_HOME": "c"},
                ports=("%PORT3%",),
            ),
            Ask(SITE + "/notes.txt"),
            Ask(OTHER_SITE + "/"),
            Ask("http://127.0.0.1:%PORT3%/sub/page.html"),
        ],
        PAGES,
        normalise=[DATE, *LOG, CLEANING],
        any_order=True,
        random=r"^[abc]/caddy/",
    ),
    Case(
        "files of configuration",
        [
            Run(["validate"]),
            Run(["validate", "--config", "Bad", "--adapter", "caddyfile"]),
            Run(["adapt", "--pretty"]),
            Run(["fmt", "--overwrite", "Bad"]),
            Run(["adapt", "--config", "missing"]),
        ],
        {**caddyfile(SITE + " {\n\tencode gzip\n\trespond ok\n}\n"), "Bad": ":80 {\n  no_such_directive {\n x\n}\n}\n"},
        normalise=LOG,
        any_order=True,
    ),
    Case(
        "help",
        [
            Run(["help"]),
            Run(["version"]),
            Run(["list-modules", "--skip-standard"]),
            Run(["completion", "bash"]),
            Run(["nothing"]),
        ],
        normalise=LOG,
    ),
    Case(
        "hashes",
        [Run(["hash-password", "--plaintext", "hiccup", "--bcrypt-cost", "5"]), Run(["hash-password", "--algorithm", "no"])],
        normalise=[*LOG, Varying("hashed passwords, which hold a salt", r"\$2a\$05\$\S+", "$2a$05$...")],
    ),
]

CADDY = Program(
    name="caddy",
    module="github.com/caddyserver/caddy/v2",
    version="v2.11.9",
    package="cmd/caddy",
    unconfined={
        "github.com/DeRuina/timberjack": "opens and turns over the log files",
        "github.com/KimMachineGun/automemlimit": "reads the control group's limit of memory at start",
        "github.com/caddyserver/certmagic": "keeps certificates, keys and locks in files",
        "github.com/quic-go/quic-go": "receives the packets of HTTP/3",
        "go.uber.org/automaxprocs": "reads the control group's share of CPUs at start",
        "go.uber.org/zap": "has the log's files written, through timberjack",
        "golang.org/x/net": "receives the packets of HTTP/3 for quic-go, many at once",
    },
    callbacks={
        "github.com/spf13/cobra": "runs the commands of caddy, which are closures of the main module",
    },
    denials={
        "protobuf-detrand": PROTOBUF_DENIAL,
        "machine-id": XID_DENIAL,
    },
    cases=CASES,
    variants=["stripped-pie"],
    chosen={
        "unprivileged": ["files", "proxy under load", "TLS", "log"],
        "variant": ["files", "templates and markdown", "proxy", "proxy under load", "TLS", "files of configuration"],
        "repeat": ["proxy", "proxy under load", "TLS"],
    },
    uncounted=[
        Uncounted(" net.connect ", "connections to the backends are kept and used again: there are as many as were needed at once")
    ],
)
