#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# sizes.sh ROOT: in src/ and include/ no file is longer than 600 lines and no function longer than 80: what is, usually holds two
# ideas. tests/check/sizes-exceptions.txt lists what is long for a reason. It counts on the layout that format.sh checks: a function's
# body begins with a line "{" or one that ends with ") {" and ends with a "}" at the margin.
. "$(dirname "$0")/lib.sh"
root=$1
exceptions=$root/tests/check/sizes-exceptions.txt
max_file=600
max_function=80

excepted() { grep -qE "^$(sed 's/[.]/\\./g' <<<"$1")[[:space:]]+[^[:space:]]" "$exceptions"; }

while read -r file; do
  lines=$(wc -l <"$root/$file")
  if [ "$lines" -gt "$max_file" ] && ! excepted "$file"; then
    found "$file:1: $lines lines, more than $max_file"
  fi
  while read -r line name length; do
    excepted "$file:$name" || found "$file:$line: the function $name has $length lines, more than $max_function"
  done < <(awk -v max="$max_function" '
    /^[a-zA-Z_].*\(/ { head = $0 }
    /^[a-zA-Z_ ].*\) \{$|^\{$/ {
      start = NR; name = head; sub(/\(.*/, "", name); sub(/.*[ *]/, "", name)
    }
    /^}/ && start { if (NR - start + 1 > max) print start, name, NR - start + 1; start = 0 }
  ' "$root/$file")
done < <(c_files "$root" src include)

# An exception that is no longer one goes.
while read -r entry _; do
  case $entry in
    '' | '#'*) ;;
    *) [ -e "$root/${entry%%:*}" ] || found "tests/check/sizes-exceptions.txt: there is no ${entry%%:*}" ;;
  esac
done <"$exceptions"
fail_if_found
