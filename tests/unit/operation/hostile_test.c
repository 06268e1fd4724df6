/* SPDX-License-Identifier: Apache-2.0 */
/* Memory that lies: unreadable, unterminated, endless. Whatever it holds, what is shown is bounded and one harmless line. */
#include "program.h"

#include <fcntl.h>
#include <linux/audit.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define CWD      ((uint64_t) AT_FDCWD)
#define UNMAPPED 0x1000ULL

static struct program program;

static int setup(void **state) {
        (void) state;
        program_init(&program);
        return 0;
}

#define CALL(name, a, b, c, d, e, f) program_call(&program, name, a, b, c, d, e, f)

static void test_unreadable(void **state) {
        const uint64_t vector[2] = { UNMAPPED, 0 };
        (void) state;

        assert_string_equal(CALL("openat", CWD, UNMAPPED, 0, 0, 0, 0), "openat(0x1000, O_RDONLY)");
        assert_true(program.operation.targets[0].unreadable);
        assert_true(program.operation.racy);
        assert_int_equal(program.operation.targets[0].len, 0);
        assert_string_equal(program_target(&program, 0), "");
        assert_string_equal(CALL("openat", 5, UNMAPPED, 0, 0, 0, 0), "openat(5, 0x1000, O_RDONLY)");
        assert_string_equal(CALL("openat", CWD, ~0ULL, 0, 0, 0, 0), "openat(0xffffffffffffffff, O_RDONLY)");
        assert_string_equal(CALL("openat", CWD, 0, 0, 0, 0, 0), "openat(NULL, O_RDONLY)");
        assert_string_equal(CALL("connect", 3, UNMAPPED, 16, 0, 0, 0), "connect(3, 0x1000)");
        assert_string_equal(CALL("sendmsg", 3, UNMAPPED, 0, 0, 0, 0), "sendmsg(3, 0x1000)");
        assert_string_equal(CALL("sendmsg", 3, 0, 0, 0, 0, 0), "sendmsg(3, NULL)");
        assert_string_equal(CALL("execve", UNMAPPED, UNMAPPED, 0, 0, 0, 0), "execve(0x1000, 0x1000)");
        assert_string_equal(CALL("execve", UNMAPPED, program_put_words(&program, vector, 2), 0, 0, 0, 0),
                            "execve(0x1000, [0x1000])");
        assert_string_equal(CALL("openat2", CWD, UNMAPPED, UNMAPPED, 24, 0, 0), "openat2(0x1000, 0x1000)");
        assert_false(program.operation.has_memory_flags);
        assert_string_equal(CALL("clone3", UNMAPPED, 88, 0, 0, 0, 0), "clone3(0x1000)");
        assert_false(program.operation.has_memory_flags);
}

static void test_unterminated(void **state) {
        (void) state;

        uint64_t vaddr = program_put_at_end(&program, "/etc/passwd", 11);
        assert_string_equal(CALL("openat", CWD, vaddr, 0, 0, 0, 0), "openat(0xc000003ff5, O_RDONLY)");
        assert_true(program.operation.targets[0].unreadable);
        vaddr = program_put_at_end(&program, "/etc/passwd", 12); /* its NUL is the last byte that is mapped */
        assert_string_equal(CALL("openat", CWD, vaddr, 0, 0, 0, 0), "openat(\"/etc/passwd\", O_RDONLY)");

        /* a vector that runs off its mapping, in the middle of a word */
        const uint64_t argument = program_put_string(&program, "x");
        uint8_t words[12];
        memcpy(words, &argument, 8);
        memset(words + 8, 1, 4);
        vaddr = program_put_at_end(&program, words, sizeof(words));
        assert_string_equal(CALL("execve", argument, vaddr, 0, 0, 0, 0), "execve(\"x\", [\"x\", ...])");
        vaddr = program_put_at_end(&program, words, 4);
        assert_string_equal(CALL("execve", argument, vaddr, 0, 0, 0, 0), "execve(\"x\", 0xc000003ffc)");

        /* an address whose claimed length is longer than what is mapped: the kernel would refuse it */
        vaddr = program_put_at_end(&program, "\2\0\1\273", 4);
        assert_string_equal(CALL("connect", 3, vaddr, 16, 0, 0, 0), "connect(3, 0xc000003ffc)");
        assert_string_equal(CALL("connect", 3, vaddr, 0x7fffffff, 0, 0, 0), "connect(3, 0xc000003ffc)");
}

static void test_huge_path(void **state) {
        static char path[8192];
        (void) state;

        memset(path, 'a', sizeof(path) - 1);
        const uint64_t vaddr = program_put(&program, path, sizeof(path));
        const char *shown = CALL("openat", CWD, vaddr, 0, 0, 0, 0);
        assert_true(program.operation.targets[0].cut);
        assert_int_equal(program.operation.targets[0].len, OPERATION_TARGET_BYTES - 1);
        assert_int_equal(strlen(shown), strlen("openat(\"\"..., O_RDONLY)") + OPERATION_TARGET_BYTES - 1);
        assert_string_equal(shown + strlen(shown) - strlen("a\"..., O_RDONLY)"), "a\"..., O_RDONLY)");
        shown = program_target(&program, 0);
        assert_string_equal(shown + strlen(shown) - 4, "a...");
}

