/* SPDX-License-Identifier: Apache-2.0 */
/* Walks that reach a root, over stacks that were put together by hand, in the layouts of old and new Go versions. */
#include "unwind/go_process.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct go_process p;
static const unsigned minors[] = { 18, 20, 22, 23, 26 };

static int teardown(void **state) {
        (void) state;
        process_clear(&p);
        return 0;
}

/* Runs a case in each layout. */
static void each_version(void (*check)(void)) {
        for (size_t i = 0; i < sizeof(minors) / sizeof(minors[0]); i++) {
                process_init(&p, minors[i]);
                check();
                process_clear(&p);
        }
}

#define SP (PROCESS_STACK + 0x1000)

static void check_plain(void) {
        process_stop(&p, "internal/runtime/syscall/linux.Syscall6", 40, SP);
        process_return(&p, 0, "syscall.openat", 12);
        process_return(&p, 104, "os.ReadFile", 12);
        process_return(&p, 72, "main.main", 50);
        process_return_from_main(&p, 40);
        ASSERT_WALK(&p, "linux.Syscall6 syscall.openat os.ReadFile main.main runtime.main runtime.goexit = main");
        assert_false(p.stack.foreign);
        assert_false(p.stack.on_g0);
        for (size_t i = 0; i < p.stack.n_frames; i++)
                assert_int_equal(p.stack.frames[i].kind, UNWIND_OWN);
        assert_int_equal(p.stack.frames[1].pc, process_pc(&p, "syscall.openat", 12));
}

static void test_plain(void **state) {
        (void) state;
        each_version(check_plain);
}

/* The first walk reads g, m and the stack; the next ones know that this m runs g. */
static void test_number_of_reads(void **state) {
        (void) state;
        process_init(&p, 26);
        p.process.tls_known = false;
        check_plain();
        assert_int_equal(p.memory.n_reads, 3);
        assert_int_equal(p.thread.m_vaddr, PROCESS_M);
        (void) process_walk(&p);
        assert_int_equal(p.memory.n_reads, 5);
        check_plain();
        assert_int_equal(p.memory.n_reads, 7);
        p.thread.m_vaddr = PROCESS_M + 8; /* remembered wrongly */
        check_plain();
        assert_int_equal(p.thread.m_vaddr, PROCESS_M);
        assert_int_equal(p.memory.n_reads, 10);
        p.thread.goid++; /* another goroutine in the same place */
        check_plain();
        assert_int_equal(p.memory.n_reads, 13);
}

/* What was remembered of the thread must not let another goroutine through, nor one that has left its thread. */
static void test_remembered_thread(void **state) {
        (void) state;
        process_init(&p, 26);
        p.process.tls_known = false;
        check_plain();
        PROCESS_PUT_M(&p, procid, PROCESS_TID + 1);
        check_plain(); /* it was asked before, and the goroutine still says that it runs there */
        PROCESS_PUT_G(&p, PROCESS_G, m, PROCESS_M + 0x40);
        ASSERT_WALK(&p, "! a goroutine that does not fit");
        PROCESS_PUT_G(&p, PROCESS_G, m, PROCESS_M);
        PROCESS_PUT_G(&p, PROCESS_G, goid, 18);
        ASSERT_WALK(&p, "! a goroutine that does not fit");
        PROCESS_PUT_G(&p, PROCESS_G, goid, 17);
        ASSERT_WALK(&p, "! a goroutine that does not fit"); /* a failure is not forgotten */
        PROCESS_PUT_M(&p, procid, PROCESS_TID);
        check_plain();
}

/* evil.F, inlined into main.main, calls. The return address 40 is behind the call; 41 is main.main's own again. */
static void check_inlined(void) {
        static const struct {
                uint32_t offset;
                const char *want;
        } cases[] = {
                { 21, "os.ReadFile (evil.F) main.main runtime.main runtime.goexit = main" },
                { 40, "os.ReadFile (evil.F) main.main runtime.main runtime.goexit = main" },
                { 20, "os.ReadFile main.main runtime.main runtime.goexit = main" },
                { 41, "os.ReadFile main.main runtime.main runtime.goexit = main" },
        };
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                process_stop(&p, "os.ReadFile", 12, SP);
                process_return(&p, 72, "main.main", cases[i].offset);
                process_return_from_main(&p, 40);
                ASSERT_WALK(&p, cases[i].want);
        }
}

static void test_inlined(void **state) {
        (void) state;
        each_version(check_inlined);
}

