/* SPDX-License-Identifier: Apache-2.0 */
/* The program's side of a start: what the process that becomes the program does before its exec. */
#ifndef SUPERVISE_LAUNCH_H
#define SUPERVISE_LAUNCH_H

#include "supervise/filter.h"

#include <jail/supervisor.h>
#include <signal.h>
#include <sys/types.h>

struct packed;

struct launch_plan {
        const struct jail_supervisor_options *options;
        struct judge *judge;
        const char *path; /* the file to execute */
        char *const *argv;
        char *const *environment;
        const struct filter_program *filter; /* NULL: unsupervised */
        const struct packed *packed; /* or NULL. The program runs already and waits in its entry stub (entry.h): beside this only
                                        options and judge are there */
};

/* Blocks every signal; *ret_mask is the mask to restore before the exec. */
void launch_block_signals(sigset_t *ret_mask);

/*
 * Meets the supervisor, a process that listens at the other end of fd, installs the filter, and returns when the calling process is
 * seized. Errors: why the supervisor could not; JAIL_ESYS.
 */
int launch_meet(int fd, pid_t supervisor, const struct filter_program *filter, struct jail_error *err) JAIL_MUST_USE;

/*
 * Restores the signal mask and executes the program: returns only on failure, with *ret_exit_code. Errors: JAIL_ESYS,
 * JAIL_ENOTFOUND, JAIL_ENOMEM.
 */
int launch_execute(const struct launch_plan *plan, const sigset_t *mask, int *ret_exit_code, struct jail_error *err) JAIL_MUST_USE;

#endif
