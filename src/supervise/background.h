/* SPDX-License-Identifier: Apache-2.0 */
/* Turning the calling process, a fresh child, into the supervisor's: out of everybody's way, and hard to end. */
#ifndef SUPERVISE_BACKGROUND_H
#define SUPERVISE_BACKGROUND_H

#include <jail/error.h>
#include <stddef.h>

/*
 * A process group of its own, every signal blocked that can be, an empty environment, / as working directory, /dev/null on
 * descriptors 0 and 1, stderr kept, all other descriptors closed but keep_fds. An entry of keep_fds may be -1. Errors: JAIL_ESYS.
 */
int background_enter(const int *keep_fds, size_t n_keep_fds, struct jail_error *err) JAIL_MUST_USE;

#endif