/* systemstack runs on g0; the goroutine's place is in curg.sched, where systemstack_switch seems to have been called. */
static void check_systemstack(void) {
        process_on(&p, PROCESS_G0);
        process_stop(&p, "runtime.newproc1", 30, PROCESS_G0_STACK + 0x1000);
        process_return(&p, 96, "runtime.systemstack", 0x20);
        PROCESS_PUT_G(&p, PROCESS_G, sched_sp, SP);
        PROCESS_PUT_G(&p, PROCESS_G, sched_pc, process_pc(&p, "runtime.systemstack_switch", 8));
        p.cursor = SP;
        process_return(&p, 8, "runtime.newproc", 20);
        process_return(&p, 64, "main.main", 50);
        process_return_from_main(&p, 40);
        ASSERT_WALK(&p, "runtime.newproc1 runtime.systemstack runtime.systemstack_switch runtime.newproc main.main runtime.main "
                        "runtime.goexit = main");
        assert_false(p.stack.on_g0);
}

static void test_systemstack(void **state) {
        (void) state;
        each_version(check_systemstack);
}

/* Up to Go 1.20 the saved pc is the function's first instruction: it must not be looked up one byte before. */
static void test_systemstack_at_entry(void **state) {
        (void) state;
        process_init(&p, 20);
        process_on(&p, PROCESS_G0);
        process_stop(&p, "runtime.newproc1", 30, PROCESS_G0_STACK + 0x1000);
        process_return(&p, 96, "runtime.systemstack", 0x20);
        PROCESS_PUT_G(&p, PROCESS_G, sched_sp, SP);
        PROCESS_PUT_G(&p, PROCESS_G, sched_pc, process_pc(&p, "runtime.systemstack_switch", 0));
        p.cursor = SP;
        process_return(&p, 8, "main.main", 50);
        process_return_from_main(&p, 40);
        ASSERT_WALK(&p,
                    "runtime.newproc1 runtime.systemstack runtime.systemstack_switch main.main runtime.main runtime.goexit = main");
}

/* Before and after the switch systemstack's frame is on the goroutine's own stack. */
static void test_systemstack_on_own_stack(void **state) {
        (void) state;
        process_init(&p, 26);
        process_stop(&p, "runtime.systemstack", 4, SP);
        process_return(&p, 8, "main.main", 50);
        process_return_from_main(&p, 40);
        ASSERT_WALK(&p, "runtime.systemstack main.main runtime.main runtime.goexit = main");
}

/* The roots of system stacks. What stands above them there is not looked at. */
static void check_system_roots(void) {
        static const struct {
                const char *function, *want;
        } cases[] = {
                { "runtime.mcall", "runtime.schedule runtime.mcall = mcall" },
                { "runtime.morestack", "runtime.schedule runtime.morestack = morestack" },
                { "runtime.mstart", "runtime.schedule runtime.mstart = mstart" },
                { "runtime.rt0_go", "runtime.schedule runtime.rt0_go = rt0" },
        };
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                process_on(&p, PROCESS_G0);
                process_stop(&p, "runtime.schedule", 30, PROCESS_G0_STACK + 0x1000);
                process_return(&p, 40, cases[i].function, 20);
                process_put(&p, p.cursor, 0x41414141);
                ASSERT_WALK(&p, cases[i].want);
                assert_true(p.stack.on_g0);
        }
        /* The first call of a process: m0 does not know its thread yet. */
        PROCESS_PUT_M(&p, procid, 0);
        p.thread.m_vaddr = 0;
        ASSERT_WALK(&p, "runtime.schedule runtime.rt0_go = rt0");
}

static void test_system_roots(void **state) {
        (void) state;
        each_version(check_system_roots);
}

static void check_signal(void) {
        process_on(&p, PROCESS_GSIGNAL);
        process_stop(&p, "runtime.sighandler", 12, PROCESS_SIGNAL_STACK + 0x1000);
        process_return(&p, 48, "runtime.sigtramp", 12);
        ASSERT_WALK(&p, "runtime.sighandler runtime.sigtramp = signal");
        process_stop(&p, "runtime.sighandler", 12, PROCESS_SIGNAL_STACK + 0x1000);
        process_return(&p, 48, "runtime.cgoSigtramp", 12);
        ASSERT_WALK(&p, "runtime.sighandler runtime.cgoSigtramp = signal");
}

static void test_signal(void **state) {
        (void) state;
        each_version(check_signal);
}

