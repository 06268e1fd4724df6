/* SPDX-License-Identifier: Apache-2.0 */
/* Chains that are remembered: taken where the walk would see the same, and only there. */
#include "unwind/chain.h"
#include "unwind/go_process.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define SP    (PROCESS_STACK + 0x1000)
#define WHOLE "linux.Syscall6 syscall.openat os.ReadFile main.main runtime.main runtime.goexit = main"

static struct go_process p;
static struct chain_table *chains;

static int setup(void **state) {
        (void) state;
        process_init(&p, 26);
        process_stop_whole(&p, SP);
        if (chain_table_new(&chains, NULL) < 0)
                return -1;
        p.process.chains = chains;
        return 0;
}

static int teardown(void **state) {
        (void) state;
        chain_table_free(chains);
        process_clear(&p);
        return 0;
}

/* The second walk remembers, the third one takes. */
static void remember(void) {
        for (int i = 0; i < 2; i++) {
                ASSERT_WALK(&p, WHOLE);
                assert_int_equal(p.stack.chain_serial, 0);
        }
        ASSERT_WALK(&p, WHOLE);
        assert_int_not_equal(p.stack.chain_serial, 0);
        assert_int_not_equal(p.stack.ancestry_serial, 0);
}

/* With what is remembered the walk sees what it sees without. */
static void assert_same(const char *what, uint64_t where) {
        char shown[sizeof(p.shown)], detail[sizeof(p.stack.detail)];
        p.process.chains = NULL;
        snprintf(shown, sizeof(shown), "%s", process_walk(&p));
        snprintf(detail, sizeof(detail), "%s", p.stack.detail);
        p.process.chains = chains;
        (void) process_walk(&p);
        if (strcmp(shown, p.shown) != 0 || strcmp(detail, p.stack.detail) != 0)
                fail_msg("%s 0x%llx: %s (%s), not %s (%s)", what, (unsigned long long) where, p.shown, p.stack.detail, shown,
                         detail);
}

static void test_taken(void **state) {
        (void) state;
        remember();
        uint64_t serial = p.stack.chain_serial;
        ASSERT_WALK(&p, WHOLE);
        assert_true(p.stack.chain_serial == serial);
        assert_int_equal(p.stack.end, UNWIND_TOP);
        assert_int_equal(p.stack.root, UNWIND_ROOT_MAIN);
}

/* A stack that was moved, and is as far from its end as before, is the same. */
static void test_moved_stack(void **state) {
        (void) state;
        remember();
        PROCESS_PUT_G(&p, PROCESS_G, stack_hi, PROCESS_STACK + PROCESS_STACK_BYTES - 0x200);
        memset(p.stack_bytes, 0, sizeof(p.stack_bytes));
        process_stop_whole(&p, SP - 0x200);
        ASSERT_WALK(&p, WHOLE);
        assert_int_not_equal(p.stack.chain_serial, 0);
        process_stop_whole(&p, SP - 0x208); /* not so far */
        ASSERT_WALK(&p, WHOLE);
        assert_int_equal(p.stack.chain_serial, 0);
}

/* Every word of the stack, every bit that matters: what a forger changes is seen as if nothing had been remembered. */
static void test_each_word(void **state) {
        (void) state;
        static const uint64_t changes[] = { 1, 8, 0x1000, UINT64_C(1) << 40, UINT64_MAX };
        unsigned n_taken = 0, n_refused = 0;
        remember();
        for (uint64_t vaddr = SP - 16; vaddr < SP + 0x180; vaddr += 8) {
                uint64_t word = process_get(&p, vaddr);
                for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
                        process_put(&p, vaddr, word ^ changes[i]);
                        assert_same("word at", vaddr);
                        n_taken += p.stack.chain_serial != 0;
                        n_refused += p.stack.chain_serial == 0;
                }
                process_put(&p, vaddr, word);
        }
        assert_true(n_taken > 100 && n_refused > 40); /* locals do not matter; return addresses and frame pointers do */
}

static void test_each_register(void **state) {
        (void) state;
        remember();
        const struct arch_regs regs = p.regs;
        for (int i = -64; i <= 64; i++) {
                p.regs.ip = regs.ip + (uint64_t) (int64_t) i;
                assert_same("pc", p.regs.ip);
                p.regs = regs;
                p.regs.sp = regs.sp + (uint64_t) (int64_t) i;
                assert_same("stack pointer", p.regs.sp);
                p.regs = regs;
                p.regs.fp = regs.fp + (uint64_t) (int64_t) i;
                assert_same("frame pointer", p.regs.fp);
                p.regs = regs;
        }
        p.regs.has_fp = false;
        assert_same("no frame pointer", 0);
        p.regs = regs;
        process_on(&p, PROCESS_G0);
        assert_same("on g0", 0);
}

