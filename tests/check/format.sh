#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# format.sh ROOT: every C file is laid out as .clang-format says, by the release of clang-format that Debian 12 has (others differ in
# details). To lay a file out: clang-format-14 -i FILE.
. "$(dirname "$0")/lib.sh"
root=$1
command -v clang-format-14 >/dev/null || skip "clang-format-14 is not installed"
cd "$root"
mapfile -t files < <(c_files . src include tests examples)
if [ ${#files[@]} = 0 ]; then
  echo "there are no C files below $root: nothing was checked"
  exit 1
fi
clang-format-14 --style=file --dry-run -Werror "${files[@]}"
