/* SPDX-License-Identifier: Apache-2.0 */
/* Return addresses that no call has left, and jumps that lead on: the image's code says what can have been called. */
#include "unwind/go_process.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct go_process p;
static uint8_t text[0x1000];

#define SP (PROCESS_STACK + 0x1000)

static uint8_t *code_at(const char *function, uint32_t offset) {
        return text + (tables_pc(&p.tables, function, offset) - p.tab.text_vaddr);
}

/* Instructions that end at an offset of a function. */
static void put_code(const char *function, uint32_t end, const void *bytes, size_t len) {
        memcpy(code_at(function, end) - len, bytes, len);
}

/* A call (E8) or jump (E9), ending at an offset of a function, to an offset of another. */
static void put_branch(uint8_t opcode, const char *function, uint32_t end, const char *target, uint32_t target_offset) {
        int32_t displacement = (int32_t) (code_at(target, target_offset) - code_at(function, end));
        uint8_t bytes[5] = { opcode };
        memcpy(bytes + 1, &displacement, 4);
        put_code(function, end, bytes, 5);
}

static void put_call(const char *function, uint32_t end, const char *target) {
        put_branch(0xe8, function, end, target, 0);
}

static void put_jump(const char *function, uint32_t end, const char *target) {
        put_branch(0xe9, function, end, target, 0);
}

static int setup(void **state) {
        (void) state;
        process_init(&p, 26);
        assert_true(p.tables.text_bytes <= sizeof(text));
        memset(text, 0xcc, sizeof(text));
        p.tab.text = (struct bytes){ text, p.tables.text_bytes };
        p.tab.arch = arch_native();

        put_code("internal/runtime/syscall/linux.Syscall6", 40, "\x0f\x05", 2);
        put_call("syscall.openat", 12, "internal/runtime/syscall/linux.Syscall6");
        put_call("os.ReadFile", 12, "syscall.openat");
        put_call("main.main", 50, "os.ReadFile");
        put_code("runtime.main", 33, "\xff\xd2", 2); /* call *%rdx */
        process_stop(&p, "internal/runtime/syscall/linux.Syscall6", 40, SP);
        process_return(&p, 0, "syscall.openat", 12);
        process_return(&p, 104, "os.ReadFile", 12);
        process_return(&p, 72, "main.main", 50);
        process_return_from_main(&p, 40);
        return 0;
}

static int teardown(void **state) {
        (void) state;
        process_clear(&p);
        return 0;
}

#define WHOLE "linux.Syscall6 syscall.openat os.ReadFile main.main runtime.main runtime.goexit = main"

/* After a change of code nothing of what was remembered holds. */
static const char *walk(void) {
        code_table_free(p.process.code);
        assert_int_equal(code_table_new(&p.tab, &p.process.code, NULL), 0);
        return process_walk(&p);
}

static void assert_bad(enum unwind_end end, const char *detail) {
        (void) walk();
        if (p.stack.end != end || !strstr(p.stack.detail, detail))
                fail_msg("%s: %s; not \"%s\"", p.shown, p.stack.detail, detail);
}

static void test_agrees(void **state) {
        (void) state;
        assert_string_equal(walk(), WHOLE);
}

/* The system call itself: only assembly holds the instruction, and the pc is behind it. */
static void test_kernel_entry(void **state) {
        (void) state;
        static const char leaf[] = "internal/runtime/syscall/linux.Syscall6";
        p.regs.ip = process_pc(&p, leaf, 41);
        assert_bad(UNWIND_UNKNOWN_CODE, "makes none there");
        p.regs.ip = process_pc(&p, leaf, 39);
        assert_bad(UNWIND_UNKNOWN_CODE, "makes none there");
        p.regs.ip = process_pc(&p, leaf, 0);
        assert_bad(UNWIND_UNKNOWN_CODE, "makes none there");
        /* In what the compiler made, the two bytes are a part of another instruction. */
        put_code("os.ReadFile", 30, "\x0f\x05", 2);
        p.regs.ip = process_pc(&p, "os.ReadFile", 30);
        assert_bad(UNWIND_UNKNOWN_CODE, "makes none there");
}

