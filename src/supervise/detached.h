/* SPDX-License-Identifier: Apache-2.0 */
/* The usual way to run: the calling process becomes the program, and the supervisor is nobody's child, or hides. */
#ifndef SUPERVISE_DETACHED_H
#define SUPERVISE_DETACHED_H

#include "supervise/launch.h"

/* Returns only on failure, with *ret_exit_code. Errors: JAIL_ESYS, JAIL_ENOTFOUND, JAIL_ENOMEM; nothing was run. */
int detached_run(const struct launch_plan *plan, int *ret_exit_code, struct jail_error *err) JAIL_MUST_USE;

#endif
