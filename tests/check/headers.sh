#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# headers.sh ROOT GENERATED-INCLUDE: every header compiles alone, as C11 and, if public, as C++ too; begins with its licence; has an
# include guard named after its path. Every source begins with its licence. Every public function has a comment above it, or above
# the group of declarations that it stands in.
. "$(dirname "$0")/lib.sh"
root=$1
generated=$2
cc=${CC:-cc}
cxx=${CXX:-c++}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
include=(-I"$root/src" -I"$root/include" -I"$generated")

compiles() {
  local file=$1
  shift
  # Included twice from a file of its own: nothing before it helps, and the guard is tried.
  printf '#include "%s"\n#include "%s"\n' "$root/$file" "$root/$file" >"$tmp/alone.c"
  "$@" -D_GNU_SOURCE -Wall -Wextra -Werror -fsyntax-only "${include[@]}" "$tmp/alone.c" >"$tmp/log" 2>&1 || {
    found "$file:1: does not compile alone with ${*: -1}:"
    head -n 5 "$tmp/log"
  }
}

while read -r file; do
  [ "$(head -n 1 "$root/$file")" = '/* SPDX-License-Identifier: Apache-2.0 */' ] ||
    found "$file:1: does not begin with /* SPDX-License-Identifier: Apache-2.0 */"
done < <(c_files "$root" src include tests examples)

while read -r file; do
  compiles "$file" "$cc" -std=c11
  case $file in
    include/*) compiles "$file" "$cxx" -x c++ -std=c++17 ;;
  esac
  guard=$(sed -e 's,^src/,,' -e 's,^include/,,' -e 's,[/.],_,g' <<<"$file" | tr '[:lower:]' '[:upper:]')
  directives=$(awk '/^#(ifndef|define)/ && n++ < 2' "$root/$file")
  [ "$directives" = "#ifndef $guard
#define $guard" ] || found "$file:1: has no include guard $guard"
done < <(c_files "$root" src include | grep '\.h$')

while read -r file; do
  # A group is what stands between empty lines; a declaration that ends with ");" or attributes counts as a function.
  while IFS= read -r line; do
    found "$file:$line"
  done < <(awk '
    /^$/ { documented = 0; in_body = 0; next }
    /\*\/$/ && /^ ?[\/ ]?\*/ { documented = 1; next }
    /^#/ { next }
    /^(struct|enum|union) [a-z_]* \{|^enum \{/ { in_body = 1 }
    in_body { if (/^}/) in_body = 0; next }
    /^[a-z].*\(/ && !/^typedef/ && !/^extern "C"/ && !documented { print NR ": no comment says what this function does" }
  ' "$root/$file")
done < <(c_files "$root" include)
fail_if_found
