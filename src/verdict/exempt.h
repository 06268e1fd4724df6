/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The roots below which frames of the standard library alone may act, and the fixed list of what the runtime does there
 * (docs/threat-model.md, row 7): its upkeep at start, on system stacks and in signal handlers.
 */
#ifndef VERDICT_EXEMPT_H
#define VERDICT_EXEMPT_H

#include "operation/operation.h"
#include "unwind/unwind.h"

#include <stdbool.h>

/*
 * Whether the stack's root is exempt and the operation on the list. The stack holds frames of the standard library only; below
 * rt0_go the operation's targets have been read.
 */
bool exempt_allows(const struct unwind_stack *stack, const struct operation *operation, pid_t pid);

/*
 * Whether the runtime makes this call for all threads, or tells them to repeat it (syscall.AllThreadsSyscall). Who asked is farther
 * out on the stack.
 */
bool exempt_begins_all_threads(const struct unwind_stack *stack);

/*
 * Whether the runtime repeats, on a thread that was told so by a signal, a call that was made for all threads. The stack does not
 * say who asked: it may be allowed only to a thread that an allowed caller has told.
 */
bool exempt_repeats_for_all_threads(const struct unwind_stack *stack);

/* Words for a root, for messages. Static string. */
const char *exempt_root_name(enum unwind_root root);

#endif
