/* SPDX-License-Identifier: Apache-2.0 */
/* Walks that end early: each says why, and none is taken for complete. */
#include "unwind/go_process.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct go_process p;

#define SP (PROCESS_STACK + 0x1000)

static int setup(void **state) {
        (void) state;
        process_init(&p, 26);
        process_stop(&p, "os.ReadFile", 12, SP);
        process_return(&p, 72, "main.main", 50);
        process_return_from_main(&p, 40);
        return 0;
}

static int teardown(void **state) {
        (void) state;
        process_clear(&p);
        return 0;
}

#define WHOLE "os.ReadFile main.main runtime.main runtime.goexit = main"

static void assert_end(enum unwind_end end, const char *detail) {
        (void) process_walk(&p);
        if (p.stack.end != end || !strstr(p.stack.detail, detail))
                fail_msg("%s: %s; not %s: %s", p.shown, p.stack.detail, unwind_end_name(end), detail);
        assert_int_equal(p.stack.root, UNWIND_ROOT_NONE);
}

static void test_each_region_unreadable(void **state) {
        (void) state;
        ASSERT_WALK(&p, WHOLE);
        process_unmap(&p, PROCESS_STACK);
        ASSERT_WALK(&p, "os.ReadFile ! unreadable memory");
        process_unmap(&p, PROCESS_OBJECTS);
        ASSERT_WALK(&p, "! unreadable memory");
}

/* The goroutine waits for C, called by os.ReadFile. */
static void put_cgocall(void) {
        process_put(&p, SP - 8, process_pc(&p, "os.ReadFile", 12));
        PROCESS_PUT_G(&p, PROCESS_G, syscallsp, SP - 64);
        PROCESS_PUT_G(&p, PROCESS_G, syscallpc, process_pc(&p, "runtime.cgocall", 12));
}

/* The process goes away at each read. */
static void test_each_read_fails(void **state) {
        (void) state;
        process_in_c(&p); /* the longest way: thread-local storage, g0, m, curg, the stack */
        put_cgocall();
        const uint64_t gopc = process_pc(&p, "main.main", 12);
        const struct process_ancestor ancestor = {
                .goid = 1, .gopc = gopc, .pcs = { gopc, process_pc(&p, "runtime.goexit", 1) }, .n_pcs = 2
        };
        process_put(&p, SP + 72 + 8 + 40, process_pc(&p, "runtime.goexit", 1)); /* main.main was a goroutine's first function */
        process_ancestors(&p, gopc, &ancestor, 1);
        static const char whole[] =
                "C runtime.cgocall os.ReadFile main.main runtime.goexit go:main.main ^main.main ^runtime.goexit = main";
        ASSERT_WALK(&p, whole);
        unsigned n = p.memory.n_reads;
        assert_true(n >= 7);
        for (unsigned i = 1; i <= n; i++) {
                ancestry_cache_clear(p.process.ancestry);
                p.thread = (struct unwind_thread){ 0 };
                p.memory.n_reads = 0;
                p.memory.fail_at = i;
                assert_end(UNWIND_BAD_READ, "the process is gone");
        }
        p.memory.fail_at = 0;
        ASSERT_WALK(&p, whole);
}

/* The stack ends in front of a return address. */
static void test_cut_stack(void **state) {
        (void) state;
        for (size_t len = 0; len < PROCESS_STACK_BYTES; len += 8) {
                p.memory.regions[0].len = len;
                (void) process_walk(&p);
                if (SP - PROCESS_STACK + 72 + 8 + 40 + 8 + 80 + 8 <= len)
                        assert_int_equal(p.stack.end, UNWIND_TOP);
                else
                        assert_int_equal(p.stack.end, UNWIND_BAD_READ);
        }
}