/* sigpanic returns to the instruction that faulted: offset 20 is the first byte of what was inlined. */
static void check_injected(void) {
        static const char *const functions[] = { "runtime.sigpanic", "runtime.asyncPreempt" };
        static const int32_t deltas[] = { 32, 16 };
        for (int i = 0; i < 2; i++) {
                char want[128];
                process_stop(&p, functions[i], 12, SP);
                process_return(&p, deltas[i], "main.main", 20);
                process_return_from_main(&p, 40);
                snprintf(want, sizeof(want), "%s (evil.F) main.main runtime.main runtime.goexit = main", functions[i]);
                ASSERT_WALK(&p, want);
        }
}

static void test_injected(void **state) {
        (void) state;
        each_version(check_injected);
}

/* rawVforkSyscall has popped its return address: it is below the stack pointer. */
static void check_vfork(void) {
        p.process.tls_known = false;
        process_stop(&p, "syscall.rawVforkSyscall", 40, SP);
        process_return(&p, -8, "os.ReadFile", 12);
        process_return(&p, 72, "main.main", 50);
        process_return_from_main(&p, 40);
        ASSERT_WALK(&p, "syscall.rawVforkSyscall os.ReadFile main.main runtime.main runtime.goexit = main");
        assert_int_equal(p.memory.n_reads, 3); /* that word was read with the others */
}

static void test_vfork(void **state) {
        (void) state;
        each_version(check_vfork);
}

/* A call from C: thread-local storage has g0, and curg.syscallsp the place of the Go caller. */
static void check_c_code(void) {
        process_in_c(&p);
        PROCESS_PUT_G(&p, PROCESS_G, syscallsp, SP);
        PROCESS_PUT_G(&p, PROCESS_G, syscallpc, process_pc(&p, "runtime.cgocall", 20));
        PROCESS_PUT_G(&p, PROCESS_G, sched_sp, 0x1234);
        p.cursor = SP;
        process_return(&p, 56, "main.main", 50);
        process_return_from_main(&p, 40);
        ASSERT_WALK(&p, "C runtime.cgocall main.main runtime.main runtime.goexit = main");
        assert_true(p.stack.foreign);
        /* The runtime's own calls of C, as for the time, save their place as systemstack does. */
        PROCESS_PUT_G(&p, PROCESS_G, syscallsp, 0);
        PROCESS_PUT_G(&p, PROCESS_G, sched_sp, SP + 48);
        PROCESS_PUT_G(&p, PROCESS_G, sched_pc, process_pc(&p, "runtime.systemstack_switch", 8));
        ASSERT_WALK(&p, "C runtime.systemstack_switch main.main runtime.main runtime.goexit = main");
        /* So does what C is called for on the system stack, where the goroutine has entered a system call. */
        PROCESS_PUT_G(&p, PROCESS_G, syscallsp, SP);
        PROCESS_PUT_G(&p, PROCESS_G, syscallpc, process_pc(&p, "syscall.openat", 20));
        ASSERT_WALK(&p, "C runtime.systemstack_switch main.main runtime.main runtime.goexit = main");
        /* One that waits for something else does not wait for this. */
        PROCESS_PUT_G(&p, PROCESS_G, sched_pc, process_pc(&p, "syscall.openat", 20));
        ASSERT_WALK(&p, "C ! a goroutine that does not fit");
}

static void test_c_code(void **state) {
        (void) state;
        each_version(check_c_code);
}

static void check_c_threads(void) {
        process_in_c(&p);
        process_put(&p, PROCESS_TLS - 8, 0); /* no g: a thread that C made */
        ASSERT_WALK(&p, "C = c-thread");
        assert_true(p.stack.c_thread);
        process_put(&p, PROCESS_TLS - 8, PROCESS_G0);
        PROCESS_PUT_M(&p, curg, 0); /* g0, and no goroutine */
        ASSERT_WALK(&p, "C = c-thread");
        p.process.started = false;
        ASSERT_WALK(&p, "C = start");
        p.regs.ip = PROCESS_LOADER_TEXT;
        ASSERT_WALK(&p, "C = start");
}

static void test_c_threads(void **state) {
        (void) state;
        each_version(check_c_threads);
}

