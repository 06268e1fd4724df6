#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# packed.sh ROOT JAIL: the demo's victim, packed, alone in a root directory of its own and as an unprivileged user: nothing else is
# there, no jail, no library, no /proc. The victim's last work, running true(1), cannot be done in such a place, bare or packed.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/attack.sh"
root=$1
jail=$2
[ "$(id -u)" = 0 ] || skip "not root: nobody else may change the root directory"
chroot=$(PATH=$PATH:/usr/sbin:/sbin command -v chroot)
build_victim
"$jail" pack --go-mod="$root/examples/demo/victim/go.mod" -o "$tmp/victim.jail" "$tmp/victim"

# alone NAME PROGRAM: runs it in a root directory of its own, $tmp/NAME.
alone() {
  local place=$tmp/$1
  mkdir -p "$place/home/.ssh"
  cp "$2" "$place/victim"
  echo the-private-key >"$place/home/.ssh/id_rsa"
  echo Gopher >"$place/config.txt"
  chmod 755 "$tmp"
  chown -R 65534:65534 "$place"
  status=0
  HOME=/home COLLECTOR=127.0.0.1:1 PATH=/bin "$chroot" --userspec=65534:65534 "$place" /victim >"$tmp/$1.out" 2>"$tmp/$1.err" </dev/null ||
    status=$?
  cat "$tmp/$1.out" "$tmp/$1.err"
  [ "$status" = 1 ] || fail "$1: status $status"
  grep -q '^victim: exec: "true": executable file not found' "$tmp/$1.err" || fail "$1: the victim did not come to its last work"
  [ "$(cat "$place/greeting.txt")" = "Hello, Gopher!" ] || fail "$1: the victim's own work was not done"
}

alone bare "$tmp/victim"
[ "$(grep -c '^  evil (.*did read the private key$' "$tmp/bare.out")" = 3 ] || fail "bare: the key should be read three times"
[ "$(grep -c 'pwned' "$tmp/bare/home/.profile")" = 3 ] || fail "bare: the file should be changed three times"

alone packed "$tmp/victim.jail"
[ "$(grep -c '^  evil (.*operation not permitted$' "$tmp/packed.out")" = 12 ] || fail "packed: 12 attempts should fail with EPERM"
[ ! -e "$tmp/packed/home/.profile" ] || fail "packed: a file was written"
for class in fs.read fs.write net.connect exec; do
  grep -q "^jail: denied .* by example\.com/evil v1\.2\.3 \[$class, confined\]" "$tmp/packed.err" || fail "packed: $class is not reported"
done
grep -q '^jail: summary: denied 12 calls' "$tmp/packed.err" || fail "packed: there is no summary"
[ "$(ls -A "$tmp/packed")" = "$(printf '%s\n' config.txt greeting.txt home victim)" ] || fail "packed: something was left behind"