static void test_unknown_code(void **state) {
        (void) state;
        static const uint64_t pcs[] = { 0, 1, 0x41414141, PROCESS_C_TEXT, UINT64_MAX, PROCESS_STACK, PROCESS_BIAS };
        for (size_t i = 0; i < sizeof(pcs) / sizeof(pcs[0]); i++) {
                process_put(&p, SP + 72, pcs[i]);
                assert_end(UNWIND_UNKNOWN_CODE, "os.ReadFile returns to 0x");
                assert_int_equal(p.stack.n_frames, 1);
        }
        process_put(&p, SP + 72, process_pc(&p, "odd.shrinking", 64)); /* the end of the text is outside it */
        assert_end(UNWIND_UNKNOWN_CODE, "os.ReadFile returns to 0x");
        p.regs.ip = 0x41414141;
        assert_end(UNWIND_UNKNOWN_CODE, "the call comes from 0x41414141");
        assert_int_equal(p.stack.n_frames, 0);
}

/* Tables that cannot be read at a pc in Go text. */
static void test_damaged_tables(void **state) {
        (void) state;
        process_put(&p, SP + 72, process_pc(&p, "damaged.pcsp", 12));
        assert_end(UNWIND_NO_STEP, "damaged pcsp");
        memset(p.tables.names.bytes, 'x', p.tables.names.len); /* no name ends */
        code_table_free(p.process.code);
        assert_int_equal(code_table_new(&p.tab, &p.process.code, NULL), 0);
        assert_end(UNWIND_UNKNOWN_CODE, "no function at");
}

/* A stack pointer that wraps around the end of the address space. */
static void test_cycle(void **state) {
        (void) state;
        p.memory.regions[1].vaddr = UINT64_MAX - PROCESS_STACK_BYTES + 1; /* g0's */
        process_on(&p, PROCESS_G0);
        process_stop(&p, "runtime.schedule", 12, UINT64_MAX - 47);
        process_put(&p, UINT64_MAX - 7, process_pc(&p, "runtime.schedule", 12));
        assert_end(UNWIND_CYCLE, "does not grow");
}

/* A table that says a negative delta for a whole function: the walk ends by its limit. */
static void test_limit(void **state) {
        (void) state;
        process_on(&p, PROCESS_G0);
        process_stop(&p, "runtime.deep", 12, PROCESS_G0_STACK + 0x40);
        for (uint64_t at = PROCESS_G0_STACK; at < PROCESS_G0_STACK + PROCESS_STACK_BYTES; at += 8)
                process_put(&p, at, process_pc(&p, "runtime.deep", 12));
        process_put(&p, PROCESS_G0_STACK + PROCESS_STACK_BYTES - 8, process_pc(&p, "odd.shrinking", 12));
        /* It goes down by 56 bytes, and up by 8 with each frame: never to an end. */
        for (uint64_t at = PROCESS_G0_STACK + PROCESS_STACK_BYTES - 64; at < PROCESS_G0_STACK + PROCESS_STACK_BYTES - 8; at += 8)
                process_put(&p, at, process_pc(&p, "runtime.deep", 12));
        assert_end(UNWIND_LIMIT, "more than 20000 frames");
        assert_int_equal(p.stack.n_frames, UNWIND_MAX_FRAMES);
}

static void test_bounds(void **state) {
        (void) state;
        PROCESS_PUT_G(&p, PROCESS_G, stack_hi, SP + 72 + 8 + 40); /* within main.main's frame */
        assert_end(UNWIND_BAD_G, "not on the stack of goroutine 17");
        PROCESS_PUT_G(&p, PROCESS_G, stack_hi, SP);
        assert_end(UNWIND_BAD_G, "not on the stack of goroutine 17");
        assert_int_equal(p.stack.n_frames, 0);
        PROCESS_PUT_G(&p, PROCESS_G, stack_hi, PROCESS_STACK + PROCESS_STACK_BYTES);
        PROCESS_PUT_G(&p, PROCESS_G, stack_lo, SP + 1);
        assert_end(UNWIND_BAD_G, "not on the stack of goroutine 17");
        PROCESS_PUT_G(&p, PROCESS_G, stack_lo, SP);
        ASSERT_WALK(&p, WHOLE);
}