static void test_return_without_call(void **state) {
        (void) state;
        static const uint32_t offsets[] = { 0, 1, 11, 13, 49, 51, 63 };
        for (size_t i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
                process_put(&p, SP + 8 + 104, process_pc(&p, "main.main", offsets[i]));
                assert_bad(UNWIND_BAD_CALL, "syscall.openat returns to where nothing is called, in main.main");
        }
        put_code("main.main", 20, "\x0f\x05", 2); /* behind a system call */
        process_put(&p, SP + 8 + 104, process_pc(&p, "main.main", 20));
        assert_bad(UNWIND_BAD_CALL, "nothing is called");
        /* A function whose first bytes look like the end of a call that began in front of it. */
        put_code("main.main", 2, "\xe8\x00\x00\x00\x00", 5);
        process_put(&p, SP + 8 + 104, process_pc(&p, "main.main", 2));
        assert_bad(UNWIND_BAD_CALL, "nothing is called");
}

static void test_call_of_something_else(void **state) {
        (void) state;
        put_call("main.main", 50, "example.com/evil.work");
        assert_bad(UNWIND_BAD_CALL, "os.ReadFile is not what is called by main.main");
        put_branch(0xe8, "main.main", 50, "os.ReadFile", 4); /* into the middle */
        assert_bad(UNWIND_BAD_CALL, "os.ReadFile is not what is called by main.main");
        put_branch(0xe8, "main.main", 50, "os.ReadFile", 0x8000); /* outside the text */
        assert_bad(UNWIND_BAD_CALL, "os.ReadFile is not what is called by main.main");
}

/* Calls through a register can lead anywhere. Bytes may be read as either kind; the direct one must lead to an entry to count. */
static void test_indirect_calls(void **state) {
        (void) state;
        put_code("main.main", 50, "\xff\xd0", 2);
        assert_string_equal(walk(), WHOLE);
        put_code("main.main", 50, "\x48\xe8\x11\x22\xff\xd0", 6); /* … call *%rax, or call with a displacement of 0xd0ff2211 */
        assert_string_equal(walk(), WHOLE);
}

/* A wrapper that jumps on is not on the stack, but it ran. */
static void test_jumps(void **state) {
        (void) state;
        put_call("main.main", 50, "example.com/evil.work");
        put_jump("example.com/evil.work", 20, "os.ReadFile");
        assert_string_equal(walk(),
                            "linux.Syscall6 syscall.openat os.ReadFile evil.work main.main runtime.main runtime.goexit = main");
        put_jump("example.com/evil.work", 20, "runtime.schedule");
        put_jump("runtime.schedule", 40, "runtime.deep");
        put_jump("runtime.deep", 5, "os.ReadFile");
        assert_string_equal(walk(), "linux.Syscall6 syscall.openat os.ReadFile runtime.deep runtime.schedule evil.work main.main "
                                    "runtime.main runtime.goexit = main");
        put_jump("runtime.deep", 5, "runtime.newproc");
        put_jump("runtime.newproc", 5, "os.ReadFile"); /* one too many */
        assert_bad(UNWIND_BAD_CALL, "os.ReadFile is not what is called by main.main");
        put_jump("runtime.deep", 5, "example.com/evil.work"); /* round in circles */
        assert_bad(UNWIND_BAD_CALL, "os.ReadFile is not what is called by main.main");
        put_branch(0xe9, "example.com/evil.work", 20, "os.ReadFile", 4);
        assert_bad(UNWIND_BAD_CALL, "os.ReadFile is not what is called by main.main");
}

/* A goroutine's first function returns behind goexit's first instruction, and nowhere else. */
static void test_goexit(void **state) {
        (void) state;
        uint64_t slot = SP + 8 + 104 + 8 + 72 + 8 + 40 + 8 + 80;
        assert_true(process_get(&p, slot) == process_pc(&p, "runtime.goexit", 1));
        for (uint32_t offset = 0; offset < 64; offset++) {
                process_put(&p, slot, process_pc(&p, "runtime.goexit", offset));
                if (offset == 1)
                        assert_string_equal(walk(), WHOLE);
                else
                        assert_bad(UNWIND_BAD_CALL, "nothing is called, in runtime.goexit");
        }
}

