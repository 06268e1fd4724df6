#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# planted.sh CHECK ROOT GENERATED-INCLUDE: plants faults into a small tree of its own and expects CHECK to find each one, and to find
# nothing before.
. "$(dirname "$0")/lib.sh"
check=$1
here=$(cd "$(dirname "$0")" && pwd)
root=$2
generated=$3
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
tree=$tmp/tree

# A tree without faults: one public header, one room of each rank that the cases below need.
clean_tree() {
  rm -rf "$tree"
  mkdir -p "$tree"/src/{base,memory,policy,report,cli} "$tree/include/jail" "$tree/tests/check" "$tree/object"
  cp "$root/.clang-format" "$tree/"
  cp "$here/sizes-exceptions.txt" "$tree/tests/check/"
  sed -i '/^src/d' "$tree/tests/check/sizes-exceptions.txt"
  cat >"$tree/include/jail/thing.h" <<'END'
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JAIL_THING_H
#define JAIL_THING_H

#ifdef __cplusplus
extern "C" {
#endif

/* Counts things. */
int jail_thing_count(void);

#ifdef __cplusplus
}
#endif

#endif
END
  cat >"$tree/src/base/base.h" <<'END'
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_BASE_H
#define BASE_BASE_H

int base_count(int start);

#endif
END
  cat >"$tree/src/memory/reader.h" <<'END'
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MEMORY_READER_H
#define MEMORY_READER_H

#include "base/base.h"

#endif
END
  sed 's/MEMORY_READER/CLI_OPTIONS/; s,base/base,memory/reader,' "$tree/src/memory/reader.h" >"$tree/src/cli/options.h"
  cat >"$tree/src/base/base.c" <<'END'
/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

#include <assert.h>

int base_count(int start) {
        assert(start >= 0);
        return start + 1;
}
END
  cat >"$tree/src/main.c" <<'END'
/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"
#include "cli/options.h"

int main(void) {
        return base_count(0);
}
END
}

# compile_object ROOM BODY: an object of that room with a function that holds BODY.
compile_object() {
  mkdir -p "$tree/object/$1"
  printf '#define _GNU_SOURCE\n#include <stdio.h>\n#include <stdlib.h>\n#include <unistd.h>\n#include <sys/ptrace.h>\n#include <sys/uio.h>
int planted(void);\nint planted(void) { %s\nreturn 0; }\n' "$2" |
    ${CC:-cc} -O1 -w -x c -c -o "$tree/object/$1/planted.c.o" -
}

