# SPDX-License-Identifier: Apache-2.0
"""What jail's options and directives do, on the same program."""

import os
import re
import shlex

import harness

CASES = {}  # name -> function(case) -> None; it notes what is wrong with case.expect()

# Calls that a program makes all the time: none of them may stop.
NEVER_STOPS = """read pread64 readv write pwrite64 writev close futex nanosleep clock_nanosleep epoll_create1 epoll_ctl epoll_pwait
epoll_wait eventfd2 pipe2 tgkill clone rt_sigprocmask rt_sigaction rt_sigreturn sigaltstack stat lstat fstat newfstatat statx readlink
readlinkat munmap madvise brk sched_yield gettid getpid exit sched_getaffinity getrlimit""".split()


def case(name):
    return lambda function: CASES.setdefault(name, function)


class Case:
    """One case: a room with a secret, and what went wrong."""

    def __init__(self, test, user):
        self.test, self.user, self.problems = test, user, []
        self.room = test.room(user, {"secret": b"the-secret\n", "readable": b"\n"})
        self.report = os.path.join(test.room(user), "report")

    def path(self, name):
        return os.path.join(self.room, name)

    def jail(self, *options, policy="evil", program=None, environment=None, before=()):
        """jail run OPTION... -- PROGRAM ARG...; program is the list, the test's program first when it starts with a mode."""
        go_mod = policy if policy.startswith("/") else self.test.policy(policy)
        if os.path.exists(self.report):
            os.remove(self.report)
        argv = [*before, self.test.jail, "run", "--go-mod=" + go_mod, "--report=" + self.report, *options, "--", *program]
        self.last = self.test.run(self.user, argv, self.room, environment)
        return self.last

    def app(self, *arguments, **options):
        jail_options = options.pop("options", ())
        return self.jail(*jail_options, program=[self.test.program, *arguments], **options)

    def events(self, kind):
        return [event for event in harness.read_report(self.report) if event["event"] == kind]

    def denied(self):
        return [(event.get("module"), event["class"], event["reason"]) for event in self.events("denied") if event["denied"]]

    def expect(self, condition, what):
        if not condition:
            self.problems.append("%s: %s %s" % (what, self.last.status, harness.shorten(repr(self.last.out + self.last.err), 1500)))


EVIL = "example.com/evil"
COBRA = "example.com/cobra"


# --- state that the standard library shares ---


def first_by_evil(case, what, environment=None):
    bare = case.test.run(case.user, [case.test.program, "state", what], case.room, environment)
    jailed = case.app("state", what, environment=environment)
    case.expect(bare.status == 0 and bare.out.count("\n") == 2, "void: bare it shows %s" % (bare,))
    case.expect(jailed.out == bare.out, "bare %r" % bare.out)
    case.expect(not case.denied(), "denied %s" % case.denied())
    return bare


@case("time zone that evil asks for first")
def zone(case):
    bare = first_by_evil(case, "zone", {"TZ": "Europe/Berlin"})
    case.expect(bare.out == "evil: CET3600\nown: CET3600\n", "void: no time zones here (apt-get install tzdata)")


@case("system roots that evil asks for first")
def system_roots(case):
    bare = first_by_evil(case, "roots")
    case.expect(re.match(r"evil: [1-9]\d+\nown: [1-9]\d+\n", bare.out), "void: no roots here (apt-get install ca-certificates)")


@case("resolver that evil asks for first")
def resolver(case):
    first_by_evil(case, "lookup", {"GODEBUG": "netdns=go"})


@case("time zone of a secret file: nothing is gained")
def zone_of_secret(case):
    case.app("state", "zone", environment={"TZ": ":" + case.path("secret")})
    case.expect((EVIL, "fs.read", "confined") in case.denied(), "not denied")
    case.expect(any(event["target"] == case.path("secret") for event in case.events("denied")), "not in the report")


@case("system roots of a secret file: nothing is gained")
def roots_of_secret(case):
    case.app("state", "roots", environment={"SSL_CERT_FILE": case.path("secret"), "SSL_CERT_DIR": case.room})
    case.expect((EVIL, "fs.read", "confined") in case.denied(), "not denied")
    case.expect(any(event["target"] == case.path("secret") for event in case.events("denied")), "not in the report")


# --- what stops ---


@case("everyday calls never stop")
def never_stops(case):
    case.app("busy", options=["--stats"])
    case.expect(case.last.status == 0 and case.last.out == "busy: done\n", "it failed")
    stats = case.events("stats")
    case.expect(len(stats) == 1, "no stats")
    stopped = {row["name"]: row["stops"] for row in stats[0]["syscalls"]}
    case.expect(stopped.get("openat", 0) > 0 and stats[0]["stops"] == sum(stopped.values()), "void: %s" % stopped)
    case.expect(not set(stopped) & set(NEVER_STOPS), "stopped: %s" % stopped)
    threads = stopped.pop("clone3", 0)  # the C library's, which cannot be told from processes without a stop
    case.expect(threads == 0 or case.test.cgo, "clone3: %d" % threads)
    case.expect(sum(stopped.values()) < 40, "stopped: %s" % stopped)
    case.expect("jail: stats: " in case.last.err, "no words")