static void test_machine_that_does_not_fit(void **state) {
        (void) state;
        PROCESS_PUT_M(&p, procid, PROCESS_TID + 1);
        assert_end(UNWIND_BAD_G, "m.procid is 4712");
        PROCESS_PUT_M(&p, procid, 0); /* only g0 and gsignal run before the thread is known */
        assert_end(UNWIND_BAD_G, "m.procid is 0");
        PROCESS_PUT_M(&p, procid, PROCESS_TID);
        PROCESS_PUT_M(&p, curg, PROCESS_G + 8);
        assert_end(UNWIND_BAD_G, "g is none of its thread's");
        PROCESS_PUT_M(&p, curg, PROCESS_G);
        PROCESS_PUT_G(&p, PROCESS_G, m, 0x10);
        assert_end(UNWIND_BAD_READ, "");
        PROCESS_PUT_G(&p, PROCESS_G, m, PROCESS_M);
        p.regs.g = 0x10;
        assert_end(UNWIND_BAD_READ, "");
        p.regs.g = 0;
        assert_end(UNWIND_BAD_READ, "");
        p.regs.has_g = false;
        assert_end(UNWIND_BAD_G, "no register");
        process_on(&p, PROCESS_G);
        p.regs.has_g = true;
        ASSERT_WALK(&p, WHOLE);
}

/* Roots that only system stacks have, on a goroutine's stack. */
static void test_system_root_on_a_goroutine(void **state) {
        (void) state;
        static const char *const functions[] = { "runtime.mcall",  "runtime.morestack", "runtime.mstart",
                                                 "runtime.rt0_go", "runtime.sigtramp",  "runtime.cgoSigtramp" };
        for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
                process_put(&p, SP + 72, process_pc(&p, functions[i], 12));
                assert_end(UNWIND_BAD_G, "a system root on the stack of goroutine 17");
        }
}

static void put_systemstack(void) {
        process_on(&p, PROCESS_G0);
        process_stop(&p, "runtime.newproc1", 30, PROCESS_G0_STACK + 0x1000);
        process_return(&p, 96, "runtime.systemstack", 0x20);
        process_put(&p, SP - 8, process_pc(&p, "os.ReadFile", 12));
        PROCESS_PUT_G(&p, PROCESS_G, sched_sp, SP - 16);
        PROCESS_PUT_G(&p, PROCESS_G, sched_pc, process_pc(&p, "runtime.systemstack_switch", 8));
}

static void test_systemstack_without_a_goroutine(void **state) {
        (void) state;
        put_systemstack();
        ASSERT_WALK(&p, "runtime.newproc1 runtime.systemstack runtime.systemstack_switch " WHOLE);
        PROCESS_PUT_M(&p, curg, 0);
        assert_end(UNWIND_BAD_G, "systemstack without a goroutine");
        PROCESS_PUT_M(&p, curg, 0x10);
        assert_end(UNWIND_BAD_READ, "");
        PROCESS_PUT_M(&p, curg, PROCESS_G);
        PROCESS_PUT_G(&p, PROCESS_G, m, PROCESS_M + 8);
        assert_end(UNWIND_BAD_G, "curg runs on another thread");
        PROCESS_PUT_G(&p, PROCESS_G, m, PROCESS_M);
        PROCESS_PUT_G(&p, PROCESS_G, sched_pc, 0);
        assert_end(UNWIND_BAD_G, "which is no Go code");
        PROCESS_PUT_G(&p, PROCESS_G, sched_pc, process_pc(&p, "os.ReadFile", 12)); /* it waits for something else */
        assert_end(UNWIND_BAD_G, "does not wait for another stack");
        PROCESS_PUT_G(&p, PROCESS_G, sched_pc, process_pc(&p, "runtime.systemstack_switch", 8));
        PROCESS_PUT_G(&p, PROCESS_G, sched_sp, PROCESS_G0_STACK + 0x1000); /* on g0, not on its own stack */
        assert_end(UNWIND_BAD_G, "not on the stack of goroutine 17");
        PROCESS_PUT_G(&p, PROCESS_G, sched_sp, 0);
        assert_end(UNWIND_BAD_G, "not on the stack of goroutine 17");
        put_systemstack();
        process_on(&p, PROCESS_GSIGNAL); /* systemstack is not called on the signal stack */
        assert_end(UNWIND_BAD_G, "systemstack without a goroutine");
}

