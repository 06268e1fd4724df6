# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What these tests share: a temporary directory $tmp that goes at the end.
set -euo pipefail

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

skip() {
  echo "SKIP: $1"
  exit 77
}

fail() {
  echo "FAILED: $1"
  exit 1
}

# as_nobody COMMAND...: as root, runs COMMAND as an unprivileged user.
as_nobody() {
  setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all --bounding-set=-all "$@"
}