@case("nothing confined: one line, and nobody traces it")
def nothing_confined(case):
    case.app("traced", policy="none")
    case.expect(case.last.out == "traced: false\n" and case.last.status == 0, "traced")
    case.expect(re.match(r"jail: \S+ confines no module of \S+; running it unsupervised\n$", case.last.err), "words")
    case.app("traced", policy="none", options=["-q"])
    case.expect(case.last.out == "traced: false\n" and case.last.err == "", "-q")
    case.app("traced", policy="none", options=["--decide-all"])
    case.expect(case.last.out == "traced: true\n" and case.last.err == "", "--decide-all")
    case.app("traced")
    case.expect(case.last.out == "traced: true\n" and case.last.err == "", "void: not traced when confined")


# --- words ---


@case("a terminal that stops writers in the background: the supervisor, which is one, is heard")
def background_words(case):
    for terminal in ("tostop", "-tostop"):
        command = [case.test.jail, "run", "--go-mod=" + case.test.policy("evil"), "--", case.test.program]
        command += ["spoil", case.path("new"), case.path("secret")]
        line = "stty %s && exec %s" % (terminal, shlex.join(command))
        case.last = case.test.run(case.user, ["script", "-qec", line, "/dev/null"], case.room)
        case.expect(case.last.status == 0 and case.last.out.count("jail: denied ") == 2, terminal)


# --- permissive, and the lines to paste ---


@case("--permissive, and its lines pasted into go.mod")
def permissive(case):
    case.app("spoil", case.path("new"), case.path("secret"), options=["--permissive"])
    case.expect(case.last.status == 0 and case.last.out == "written: true\nread: true\n", "it was disturbed")
    case.expect(case.last.err.startswith("jail: permissive: "), "its first line does not say so")
    case.expect(case.last.err.count("jail: would deny ") == 2 and "jail: denied" not in case.last.err, "would deny")
    case.expect(not case.denied() and len(case.events("denied")) == 2, "the report")
    pasted = re.search(r"^jail: permissive: with these lines .*\n((?:    .*\n)+)", case.last.err, re.M)
    case.expect(pasted, "no lines")
    if not pasted:
        return
    with open(case.test.policy("evil"), encoding="utf-8") as file:
        go_mod = file.read()
    for line in pasted.group(1).splitlines():
        module = line.split()[0]
        go_mod, count = re.subn(r"(?m)^\s+%s v\S+.*$" % re.escape(module), lambda _, text=line: "\t" + text.strip(), go_mod, count=1)
        case.expect(count == 1, "no place for %r" % line)
    os.remove(case.path("new"))
    with open(case.path("go.mod"), "w", encoding="utf-8") as file:
        file.write(go_mod)
    case.app("spoil", case.path("new"), case.path("secret"), options=["--decide-all"], policy=case.path("go.mod"))
    case.expect(case.last.out == "written: true\nread: true\n" and case.last.err == "", "not free of denials")


# --- exit statuses ---


@case("--fail-on-deny")
def fail_on_deny(case):
    secret = case.path("secret")
    for options, policy, arguments, status in (
            (["--fail-on-deny"], "evil", ["steal", secret], 1),
            (["--fail-on-deny=7"], "evil", ["steal", secret], 7),
            (["--fail-on-deny"], "evil", ["exit", "0"], 0),
            (["--fail-on-deny"], "evil", ["exit", "42"], 42),
            (["--fail-on-deny=7"], "evil", ["panic"], 2),
            (["--fail-on-deny"], "quiet", ["steal", secret], 0),
            (["--fail-on-deny"], "none", ["exit", "0"], 125),
            (["--fail-on-deny"], "none", ["exit", "9"], 9),
            (["--fail-on-deny", "--decide-all"], "none", ["exit", "0"], 0),
            (["--foreground"], "evil", ["exit", "42"], 42),
            ([], "evil", ["steal", secret], 0)):
        case.app(*arguments, options=options, policy=policy)
        case.expect(case.last.status == status, "%s %s %s: not %d" % (options, policy, arguments, status))
    case.app("die", "9", options=["--fail-on-deny"])
    case.expect(case.last.status == -9, "a signal: not SIGKILL")


# --- directives ---


