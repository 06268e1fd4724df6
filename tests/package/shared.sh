#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# shared.sh ROOT JAIL: builds jail with shared libraries and runs the demo's attacks under it. What it packs into programs is what JAIL
# does, which was built elsewhere and otherwise.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/attack.sh"
root=$1
build_victim

{
  cmake -S "$root" -B "$tmp/build" -G Ninja -DJAIL_STATIC=OFF -DJAIL_TESTS=OFF && cmake --build "$tmp/build"
} >"$tmp/log" 2>&1 || { cat "$tmp/log"; fail "jail cannot be built with shared libraries"; }
jail=$tmp/build/jail
readelf -d "$jail" | grep -F NEEDED | grep -F libelf || fail "it does not need libelf"
packs() { "$1" version | grep '^packs'; }
[ -n "$(packs "$jail")" ] || fail "jail version does not say what is packed"
[ "$(packs "$jail")" = "$(packs "$2")" ] || fail "the packed supervisor differs: $(packs "$jail"), $(packs "$2")"
attack_under shared "$jail" run --go-mod="$root/examples/demo/victim/go.mod" -- "$tmp/victim"
