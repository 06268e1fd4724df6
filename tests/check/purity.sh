#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# purity.sh OBJECT...: the objects of the pure core ask for no symbol that reaches processes or the kernel's supervision, end the
# process or print. Printing and writing are for report/; a failed assert may abort.
. "$(dirname "$0")/lib.sh"

processes='ptrace|v?fork|clone3?|seccomp(_.*)?|process_vm_(read|write)v|exec(ve|v|vp|vpe|l|lp|le|veat)|fexecve|posix_spawnp?|system|popen'
processes+='|kill|killpg|tgkill|raise|pidfd_.*|wait|waitpid|waitid|wait3|wait4|prctl|syscall|daemon|setsid|pthread_.*'
processes+='|signal|sigaction|sigprocmask|alarm|setitimer|timer_.*'
endings='exit|_exit|_Exit|quick_exit|abort|err|errx|verr|verrx|error|longjmp|_longjmp|siglongjmp'
printing='stdout|stderr|printf|vprintf|puts|putchar|perror|psignal|warn|warnx|vwarn|vwarnx|syslog|vsyslog|__v?printf_chk|__v?syslog_chk'
printing+='|write|writev|pwrite|pwrite64|pwritev|dprintf|vdprintf|__v?dprintf_chk|sendmsg|sendto|send'

if [ $# = 0 ]; then
  echo "no objects given: nothing was checked"
  exit 1
fi
for object; do
  forbidden="$processes|$endings"
  case $object in
    */report/*) ;;
    *) forbidden+="|$printing" ;;
  esac
  if ! symbols=$(nm -u -P -- "$object" 2>&1 | awk '{ sub(/@.*/, "", $1); print $1 }'); then
    found "$object: cannot be read: $symbols"
    continue
  fi
  while read -r symbol; do
    [ -z "$symbol" ] || found "$object: asks for $symbol"
  done < <(grep -xE "$forbidden" <<<"$symbols" || true)
done
fail_if_found