@case("jail:quiet")
def quiet(case):
    case.app("spoil", case.path("new"), case.path("secret"), policy="quiet")
    case.expect(case.last.out == "written: false\nread: false\n", "allowed")
    case.expect(case.last.err.count("jail: denied") == 1 and "[fs.write, confined]" in case.last.err, "words")
    told = sorted((event["class"], event["quiet"]) for event in case.events("denied"))
    case.expect(told == [("fs.read", True), ("fs.write", False)], "the report: %s" % told)
    case.app("spoil", case.path("new"), case.path("secret"), policy="quiet", options=["-v"])
    case.expect(case.last.err.count("jail: denied") == 2, "-v")
    case.app("steal", case.path("secret"), policy="quiet-bare")
    case.expect(case.last.status == 125 and re.match(r"jail: \S+go.mod:\d+:\d+: ", case.last.err), "bare jail:quiet is no error")


@case("jail:callbacks")
def callbacks(case):
    new = case.path("new")
    for what, file, plain, calling, module in (
            ("own", new, False, True, COBRA),
            ("go-own", new, False, True, COBRA),
            ("friend-by-own", new, False, True, COBRA),
            ("friend-alone", new, False, False, COBRA),
            ("evil-by-own", new, False, False, EVIL),
            ("itself", case.path("readable"), False, False, COBRA)):
        for policy, allowed in (("none", True), ("cobra", plain), ("callbacks", calling)):
            case.app("cobra", what, file, policy=policy, options=["--decide-all"])
            told = "command: %s %s\n" % (str(not allowed).lower(), str(allowed).lower())
            case.expect(case.last.status == 0 and case.last.out == told, "%s with %s: not %r" % (what, policy, told))
            if not allowed:
                case.expect({denial[0] for denial in case.denied()} == {module}, "%s with %s: %s" % (what, policy, case.denied()))
            case.expect(file != new or os.path.exists(new) == allowed, "%s with %s: the file" % (what, policy))
            if os.path.exists(new):
                os.remove(new)


@case("--module overrides go.mod")
def module_option(case):
    secret = case.path("secret")
    case.app("steal", secret, options=["--module=%s=unconfined" % EVIL, "--decide-all"])
    case.expect("stolen: the-secret" in case.last.out, "unconfined")
    case.app("steal", secret, policy="none", options=["--module=%s=confined" % EVIL])
    case.expect(case.last.out == "EPERM\nsteal: done\n", "confined")
    case.app("steal", secret, policy="module-line")
    case.expect(case.last.out == "EPERM\nsteal: done\n", "the module line")
    case.app("steal", secret, policy="module-line-but")
    case.expect("stolen: the-secret" in case.last.out, "the module line, but not this")


# --- other programs ---


@case("--children")
def children(case):
    case.app("true")
    case.expect(case.last.out == "true: <nil>\n", "trusted")
    case.app("true", options=["--children=deny"])
    case.expect(case.last.status == 0 and "true: <nil>" not in case.last.out, "not refused")
    case.expect("children" in case.last.err, "words")


@case("the program runs itself, and evil in it is confined")
def reexec(case):
    case.app("reexec", case.path("secret"))
    case.expect(case.last.status == 0, "status")
    case.expect(len(re.findall(r"own: 11 stolen: 0 .*operation not permitted", case.last.out)) == 2, "stolen")
    case.expect(case.denied() and set(case.denied()) == {(EVIL, "fs.read", "confined")}, "the report: %s" % case.denied())


@case("--via")
def via(case):
    shell = ["sh", "-c", 'cat secret; "$0" steal secret; echo after', case.test.program]
    case.jail("--via", program=shell)
    case.expect(case.last.out == "the-secret\nEPERM\nsteal: done\nafter\n", "the shell is not, the program is confined")
    case.jail("--via", program=["sh", "-c", "exec \"$0\" steal secret", case.test.program])
    case.expect(case.last.out == "EPERM\nsteal: done\n", "exec")
    case.jail("--via", program=["sh", "-c", "exit 3"])
    case.expect(case.last.status == 3 and len(harness.words_of_jail(case.last.err)) == 1, "no image of the policy was seen")
    case.jail("--via", "--fail-on-deny", program=["sh", "-c", "exit 0"])
    case.expect(case.last.status == 125, "no image of the policy was seen, with --fail-on-deny")


# --- ways to read memory ---


@case("memory word by word")
def slow_memory(case):
    launcher = [case.test.launcher]
    case.app("spoil", case.path("new"), case.path("secret"), before=launcher)
    case.expect(case.last.status == 0 and case.last.out == "written: false\nread: false\n", "denied")
    case.expect(sorted(case.denied()) == [(EVIL, "fs.read", "confined"), (EVIL, "fs.write", "confined")], str(case.denied()))
    frames = [frame["function"] for event in case.events("denied") for frame in event["frames"]]
    case.expect(frames.count("main.main") == 2, "frames %s" % frames)
    case.app("work", case.room, before=launcher)
    case.expect(case.last.status == 0 and case.last.err == "", "its own work")
    doctor = case.test.run(case.user, [*launcher, case.test.jail, "doctor"], case.room)
    case.expect("PTRACE_PEEKDATA" in doctor.out, "void: the faster way is there: %s" % (doctor,))
