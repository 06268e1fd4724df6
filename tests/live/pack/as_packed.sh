#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A stand-in for `jail run`: packs the program instead, once, and executes the packed one. What cannot be packed is run. It is a template:
# as_packed.py fills in the two directories.
real=@REAL@
cache=@CACHE@

if [ "$1" != run ]; then
  exec "$real" "$@"
fi
shift
pack=
flags=
report=
run=
while [ $# -gt 0 ]; do
  case $1 in
    --) shift && break ;;
    -v | -q | --stats | --color=*) flags="$flags $1" ;;
    -qq) flags="$flags -q -q" ;;
    --report=fd:*) run="$run $1" && unpackable=1 ;;
    --report=*) report=${1#--report=} ;;
    --decide-all) run="$run $1" ;; # a packed program always does
    --foreground | --fail-on-deny* | --via) run="$run $1" && unpackable=1 ;;
    --permissive | --*=allow | --allow-*) pack="$pack --force $1" ;;
    -*) pack="$pack $1" ;;
    *) break ;;
  esac
  shift
done
[ -z "$report" ] || run="$run --report=$report"
program=$(command -v "$1")
# shellcheck disable=SC2086 # words of options
if [ "${unpackable:-0}" = 1 ]; then
  set -- $(echo "$pack" | sed 's/--force//g') $run $flags -- "$@"
  exec "$real" run "$@"
fi
go_mod=$(echo "$pack" | sed -n 's/.*--go-mod=\([^ ]*\).*/\1/p')
key=$( (stat -c '%d %i %s %Y' "$program" "${go_mod:-go.mod}" && echo "$pack") | sha1sum | cut -d' ' -f1)
mkdir -p "$cache/$key" 2>/dev/null && chmod 1777 "$cache/$key" 2>/dev/null
packed=$cache/$key/$(basename "$program")
# Without anything to confine, jail run runs it all the same, and decides when it is told to.
# By one of those that run it at the same time: who packed it again would replace the file that others run.
# shellcheck disable=SC2086
[ -e "$packed" ] ||
  flock "$cache/$key" sh -c '[ -e "$0" ] || "$@" >/dev/null' "$packed" "$real" pack $pack --force -o "$packed" "$program" || exit
chmod 755 "$packed" 2>/dev/null
flags=${flags# }
if [ -n "$report" ]; then
  export JAIL_REPORT="$report"
fi
if [ -n "$flags" ]; then
  export JAIL_FLAGS="$flags"
fi
shift
exec "$packed" "$@"
