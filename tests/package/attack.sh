# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# attack_under NAME COMMAND...: sourced by the package tests; runs the demo's victim by COMMAND, in a home directory with a secret, and
# fails unless the attacks failed, had no effect, and the victim's own work was done. What COMMAND said is in $tmp/NAME.err.
build_victim() {
  command -v go >/dev/null || skip "there is no go command to build the victim with"
  (cd "$root/examples/demo/victim" &&
    GOFLAGS='' GOWORK=off GOPROXY=off GOTOOLCHAIN=local CGO_ENABLED=0 go build -buildvcs=false -o "$tmp/victim" .)
}

attack_under() {
  local name=$1 status=0
  shift
  local home=$tmp/$name.home
  mkdir -p "$home/.ssh"
  echo "the-private-key" >"$home/.ssh/id_rsa"
  echo Gopher >"$home/config.txt"
  # Nobody listens at port 1; the attempt to connect must not get that far.
  (cd "$home" && HOME=$home COLLECTOR=127.0.0.1:1 exec "$@") >"$tmp/$name.out" 2>"$tmp/$name.err" </dev/null || status=$?
  cat "$tmp/$name.out" "$tmp/$name.err"
  [ "$status" = 0 ] || fail "$name: the victim ended with status $status"
  [ "$(cat "$home/greeting.txt")" = "Hello, Gopher!" ] || fail "$name: the victim's own work was not done"
  [ "$(grep -c '^  evil (.*operation not permitted$' "$tmp/$name.out")" = 12 ] || fail "$name: 12 attempts should fail with EPERM"
  [ ! -e "$home/.profile" ] || fail "$name: a file was written"
  [ ! -e "$home/ran" ] || fail "$name: a program was run"
}
