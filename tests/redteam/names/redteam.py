# SPDX-License-Identifier: Apache-2.0
"""
What the red team's groups share: a workspace of modules that is built once, and cases. A case is a way to let the program read its secret
file on behalf of somebody. Each attack is run bare first, where it must work, else it is void. Kinds:

    deny    a confined module's: EPERM, no effect, the report names it, and the program's own work goes on
    allow   the legitimate twin: the same done by the program itself or by an unconfined module
    limit   a confined module's that jail cannot close from outside: it works under jail, too (docs/threat-model.md)
"""

import collections
import hashlib
import os
import shutil
import subprocess
import sys

LIVE = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))), "live")
sys.path[:0] = [LIVE + "/attacks"]

import harness

Case = collections.namedtuple("Case", "name kind argv program reason module options environment only work why told")
SECRET = "-----the-private-key-----"
FILES = {"config": b"configuration\n", "secret": SECRET.encode() + b"\n"}


def case(name, kind="deny", argv=None, program="app", reason="confined", module="example.com/evil", options=(), environment=None,
         only=None, work=True, why=("", ""), told="operation not permitted"):
    """
    reason, module: what the report of a denial says, any of several where reason is a tuple; options: of jail run; only: of these
    variants; work: the program's own work must be done; why: of a limit, what it is and what helps; told: how the
    attacker learns of EPERM.
    """
    return Case(name, kind, tuple(argv or name.split("/")), program, reason, module, tuple(options), environment or {}, only, work, why, told)


def tree(directory):
    return {name: data for name, data in harness.read_tree(directory).items()}


def run_go(goroot, arguments, directory, environment=None):
    full = dict(os.environ, GOROOT=goroot, GOTOOLCHAIN="local", GOFLAGS="-mod=mod", GOWORK="off", GOPROXY="off", CGO_ENABLED="0",
                GO111MODULE="on", GONOSUMDB="*", GONOSUMCHECK="1", GOSUMDB="off", GODEBUG="")
    full.update(environment or {})
    return subprocess.run([os.path.join(goroot, "bin", "go"), *arguments], cwd=directory, env=full, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, universal_newlines=True, check=False)


def build(name, files, targets, variant="exe", version="newest", flags=(), prepare=None, environment=None):
    """
    Builds programs from a tree of files, once. targets: program -> (directory, arguments of go behind the variant's, go's verb).
    In the files, @ROOT@ is the tree's directory and @GOROOT@ Go's. prepare(directory, goroot) returns more of the environment. Returns
    the directory of the programs; the files are in src below it.
    """
    goroot = harness.go_root(version)
    key = hashlib.sha256(repr((sorted(files.items()), sorted(targets.items()), list(flags), harness.go_version(goroot), environment,
                               5)).encode()).hexdigest()
    directory = os.path.join(harness.cache_directory(), "%s-%s-%s-%s" % (name, harness.go_version(goroot), variant, key[:16]))
    os.makedirs(directory, exist_ok=True)
    with harness.Lock(directory + ".lock"):
        if not os.path.exists(os.path.join(directory, "built")):
            source = os.path.join(directory, "src")
            run_go(goroot, ["clean", "-modcache"], "/", {"GOMODCACHE": os.path.join(directory, "modcache")})
            shutil.rmtree(source, ignore_errors=True)
            harness.write_tree(source, {path: data.replace(b"@ROOT@", source.encode()).replace(b"@GOROOT@", goroot.encode())
                                        for path, data in files.items()})
            more = dict(environment or {}, **(prepare(directory, goroot) if prepare else {}))
            for program, (place, arguments, verb) in targets.items():
                command = [*verb.split(), "-buildvcs=false", *harness.VARIANTS[variant], *flags, "-o", os.path.join(directory, program),
                           *arguments]
                if version == "1.18" or verb != "build":
                    command.remove("-buildvcs=false")
                built = run_go(goroot, command, os.path.join(source, place), more)
                if built.returncode != 0:
                    harness.fail("go %s of %s (%s, %s):\n%s" % (verb, program, variant, version, built.stdout))
            with open(os.path.join(directory, "built"), "w", encoding="utf-8"):
                pass
    return directory


