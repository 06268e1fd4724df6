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

/* Words for a root, for messages. Static string. */
const char *exempt_root_name(enum unwind_root root);

#endif
