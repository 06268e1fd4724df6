/* SPDX-License-Identifier: Apache-2.0 */
/* Taking over every task of a process that is already there. */
#ifndef SUPERVISE_ATTACH_H
#define SUPERVISE_ATTACH_H

#include "supervise/backend.h"

#include <jail/error.h>
#include <stddef.h>

/*
 * Attaches to all tasks of process pid. *ret_tids is owned by the caller (free). Errors: JAIL_ESYS (the message says who or what
 * forbids it), JAIL_ENOMEM, JAIL_ELIMIT.
 */
int attach_process(const struct backend *backend, pid_t pid, pid_t **ret_tids, size_t *ret_n_tids,
                   struct jail_error *err) JAIL_MUST_USE;

/* Whether the calling process could be attached to as things are: JAIL_ESYS when somebody traces it already. */
int attach_check_untraced(struct jail_error *err) JAIL_MUST_USE;

#endif
