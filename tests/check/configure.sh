#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What CMake says on a machine that jail cannot be built on: which packages are missing, and which CPU is not supported yet.
#
#     configure.sh SOURCE_DIR
set -u
source_dir=$1
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
findings=0

# refused NAME TEXT ARGUMENT...: configuring must fail, and say TEXT.
refused() {
  local name=$1 text=$2
  shift 2
  if env PKG_CONFIG_PATH= PKG_CONFIG_LIBDIR="${libdir-}" cmake -S "$source_dir" -B "$tmp/$name" "$@" >"$tmp/$name.out" 2>&1; then
    echo "$name: it configures"
    findings=$((findings + 1))
  elif ! tr -s ' \n' '  ' <"$tmp/$name.out" | grep -F -- "$text" >"$tmp/found"; then
    echo "$name: it does not say: $text"
    cat "$tmp/$name.out"
    findings=$((findings + 1))
  fi
}

libdir=$tmp/none refused libraries \
  'apt-get install libseccomp-dev libelf-dev libjansson-dev libmd-dev libcmocka-dev'
refused arm64 '(message): jail supports amd64 only' -DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR=aarch64

echo "$findings findings"
[ "$findings" = 0 ]
