#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# static.sh ROOT JAIL: makes the static .tar.gz and runs the demo's attacks under the jail in it, which needs no library. What it packs into programs is
# what JAIL does, which was built elsewhere and otherwise.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/attack.sh"
root=$1
build_victim

{
  cmake -S "$root" -B "$tmp/build" -G Ninja -DJAIL_STATIC=ON -DJAIL_TESTS=OFF &&
    cmake --build "$tmp/build" &&
    (cd "$tmp/build" && cpack -B "$tmp/package")
} >"$tmp/log" 2>&1 || { cat "$tmp/log"; fail "the static package cannot be built"; }
tar -xzf "$tmp"/package/*-static.tar.gz -C "$tmp"
jail=$(echo "$tmp"/jail-*-static/bin/jail)
! readelf -d "$jail" | grep -F NEEDED || fail "the static jail needs libraries"
! readelf -l "$jail" | grep -F INTERP || fail "the static jail needs a dynamic loader"
packs() { "$1" version | grep '^packs'; }
[ -n "$(packs "$jail")" ] || fail "jail version does not say what is packed"
[ "$(packs "$jail")" = "$(packs "$2")" ] || fail "the packed supervisor differs: $(packs "$jail"), $(packs "$2")"
attack_under static "$jail" run --go-mod="$root/examples/demo/victim/go.mod" -- "$tmp/victim"