def check_blame(one, events, problems):
    denied = [event for event in events if event["event"] == "denied"]
    reasons = one.reason if isinstance(one.reason, tuple) else (one.reason,)
    said = [(event["reason"], event.get("module"), event["call"]) for event in denied]
    wanted = [event for event in denied if event["reason"] in reasons
              and (event["reason"] != "confined" or event.get("module") == one.module)]
    if not wanted:
        problems.append("not in the report: %s, %s; there is %s" % (one.reason, one.module, said))
    problems += ["denied for another reason: %s" % (what,) for what, event in zip(said, denied) if event not in wanted]


def work_done(run, room):
    """What is missing of the program's own work."""
    missing = []
    if run.status != 0:
        missing.append("status %s" % run.status)
    if not run.out.endswith("app: all work done\n"):
        missing.append("its last words")
    try:
        with open(os.path.join(room, "work"), "rb") as file:
            if file.read() != b"done with configuration\n":
                missing.append("the content of its file")
    except OSError as error:
        missing.append(str(error))
    return missing


def run_case(test, user, program, go_mod, one, jailed):
    room = test.room(user, FILES)
    report = os.path.join(test.room(user), "report")
    prefix = [test.jail, "run", "--go-mod=" + go_mod, "--report=" + report, *one.options, "--"] if jailed else []
    run = test.run(user, prefix + [program, *one.argv], room, dict(one.environment, WORLD=room))
    denied = jailed and one.kind == "deny"
    problems = []
    if denied and SECRET in run.out:
        problems.append("it had effects: the secret is in the output")
    if not denied and SECRET not in run.out:
        problems.append("void: it does not work bare" if not jailed else "it does not work")
    if not denied and "operation not permitted" in run.out:
        problems.append("it was disturbed")
    if denied and one.told not in run.out + run.err:
        problems.append("the attacker was not told EPERM")
    if one.work:
        problems += ["own work: " + text for text in work_done(run, room)]
    if denied:
        check_blame(one, harness.read_report(report), problems)
    elif jailed and os.path.exists(report):
        problems += ["denied %s" % event for event in harness.read_report(report) if event["event"] == "denied"]
    if problems:
        problems.append("output %r, errors %r" % (harness.shorten(run.out), harness.shorten(run.err)))
    return problems


def jobs_of(test, cases, directory, variant, go_mod):
    """(name, function) of each run; directory holds the programs. go_mod is a path or, by program, a dictionary of them."""
    return jobs_with(test, cases, {one.program: test.bring(os.path.join(directory, one.program), one.program) for one in cases}, variant,
                     go_mod)


def jobs_with(test, cases, programs, variant, go_mod):
    """As jobs_of, for programs that are where every user can execute them."""
    jobs = []
    for user in harness.users():
        for one in cases:
            if one.only and variant not in one.only:
                continue
            policy = go_mod[one.program] if isinstance(go_mod, dict) else go_mod
            for label, jailed in (("bare", False), (one.kind, True)):
                name = "%s/%s/%s/%s" % (user.name, variant, label, one.name)
                jobs.append((name, lambda u=user, o=one, j=jailed, p=policy: run_case(test, u, programs[o.program], p, o, j)))
    return jobs


def list_cases(cases, more=()):
    """As harness.list_rows(), for cases; more: further rows."""
    kinds = {"deny": ("bare", "deny"), "allow": ("bare", "twin"), "limit": ("bare", "limit")}
    harness.list_rows([(kind, one.name) + (tuple(one.why) if kind == "limit" else ()) for one in cases for kind in kinds[one.kind]] + list(more))


def test_of(description):
    test = harness.Test(description, [("--go", {"default": "newest"}), ("--variant", {"default": "exe", "choices": harness.VARIANTS})])
    test.attack_again()
    return test
