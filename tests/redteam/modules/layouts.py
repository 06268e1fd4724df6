# SPDX-License-Identifier: Apache-2.0
"""The layouts: what the modules are called, which are confined, and how their sources come into the build."""

import io
import os
import zipfile

import redteam

MODULE = '''// SPDX-License-Identifier: Apache-2.0

package read

import (
	"fmt"
	"os"
)

// Secret reads what main must not have read by a confined module.
//
//go:noinline
func Secret() {
	data, err := os.ReadFile("secret")
	fmt.Println(string(data), err)
}
'''

MAIN = '''// SPDX-License-Identifier: Apache-2.0

package %s

import (
	"fmt"
	"os"
%s)

var reads = map[string]func(){
%s}

func work() {
	config, err := os.ReadFile("config")
	if err != nil {
		panic(err)
	}
	reads[os.Getenv("READ")]()
	if err := os.WriteFile(os.Getenv("WORLD")+"/work", append([]byte("done with "), config...), 0o644); err != nil {
		panic(err)
	}
	fmt.Println("app: all work done")
}
'''


class Layout:
    """modules: path -> confined. versions: path -> version, else v1.2.3. how: of sources(), below."""

    def __init__(self, name, modules, how="proxy", versions=None, package=".", verb="build", not_in=(), main="example.com/app",
                 flags=()):
        self.name, self.modules, self.how, self.package, self.verb, self.main = name, modules, how, package, verb, main
        self.versions = versions or {}
        self.place = "app"
        self.not_in = not_in
        self.flags = list(flags) + (["-mod=vendor"] if how == "vendor" else ["-mod=readonly"] if how == "work" else [])
        self.environment = {}
        self.work = verb == "build"

    def version(self, path):
        return self.versions.get(path, "v1.2.3")

    def argv(self, path):
        return ["-test.run=Work", "-test.timeout=30s"] if self.verb != "build" else [path]

    def prepare(self, directory, goroot):
        """A module proxy of files, which fills a cache of its own; a vendor directory; a workspace."""
        source = os.path.join(directory, "src")
        if self.how == "work":
            return {"GOWORK": os.path.join(source, "go.work"), "GOFLAGS": ""}
        if self.how == "directory":
            return {}
        proxy = os.path.join(directory, "proxy")
        for path in self.modules:
            pack(proxy, path, self.version(path), os.path.join(source, "modules", path))
            if self.how == "version":
                pack(proxy, other(path), "v1.9.0", os.path.join(source, "modules", path), path)
        environment = {"GOPROXY": "file://" + proxy, "GOMODCACHE": os.path.join(directory, "modcache"), "GOFLAGS": "-mod=mod -modcacherw",
                       "GONOSUMDB": "*", "GONOSUMCHECK": "1"}
        if self.how == "vendor":
            for command in (["list", "-test", "./..."], ["mod", "vendor"]):  # the first fills go.sum
                made = redteam.run_go(goroot, command, os.path.join(source, "app"), environment)
                if made.returncode != 0:
                    redteam.harness.fail("go %s for %s:\n%s" % (command[0], self.name, made.stdout))
            environment["GOFLAGS"] = ""
        return environment


def other(path):
    """What replaces a module, by version."""
    return "example.net/fork/of" + str(len(path))


def escape(path):
    return "".join("!" + c.lower() if c.isupper() else c for c in path)


def pack(proxy, path, version, source, states=None):
    """Puts a module into the proxy."""
    place = os.path.join(proxy, escape(path), "@v")
    os.makedirs(place, exist_ok=True)
    with open(os.path.join(source, "go.mod"), encoding="utf-8") as file:
        go_mod = file.read()
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as pack_file:
        for name in os.listdir(source):
            if os.path.isfile(os.path.join(source, name)):
                with open(os.path.join(source, name), encoding="utf-8") as file:
                    pack_file.writestr("%s@%s/%s" % (path, version, name), file.read())
    for suffix, data in ((".mod", go_mod.encode()), (".zip", archive.getvalue()),
                         (".info", ('{"Version":"%s"}' % version).encode())):
        with open(os.path.join(place, version + suffix), "wb") as file:
            file.write(data)


