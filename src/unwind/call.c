/* SPDX-License-Identifier: Apache-2.0 */
#include "unwind/call.h"

#include "unwind/stack.h"

/* How many functions may jump on, one to the next, and how much code of each is looked at: they are wrappers. */
#define MAX_JUMPS      3
#define MAX_JUMP_BYTES 512

static bool named(const struct go_func *func, const char *name) {
        return str_equal(func->name, str_from(name));
}

/*
 * What the runtime's assembly does other than by call and return. `called` is the function that the call instruction leads to, or
 * NULL for no call; `callee` the one whose frame is found.
 */
static bool is_runtime_detour(const struct go_func *called, const struct code_point *callee, const struct code_point *caller) {
        /* asm_amd64.s, cgocallback: it pushes g.sched.pc, which gosave_systemstack_switch has set, as its return address. */
        if (!called)
                return named(&callee->func, "runtime.cgocallback") && named(&caller->func, "runtime.systemstack_switch");
        /* asm_amd64.s, gosave_systemstack_switch: who switches stacks looks like a call of systemstack_switch. */
        if (named(&callee->func, "runtime.systemstack_switch"))
                return named(called, "runtime.systemstack") || named(called, "runtime.asmcgocall");
        /* asm_amd64.s, reflectcall: it jumps to the callN that has room for the arguments, through a register. */
        if (named(called, "runtime.reflectcall"))
                return str_starts(callee->func.name, STR("runtime.call"));
        return false;
}

/* Finds the functions that lead from `from` to callee by direct jumps; the outermost is the first of via. */
static bool find_jumps(const struct pclntab *tab, const struct go_func *from, const struct code_point *callee,
                       const struct code_point *caller, uint64_t via[MAX_JUMPS], size_t *n) {
        struct bytes code;
        uint64_t size = from->end_vaddr - from->entry_vaddr, at = 0, target;
        if (is_runtime_detour(from, callee, caller))
                return true;
        if (*n == MAX_JUMPS)
                return false;
        via[(*n)++] = from->entry_vaddr;
        if (!bytes_slice(tab->text, from->entry_vaddr - tab->text_vaddr, size < MAX_JUMP_BYTES ? size : MAX_JUMP_BYTES, &code))
                return false;
        while (effort_spend(tab->effort, EFFORT_ENTRY) && tab->arch->next_jump(code, from->entry_vaddr, &at, &target)) {
                struct go_func next;
                if (target == callee->func.entry_vaddr)
                        return true;
                if ((target < from->entry_vaddr || target >= from->end_vaddr) && pclntab_find(tab, target, &next) &&
                    next.entry_vaddr == target && find_jumps(tab, &next, callee, caller, via, n))
                        return true;
        }
        (*n)--;
        return false;
}

static bool fail(struct unwind_stack *stack, const struct code_point *callee, const struct code_point *caller, const char *why) {
        int callee_len = (int) (callee->func.name.len < 50 ? callee->func.name.len : 50);
        int caller_len = (int) (caller->func.name.len < 50 ? caller->func.name.len : 50);
        return stack_fail(stack, UNWIND_BAD_CALL, "%.*s %s %.*s", callee_len, callee->func.name.ptr, why, caller_len,
                          caller->func.name.ptr);
}

static bool check_direct(const struct unwind_process *process, struct unwind_stack *stack, const struct code_point *callee,
                         const struct code_point *caller) {
        const struct pclntab *tab = code_table_pclntab(process->code);
        struct go_func called;
        uint64_t via[MAX_JUMPS];
        size_t n = 0;
        if (!pclntab_find(tab, caller->called_vaddr, &called))
                return fail(stack, callee, caller, "is not what is called by");
        /* Calls into the middle of these two are the compiler's (cmd/compile, Duff's device). */
        if (called.index == callee->func.index && (named(&called, "runtime.duffzero") || named(&called, "runtime.duffcopy")))
                return true;
        if (called.entry_vaddr != caller->called_vaddr || !find_jumps(tab, &called, callee, caller, via, &n))
                return fail(stack, callee, caller, "is not what is called by");
        while (n > 0) {
                uint64_t pc = via[--n] + process->bias;
                const struct code_point *code = stack_code(process, stack, pc, true);
                if (!code || !stack_push(stack, UNWIND_OWN, pc, code))
                        return false;
        }
        return true;
}

bool call_check(const struct unwind_process *process, struct unwind_stack *stack, const struct code_point *callee,
                const struct code_point *caller) {
        switch (caller->before) {
        case CODE_BEFORE_DIRECT_CALL:
                return caller->called_vaddr == callee->func.entry_vaddr || check_direct(process, stack, callee, caller);
        case CODE_BEFORE_CALL:
        case CODE_BEFORE_UNKNOWN: return true;
        case CODE_BEFORE_SYSCALL:
        case CODE_BEFORE_OTHER: break;
        }
        /* The runtime lets a goroutine's first function return behind goexit's first instruction (src/runtime/proc.go, newproc1).
         */
        if (caller->role == CODE_GOEXIT &&
            caller->vaddr == caller->func.entry_vaddr + code_table_pclntab(process->code)->pc_quantum)
                return true;
        if (is_runtime_detour(NULL, callee, caller))
                return true;
        return fail(stack, callee, caller, "returns to where nothing is called, in");
}

bool call_check_kernel_entry(struct unwind_stack *stack, const struct code_point *code) {
        /* The compiler makes no such instruction: in its code it is a part of another one. */
        bool real = code->before == CODE_BEFORE_SYSCALL && (code->flags & GO_FUNC_ASM);
        if (real || code->before == CODE_BEFORE_UNKNOWN)
                return true;
        return stack_fail(stack, UNWIND_UNKNOWN_CODE, "the call comes from %.*s, which makes none there",
                          (int) (code->func.name.len < 60 ? code->func.name.len : 60), code->func.name.ptr);
}
