#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# static.sh ROOT BUILD: makes the static .tar.gz and runs the demo's attacks under the jail in it, which needs no library.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/attack.sh"
root=$1
build_victim

(cd "$2" && cpack -G TGZ -B "$tmp/package") >"$tmp/log" 2>&1 || { cat "$tmp/log"; fail "the static package cannot be built"; }
tar -xzf "$tmp"/package/*-static.tar.gz -C "$tmp"
jail=$(echo "$tmp"/jail-*-static/bin/jail)
! readelf -d "$jail" | grep -F NEEDED || fail "the static jail needs libraries"
! readelf -l "$jail" | grep -F INTERP || fail "the static jail needs a dynamic loader"
attack_under static "$jail" run --go-mod="$root/examples/demo/victim/go.mod" -- "$tmp/victim"
