#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# ci.sh ROOT JAIL GO-VERSION: the CI step on the example module: its tests pass bare; under jail the packages that reach the poisoned
# dependency fail because of the denial, the one that reaches none because nothing was checked, unless --decide-all says otherwise.
. "$(dirname "$0")/lib.sh"
root=$1
jail=$2
version=$3

status=0
goroot=$("$root/tests/live/toolchain.sh" "$version" 2>"$tmp/log") || status=$?
if [ "$status" != 0 ]; then
  [ "$status" != 77 ] || skip "$(sed 's/^SKIP: //' "$tmp/log")"
  fail "$(cat "$tmp/log")"
fi
cp -R "$root/examples/ci/module" "$tmp/"
cd "$tmp/module"
mkdir "$tmp/home"
echo "machine example.com password secret" >"$tmp/home/.netrc"
unset GOROOT
export GOCACHE=${GOCACHE:-$("$goroot/bin/go" env GOCACHE)} GOFLAGS='' GOWORK=off GOPROXY=off GOTOOLCHAIN=local HOME=$tmp/home

# go_test NAME ARGUMENT...: runs go test; sets status, keeps what was said in $tmp/NAME.
go_test() {
  local name=$1
  shift
  status=0
  "$goroot/bin/go" test -count=1 "$@" ./... >"$tmp/$name" 2>&1 || status=$?
  echo "== go test $*: status $status"
  cat "$tmp/$name"
}

go_test bare
[ "$status" = 0 ] || fail "the tests do not pass bare"

go_test jailed -exec "$jail run --fail-on-deny --"
[ "$status" = 1 ] || fail "go test should end with 1, not $status"
for package in price label; do
  grep -qE "^FAIL[[:space:]]+example.com/shop/${package}[[:space:]]" "$tmp/jailed" || fail "$package should fail"
done
grep -qE '^ok[[:space:]]+example.com/shop/calm[[:space:]]' "$tmp/jailed" ||
  fail "calm reaches no confined module: there is nothing to check, and its tests pass"
[ "$(grep -c '^jail: denied openat(".*/\.netrc".* by example\.com/evil v1\.2\.3 \[fs\.read, confined\]' "$tmp/jailed")" = 2 ] ||
  fail "both packages should be told what was denied"
! grep -q '^--- FAIL' "$tmp/jailed" || fail "the tests themselves should pass: the dependency copes with the denial"

go_test decide-all -exec "$jail run --fail-on-deny --decide-all --"
for package in price label; do
  grep -qE "^FAIL[[:space:]]+example.com/shop/${package}[[:space:]]" "$tmp/decide-all" || fail "$package should fail with --decide-all"
done
grep -qE '^ok[[:space:]]+example.com/shop/calm[[:space:]]' "$tmp/decide-all" || fail "calm should pass with --decide-all"

go_test without-fail-on-deny -exec "$jail run --"
[ "$status" = 0 ] || fail "without --fail-on-deny a denial fails no test"

go_test permissive -exec "$jail run --permissive --"
[ "$status" = 0 ] || fail "permissively the tests should pass"
