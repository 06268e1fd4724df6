/* SPDX-License-Identifier: Apache-2.0 */
/* Building an unwind_stack; shared by the walk and the ancestry. */
#ifndef UNWIND_STACK_H
#define UNWIND_STACK_H

#include "unwind/unwind.h"

/* Appends a frame; on failure sets the end (LIMIT, NO_MEMORY) and returns false. */
bool stack_push(struct unwind_stack *stack, enum unwind_frame_kind kind, uint64_t pc, const struct code_point *code);

/* Ends the walk early, and says why. Always returns false. */
bool stack_fail(struct unwind_stack *stack, enum unwind_end end, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Ends the walk at a root. */
void stack_finish(struct unwind_stack *stack, enum unwind_root root);

/* Looks up a run-time pc of Go text; fails the walk with UNKNOWN_CODE when it is none. */
const struct code_point *stack_code(const struct unwind_process *process, struct unwind_stack *stack, uint64_t pc, bool exact);

#endif
