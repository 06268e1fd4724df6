/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether a return address is one: a module that forges its stack, or jumps where it should call, leaves return addresses that no
 * call has pushed. A stack that agrees with the code in every return address cannot be told from a true one (docs/threat-model.md).
 */
#ifndef UNWIND_CALL_H
#define UNWIND_CALL_H

#include "unwind/unwind.h"

/*
 * Whether callee can have been called from in front of caller's pc: a call instruction stands there, and a direct one leads to
 * callee, if need be through functions that jump on to it, which are pushed as frames: they ran. Otherwise the walk fails with
 * UNWIND_BAD_CALL. Cheap but for such jumps, which are looked for in the code each time.
 */
bool call_check(const struct unwind_process *process, struct unwind_stack *stack, const struct code_point *callee,
                const struct code_point *caller);

/* Whether a system call instruction of the image stands in front of the pc; if not, fails with UNWIND_UNKNOWN_CODE. */
bool call_check_kernel_entry(struct unwind_stack *stack, const struct code_point *code);

#endif
