/* SPDX-License-Identifier: Apache-2.0 */
/* What the ptrace backend does differently on each CPU: one file per CPU implements it (ptrace_amd64.c). */
#ifndef SUPERVISE_PTRACE_CPU_H
#define SUPERVISE_PTRACE_CPU_H

#include "arch/arch.h"
#include "supervise/backend.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Each returns 0 or a negative errno. */

/* regs, and number and args as the native entry takes them from there. */
int ptrace_cpu_read_registers(pid_t tid, struct judge_stop *stop);

/* At an EXEC stop: the program will begin with this stack pointer. */
int ptrace_cpu_set_stack_pointer(pid_t tid, uint64_t sp);

/* At a SECCOMP stop: the call will not be made; the task goes on at ip as a program begins. */
int ptrace_cpu_enter(pid_t tid, uint64_t ip, uint64_t sp, uint64_t loader_word);

/* At a SECCOMP stop: the call will not be made, and returns -error_number. */
int ptrace_cpu_deny(pid_t tid, int error_number);

/* At an EXITING stop: by the call that the task is in. */
int ptrace_cpu_exit_kind(pid_t tid, enum backend_exit *ret_kind);

#endif
