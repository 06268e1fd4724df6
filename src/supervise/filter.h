/* SPDX-License-Identifier: Apache-2.0 */
/* The seccomp filter, made from the table of system calls with libseccomp: what stops, and what goes on without a stop. */
#ifndef SUPERVISE_FILTER_H
#define SUPERVISE_FILTER_H

#include <jail/error.h>
#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>

/* The data of every SECCOMP_RET_TRACE, as PTRACE_GETEVENTMSG gives it: tells jail's stops from another filter's. */
#define FILTER_TRACE_DATA 0x6a61 /* "ja" */

struct filter_program {
        struct sock_filter *instructions; /* owned: filter_program_clear() */
        size_t n_instructions;
};

/*
 * Builds the filter. Calls that the table does not name, and every call through the i386 or x32 entry, stop. With trace_none the
 * same instructions let every call go on (the "filter only" floor of benchmarks). Errors: JAIL_ENOMEM, JAIL_ESYS (libseccomp
 * failed), JAIL_EFORMAT (what it made is no filter). Cost: a few milliseconds, once per run.
 */
int filter_build(bool trace_none, struct filter_program *ret_program, struct jail_error *err) JAIL_MUST_USE;

/* Frees the instructions; an all-zero program is fine. */
void filter_program_clear(struct filter_program *program);

/*
 * Installs the filter for all threads of the calling process; needs no_new_privs or CAP_SYS_ADMIN. Async-signal-safe: no
 * allocation. Returns 0 or a negative errno (a positive thread id when TSYNC failed for that thread, as seccomp(2) says).
 */
int filter_install(const struct filter_program *program) JAIL_MUST_USE;

#endif
