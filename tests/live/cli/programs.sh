#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# programs.sh JAIL: files that are no program jail can confine, and what a small Go program's status becomes.
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$here/lib.sh"

goroot=$("$here/../toolchain.sh" newest) || exit $?
export GOROOT=$goroot PATH=$goroot/bin:$PATH GOTOOLCHAIN=local GOFLAGS=-mod=mod GOWORK=off GOPROXY=off
export GOCACHE=${XDG_CACHE_HOME:-$HOME/.cache}/jail-tests/gocache GOPATH=$work/gopath

# A program whose module lib is confined; lib reads /etc/hostname when the first argument says so.
mkdir -p app/lib
cat >app/go.mod <<'END'
module example.com/app

go 1.18

require example.com/lib v1.0.0 // gomodjail:confined

replace example.com/lib => ./lib
END
cat >app/main.go <<'END'
package main

import (
	"os"
	"strconv"
	"syscall"
	"time"

	"example.com/lib"
)

func main() {
	if os.Args[1] == "read" {
		lib.Read()
	}
	code, err := strconv.Atoi(os.Args[2])
	if err != nil {
		syscall.Kill(os.Getpid(), syscall.SIGTERM) // any thread may get it, later
		time.Sleep(time.Hour)
	}
	os.Exit(code)
}
END
printf 'module example.com/lib\n\ngo 1.18\n' >app/lib/go.mod
cat >app/lib/lib.go <<'END'
package lib

import "os"

//go:noinline
func Read() { os.ReadFile("/etc/hostname") }
END
(cd app && go build -o ../prog . && go build -trimpath -ldflags='-s -w' -o ../stripped .)
cp app/go.mod go.mod

# Not a program to confine.
mkdir directory
expect 126 'jail: ./directory: Is a directory' run ./directory
printf '#!/bin/sh\necho ran\n' >script
chmod +x script
expect 125 'jail: ./script is a script, not a Go program' run ./script
expect 125 'jail: ./script is a script, not a Go program' check ./script
true=$(type -P true)
expect 125 "jail: $true is not a Go program" run "$true"
(cd app && GOARCH=386 go build -o ../prog32 .)
expect 125 'jail: ./prog32 is a 32-bit program; jail supervises amd64 programs' run ./prog32
head -c 100000 prog >truncated
chmod +x truncated
expect 125 'jail: ./truncated: segment 2 lies outside the file (truncated?)' run ./truncated
: >empty
chmod +x empty
expect 125 'jail: ./empty is empty' run ./empty

# Another program's go.mod; one that confines nothing.
sed 's,example.com/app,example.com/other,' go.mod >other.mod
expect 125 'jail: ./prog is a program of module example.com/app, but other.mod is that of module example.com/other' run --go-mod=other.mod ./prog allow 0
expect 125 'jail: ./prog is a program of module example.com/app, but other.mod is that of module example.com/other' check --go-mod=other.mod ./prog
sed 's, // gomodjail:confined,,' go.mod >none.mod
expect 3 'jail: none.mod confines no module of ./prog; running it unsupervised' run --go-mod=none.mod ./prog read 3
expect 3 '' run -q --go-mod=none.mod ./prog read 3
expect 125 'jail: none.mod confines no module of ./prog; running it unsupervised\njail: --fail-on-deny: none.mod confines no module of ./prog, so nothing was checked' \
  run --fail-on-deny --go-mod=none.mod ./prog read 0

# check.
for program in prog stripped; do
  expect 0 '' check "./$program"
  expect_stdout "$(printf 'go.mod   go.mod of module example.com/app\nprogram  ./%s, %s\nmodules  1, 1 confined, 1 of them in the program\n\nMODULE           VERSION  POLICY    FROM      IN PROGRAM\nexample.com/lib  v1.0.0   confined  go.mod:5  yes\n\nnote     the sources of 1 confined module are not at hand; see go mod download' $program "$(go env GOVERSION)")"
done

# Exit codes.
expect 0 '' run ./prog allow 0
expect 42 '' run ./prog allow 42
expect 42 '' run --foreground ./prog allow 42
expect 143 '' run --foreground ./prog allow signal
expect 0 '' run --fail-on-deny ./prog allow 0
entry='jail: denied openat("/etc/hostname", O_RDONLY) by example.com/lib v1.0.0 [fs.read, confined]'
stack='syscall.openat'
for options in 0: 0:--foreground 1:--fail-on-deny 7:--fail-on-deny=7; do
  n_cases=$((n_cases + 1))
  status=0
  "$jail" run ${options#*:} -- ./prog read 0 2>.stderr || status=$?
  [ "$status" = "${options%%:*}" ] || fail "run $options: status $status"
  [ "$(head -n 1 .stderr)" = "$entry" ] || fail "run $options: $(head -n 1 .stderr)"
  grep -q "^  stack $stack" .stderr || fail "run $options: $(sed -n 3p .stderr)"
  [ "$(tail -n 1 .stderr)" = 'jail: summary: denied 1 call (1 distinct)' ] || fail "run $options: $(tail -n 1 .stderr)"
done
status=0
"$jail" run --fail-on-deny=7 -- ./prog read 5 2>.stderr || status=$?
[ "$status" = 5 ] || fail "the program's own status: $status"
status=0
"$jail" run --fail-on-deny -- ./prog read signal 2>.stderr || status=$?
[ "$status" = 143 ] || fail "the program's own signal: $status"

# What --permissive says to paste makes the same run free of denials.
expect_first='jail: permissive: every call is decided and reported, none is denied'
"$jail" run --permissive ./prog read 0 2>.stderr || fail "run --permissive: status $?"
[ "$(head -n 1 .stderr)" = "$expect_first" ] || fail "run --permissive: $(head -n 1 .stderr)"
grep -q '^jail: would deny openat("/etc/hostname", O_RDONLY) by example.com/lib' .stderr || fail "run --permissive: $(cat .stderr)"
pasted=$(sed -n 's/^    require/require/p' .stderr)
[ "$pasted" = 'require example.com/lib v1.0.0 // gomodjail:unconfined' ] || fail "run --permissive: $(cat .stderr)"
sed "s,^require example.com/lib .*,$pasted," go.mod >pasted.mod
expect 0 '' run --go-mod=pasted.mod --decide-all --fail-on-deny ./prog read 0

# The report: a file of our own that is continued, and a pipe.
for n in 1 2; do
  "$jail" run --report=report.json ./prog read 0 2>.stderr
  [ "$(grep -c '"event":"denied"' report.json)" = "$n" ] || fail "report.json has not $n denials"
done
[ "$(stat -c %a report.json)" = 600 ] || fail "the mode of report.json is $(stat -c %a report.json)"
"$jail" run -qq --report=fd:3 ./prog read 0 3>&1 >/dev/null 2>.stderr | grep '"event":"denied"' >.stdout || fail "nothing came through fd:3"
[ ! -s .stderr ] || fail "-qq says $(cat .stderr)"
finish
