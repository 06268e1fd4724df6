#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# shared.sh ROOT JAIL: builds jail with shared libraries, from a copy of the sources, and runs the demo's attacks under it. What it packs
# into programs is what JAIL does, bit for bit, though that was built elsewhere and otherwise.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/attack.sh"
root=$1
build_victim

mkdir "$tmp/source"
tar -C "$root" -cf - --exclude='./build*' --exclude=./.git . | tar -C "$tmp/source" -xf -
{
  cmake -S "$tmp/source" -B "$tmp/build" -G Ninja -DJAIL_STATIC=OFF -DJAIL_TESTS=OFF && cmake --build "$tmp/build"
} >"$tmp/log" 2>&1 || { cat "$tmp/log"; fail "jail cannot be built with shared libraries"; }
jail=$tmp/build/jail
readelf -d "$jail" | grep -F NEEDED | grep -F libelf || fail "it does not need libelf"
packs() { "$1" version | grep '^packs'; }
[ -n "$(packs "$jail")" ] || fail "jail version does not say what is packed"
[ "$(packs "$jail")" = "$(packs "$2")" ] || fail "the packed supervisor differs: $(packs "$jail"), $(packs "$2")"
# And what is in a packed program is what both say that it is.
"$jail" pack --go-mod="$root/examples/demo/victim/go.mod" -o "$tmp/shared.jail" "$tmp/victim"
"$2" pack --go-mod="$root/examples/demo/victim/go.mod" -o "$tmp/other.jail" "$tmp/victim"
cmp "$tmp/shared.jail" "$tmp/other.jail" || fail "the two pack otherwise"
attack_under shared "$jail" run --go-mod="$root/examples/demo/victim/go.mod" -- "$tmp/victim"
