/* SPDX-License-Identifier: Apache-2.0 */
#include "unwind/ancestry.h"
#include "unwind/call.h"
#include "unwind/chain.h"
#include "unwind/goroutine.h"
#include "unwind/stack.h"
#include "unwind/unwind.h"

#include <endian.h>
#include <string.h>

/* A walk under way. */
struct walk {
        struct unwind_process *process;
        struct unwind_thread *thread;
        struct unwind_stack *stack;
        pid_t stack_tid;
        struct goroutine g; /* whose stack sp is on */
        struct machine m;
        enum code_role outermost; /* of the last frame */
        uint64_t pc, sp, fp;
        const struct code_point *callee; /* the frame that pc is the return address of; NULL where it is none */
        bool enters_kernel;              /* pc is behind the system call */
        bool exact;                      /* pc is an instruction, not a return address */
        bool has_fp;                     /* fp is still the register's value: no frame was left yet */
        uint64_t frame_fp;               /* where the next frame has saved the frame pointer, if has_frame_fp */
        bool has_frame_fp;
        uint64_t frame_fp_vaddr; /* where it was read; 0 for the register */
        struct memory_window window;
        struct chain_key chain_key;
        struct chain_record record;
};

static bool in_go_text(const struct unwind_process *process, uint64_t pc) {
        uint64_t vaddr = pc - process->bias;
        return vaddr >= process->text_vaddr && vaddr < process->etext_vaddr;
}

/* The thread that runs g must be the one that stopped, and g one of its three. */
static bool check_machine(struct walk *walk) {
        if (walk->m.procid != (uint64_t) walk->stack_tid)
                return stack_fail(walk->stack, UNWIND_BAD_G, "m.procid is %llu, and the thread is %d",
                                  (unsigned long long) walk->m.procid, (int) walk->stack_tid);
        if (walk->g.vaddr != walk->m.g0_vaddr && walk->g.vaddr != walk->m.gsignal_vaddr && walk->g.vaddr != walk->m.curg_vaddr)
                return stack_fail(walk->stack, UNWIND_BAD_G, "g is none of its thread's");
        *walk->thread = (struct unwind_thread){ .m_vaddr = walk->m.vaddr };
        if (walk->g.vaddr == walk->m.curg_vaddr)
                *walk->thread = (struct unwind_thread){
                        .m_vaddr = walk->m.vaddr,
                        .g0_vaddr = walk->m.g0_vaddr,
                        .gsignal_vaddr = walk->m.gsignal_vaddr,
                        .g_vaddr = walk->g.vaddr,
                        .goid = walk->g.goid,
                };
        return true;
}

/*
 * Before a thread has told the runtime its id, m.procid is 0: rt0_go's first calls, and a thread that C made for Go until minit
 * (src/runtime/os_linux.go), which unblocks signals first. Only g0 and gsignal run so.
 */
static bool is_starting(const struct walk *walk) {
        return walk->m.procid == 0 && (walk->g.vaddr == walk->m.g0_vaddr || walk->g.vaddr == walk->m.gsignal_vaddr);
}

static bool check_or_start(struct walk *walk) {
        return is_starting(walk) || check_machine(walk);
}

/*
 * Go keeps g in thread-local storage as well as in the register. Asked only until the thread's m is known: after that g must be one
 * of its three.
 */
static bool check_tls(const struct walk *walk, const struct arch_regs *regs) {
        struct jail_error err;
        uint64_t g_vaddr;
        if (!walk->process->tls_known || !regs->has_tls)
                return true;
        if (memory_read_u64(walk->process->memory, regs->tls + (uint64_t) walk->process->tls_offset, &g_vaddr, &err) < 0)
                return stack_fail(walk->stack, UNWIND_BAD_READ, "%.120s", err.msg);
        if (g_vaddr != walk->g.vaddr)
                return stack_fail(walk->stack, UNWIND_BAD_G, "the thread's own storage says 0x%llx, not 0x%llx",
                                  (unsigned long long) g_vaddr, (unsigned long long) walk->g.vaddr);
        return true;
}

/* Whether the thread was seen to run this goroutine, and nothing says that it has stopped to do so. */
static bool take_machine(struct walk *walk) {
        const struct unwind_thread *thread = walk->thread;
        if (thread->g_vaddr == 0 || thread->g_vaddr != walk->g.vaddr || thread->goid != walk->g.goid ||
            thread->m_vaddr != walk->g.m_vaddr)
                return false;
        walk->m = (struct machine){
                .vaddr = thread->m_vaddr,
                .g0_vaddr = thread->g0_vaddr,
                .gsignal_vaddr = thread->gsignal_vaddr,
                .curg_vaddr = thread->g_vaddr,
                .procid = (uint64_t) walk->stack_tid,
        };
        return true;
}