run_check() {
  case $check in
    purity) "$here/purity.sh" "$tree"/object/*/*.o ;;
    headers) "$here/headers.sh" "$tree" "$generated" ;;
    *) "$here/$check.sh" "$tree" ;;
  esac >"$tmp/out" 2>&1
}

planted=0
# expect WHAT TEXT: the tree now holds the fault WHAT: the check must fail and say TEXT (a regular expression).
expect() {
  local status=0
  run_check || status=$?
  [ "$status" != 77 ] || skip "$(sed -n 's/^SKIP: //p' "$tmp/out")"
  if [ "$status" = 0 ]; then
    found "$check does not notice: $1"
  elif ! grep -qE -- "$2" "$tmp/out"; then
    found "$check fails on \"$1\" without saying \"$2\" but:"
    cat "$tmp/out"
  fi
  planted=$((planted + 1))
  clean_tree
  [ "$check" != purity ] || compile_object base 'char *p = malloc(1); free(p);'
}

clean_tree
[ "$check" != purity ] || compile_object base 'char *p = malloc(1); free(p);'
status=0
run_check || status=$?
[ "$status" != 77 ] || skip "$(sed -n 's/^SKIP: //p' "$tmp/out")"
if [ "$status" != 0 ]; then
  echo "$check finds something in a tree without faults:"
  cat "$tmp/out"
  exit 1
fi

case $check in
  ranks)
    sed -i '2a #include "cli/options.h"' "$tree/src/base/base.c"
    expect "a higher rank" '^src/base/base.c:3: base \(rank 0\) includes cli \(rank 8\)'
    printf '#include "memory/reader.h"\n' >"$tree/src/policy/policy.c"
    expect "another room of the same rank" '^src/policy/policy.c:1: policy \(rank 1\) includes memory'
    printf '#  include   "cli/options.h"\n' >>"$tree/src/memory/reader.h"
    expect "a header, oddly spaced" '^src/memory/reader.h:8: memory'
    printf '#include "base.h"\n' >>"$tree/src/base/base.c"
    expect "not by the path from src/" 'does not name a room'
    printf '#include "memory/reader.c"\n' >>"$tree/src/cli/options.h"
    expect "a source file" 'which is not a header'
    printf '#include "base/../cli/options.h"\n' >>"$tree/src/memory/reader.h"
    expect "a way around" '^src/memory/reader.h:8'
    mkdir "$tree/src/attic"
    expect "a room without a rank" 'src/attic: the room has no rank'
    printf '#include "base/base.h"\n' >>"$tree/include/jail/thing.h"
    expect "a private header in a public one" '^include/jail/thing.h:17: a public header'
    ;;
  purity)
    compile_object gobin 'return ptrace(PTRACE_TRACEME, 0, 0, 0);'
    expect "ptrace" 'gobin/planted.c.o: asks for ptrace'
    compile_object unwind 'return fork();'
    expect "fork" 'asks for fork'
    compile_object unwind 'return (int) process_vm_readv(1, 0, 0, 0, 0, 0);'
    expect "process_vm_readv" 'asks for process_vm_readv'
    compile_object verdict 'return (int) syscall(317, 0, 0, 0);'
    expect "a raw system call" 'asks for syscall'
    compile_object report 'exit(1);'
    expect "exit, even in report/" 'report/planted.c.o: asks for exit'
    compile_object policy 'puts("hello");'
    expect "printing" 'policy/planted.c.o: asks for puts'
    compile_object policy 'fprintf(stderr, "hello %%d", getpid());'
    expect "printing to stderr" 'asks for stderr'
    rm "$tree"/object/*/*.o
    touch "$tree/object/base/planted.c.o"
    expect "an object that cannot be read" 'planted.c.o: cannot be read'
    ;;
  headers)
    sed -i '1d' "$tree/include/jail/thing.h"
    expect "no licence" 'include/jail/thing.h:1: does not begin with'
    sed -i '1d' "$tree/src/main.c"
    expect "no licence in a source" 'src/main.c:1: does not begin with'
    sed -i 's/JAIL_THING_H/THING_H/' "$tree/include/jail/thing.h"
    expect "a guard of another name" 'has no include guard JAIL_THING_H'
    sed -i '/BASE_BASE_H/d; /^#endif/d' "$tree/src/base/base.h"
    expect "no guard" 'has no include guard BASE_BASE_H'
    sed -i 's/int start/size_t start/' "$tree/src/base/base.h"
    expect "a type that nobody declared" 'src/base/base.h:1: does not compile alone'
    sed -i 's/count(void)/count(int class)/' "$tree/include/jail/thing.h"
    expect "not C++" 'include/jail/thing.h:1: does not compile alone with .*c\+\+'
    sed -i '/Counts things/d' "$tree/include/jail/thing.h"
    expect "no comment" 'include/jail/thing.h:9: no comment'
    sed -i 's/^int jail_thing_count.*/&\n\nconst char *jail_thing_name(int thing) __attribute__((warn_unused_result));/' "$tree/include/jail/thing.h"
    expect "no comment in a group of its own" 'include/jail/thing.h:12: no comment'
    ;;
  format)
    sed -i 's/return start/return  start/' "$tree/src/base/base.c"
    expect "two spaces" 'base.c:8:15: error: code should be clang-formatted'
    sed -i 's/^        /\t/' "$tree/src/main.c"
    expect "a tab" 'main.c:.*clang-formatted'
    rm -rf "$tree"/{src,include}
    expect "nothing to look at" 'nothing was checked'
    ;;
  sizes)
    awk 'BEGIN { for (i = 0; i < 601; i++) print "" }' >"$tree/src/cli/long.c"
    expect "a long file" 'src/cli/long.c:1: 601 lines'
    {
      echo 'static int f(void) {'
      awk 'BEGIN { for (i = 0; i < 79; i++) print "        ;" }'
      echo '}'
    } >"$tree/src/cli/function.c"
    expect "a long function" 'src/cli/function.c:1: the function f has 81 lines'
    {
      printf 'static int f(void) {\n}\n\nstruct x *g(int a,\n            int b)\n{\n'
      awk 'BEGIN { for (i = 0; i < 79; i++) print "        ;" }'
      echo '}'
    } >"$tree/src/cli/function.c"
    expect "a long function with its head on two lines" 'src/cli/function.c:6: the function g has 81 lines'
    echo 'src/cli/gone.c once upon a time' >>"$tree/tests/check/sizes-exceptions.txt"
    expect "an exception for nothing" 'there is no src/cli/gone.c'
    ;;
  words)
    printf '/* TO%s: later */\n' DO >>"$tree/src/main.c"
    expect "a note to do something" '^src/main.c:[0-9]*: holds a note'
    printf 'see /wo%s/main/x\n' rk >"$tree/README.md"
    expect "somebody's path" '^README.md:1: names a path'
    printf 'trailing \n' >"$tree/README.md"
    expect "white space at the end" '^README.md:1: has white space'
    ;;
  *)
    echo "no faults are planted for the check $check"
    exit 1
    ;;
esac
fail_if_found
echo "$check found each of $planted planted faults"
