/* SPDX-License-Identifier: Apache-2.0 */
/* A supervision in miniature, with the real filter and the real backend: does it work here? */
#ifndef CLI_DOCTOR_PROBE_H
#define CLI_DOCTOR_PROBE_H

#include <jail/error.h>
#include <stdbool.h>

enum doctor_step {
        DOCTOR_STEP_SEIZE,  /* PTRACE_SEIZE of a process that is no child of the tracer, as in a real run */
        DOCTOR_STEP_FILTER, /* installing the filter */
        DOCTOR_STEP_STOP,   /* the filter stops a call */
        DOCTOR_STEP_CALL,   /* PTRACE_GET_SYSCALL_INFO tells which */
        DOCTOR_STEP_DENY,   /* the call fails with EPERM and has no effect */
        DOCTOR_STEP_COUNT,
};

struct doctor_probe {
        enum doctor_step n_done; /* the steps that worked; DOCTOR_STEP_COUNT: all */
        int step_errno;          /* why the next one did not, or 0 */
        bool proc_mem, peek;     /* the ways to read the process's memory that work */
};

/* Makes two short-lived children. Errors: JAIL_ESYS, JAIL_ENOMEM: could not even try. */
int doctor_probe_run(struct doctor_probe *ret_probe, struct jail_error *err) JAIL_MUST_USE;

/* Whether seccomp(2) knows the action (SECCOMP_RET_TRACE, …). */
bool doctor_probe_has_action(unsigned action);

#endif
