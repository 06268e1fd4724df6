#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# ranks.sh ROOT: a file of src/ includes only files of its own room and of rooms of a lower rank (docs/architecture.md has the table),
# and includes them by their path from src/. The public headers include one another only.
. "$(dirname "$0")/lib.sh"
root=$1

declare -A rank=(
  [base]=0
  [memory]=1 [arch]=1 [syscalls]=1 [policy]=1
  [operation]=2 [gobin]=2
  [unwind]=3
  [verdict]=4
  [report]=5
  [supervise]=6
  [pack]=7
  [cli]=8 [.]=8
)

# room_of PATH: the first directory of a path from src/; src/main.c is in the room ".".
room_of() {
  case $1 in
    */*) echo "${1%%/*}" ;;
    *) echo . ;;
  esac
}

check_include() {
  local file=$1 line=$2 included=$3
  local from to
  from=$(room_of "${file#src/}")
  to=$(room_of "$included")
  case $included in
    *..* | */*/*) found "$file:$line: $included does not name a room of src/ and a file in it" && return ;;
    *.h) ;;
    *) found "$file:$line: includes $included, which is not a header" && return ;;
  esac
  if [ -z "${rank[$from]:-}" ]; then
    found "$file:$line: the room $from has no rank"
  elif [ "$to" = . ] || [ -z "${rank[$to]:-}" ]; then
    found "$file:$line: $included does not name a room of src/"
  elif [ ! -e "$root/src/$included" ]; then
    found "$file:$line: there is no src/$included"
  elif [ "$from" != "$to" ] && [ "${rank[$to]}" -ge "${rank[$from]}" ] && ! { [ "$from" = . ] && [ "$to" = cli ]; }; then
    found "$file:$line: $from (rank ${rank[$from]}) includes $to (rank ${rank[$to]})"
  fi
}

while IFS=: read -r file line text; do
  check_include "$file" "$line" "$(sed 's/^[^"]*"\([^"]*\)".*/\1/' <<<"$text")"
done < <(cd "$root" && c_files . src | sed 's,^\./,,' | xargs -r grep -nHE '^[[:space:]]*#[[:space:]]*include[[:space:]]*"')

while IFS=: read -r file line _; do
  found "$file:$line: a public header includes a private one"
done < <(cd "$root" && c_files . include | sed 's,^\./,,' | xargs -r grep -nHE '^[[:space:]]*#[[:space:]]*include[[:space:]]*"')

# No room is left out by a rank that nobody gave.
for dir in "$root"/src/*/; do
  room=$(basename "$dir")
  [ -n "${rank[$room]:-}" ] || found "src/$room: the room has no rank"
done
fail_if_found
