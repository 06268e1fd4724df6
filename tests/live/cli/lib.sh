# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# A case is one line: expect CODE STDERR ARGUMENT... runs jail with the arguments in an empty directory that is the case's to fill
# before; STDERR is all that it may say there, \n between lines.
set -euo pipefail

jail=$(realpath "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unset NO_COLOR LC_CTYPE
export LC_ALL=C.UTF-8
cd "$work"

n_cases=0
n_failed=0

fail() {
  echo "FAILED: $1"
  n_failed=$((n_failed + 1))
}

expect() {
  local code=$1 expected status=0
  expected=$(printf '%b' "$2")
  shift 2
  n_cases=$((n_cases + 1))
  timeout 60 "$jail" "$@" </dev/null >"$work/.stdout" 2>"$work/.stderr" || status=$?
  if [ "$status" != "$code" ] || [ "$(cat "$work/.stderr")" != "$expected" ]; then
    fail "jail $*"
    echo "  expected $code: $expected"
    echo "  got $status: $(cat "$work/.stderr")"
  fi
}

# What the last case wrote on stdout.
expect_stdout() {
  local expected
  expected=$(printf '%b' "$1")
  if [ "$(cat "$work/.stdout")" != "$expected" ]; then
    fail "stdout of the last case"
    echo "  expected: $expected"
    echo "  got: $(cat "$work/.stdout")"
  fi
}

finish() {
  echo "$n_cases cases, $n_failed failed"
  [ "$n_failed" = 0 ]
}