/* Reads g, its thread's m where that must be asked, and then of the stack what is in use, up to a first window. */
static bool read_start(struct walk *walk, const struct arch_regs *regs, uint64_t g_vaddr) {
        struct unwind_process *process = walk->process;
        uint64_t first = walk->sp - 16; /* rawVforkSyscall has popped its return address */
        uint64_t in_use = UINT64_MAX;
        struct jail_error err;

        if (goroutine_read(process->layout, process->memory, g_vaddr, &walk->g, &err) < 0)
                return stack_fail(walk->stack, UNWIND_BAD_READ, "%.120s", err.msg);
        if (!take_machine(walk)) {
                if (machine_read(process->layout, process->memory, walk->g.m_vaddr, &walk->m, &err) < 0)
                        return stack_fail(walk->stack, UNWIND_BAD_READ, "%.120s", err.msg);
                bool known = walk->thread->m_vaddr != 0 && walk->thread->m_vaddr == walk->g.m_vaddr;
                *walk->thread = (struct unwind_thread){ 0 };
                if ((!known && !check_tls(walk, regs)) || !check_or_start(walk))
                        return false;
        }
        if (walk->sp >= walk->g.stack_lo && walk->sp < walk->g.stack_hi)
                in_use = walk->g.stack_hi - first;
        if (memory_window_fill(&walk->window, first, in_use, &err) < 0)
                return stack_fail(walk->stack, UNWIND_BAD_READ, "%.120s", err.msg);
        return true;
}

/* A goroutine's own stack has exact bounds; those of g0 and gsignal are the C library's or estimates. */
static bool check_bounds(struct walk *walk) {
        if (walk->g.vaddr == walk->m.g0_vaddr || walk->g.vaddr == walk->m.gsignal_vaddr)
                return true;
        if (walk->sp < walk->g.stack_lo || walk->sp >= walk->g.stack_hi)
                return stack_fail(walk->stack, UNWIND_BAD_G, "the stack pointer 0x%llx is not on the stack of goroutine %llu",
                                  (unsigned long long) walk->sp, (unsigned long long) walk->g.goid);
        return true;
}

static bool is_in(const struct walk *walk, uint64_t pc, enum code_role role) {
        const struct code_point *code =
                in_go_text(walk->process, pc) ? code_table_find(walk->process->code, pc - walk->process->bias, true) : NULL;
        return code && code->role == role;
}

/* Goes on at the goroutine that waits for this thread's system or C stack, in a function of that role. */
static bool switch_to_curg(struct walk *walk, uint64_t pc, uint64_t sp, enum code_role role) {
        struct jail_error err;
        walk->pc = pc;
        walk->sp = sp;
        walk->callee = NULL;
        walk->exact = false;
        walk->has_fp = walk->has_frame_fp = walk->record.on = false;
        walk->stack->on_g0 = false;
        if (!in_go_text(walk->process, pc))
                return stack_fail(walk->stack, UNWIND_BAD_G, "goroutine %llu waits at 0x%llx, which is no Go code",
                                  (unsigned long long) walk->g.goid, (unsigned long long) pc);
        if (!is_in(walk, pc, role))
                return stack_fail(walk->stack, UNWIND_BAD_G, "goroutine %llu does not wait for another stack",
                                  (unsigned long long) walk->g.goid);
        if (!check_bounds(walk))
                return false;
        if (memory_window_fill(&walk->window, sp, walk->g.stack_hi - sp, &err) < 0)
                return stack_fail(walk->stack, UNWIND_BAD_READ, "%.120s", err.msg);
        return true;
}

static bool read_curg(struct walk *walk) {
        struct jail_error err;
        if (goroutine_read(walk->process->layout, walk->process->memory, walk->m.curg_vaddr, &walk->g, &err) < 0)
                return stack_fail(walk->stack, UNWIND_BAD_READ, "%.120s", err.msg);
        if (walk->g.m_vaddr != walk->m.vaddr)
                return stack_fail(walk->stack, UNWIND_BAD_G, "m.curg runs on another thread");
        return true;
}

/*
 * systemstack saved the goroutine's place in sched, as if systemstack_switch had been called (src/runtime/asm_amd64.s,
 * gosave_systemstack_switch).
 */
