# SPDX-License-Identifier: Apache-2.0
"""
Two policies: the one that is in force already, of jail run or of a packed program that starts another, and the one that is packed. Both
hold, or what would give up one of them is refused, and says why.
"""

import os

from outcome import allowed, confined, denied_to_friend, expect, no_secret

OTHER_GO_MOD = "module example.com/app\n\ngo 1.18\n\nrequire (\n\texample.com/evil v1.2.3 // gomodjail:confined\n" \
               "\texample.com/friend v1.0.0 // gomodjail:confined\n)\n\nreplace (\n" \
               "\texample.com/evil => ./evil\n\texample.com/friend => ./friend\n)\n"
SHELL = ("/bin/sh", "-c", '"$0" "$@"; exit $?')


def rows(pack, user, prefix):
    other = os.path.join(pack.test.directory, "other.mod")
    stricter = os.path.join(pack.test.directory, "stricter.jail")
    strict_options = os.path.join(pack.test.directory, "children.jail")
    if not os.path.exists(strict_options):
        pack.test.write(other, OTHER_GO_MOD.encode(), 0o644)
        pack.pack("-o", stricter, pack.bare, go_mod=other, check=True)
        pack.pack("--children=deny", "-o", strict_options, pack.bare, check=True)

    def run_under(go_mod, packed, *options):
        return pack.run([pack.test.jail, "run", "--go-mod=" + go_mod, *options, packed, "own", "read"], user)

    yield prefix + "another file with the same policy", lambda: another_file(pack, user)
    yield prefix + "under jail run", lambda: confined(pack.run(
        [pack.test.jail, "run", "--go-mod=" + pack.go_mod, pack.packed, "evil", "read"], user))
    yield prefix + "under a stricter go.mod", lambda: under_stricter(pack, user, other)
    yield prefix + "under a weaker go.mod", lambda: expect(run_under(pack.go_mod, stricter), 125, "a policy that confines more")
    yield prefix + "under weaker options", lambda: expect(run_under(pack.go_mod, strict_options), 125, "stricter options")
    yield prefix + "under permissive", lambda: expect(run_under(pack.go_mod, pack.packed, "--permissive"), 125, "stricter options")
    yield prefix + "under stricter options", lambda: allowed(run_under(pack.go_mod, pack.packed, "--children=deny"))
    yield prefix + "under another program's go.mod", lambda: expect(run_under(pack.go_mod, pack.other), 125, "example.com/other")
    yield prefix + "by a launcher under another program's go.mod", lambda: by_launcher(pack, user)
    yield prefix + "starts one of a weaker policy", lambda: starts_weaker(pack, user, stricter)
    for what, packed, says in (("a stricter policy", stricter, "confines more"), ("stricter options", strict_options, "stricter options"),
                               ("another program", pack.other, "for another policy")):
        for way, launcher in (("starts", ()), ("a shell starts", SHELL)):
            yield prefix + way + " one of " + what, lambda p=packed, s=says, l=launcher: refused_child(pack, user, p, s, *l)
        yield prefix + "becomes one of " + what, lambda p=packed, s=says: refused_to_become(pack, user, p, s)


def another_file(pack, user):
    copy = pack.copy("copy")
    return confined(pack.run([pack.packed, "own", "start", copy, "evil", "read"], user)) + \
        confined(pack.run([pack.packed, "own", "start", "/bin/sh", "-c", copy + " evil read"], user)) + \
        confined(pack.run([pack.packed, "own", "replace", copy, "evil", "read"], user))


def under_stricter(pack, user, go_mod):
    """Both policies hold: what either confines is confined."""
    def go(*argv):
        return pack.run([pack.test.jail, "run", "--go-mod=" + go_mod, pack.packed, *argv], user)
    return confined(go("evil", "read")) + denied_to_friend(go("friend", "read")) + allowed(go("own", "read"))


def by_launcher(pack, user):
    """A program of another module is none of the policy's, and would be let alone; but it has a policy of its own."""
    run = pack.run([pack.test.jail, "run", "--go-mod=" + pack.go_mod, "--via", "--", *SHELL, pack.other, "evil", "read"], user)
    return expect(run, 125, "for another policy") + no_secret(run)


def starts_weaker(pack, user, stricter):
    """The stricter policy is in force, and stays so for what was packed with a weaker one."""
    return denied_to_friend(pack.run([stricter, "own", "start", pack.packed, "friend", "read"], user)) + \
        denied_to_friend(pack.run([stricter, "own", "replace", pack.packed, "friend", "read"], user)) + \
        confined(pack.run([stricter, "own", "start", "/bin/sh", "-c", pack.packed + " evil read"], user))


def refused_child(pack, user, child, says, *launcher):
    """Neither policy is given up: the child does not run, and the user reads why."""
    run = pack.run([pack.packed, "own", "start", *launcher, child, "friend", "read"], user)
    wrong = expect(run, 0, says, "child: ") + no_secret(run)
    if "child: exit status 0" in run.out:
        wrong.append("the child ran: %r" % run.out)
    if says == "for another policy" and "child: exit status 125" not in run.out:
        wrong.append("not 125: %r" % run.out)
    return wrong


def refused_to_become(pack, user, program, says):
    """The same in its own place: the exec is refused, or what is executed ends at once."""
    run = pack.run([pack.packed, "own", "replace", program, "friend", "read"], user)
    if says == "for another policy":
        return expect(run, 125, says) + no_secret(run)
    return expect(run, 0, says, "replace: operation not permitted", "app: all work done") + no_secret(run)
