#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Checks the Go-version table (src/gobin/go_layout.c) against programs that real toolchains build:
#
#     layouts.sh PRINT_LAYOUT table       the installed Go, 1.19 and 1.21; with JAIL_TEST_ALL_GO=1 every release of toolchain.sh
#     layouts.sh PRINT_LAYOUT planted     each fault that is planted in the table or in the lists must be noticed
#     layouts.sh PRINT_LAYOUT no-network  a toolchain that cannot be had is skipped, with the reason
#     layouts.sh - show RELEASE           no test: prints what the debug information of that release says, for a new row
#
# Per release: the row of the table and constants.txt must equal what the debug information says; the inlined frames of a known call,
# and the functions that have a role (roles.txt), must be found through the program's own tables.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
toolchain=$here/../toolchain.sh
if [ $# -lt 2 ]; then
  sed -n '6,9s/^# *//p' "$0" >&2
  exit 2
fi
print_layout=$(realpath "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export LC_ALL=C

n_checks=0
n_failed=0

fail() {
  echo "FAILED: $1"
  n_failed=$((n_failed + 1))
}

finish() {
  echo "$n_checks checks, $n_failed failed"
  [ "$n_failed" = 0 ] && [ "$n_checks" != 0 ]
}

# The releases to check, each once, as arguments of toolchain.sh.
releases() {
  if [ -n "${JAIL_TEST_ALL_GO:-}" ]; then
    "$toolchain" --list
    return
  fi
  local installed
  installed=$(GOTOOLCHAIN=local go env GOVERSION 2>/dev/null || true)
  if "$print_layout" row "${installed:-none}" >/dev/null 2>&1; then
    echo "${installed#go}"
  else
    echo newest
  fi
  local minor
  for minor in 1.19 1.21; do
    case $installed in
      "go$minor" | "go$minor".*) ;;
      *) echo "$minor" ;;
    esac
  done
}

# build RELEASE: hello and the reader of its debug information, both by that release, as $work/RELEASE/hello and dwarf.
build() {
  local goroot program
  goroot=$("$toolchain" "$1") || return $?
  mkdir -p "$work/$1"
  for program in hello dwarf; do
    (cd "$here/$program" && env -u GOEXPERIMENT -u GODEBUG GOROOT="$goroot" PATH="$goroot/bin:$PATH" GOTOOLCHAIN=local GOOS=linux \
      GOARCH=amd64 GOFLAGS=-mod=mod GOWORK=off GOPROXY=off CGO_ENABLED=0 go build -o "$work/$1/$program" .) || return 1
  done
}

entries() { grep -v '^#' "$1"; }

# same EXPECTED ACTUAL: two files with the same lines, in any order; else their difference on stdout.
same() {
  diff --label "$1" --label "$2" -U 0 <(sort -u "$1") <(sort -u "$2")
}

# expect_offsets DWARF ROW CONSTANTS DIRECTORY
expect_offsets() {
  { cat "$2"; entries "$3"; } >"$4/table"
  same "$1" "$4/table"
}

# expect_image PRINTED MINOR ROLES DIRECTORY: what print_layout must have printed of hello.
expect_image() {
  {
    echo "frames main.inner:$(line 'return leaf(n)') main.middle:$(line 'return inner(n)') main.outer:$(line 'return middle(n)')"
    echo 'flags runtime.goexit 5' # TOPFRAME and ASM
    entries "$3" | awk -v minor="$2" '
      { split($3, first, "."); split($4, last, ".") }
      minor >= first[2] + 0 && ($4 == "-" || minor <= last[2] + 0) { print "role", $1, $2 }'
  } >"$4/expected"
  same "$4/expected" "$1"
}

# The number of hello's line that holds a text.
line() { grep -nF "$1" "$here/hello/main.go" | cut -d: -f1; }

# take RELEASE: builds, and leaves in $work/RELEASE what the program and the table say.
take() {
  build "$1" || return $?
  local dir=$work/$1
  "$dir/dwarf" "$dir/hello" >"$dir/dwarf.out" &&
    minor=$(sed -n 's/^minor=//p' "$dir/dwarf.out") &&
    "$print_layout" row "go1.$minor" >"$dir/row" &&
    "$print_layout" image "$dir/hello" >"$dir/image"
}

