#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Gets a Go toolchain for the tests and prints its GOROOT:
#
#     toolchain.sh 1.19.13      that version
#     toolchain.sh 1.19         the release of Go 1.19 that the tests use
#     toolchain.sh newest       the newest that jail supports
#     toolchain.sh --list       every release that the tests use, oldest first
#
# The go command on PATH is used when it is of that version. Otherwise the toolchain comes through the Go module proxy (any go from
# 1.19 on can fetch any other) into the tests' cache, $XDG_CACHE_HOME/jail-tests or ~/.cache/jail-tests, outside the source tree.
# Exit status 77 (skip) with the reason on standard error when it cannot be had.
set -euo pipefail

releases=(1.18.10 1.19.13 1.20.14 1.21.13 1.22.12 1.23.12 1.24.13 1.25.12 1.26.8)

skip() {
  echo "SKIP: $1" >&2
  exit 77
}

if [ $# != 1 ]; then
  sed -n '4,13s/^# \{0,1\}//p' "$0" >&2
  exit 2
fi
version=$1
case $version in
  --list)
    printf '%s\n' "${releases[@]}"
    exit 0
    ;;
  newest) version=${releases[-1]} ;;
  *.*.*) ;;
  *)
    for release in "${releases[@]}"; do
      if [ "${release%.*}" = "$version" ]; then
        version=$release
        break
      fi
    done
    ;;
esac

command -v go >/dev/null || skip "there is no go command to fetch go$version with"
if [ "$(GOTOOLCHAIN=local go env GOVERSION)" = "go$version" ]; then
  GOTOOLCHAIN=local go env GOROOT
  exit 0
fi

cache=${XDG_CACHE_HOME:-${HOME:-}/.cache}/jail-tests
mkdir -p "$cache"
goroot=$cache/go$version
# Tests run side by side: one fetches, the others wait.
exec 9>"$cache/go$version.lock"
flock 9
if [ ! -x "$goroot/bin/go" ]; then
  tmp=$(mktemp -d "$cache/fetch.XXXXXX")
  trap 'rm -rf "$tmp"' EXIT
  module=golang.org/toolchain@v0.0.1-go$version.linux-amd64
  if ! (cd "$tmp" && GOTOOLCHAIN=local GOFLAGS=-modcacherw GOWORK=off GOMODCACHE=$tmp/mod go mod download "$module") \
    >"$tmp/log" 2>&1; then
    skip "go$version cannot be fetched: $(tail -n 1 "$tmp/log")"
  fi
  # The module cache keeps no execute permission.
  find "$tmp/mod/$module/bin" "$tmp/mod/$module/pkg/tool" -type f -exec chmod +x {} +
  rm -rf "$goroot"
  mv "$tmp/mod/$module" "$goroot"
fi
echo "$goroot"