/* A call that leads to Go in a thread of C's: its goroutine was created by nobody. */
static void check_go_below_c_thread(void) {
        process_stop(&p, "os.ReadFile", 12, SP);
        process_return(&p, 72, "example.com/evil.Start", 12);
        process_return(&p, 24, "runtime.cgocallback", 12);
        process_return(&p, 56, "runtime.goexit", 1);
        ASSERT_WALK(&p, "os.ReadFile evil.Start runtime.cgocallback runtime.goexit = c-thread");
        assert_true(p.stack.c_thread);
        /* No other goroutine was created by nobody: its g is forged. */
        process_stop(&p, "os.ReadFile", 12, SP);
        process_return(&p, 72, "example.com/evil.Start", 12);
        process_return(&p, 24, "runtime.goexit", 1);
        ASSERT_WALK(&p, "os.ReadFile evil.Start runtime.goexit ! unknown code");
}

static void test_go_below_c_thread(void **state) {
        (void) state;
        each_version(check_go_below_c_thread);
}

/* Assembly without a pcsp table: by the frame pointer, then by the one that it saved, until a frame with a table follows. */
static void check_frame_pointers(void) {
        process_stop(&p, "bare.assembly", 12, SP);
        p.regs.fp = SP + 0x20;
        p.regs.has_fp = true;
        process_put(&p, SP + 0x20, SP + 0x60); /* the caller's frame pointer */
        process_put(&p, SP + 0x28, process_pc(&p, "bare.assembly", 20));
        process_put(&p, SP + 0x60, 0);
        process_put(&p, SP + 0x68, process_pc(&p, "main.main", 50));
        p.cursor = SP + 0x70;
        process_return_from_main(&p, 40);
        ASSERT_WALK(&p, "bare.assembly bare.assembly main.main runtime.main runtime.goexit = main");
        /* A leaf without a frame leaves the register as it is. */
        process_stop(&p, "internal/runtime/syscall/linux.Syscall6", 40, SP);
        process_return(&p, 0, "bare.assembly", 12);
        ASSERT_WALK(&p, "linux.Syscall6 bare.assembly bare.assembly main.main runtime.main runtime.goexit = main");
}

static void test_frame_pointers(void **state) {
        (void) state;
        each_version(check_frame_pointers);
}

/* Goroutines that work for everybody end the walk, wherever they were created. */
static void check_service_frames(void) {
        static const char *const functions[] = { "runtime.runfinq", "runtime.runFinalizers", "runtime.runCleanups", "time.goFunc" };
        for (int i = 0; i < 4; i++) {
                char want[64];
                process_stop(&p, "os.ReadFile", 12, SP);
                process_return(&p, 72, functions[i], 12);
                process_put(&p, p.cursor, 0x41414141);
                snprintf(want, sizeof(want), "os.ReadFile %s = service", functions[i]);
                ASSERT_WALK(&p, want);
        }
}

static void test_service_frames(void **state) {
        (void) state;
        each_version(check_service_frames);
}

/* A stack that is larger than the window. */
static void test_large_frames(void **state) {
        (void) state;
        process_init(&p, 26);
        p.process.tls_known = false;
        process_stop(&p, "os.ReadFile", 12, PROCESS_STACK + 0x40);
        for (uint64_t i = 0; i < 20; i++)
                process_return(&p, i == 0 ? 72 : 24, "example.com/evil.Start", 12);
        process_return(&p, 24, "main.main", 50);
        process_return(&p, 40, "runtime.deep", 1);
        while (p.cursor < PROCESS_STACK + PROCESS_STACK_BYTES - 0x100)
                process_return(&p, 0, "runtime.deep", 1);
        process_return(&p, 0, "runtime.main", 33);
        process_return(&p, 80, "runtime.goexit", 1);
        (void) process_walk(&p);
        assert_int_equal(p.stack.end, UNWIND_TOP);
        assert_true(p.stack.n_frames > 1500);
        assert_int_equal(p.memory.n_reads, 4);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_plain),
                cmocka_unit_test_teardown(test_number_of_reads, teardown),
                cmocka_unit_test_teardown(test_remembered_thread, teardown),
                cmocka_unit_test(test_inlined),
                cmocka_unit_test(test_systemstack),
                cmocka_unit_test_teardown(test_systemstack_at_entry, teardown),
                cmocka_unit_test_teardown(test_systemstack_on_own_stack, teardown),
                cmocka_unit_test(test_system_roots),
                cmocka_unit_test(test_signal),
                cmocka_unit_test(test_injected),
                cmocka_unit_test(test_vfork),
                cmocka_unit_test(test_c_code),
                cmocka_unit_test(test_c_threads),
                cmocka_unit_test(test_go_below_c_thread),
                cmocka_unit_test(test_frame_pointers),
                cmocka_unit_test(test_service_frames),
                cmocka_unit_test_teardown(test_large_frames, teardown),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