static void test_huge_argv(void **state) {
        static uint64_t vector[200];
        static char argument[400];
        (void) state;

        /* too many */
        vector[0] = program_put_string(&program, "x");
        for (size_t i = 1; i < 200; i++)
                vector[i] = vector[0];
        uint64_t vaddr = program_put_words(&program, vector, 200);
        const char *shown = CALL("execve", vector[0], vaddr, 0, 0, 0, 0);
        assert_true(program.operation.targets[1].cut);
        assert_string_equal(shown + strlen(shown) - strlen("\"x\", \"x\", ...])"), "\"x\", \"x\", ...])");
        assert_true(strlen(shown) < 300);

        /* exactly as many as are kept */
        vector[32] = 0;
        vaddr = program_put_words(&program, vector, 33);
        shown = CALL("execve", vector[0], vaddr, 0, 0, 0, 0);
        assert_false(program.operation.targets[1].cut);
        assert_string_equal(shown + strlen(shown) - strlen("\"x\", \"x\"])"), "\"x\", \"x\"])");

        /* too long, and of bytes that are escaped to four characters each: only whole ones are kept */
        memset(argument, '\1', sizeof(argument) - 1);
        vector[0] = program_put(&program, argument, sizeof(argument));
        for (size_t i = 1; i < 32; i++)
                vector[i] = vector[0];
        vaddr = program_put_words(&program, vector, 33);
        shown = CALL("execve", vector[0], vaddr, 0, 0, 0, 0);
        assert_true(program.operation.targets[1].cut);
        assert_true(program.operation.targets[1].len < OPERATION_TARGET_BYTES);
        assert_string_equal(shown + strlen(shown) - strlen("\\x01\"..., ...])"), "\\x01\"..., ...])");
}

static void test_escapes(void **state) {
        const uint64_t evil = program_put_string(&program, "/tmp/\x1b[2J\njail: allowed\xe2\x80\xae\xff\"");
        (void) state;

        const char *shown = CALL("openat", CWD, evil, 0, 0, 0, 0);
        for (const char *c = shown; *c; c++)
                assert_true(*c >= 0x20 && *c < 0x7f);
        assert_non_null(strstr(shown, "\\x1b[2J\\njail: allowed"));
        assert_non_null(strstr(shown, "\\\"\", O_RDONLY)"));
        shown = program_target(&program, 0);
        for (const char *c = shown; *c; c++)
                assert_true(*c >= 0x20 && *c < 0x7f);
}

/* A text of any size takes what fits, and says so. */
static void test_small_text(void **state) {
        char buffer[64];
        struct text text;
        (void) state;

        CALL("openat", CWD, program_put_string(&program, "/some/where"), 0, 0, 0, 0);
        for (size_t size = 1; size <= sizeof(buffer); size++) {
                text_init(&text, buffer, size);
                operation_format(&program.operation, &text);
                assert_int_equal(text.len, strlen(buffer));
                assert_true(text.len < size);
                assert_int_equal(text.cut, size <= strlen("openat(\"/some/where\", O_RDONLY)"));
        }
}

static int dead_readv(struct memory_reader *reader, struct memory_range *ranges, size_t n, struct jail_error *err) {
        (void) reader;
        (void) ranges;
        (void) n;
        return jail_error_set(err, JAIL_EREAD, 0, "the process is gone");
}

/* Every row, with arguments at random, on memory at random and on none: nothing is out of bounds, whatever is shown is printable.
 */
static void test_any_call(void **state) {
        struct memory_reader dead = { .readv = dead_readv };
        (void) state;

        srandom(1);
        for (size_t i = 0; i < sizeof(program.bytes); i++)
                program.bytes[i] = (uint8_t) (random() % 4 == 0 ? 0 : random());
        for (size_t row = 0; row < syscall_count(); row++)
                for (int round = 0; round < 40; round++) {
                        uint64_t args[6];
                        struct text text;
                        for (size_t i = 0; i < 6; i++)
                                args[i] = random() % 3 != 0 ? PROGRAM_VADDR + (uint64_t) random() % (PROGRAM_BYTES + 16)
                                                            : (uint64_t) random() << (random() % 34);
                        operation_init(&program.operation, AUDIT_ARCH_X86_64, AUDIT_ARCH_X86_64, syscall_at(row)->number, args);
                        operation_read_targets(&program.operation, round % 4 == 0 ? &dead : &program.memory.reader);
                        assert_true(program.operation.n_targets <= OPERATION_MAX_TARGETS);
                        text_init(&text, program.shown, sizeof(program.shown));
                        operation_format(&program.operation, &text);
                        assert_int_equal(text.len, strlen(program.shown));
                        for (size_t i = 0; i < text.len; i++)
                                assert_true((unsigned char) program.shown[i] >= 0x20 && program.shown[i] != 0x7f);
                }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup(test_unreadable, setup), cmocka_unit_test_setup(test_unterminated, setup),
                cmocka_unit_test_setup(test_huge_path, setup),  cmocka_unit_test_setup(test_huge_argv, setup),
                cmocka_unit_test_setup(test_escapes, setup),    cmocka_unit_test_setup(test_small_text, setup),
                cmocka_unit_test_setup(test_any_call, setup),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
