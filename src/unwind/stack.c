/* SPDX-License-Identifier: Apache-2.0 */
#include "unwind/stack.h"

#include "base/array.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

bool stack_push(struct unwind_stack *stack, enum unwind_frame_kind kind, uint64_t pc, const struct code_point *code) {
        struct jail_error err;
        int r = ARRAY_RESERVE(stack->frames, &stack->capacity, stack->n_frames, UNWIND_MAX_FRAMES, &err);
        if (r == JAIL_ELIMIT)
                return stack_fail(stack, UNWIND_LIMIT, "more than %d frames", UNWIND_MAX_FRAMES);
        if (r < 0)
                return stack_fail(stack, UNWIND_NO_MEMORY, "jail is out of memory");
        stack->frames[stack->n_frames++] = (struct unwind_frame){ kind, pc, code };
        return true;
}

bool stack_fail(struct unwind_stack *stack, enum unwind_end end, const char *format, ...) {
        va_list args;
        stack->end = end;
        stack->root = UNWIND_ROOT_NONE;
        va_start(args, format);
        vsnprintf(stack->detail, sizeof(stack->detail), format, args);
        va_end(args);
        return false;
}

void stack_finish(struct unwind_stack *stack, enum unwind_root root) {
        stack->end = UNWIND_TOP;
        stack->root = root;
}

const struct code_point *stack_code(const struct unwind_process *process, struct unwind_stack *stack, uint64_t pc, bool exact) {
        const struct code_point *code = code_table_find(process->code, pc - process->bias, exact);
        if (code)
                return code;
        if (effort_is_spent(code_table_pclntab(process->code)->effort))
                stack_fail(stack, UNWIND_NO_EFFORT, "for one call, at 0x%llx", (unsigned long long) pc);
        else
                stack_fail(stack, UNWIND_UNKNOWN_CODE, "no function at 0x%llx", (unsigned long long) pc);
        return NULL;
}

void unwind_stack_clear(struct unwind_stack *stack) {
        free(stack->frames);
        *stack = (struct unwind_stack){ 0 };
}

const char *unwind_end_name(enum unwind_end end) {
        static const char *const names[] = {
                [UNWIND_TOP] = "complete",
                [UNWIND_LIMIT] = "too many frames",
                [UNWIND_BAD_READ] = "unreadable memory",
                [UNWIND_UNKNOWN_CODE] = "unknown code",
                [UNWIND_CYCLE] = "a stack pointer that does not grow",
                [UNWIND_NO_STEP] = "no way to the caller",
                [UNWIND_BAD_CALL] = "a return address without its call",
                [UNWIND_BAD_G] = "a goroutine that does not fit",
                [UNWIND_NO_ANCESTRY] = "no ancestry",
                [UNWIND_NO_EFFORT] = "too much to look at",
                [UNWIND_NO_MEMORY] = "out of memory",
        };
        return names[end];
}