static bool leave_systemstack(struct walk *walk) {
        if (walk->g.vaddr != walk->m.g0_vaddr || walk->m.curg_vaddr == 0)
                return stack_fail(walk->stack, UNWIND_BAD_G, "systemstack without a goroutine that waits");
        return read_curg(walk) && switch_to_curg(walk, walk->g.sched_pc, walk->g.sched_sp, CODE_SWITCH);
}

/* The slot of the return address where there is no pcsp table: by the frame pointers, from the register on. */
static bool slot_by_frame_pointer(struct walk *walk, uint64_t *ret_slot) {
        struct jail_error err;
        uint64_t fp = walk->fp;
        if (!walk->has_fp)
                return stack_fail(walk->stack, UNWIND_NO_STEP, "no pcsp table at 0x%llx", (unsigned long long) walk->pc);
        if (fp < walk->sp || fp % 8 != 0 || memory_window_u64(&walk->window, fp, &walk->fp, &err) < 0)
                return stack_fail(walk->stack, UNWIND_NO_STEP, "no pcsp table at 0x%llx, and the frame pointer leads nowhere",
                                  (unsigned long long) walk->pc);
        *ret_slot = fp + 8;
        return true;
}

/* The frame pointer, wherever it was read, is what it had to be. */
static void record_frame_pointer(struct walk *walk) {
        if (walk->frame_fp_vaddr != 0) {
                chain_record_word(&walk->record, walk->frame_fp_vaddr, walk->frame_fp, true);
                return;
        }
        walk->record.has_fp = true;
        walk->record.fp_bytes = walk->frame_fp - walk->record.base_vaddr;
}

/*
 * A function with a frame saves the frame pointer below its return address and lets the register point there (cmd/internal/obj/x86,
 * preprocess): the chain of frame pointers agrees with the tables. It is followed until it is lost, in an interrupted function or
 * in C on the way to cgocallback.
 */
static bool check_frame_pointer(struct walk *walk, const struct code_point *code, uint64_t slot) {
        struct jail_error err;
        if (!walk->has_frame_fp || code->delta_bytes <= 0)
                return true;
        if (code->role == CODE_INJECTED || str_equal(code->func.name, STR("runtime.cgocallback"))) {
                walk->has_frame_fp = false;
                return true;
        }
        if (walk->frame_fp != slot - 8)
                return stack_fail(walk->stack, UNWIND_BAD_CALL, "the frame pointer 0x%llx is not that of %.*s",
                                  (unsigned long long) walk->frame_fp, (int) (code->func.name.len < 60 ? code->func.name.len : 60),
                                  code->func.name.ptr);
        record_frame_pointer(walk);
        walk->frame_fp_vaddr = slot - 8;
        walk->has_frame_fp = memory_window_u64(&walk->window, slot - 8, &walk->frame_fp, &err) == 0;
        return true;
}

static bool step_to_caller(struct walk *walk, const struct code_point *code) {
        struct jail_error err;
        uint64_t slot = 0, pc;

        switch (code->step) {
        case GO_SPDELTA_OK:
                slot = walk->sp + (uint64_t) (int64_t) code->delta_bytes;
                walk->has_fp = walk->has_fp && code->delta_bytes == 0; /* a frame of its own has saved the register */
                if (!check_frame_pointer(walk, code, slot))
                        return false;
                break;
        case GO_SPDELTA_NONE:
                walk->has_frame_fp = walk->record.on = false;
                if (!slot_by_frame_pointer(walk, &slot))
                        return false;
                break;
        case GO_SPDELTA_DAMAGED:
        default: return stack_fail(walk->stack, UNWIND_NO_STEP, "damaged pcsp table at 0x%llx", (unsigned long long) walk->pc);
        }
        if (memory_window_u64(&walk->window, slot, &pc, &err) < 0)
                return stack_fail(walk->stack, UNWIND_BAD_READ, "%.120s", err.msg);
        chain_record_word(&walk->record, slot, pc, false);
        if (slot + 8 <= walk->sp && code->delta_bytes >= 0)
                return stack_fail(walk->stack, UNWIND_CYCLE, "the stack does not grow at 0x%llx", (unsigned long long) walk->pc);
        walk->exact = code->role == CODE_INJECTED;
        walk->callee = walk->exact ? NULL : code;
        walk->pc = pc;
        walk->sp = slot + 8;
        if (!in_go_text(walk->process, pc))
                return stack_fail(walk->stack, UNWIND_UNKNOWN_CODE, "%.*s returns to 0x%llx, which is no Go code",
                                  (int) (code->func.name.len < 60 ? code->func.name.len : 60), code->func.name.ptr,
                                  (unsigned long long) pc);
        return check_bounds(walk);
}