static void test_c_code_that_does_not_fit(void **state) {
        (void) state;
        process_in_c(&p);
        put_cgocall();
        ASSERT_WALK(&p, "C runtime.cgocall " WHOLE);
        process_put(&p, PROCESS_TLS - 8, PROCESS_G); /* C does not run on a goroutine's stack */
        assert_end(UNWIND_BAD_G, "C code on the stack of goroutine 17");
        process_put(&p, PROCESS_TLS - 8, 0x10);
        assert_end(UNWIND_BAD_READ, "");
        process_put(&p, PROCESS_TLS - 8, PROCESS_G0);
        PROCESS_PUT_G(&p, PROCESS_G, syscallpc, PROCESS_C_TEXT);
        assert_end(UNWIND_BAD_G, "which is no Go code");
        p.process.tls_known = false;
        assert_end(UNWIND_BAD_G, "not known where C threads keep");
        p.process.tls_known = true;
        p.regs.has_tls = false;
        assert_end(UNWIND_BAD_G, "not known where C threads keep");
        p.regs.has_tls = true;
        p.regs.tls = 0x10;
        assert_end(UNWIND_BAD_READ, "");
}

static void test_frame_pointers_that_lead_nowhere(void **state) {
        (void) state;
        process_stop(&p, "bare.assembly", 12, SP);
        assert_end(UNWIND_NO_STEP, "no pcsp table");
        p.regs.has_fp = true;
        static const uint64_t fps[] = { 0, SP - 8, SP + 4, UINT64_MAX - 7, 0x7ffffffffff8 };
        for (size_t i = 0; i < sizeof(fps) / sizeof(fps[0]); i++) {
                p.regs.fp = fps[i];
                assert_end(UNWIND_NO_STEP, "no pcsp table");
        }
        p.regs.fp = SP; /* to itself, and on: it must grow */
        process_put(&p, SP, SP);
        process_put(&p, SP + 8, process_pc(&p, "bare.assembly", 12));
        assert_end(UNWIND_NO_STEP, "leads nowhere");
        /* Behind a frame of its own the register is not the caller's any more. */
        process_stop(&p, "os.ReadFile", 12, SP);
        process_return(&p, 72, "bare.assembly", 12);
        p.regs.fp = SP + 72 - 8;
        assert_end(UNWIND_NO_STEP, "no pcsp table");
}

/* Each function with a frame saves the frame pointer below its return address, and the one above points there. */
static void test_frame_pointers_that_disagree(void **state) {
        (void) state;
        uint64_t first = SP + 8 + 104 - 8, second = first + 16 + 72 - 8;
        process_stop(&p, "internal/runtime/syscall/linux.Syscall6", 40, SP);
        process_return(&p, 0, "syscall.openat", 12);
        process_return(&p, 104, "os.ReadFile", 12);
        process_return(&p, 72, "main.main", 50);
        process_return_from_main(&p, 40);
        p.regs.has_fp = true;
        p.regs.fp = first;
        process_put(&p, first, second);
        process_put(&p, second, 0);
        assert_end(UNWIND_BAD_CALL, "the frame pointer 0x0 is not that of main.main");
        process_put(&p, first, second + 8);
        assert_end(UNWIND_BAD_CALL, "is not that of os.ReadFile");
        p.regs.fp = 0;
        assert_end(UNWIND_BAD_CALL, "the frame pointer 0x0 is not that of syscall.openat");
}

static void test_names(void **state) {
        (void) state;
        for (int end = UNWIND_TOP; end <= UNWIND_NO_MEMORY; end++)
                assert_true(strlen(unwind_end_name((enum unwind_end) end)) > 3);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
        const struct CMUnitTest tests[] = {
                TEST(test_each_region_unreadable),
                TEST(test_each_read_fails),
                TEST(test_cut_stack),
                TEST(test_unknown_code),
                TEST(test_damaged_tables),
                TEST(test_cycle),
                TEST(test_limit),
                TEST(test_bounds),
                TEST(test_machine_that_does_not_fit),
                TEST(test_system_root_on_a_goroutine),
                TEST(test_systemstack_without_a_goroutine),
                TEST(test_c_code_that_does_not_fit),
                TEST(test_frame_pointers_that_lead_nowhere),
                TEST(test_frame_pointers_that_disagree),
                TEST(test_names),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
