#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# usage.sh JAIL: wrong options, a missing or broken go.mod, reports that must not be written. Nothing is run in any of these.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

# Commands.
expect 125 'jail: which command? jail run, check, pack, unpack, doctor, version or help'
expect 125 'jail: unknown command rn; did you mean jail run?' rn
expect 125 'jail: unknown command chekc; did you mean jail check?' chekc
expect 125 'jail: unknown command frobnicate (jail help lists them)' frobnicate
expect 125 'jail: unknown command \\x1b[2J\\x0ajail: ok (jail help lists them)' $'\e[2J\njail: ok'
expect 125 'jail: unknown option --permissive: options come after a command, as in jail run --permissive' --permissive
expect 125 'jail: unknown command rnu; did you mean jail run?' help rnu
expect 125 'jail: help: unexpected argument check' help run check
expect 125 'jail: version: unexpected argument x' version x
expect 125 'jail: doctor: unexpected argument x' doctor x
expect 125 'jail: doctor: unknown option --fix (jail doctor --help lists them)' doctor --fix
expect 125 'jail: version: unknown option -x (jail version --help lists them)' version -x

# Options of run.
expect 125 'jail: run: which program? jail run [OPTION]... [--] PROG [ARG]...' run
expect 125 'jail: run: which program? jail run [OPTION]... [--] PROG [ARG]...' run --stats --
expect 125 'jail: run: unknown option --permisive; did you mean --permissive?' run --permisive x
expect 125 'jail: run: unknown option --permisive; did you mean --permissive?' run --permisive=1 x
expect 125 'jail: run: unknown option --frobnicate (jail run --help lists them)' run --frobnicate x
expect 125 'jail: run: option --c is ambiguous (jail run --help lists them)' run --c x
expect 125 'jail: run: unknown option -x (jail run --help lists them)' run -x prog
expect 125 'jail: run: unknown option -x (jail run --help lists them)' run -vx prog
expect 125 'jail: run: option --report needs a value' run --report
expect 125 'jail: run: option --stats takes no value' run --stats=3 x
expect 125 'jail: run: --fail-on-deny=0: expected a number from 1 to 255' run --fail-on-deny=0 x
expect 125 'jail: run: --fail-on-deny=256: expected a number from 1 to 255' run --fail-on-deny=256 x
expect 125 'jail: run: --fail-on-deny=: expected a number from 1 to 255' run --fail-on-deny= x
expect 125 'jail: run: --fail-on-deny=-1: expected a number from 1 to 255' run --fail-on-deny=-1 x
expect 125 'jail: run: --fail-on-deny=1x: expected a number from 1 to 255' run --fail-on-deny=1x x
expect 125 'jail: run: --ancestors=0: expected a number from 1 to 10000' run --ancestors=0 x
expect 125 'jail: run: --ancestors=99999999999999999999: expected a number from 1 to 10000' run --ancestors=99999999999999999999 x
expect 125 'jail: run: --children=ask: expected trust or deny' run --children=ask x
expect 125 'jail: run: --incomplete=yes: expected deny or allow' run --incomplete=yes x
expect 125 'jail: run: --c-thread=: expected deny or allow' run --c-thread= x
expect 125 'jail: run: --unattributed=Allow: expected deny or allow' run --unattributed=Allow x
expect 125 'jail: run: --truncated=no: expected deny or allow' run --truncated=no x
expect 125 'jail: run: --color=red: expected auto, always or never' run --color=red x
expect 125 'jail: run: --module=example.com/evil: expected MODULE=confined or MODULE=unconfined' run --module=example.com/evil x
expect 125 'jail: run: --module==confined: expected MODULE=confined or MODULE=unconfined' run --module==confined x
expect 125 'jail: run: --policy=a=confind: expected MODULE=confined or MODULE=unconfined' run --policy=a=confind x

# Options of check.
expect 125 'jail: check: unknown option --jsn; did you mean --json?' check --jsn
expect 125 'jail: check: unexpected argument b: one program can be checked' check a b

