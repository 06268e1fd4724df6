# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What the checks share. A check is `NAME.sh ROOT …`; it prints one line per finding, "file:line: what", and ends with fail_if_found.
set -euo pipefail

findings=0

found() {
  echo "$1"
  findings=$((findings + 1))
}

fail_if_found() {
  if [ "$findings" != 0 ]; then
    echo "$findings findings"
    exit 1
  fi
}

skip() {
  echo "SKIP: $1"
  exit 77
}

# c_files ROOT DIRECTORY...: the C sources and headers below ROOT, as paths from ROOT. Directories that are not there hold none.
c_files() {
  local root=$1 dir
  shift
  for dir; do
    [ ! -d "$root/$dir" ] || (cd "$root" && find "$dir" -name '*.[ch]' -type f)
  done | LC_ALL=C sort
}