static bool on_system_stack(const struct walk *walk) {
        return walk->g.vaddr == walk->m.g0_vaddr || walk->g.vaddr == walk->m.gsignal_vaddr;
}

/* A goroutine's own frames are complete: its ancestors follow. */
static void finish_goroutine(struct walk *walk) {
        if (on_system_stack(walk)) {
                stack_fail(walk->stack, UNWIND_BAD_G, "a goroutine's end on a system stack");
                return;
        }
        const struct ancestry_key key = {
                .g_vaddr = walk->g.vaddr,
                .goid = walk->g.goid,
                .parent_goid = walk->g.parent_goid,
                .gopc = walk->g.gopc,
                .ancestors_vaddr = walk->g.ancestors_vaddr,
        };
        ancestry_append(walk->process, &key, walk->outermost, walk->stack);
}

/* Ends the walk at a root that only system stacks have. */
static bool finish_system(struct walk *walk, enum unwind_root root) {
        if (!on_system_stack(walk))
                return stack_fail(walk->stack, UNWIND_BAD_G, "a system root on the stack of goroutine %llu",
                                  (unsigned long long) walk->g.goid);
        if (root == UNWIND_ROOT_SIGNAL && walk->g.vaddr != walk->m.gsignal_vaddr && !walk->m.gsignal_vaddr)
                return stack_fail(walk->stack, UNWIND_BAD_G, "a signal root outside the signal stack");
        stack_finish(walk->stack, root);
        return false;
}

/* Takes one frame. Returns whether the walk goes on. */
static bool walk_frame(struct walk *walk) {
        const struct code_point *code = stack_code(walk->process, walk->stack, walk->pc, walk->exact);
        if (code && walk->enters_kernel && !call_check_kernel_entry(walk->stack, code))
                return false;
        walk->enters_kernel = false;
        if (code && walk->callee && !call_check(walk->process, walk->stack, walk->callee, code))
                return false;
        if (!code || !stack_push(walk->stack, UNWIND_OWN, walk->pc, code))
                return false;

        switch (code->role) {
        case CODE_GOEXIT:
                if (walk->record.on)
                        chain_remember(walk->process->chains, &walk->chain_key, &walk->record, walk->stack, walk->outermost);
                finish_goroutine(walk);
                return false;
        case CODE_RT0: return finish_system(walk, UNWIND_ROOT_RT0);
        case CODE_MSTART: return finish_system(walk, UNWIND_ROOT_MSTART);
        case CODE_MCALL: return finish_system(walk, UNWIND_ROOT_MCALL);
        case CODE_MORESTACK: return finish_system(walk, UNWIND_ROOT_MORESTACK);
        case CODE_SIGTRAMP: return finish_system(walk, UNWIND_ROOT_SIGNAL);
        case CODE_SERVICE: stack_finish(walk->stack, UNWIND_ROOT_SERVICE); return false;
        case CODE_SYSTEMSTACK:
                if (walk->g.vaddr == walk->m.curg_vaddr)
                        break; /* already switched back: its frame on the goroutine's own stack */
                return leave_systemstack(walk);
        case CODE_RUNTIME_MAIN:
        case CODE_CGOCALLBACK:
        case CODE_CGOCALL:
        case CODE_SWITCH:
        case CODE_ORDINARY:
        case CODE_INJECTED: break;
        }
        walk->outermost = code->role;
        return step_to_caller(walk, code);
}

/*
 * In C code the register of g means nothing; thread-local storage has g0, and m.curg is the goroutine that called. cgocall saved
 * its place with entersyscall (src/runtime/cgocall.go); the runtime's own C calls saved it as systemstack does.
 */
