/* SPDX-License-Identifier: Apache-2.0 */
/* Holding every task that shares a caller's memory, so that nobody rewrites the arguments between their check and their use. */
#ifndef SUPERVISE_HOLD_H
#define SUPERVISE_HOLD_H

#include "supervise/backend.h"
#include "supervise/task_table.h"

#include <stdbool.h>

/*
 * Stops every task that shares caller's memory. Events that arrive meanwhile are kept (task_take_kept()). Returns false when a
 * task could not be stopped in bounded time (uninterruptible sleep). hold_end() must follow in either case.
 */
bool hold_begin(const struct backend *backend, struct task_table *table, struct task *caller);

/* Lets the caller, at a SECCOMP stop, make its call; returns when the call has, or after a bound. The caller is resumed or its
 * event kept. */
void hold_call(const struct backend *backend, struct task_table *table, struct task *caller);

/* Lets the others go on. */
void hold_end(const struct backend *backend, struct task_table *table, struct task *caller);

#endif