/* The goroutine is looked at each time. */
static void test_goroutine(void **state) {
        (void) state;
        remember();
        PROCESS_PUT_G(&p, PROCESS_G, stack_lo, SP + 8);
        assert_same("outside the stack", 0);
        assert_int_not_equal(p.stack.end, UNWIND_TOP);
        PROCESS_PUT_G(&p, PROCESS_G, stack_lo, PROCESS_STACK);
        PROCESS_PUT_M(&p, curg, PROCESS_G0);
        PROCESS_PUT_G(&p, PROCESS_G, goid, 5);
        assert_same("not what the thread runs", 0);
        assert_int_not_equal(p.stack.end, UNWIND_TOP);
}

/* The same frames of two goroutines are one chain with two ancestries. */
static void test_ancestry(void **state) {
        (void) state;
        const uint64_t gopc = process_pc(&p, "main.main", 12), evil = process_pc(&p, "example.com/evil.Start", 12);
        const struct process_ancestor one = {
                .goid = 1, .gopc = gopc, .pcs = { gopc, process_pc(&p, "runtime.goexit", 1) }, .n_pcs = 2
        };
        const struct process_ancestor other = {
                .goid = 1, .gopc = evil, .pcs = { evil, process_pc(&p, "runtime.goexit", 1) }, .n_pcs = 2
        };
        process_put(&p, SP + 8 + 104 + 8 + 72, process_pc(&p, "runtime.goexit", 1)); /* os.ReadFile was the first function */
        process_ancestors(&p, gopc, &one, 1);
        static const char first[] =
                "linux.Syscall6 syscall.openat os.ReadFile runtime.goexit go:main.main ^main.main ^runtime.goexit = main";
        for (int i = 0; i < 4; i++)
                ASSERT_WALK(&p, first);
        uint64_t chain = p.stack.chain_serial, ancestry = p.stack.ancestry_serial;
        assert_true(chain != 0 && ancestry != 0);
        process_ancestors(&p, evil, &other, 1);
        static const char second[] =
                "linux.Syscall6 syscall.openat os.ReadFile runtime.goexit go:evil.Start ^evil.Start ^runtime.goexit = main";
        for (int i = 0; i < 2; i++)
                ASSERT_WALK(&p, second);
        assert_true(p.stack.chain_serial == chain && p.stack.ancestry_serial != 0 && p.stack.ancestry_serial != ancestry);
}

/* What cannot be seen in a first window is not remembered, nor what is too long. */
static void test_not_remembered(void **state) {
        (void) state;
        uint64_t fp_slot = 0;
        process_stop(&p, "internal/runtime/syscall/linux.Syscall6", 40, PROCESS_STACK + 0x40);
        process_return_framed(&p, &fp_slot, 0, "syscall.openat", 12);
        process_return_framed(&p, &fp_slot, 104, "runtime.deep", 1);
        while (p.cursor < PROCESS_STACK + PROCESS_STACK_BYTES - 0x100)
                process_return(&p, 0, "runtime.deep", 1);
        process_return_framed(&p, &fp_slot, 0, "runtime.main", 33);
        process_return_framed(&p, &fp_slot, 80, "runtime.goexit", 1);
        for (int i = 0; i < 4; i++) {
                (void) process_walk(&p);
                assert_int_equal(p.stack.end, UNWIND_TOP);
                assert_int_equal(p.stack.chain_serial, 0);
        }
}

/* Many keys fall into one set: none is taken for another, and all are right. */
static void test_many(void **state) {
        (void) state;
        unsigned n_taken = 0;
        for (int round = 0; round < 4; round++)
                for (uint64_t i = 0; i < 900; i++) {
                        process_stop_whole(&p, SP + i * 8);
                        ASSERT_WALK(&p, WHOLE);
                        n_taken += p.stack.chain_serial != 0;
                }
        assert_true(n_taken > 100);
        chain_table_clear(chains);
        ASSERT_WALK(&p, WHOLE);
        assert_int_equal(p.stack.chain_serial, 0);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_taken, setup, teardown),
                cmocka_unit_test_setup_teardown(test_moved_stack, setup, teardown),
                cmocka_unit_test_setup_teardown(test_each_word, setup, teardown),
                cmocka_unit_test_setup_teardown(test_each_register, setup, teardown),
                cmocka_unit_test_setup_teardown(test_goroutine, setup, teardown),
                cmocka_unit_test_setup_teardown(test_ancestry, setup, teardown),
                cmocka_unit_test_setup_teardown(test_not_remembered, setup, teardown),
                cmocka_unit_test_setup_teardown(test_many, setup, teardown),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