static bool start_from_c(struct walk *walk, const struct arch_regs *regs) {
        struct unwind_process *process = walk->process;
        struct jail_error err;
        uint64_t g_vaddr;

        walk->stack->foreign = true;
        if (!stack_push(walk->stack, UNWIND_FOREIGN, regs->ip, NULL))
                return false;
        if (!process->started) {
                stack_finish(walk->stack, UNWIND_ROOT_START);
                return false;
        }
        if (!process->tls_known || !regs->has_tls)
                return stack_fail(walk->stack, UNWIND_BAD_G, "it is not known where C threads keep their goroutine");
        if (memory_read_u64(process->memory, regs->tls + (uint64_t) process->tls_offset, &g_vaddr, &err) < 0)
                return stack_fail(walk->stack, UNWIND_BAD_READ, "%.120s", err.msg);
        if (g_vaddr == 0) {
                walk->stack->c_thread = true;
                stack_finish(walk->stack, UNWIND_ROOT_C_THREAD);
                return false;
        }
        walk->sp = regs->sp;
        if (!read_start(walk, regs, g_vaddr))
                return false;
        if (walk->g.vaddr != walk->m.g0_vaddr)
                return stack_fail(walk->stack, UNWIND_BAD_G, "C code on the stack of goroutine %llu",
                                  (unsigned long long) walk->g.goid);
        if (walk->m.curg_vaddr == 0) {
                walk->stack->c_thread = true;
                stack_finish(walk->stack, UNWIND_ROOT_C_THREAD);
                return false;
        }
        if (!read_curg(walk))
                return false;
        if (walk->g.syscall_sp != 0 && is_in(walk, walk->g.syscall_pc, CODE_CGOCALL))
                return switch_to_curg(walk, walk->g.syscall_pc, walk->g.syscall_sp, CODE_CGOCALL);
        return switch_to_curg(walk, walk->g.sched_pc, walk->g.sched_sp, CODE_SWITCH);
}

/* Takes the goroutine's own frames as they were remembered, where the same words stand on its stack. Else the walk records them. */
static bool take_chain(struct walk *walk) {
        if (!walk->process->chains || walk->stack->on_g0 || !walk->has_fp)
                return false;
        walk->chain_key = (struct chain_key){ .pc = walk->pc, .depth_bytes = walk->g.stack_hi - walk->sp };
        const struct chain *chain = chain_find(walk->process->chains, &walk->chain_key, &walk->window, walk->fp);
        if (!chain) {
                chain_record_begin(&walk->record, walk->window.vaddr);
                return false;
        }
        for (size_t i = 0; i < chain->n_frames; i++)
                if (!stack_push(walk->stack, chain->frames[i].kind, chain->frames[i].pc, chain->frames[i].code))
                        return true;
        walk->stack->chain_serial = chain->serial;
        walk->outermost = chain->outermost;
        finish_goroutine(walk);
        return true;
}

static bool start_from_go(struct walk *walk, const struct arch_regs *regs) {
        walk->process->started = true;
        walk->enters_kernel = true;
        walk->pc = regs->ip;
        walk->sp = regs->sp;
        walk->fp = regs->fp;
        walk->has_fp = regs->has_fp;
        walk->frame_fp = regs->fp;
        walk->has_frame_fp = regs->has_fp;
        if (!regs->has_g)
                return stack_fail(walk->stack, UNWIND_BAD_G, "no register holds the goroutine");
        if (!read_start(walk, regs, regs->g))
                return false;
        walk->stack->on_g0 = walk->g.vaddr != walk->m.curg_vaddr;
        return check_bounds(walk) && !take_chain(walk);
}

void unwind_walk(struct unwind_process *process, struct unwind_thread *thread, const struct arch_regs *regs, pid_t stack_tid,
                 struct unwind_stack *stack) {
        struct walk walk;
        walk.process = process;
        walk.thread = thread;
        walk.stack = stack;
        walk.stack_tid = stack_tid;
        walk.callee = NULL;
        walk.enters_kernel = false;
        walk.outermost = CODE_ORDINARY;
        walk.exact = walk.has_fp = walk.has_frame_fp = walk.record.on = false;
        walk.frame_fp_vaddr = 0;
        memory_window_init(&walk.window, process->memory);

        stack->n_frames = 0;
        stack->root = UNWIND_ROOT_NONE;
        stack->truncated = stack->foreign = stack->on_g0 = stack->c_thread = false;
        stack->chain_serial = stack->ancestry_serial = 0;
        stack->detail[0] = '\0';

        bool go_on;
        if (in_go_text(process, regs->ip)) {
                go_on = start_from_go(&walk, regs);
        } else if (process->classify(process->classify_data, regs->ip) != UNWIND_TEXT_UNKNOWN) {
                go_on = start_from_c(&walk, regs);
        } else {
                go_on = stack_fail(stack, UNWIND_UNKNOWN_CODE, "the call comes from 0x%llx, which is no known code",
                                   (unsigned long long) regs->ip);
        }
        while (go_on)
                go_on = walk_frame(&walk);
}
