#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# words.sh ROOT: no file names a path of somebody's machine, or holds a note to do something later, a conflict marker or white space at
# the end of a line.
. "$(dirname "$0")/lib.sh"
root=$1
cd "$root"

parts=()
for part in .ci .clang-format CMakeLists.txt README.md cmake docs examples include src tests; do
  [ ! -e "$part" ] || parts+=("$part")
done

# look PATTERN WHAT: tests/check is left out, since it must name what it looks for; fixtures are what they are.
look() {
  local file line
  while IFS=: read -r file line _; do
    found "$file:$line: $2"
  done < <(find "${parts[@]}" \( -path tests/check -o -path tests/fixtures \) -prune -o -type f -print0 | LC_ALL=C sort -z |
    xargs -0 -r grep -nHIE -e "$1" || true)
}

look '(^|[^[:alnum:]_.~$}])/(work|home/[a-z]+|Users)/' "names a path of somebody's machine"
look '\<(TODO|FIXME|XXX)\>' "holds a note to do something later"
look '^(<<<<<<<|>>>>>>>) ' "holds a conflict marker"
look '[[:space:]]$' "has white space at the end of the line"
fail_if_found