/* Who switches to the system stack seems to have called systemstack_switch. */
static void test_systemstack(void **state) {
        (void) state;
        put_call("runtime.newproc", 20, "runtime.systemstack");
        put_call("main.main", 50, "runtime.newproc");
        put_code("runtime.systemstack", 0x20, "\xff\xd7", 2); /* call *%rdi */
        put_code("runtime.newproc1", 30, "\x0f\x05", 2);
        process_on(&p, PROCESS_G0);
        process_stop(&p, "internal/runtime/syscall/linux.Syscall6", 40, PROCESS_G0_STACK + 0x1000);
        process_return(&p, 0, "runtime.systemstack", 0x20);
        PROCESS_PUT_G(&p, PROCESS_G, sched_sp, SP);
        PROCESS_PUT_G(&p, PROCESS_G, sched_pc, process_pc(&p, "runtime.systemstack_switch", 8));
        p.cursor = SP;
        process_return(&p, 8, "runtime.newproc", 20);
        process_return(&p, 64, "main.main", 50);
        process_return_from_main(&p, 40);
        assert_string_equal(walk(), "linux.Syscall6 runtime.systemstack runtime.systemstack_switch runtime.newproc main.main "
                                    "runtime.main runtime.goexit = main");
        put_call("runtime.newproc", 20, "os.ReadFile"); /* it called something else */
        assert_bad(UNWIND_BAD_CALL, "runtime.systemstack_switch is not what is called by runtime.newproc");
}

/* The register and the thread's own storage name the goroutine; until the thread's m is known both must. */
static void test_register_and_storage(void **state) {
        (void) state;
        process_put(&p, PROCESS_TLS - 8, PROCESS_G0);
        assert_bad(UNWIND_BAD_G, "the thread's own storage");
        process_put(&p, PROCESS_TLS - 8, 0);
        assert_bad(UNWIND_BAD_G, "the thread's own storage");
        p.regs.tls = 0x10;
        assert_bad(UNWIND_BAD_READ, "");
        p.regs.tls = PROCESS_TLS;
        process_on(&p, PROCESS_G);
        assert_string_equal(walk(), WHOLE);
}

/* A goroutine does not end on a system stack. */
static void test_goexit_on_system_stack(void **state) {
        (void) state;
        process_on(&p, PROCESS_G0);
        assert_bad(UNWIND_BAD_G, "a goroutine's end on a system stack");
}

/* Functions that only jump, each to all others: all ways through them are tried, as far as the effort goes. */
static void test_jumps_everywhere(void **state) {
        (void) state;
        static const char *const functions[] = { "bare.assembly", "damaged.pcsp", "odd.shrinking" };
        struct effort effort;
        for (size_t i = 0; i < 3; i++)
                for (uint32_t n = 0; n < 12; n++)
                        put_jump(functions[i], 5 * (n + 1), functions[(i + 1 + n % 2) % 3]);
        put_call("os.ReadFile", 12, "bare.assembly");
        assert_bad(UNWIND_BAD_CALL, "is not what is called by");
        p.tab.effort = &effort;
        effort_begin(&effort, EFFORT_PER_STOP);
        assert_bad(UNWIND_BAD_CALL, "is not what is called by");
        assert_false(effort_is_spent(&effort));
        assert_in_range(EFFORT_PER_STOP - effort.left, 150 * EFFORT_ENTRY, EFFORT_PER_STOP);
        effort_begin(&effort, 100 * EFFORT_ENTRY);
        assert_bad(UNWIND_BAD_CALL, "");
        assert_true(effort_is_spent(&effort));
        p.tab.effort = NULL;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
        const struct CMUnitTest tests[] = {
                TEST(test_agrees),
                TEST(test_kernel_entry),
                TEST(test_return_without_call),
                TEST(test_call_of_something_else),
                TEST(test_indirect_calls),
                TEST(test_jumps),
                TEST(test_jumps_everywhere),
                TEST(test_goexit),
                TEST(test_systemstack),
                TEST(test_register_and_storage),
                TEST(test_goexit_on_system_stack),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
