/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jail in front of the program, as its parent and in its process group. It forwards signals that a process sent to it alone (the
 * terminal's reach the program anyway), stops and continues with the program, and returns its status. If it is killed, the program
 * goes on, supervised.
 */
#ifndef SUPERVISE_FOREGROUND_H
#define SUPERVISE_FOREGROUND_H

#include "supervise/launch.h"

/*
 * Runs the program to its end. plan->filter NULL: without a supervisor. Errors: JAIL_ESYS, JAIL_ENOTFOUND, JAIL_ENOMEM with
 * *ret_exit_code; nothing was run then.
 */
int foreground_run(const struct launch_plan *plan, struct jail_supervisor_result *ret_result, int *ret_exit_code,
                   struct jail_error *err) JAIL_MUST_USE;

#endif