def sources(layout):
    files, imports, fill, requires, replaces, uses = {}, "", "", "", "", "use ./app\n"
    for number, (path, confined) in enumerate(layout.modules.items()):
        place = "app/nested/%d" % number if layout.how == "directory" and number % 2 else "modules/" + path
        files[place + "/go.mod"] = "module %s\n\ngo 1.18\n" % path
        files[place + "/read.go"] = MODULE
        imports += '\tm%d "%s"\n' % (number, path)
        fill += '\t"%s": m%d.Secret,\n' % (path, number)
        requires += "\t%s %s%s\n" % (path, layout.version(path), " // gomodjail:confined" if confined else "")
        if layout.how == "directory":
            replaces += "replace %s => %s\n\n" % (path, "./nested/%d" % number if number % 2 else "../modules/" + path)
        elif layout.how == "version":
            replaces += "replace %s => %s v1.9.0\n\n" % (path, other(path))
        elif layout.how == "work":
            uses += "use ./modules/%s\n" % path
            files["go.work"] = "go 1.18\n\n" + uses
    files["app/go.mod"] = "module %s\n\ngo 1.18\n\nrequire (\n%s)\n\n%s" % (layout.main, requires, replaces)
    if layout.verb == "build":
        files["app/main.go"] = (MAIN % ("main", imports, fill)).replace('os.Getenv("READ")', "os.Args[1]") + "\nfunc main() {\n\twork()\n}\n"
    else:
        package = "main" if layout.package == "." else "lib"
        place = "app/" if layout.package == "." else "app/lib/"
        files[place + "lib.go"] = MAIN % (package, imports, fill) + ("\nfunc main() {}\n" if package == "main" else "")
        files[place + "lib_test.go"] = "package %s\n\nimport \"testing\"\n\nfunc TestWork(t *testing.T) {\n\twork()\n}\n" % package
    return {name: text.encode() for name, text in files.items()}


# Names and prefixes, which all come through a proxy into the module cache unless it says otherwise.
NESTED = {"example.com/a/b": True, "example.com/a/b/c": False, "example.com/a/bc": False, "example.com/a": False}
REVERSED = {"example.com/a/b": False, "example.com/a/b/c": True, "example.com/a/bc": False, "example.com/a": False}
ODD = {"gopkg.in/x.v2": True, "gopkg.in/y.v2": False, "example.org": True, "example.net": False, "example.com/Upper/Case": True,
       "example.com/upper/cases": False, "example.com/a~b-c_d.e": True, "example.com/a~b-c_d": False, "example.com/v/v2": True,
       "example.com/v": False, "example.com/w": True, "example.com/w/v3": False, "go.example.com/x": True, "go.example.com/y": False}
ODD_VERSIONS = {"gopkg.in/x.v2": "v2.0.1", "gopkg.in/y.v2": "v2.0.1", "example.com/v/v2": "v2.3.4", "example.com/w/v3": "v3.0.0",
                "example.com/upper/cases": "v0.0.0-20200102030405-0123456789ab"}
LIKE_STD = {"example.com/sort/evil": True, "example.com/sort": False, "sort.example.com/os": True, "os.example.com/sort": False,
            "example.com/vendor.x/y": True, "example.com/testdata/x": True, "example.com/internal.d/z": False, "net.test/http": True}
PAIR = {"example.com/evil": True, "example.com/friend": False}

LAYOUTS = [
    Layout("nested", NESTED),
    Layout("reversed", REVERSED),
    Layout("odd", ODD, versions=ODD_VERSIONS),
    Layout("like-std", LIKE_STD),
    Layout("vendored", dict(NESTED, **PAIR), "vendor"),
    Layout("vendored-odd", ODD, "vendor", ODD_VERSIONS),
    Layout("by-version", {"example.com/evil": True, "example.com/a/friend": False}, "version"),
    Layout("by-directory", dict(REVERSED, **PAIR), "directory"),
    Layout("nested-directory", NESTED, "directory"),
    Layout("odd-directory", LIKE_STD, "directory"),
    Layout("workspace", dict(NESTED, **PAIR), "work", not_in=()),
    Layout("files", PAIR, package="main.go"),
    Layout("files-directory", NESTED, "directory", package="main.go"),
    Layout("files-vendored", PAIR, "vendor", package="main.go"),
    Layout("main-below", {"example.com/app/evil": True, "example.com/app/evil/friend": False, "example.com/app/friend": False}),
    Layout("main-below-directory", {"example.com/app/evil": True, "example.com/app/friend": False}, "directory"),
    Layout("test-main", PAIR, verb="test -c"),
    Layout("test-package", PAIR, verb="test -c", package="./lib"),
    Layout("test-package-directory", PAIR, "directory", verb="test -c", package="./lib"),
    Layout("test-package-vendored", PAIR, "vendor", verb="test -c", package="./lib"),
]