# go.mod.
expect 125 "jail: no go.mod in $work or a directory above it; --go-mod=FILE names one" run ./prog
expect 125 "jail: no go.mod in $work or a directory above it; --go-mod=FILE names one" check
expect 125 'jail: cannot open nowhere/go.mod: No such file or directory' run --go-mod=nowhere/go.mod ./prog
mkdir directory
expect 125 'jail: cannot read directory: Is a directory' run --go-mod=directory ./prog
head -c 100 /dev/zero >zeros
expect 125 'jail: zeros:1:1: unexpected character "\\x00"' check --go-mod=zeros
printf 'module example.com/app\n\nrequire example.com/evil v1.2.3 // gomodjail:confind\n' >go.mod
expect 125 'jail: go.mod:3:36: unknown directive "gomodjail:confind"; did you mean "gomodjail:confined"?' run ./prog
expect 125 'jail: go.mod:3:36: unknown directive "gomodjail:confind"; did you mean "gomodjail:confined"?' check
printf 'module example.com/app\nrequire {\n' >go.mod
expect 125 'jail: go.mod:2:1: usage: require module/path v1.2.3' run ./prog

# A go.mod that is fine, and programs that are not there.
printf 'module example.com/app\n\nrequire example.com/evil v1.2.3 // gomodjail:confined\n' >go.mod
expect 127 'jail: ./prog: No such file or directory' run ./prog
PATH=/usr/bin:/bin expect 127 'jail: prog-that-is-nowhere: No such file or directory' run prog-that-is-nowhere
expect 126 'jail: ./go.mod: Permission denied' run ./go.mod
expect 126 'jail: ./directory: Is a directory' run ./directory
mkdir -p deep/er
(cd deep/er && "$jail" check) >.deep || fail "go.mod is not found from a directory below"

# Reports that must not be written.
expect 125 'jail: run: --report=go.mod: exists and is not a report of jail: it is left as it is' run --report=go.mod ./prog
expect 125 'jail: run: --report=nowhere/x: No such file or directory' run --report=nowhere/x ./prog
ln -s go.mod link
expect 125 'jail: run: --report=link: is a symbolic link' run --report=link ./prog
expect 125 'jail: run: --report=/dev/null: exists and is not a regular file (fd:N takes an open pipe)' run --report=/dev/null ./prog
expect 125 'jail: run: --report=fd:77: Bad file descriptor' run --report=fd:77 ./prog
expect 125 'jail: run: --report=fd:x: expected the number of an open descriptor after fd:' run --report=fd:x ./prog
expect 125 'jail: run: --report=fd:0: the descriptor is not open for writing' run --report=fd:0 ./prog

# pack and unpack.
expect 125 'jail: pack: which program? jail pack [OPTION]... PROG' pack
expect 125 'jail: pack: which program? jail pack [OPTION]... PROG' pack --show
expect 125 'jail: pack: unexpected argument b: one program can be packed at a time' pack a b
expect 125 'jail: pack: unknown option --frobnicate (jail pack --help lists them)' pack --frobnicate a
expect 125 'jail: pack: --ancestors=0: expected a number from 1 to 10000' pack --ancestors=0 a
expect 125 'jail: pack: nowhere: No such file or directory' pack nowhere
expect 125 'jail: pack: go.mod is not an ELF executable' pack --verify go.mod
expect 125 'jail: unpack: which packed program? jail unpack [-o OUT] FILE' unpack
expect 125 'jail: unpack: -o must say which file to make of go.mod' unpack go.mod
expect 125 'jail: unpack: nowhere.jail: No such file or directory' unpack nowhere.jail

# What works without a program.
expect 0 '' check
expect_stdout 'go.mod   go.mod of module example.com/app\nmodules  1, 1 confined\n\nMODULE            VERSION  POLICY    FROM\nexample.com/evil  v1.2.3   confined  go.mod:3'
expect 0 '' check --module=example.com/evil=unconfined --module=example.com/lib=confined
expect_stdout 'go.mod   go.mod of module example.com/app\nmodules  2, 1 confined\n\nMODULE            VERSION  POLICY      FROM\nexample.com/evil  v1.2.3   unconfined  --module\nexample.com/lib   -        confined    --module'
expect 0 '' --version
for command in run check pack unpack doctor version help; do
  expect 0 '' help "$command"
  [ "$(awk 'length > 80' .stdout)" = "" ] || fail "the help of $command is wider than 80 columns"
done
for arguments in '--help' '-h' 'help' 'run --help' 'run -h' 'check --help' 'check -h' 'doctor -h' 'pack --help' 'unpack -h' 'version --help' 'help --help'; do
  read -ra words <<<"$arguments"
  expect 0 '' "${words[@]}"
  grep -q '^Usage: jail ' .stdout || fail "jail $arguments shows no usage"
done
n_cases=$((n_cases + 1))
status=0
"$jail" help >/dev/full 2>.stderr || status=$?
if [ "$status" != 125 ] || [ "$(cat .stderr)" != 'jail: stdout: No space left on device' ]; then
  fail "jail help >/dev/full: $status $(cat .stderr)"
fi
finish
