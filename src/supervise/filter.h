/* SPDX-License-Identifier: Apache-2.0 */
/* The seccomp filter: what stops, and what goes on without a stop. */
#ifndef SUPERVISE_FILTER_H
#define SUPERVISE_FILTER_H

#include <jail/error.h>
#include <linux/filter.h>
#include <stddef.h>

/* The data of every SECCOMP_RET_TRACE, as PTRACE_GETEVENTMSG gives it: tells jail's stops from another filter's. */
#define FILTER_TRACE_DATA 0x6a61 /* "ja" */

/*
 * The data of SECCOMP_RET_TRAP, as si_errno: a call that would install a filter with a listener, by whatever entry. It is answered
 * for everybody, and by a signal, so that the other calls of trusted images need no look at all.
 */
#define FILTER_TRAP_DATA 0x6a62

struct filter_program {
        const struct sock_filter *instructions;
        size_t n_instructions;
};

/*
 * The filter, which the build makes from the table of system calls with libseccomp (filter_generate.c). Calls that the table does
 * not name, and every call through the i386 or x32 entry, stop; a filter with a new listener is trapped. No policy grants a class
 * to everybody, so that one filter serves all.
 */
extern const struct filter_program filter_program;

/*
 * Installs the filter for all threads of the calling process; needs no_new_privs or CAP_SYS_ADMIN. Async-signal-safe: no
 * allocation. Returns 0 or a negative errno (a positive thread id when TSYNC failed for that thread, as seccomp(2) says).
 */
int filter_install(const struct filter_program *program) JAIL_MUST_USE;

#endif