check_table() {
  local release status skipped=0
  for release in $(releases); do
    status=0
    take "$release" || status=$?
    if [ "$status" = 77 ]; then
      skipped=$((skipped + 1))
      continue
    fi
    n_checks=$((n_checks + 1))
    if [ "$status" != 0 ]; then
      fail "$release: nothing to compare"
      continue
    fi
    echo "go $release: $(wc -l <"$work/$release/dwarf.out") offsets and constants, $(wc -l <"$work/$release/image") functions and frames"
    expect_offsets "$work/$release/dwarf.out" "$work/$release/row" "$here/constants.txt" "$work" || fail "$release: src/gobin/go_layout.c"
    expect_image "$work/$release/image" "$minor" "$here/roles.txt" "$work" || fail "$release: src/gobin/pclntab.c or src/unwind/code.c"
    rm -rf "${work:?}/$release"
  done
  if [ "$n_failed" = 0 ] && [ "$skipped" != 0 ]; then
    exit 77
  fi
  finish
}

# must_notice WHAT COMMAND...: the comparison must fail.
must_notice() {
  local what=$1
  shift
  n_checks=$((n_checks + 1))
  if "$@" >/dev/null; then
    fail "not noticed: $what"
  fi
}

check_planted() {
  local release dir field entry
  release=$(releases | sed -n 1p) # which reads all: a reader that ends early is the writer's end, too
  take "$release" || exit $?
  dir=$work/$release
  expect_offsets "$dir/dwarf.out" "$dir/row" "$here/constants.txt" "$work" || fail "without a fault: offsets"
  expect_image "$dir/image" "$minor" "$here/roles.txt" "$work" || fail "without a fault: image"

  while IFS='=' read -r field _; do
    "$print_layout" --plant="$field" row "go1.$minor" >"$work/row"
    must_notice "$field in the row" expect_offsets "$dir/dwarf.out" "$work/row" "$here/constants.txt" "$work"
  done <"$dir/row"
  while IFS= read -r entry; do
    sed "s/^$entry\$/&1/" "$here/constants.txt" >"$work/constants"
    must_notice "$entry in constants.txt" expect_offsets "$dir/dwarf.out" "$dir/row" "$work/constants" "$work"
  done < <(entries "$here/constants.txt")
  for field in func.size func.flag func.nfuncdata inlined.size inlined.name inlined.parent_pc; do
    "$print_layout" --plant="$field" image "$dir/hello" >"$work/image"
    must_notice "$field where a program is read" expect_image "$work/image" "$minor" "$here/roles.txt" "$work"
  done
  while IFS= read -r entry; do
    grep -vxF "role $entry" "$dir/image" >"$work/image"
    must_notice "a program without $entry" expect_image "$work/image" "$minor" "$here/roles.txt" "$work"
  done < <(sed -n 's/^role //p' "$dir/image")
  { cat "$here/roles.txt"; echo 'mcall runtime.nowhere 1.18 -'; } >"$work/roles"
  must_notice 'a role of a function that is not there' expect_image "$dir/image" "$minor" "$work/roles" "$work"
  finish
}

# No version of Go has the number 1.18.99, so that it is on no machine.
check_no_network() {
  local status=0
  GOPROXY=off XDG_CACHE_HOME=$work/cache build 1.18.99 >"$work/out" 2>&1 || status=$?
  n_checks=1
  if [ "$status" != 77 ] || ! grep -q '^SKIP: .' "$work/out"; then
    fail "exit status $status instead of 77: $(cat "$work/out")"
  fi
  finish
}

case $2 in
  table) check_table ;;
  planted) check_planted ;;
  no-network) check_no_network ;;
  show)
    build "$3"
    "$work/$3/dwarf" "$work/$3/hello"
    ;;
  *)
    echo "layouts.sh: there is no check $2" >&2
    exit 2
    ;;
esac
