/* SPDX-License-Identifier: Apache-2.0 */
/* Turning the calling process, a fresh child, into the supervisor's: out of everybody's way, and hard to end. */
#ifndef SUPERVISE_BACKGROUND_H
#define SUPERVISE_BACKGROUND_H

#include <jail/error.h>
#include <stddef.h>

/*
 * A process group of its own, every signal blocked that can be, an empty environment, / as working directory, and no descriptors
 * but those that background_close_fds leaves. Errors: JAIL_ESYS.
 */
int background_enter(const int *keep_fds, size_t n_keep_fds, struct jail_error *err) JAIL_MUST_USE;

/*
 * /dev/null on descriptors 0 and 1, stderr kept, all others closed but keep_fds, of which an entry may be -1: what the program
 * closes is to be closed. Errors: JAIL_ESYS.
 */
int background_close_fds(const int *keep_fds, size_t n_keep_fds, struct jail_error *err) JAIL_MUST_USE;

#endif
