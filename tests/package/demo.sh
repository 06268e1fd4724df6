#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# demo.sh ROOT JAIL as-is|unprivileged: examples/demo/run with a jail that is built already, as who we are or as nobody.
. "$(dirname "$0")/lib.sh"
root=$1
jail=$2
before=$(cd "$root/examples" && find . -type f | LC_ALL=C sort | xargs sha256sum)
case $3 in
  as-is) "$root/examples/demo/run" --jail="$jail" ;;
  unprivileged)
    [ "$(id -u)" = 0 ] || skip "not root: the other demo test is unprivileged already"
    # Nobody may not be able to reach the source tree.
    chmod 755 "$tmp"
    cp -R "$root/examples/demo" "$jail" "$tmp/"
    as_nobody "$tmp/demo/run" --jail="$tmp/jail"
    ;;
  *) fail "unknown: $3" ;;
esac
after=$(cd "$root/examples" && find . -type f | LC_ALL=C sort | xargs sha256sum)
[ "$before" = "$after" ] || fail "the demo changed the source tree"
