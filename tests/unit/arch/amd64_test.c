/* SPDX-License-Identifier: Apache-2.0 */
/* What amd64's instructions look like. Bytes are those of an assembler, not of the code under test. */
#include "arch/arch.h"

#include <elf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct arch *amd64(void) {
        const struct arch *arch = arch_by_elf_machine(EM_X86_64);
        assert_non_null(arch);
        return arch;
}

static void test_architectures(void **state) {
        (void) state;
        assert_ptr_equal(amd64(), arch_native());
        assert_string_equal(amd64()->name, "amd64");
        assert_int_equal(amd64()->pointer_bytes, 8);
        assert_int_equal(amd64()->pc_quantum, 1);
        assert_int_equal(amd64()->audit_arch, 0xc000003e);
        assert_null(arch_by_elf_machine(EM_386));
        assert_null(arch_by_elf_machine(EM_AARCH64));
        assert_null(arch_by_elf_machine(0));
        assert_null(arch_by_elf_machine(0xffff));
}

/* Asks about a copy that begins and ends where its allocation does. */
static bool ends_in_call(const void *bytes, size_t len, bool *direct, int64_t *displacement) {
        uint8_t *copy = malloc(len + 1);
        assert_non_null(copy);
        memcpy(copy + 1, bytes, len);
        bool ends = amd64()->ends_in_call((struct bytes){ copy + 1, len }, direct, displacement);
        free(copy);
        return ends;
}

static const struct {
        const char *bytes;
        size_t len;
        const char *what;
} indirect[] = {
#define CODE(bytes, what)                                                                                                          \
        { bytes, sizeof(bytes) - 1, what }
        CODE("\xff\xd0", "call *%rax"),
        CODE("\xff\xd7", "call *%rdi"),
        CODE("\xff\xd4", "call *%rsp"),
        CODE("\xff\xd5", "call *%rbp"),
        CODE("\x41\xff\xd0", "call *%r8"),
        CODE("\x41\xff\xd7", "call *%r15"),
        CODE("\xff\x10", "call *(%rax)"),
        CODE("\xff\x12", "call *(%rdx)"),
        CODE("\x41\xff\x17", "call *(%r15)"),
        CODE("\xff\x14\x24", "call *(%rsp)"),
        CODE("\x41\xff\x14\x24", "call *(%r12)"),
        CODE("\xff\x14\xc8", "call *(%rax,%rcx,8)"),
        CODE("\xff\x14\x25\x78\x56\x34\x12", "call *0x12345678"),
        CODE("\xff\x14\xcd\x78\x56\x34\x12", "call *0x12345678(,%rcx,8)"),
        CODE("\xff\x15\x78\x56\x34\x12", "call *0x12345678(%rip)"),
        CODE("\xff\x50\x08", "call *8(%rax)"),
        CODE("\xff\x55\xf8", "call *-8(%rbp)"),
        CODE("\xff\x54\x24\x08", "call *8(%rsp)"),
        CODE("\xff\x54\xc8\x08", "call *8(%rax,%rcx,8)"),
        CODE("\xff\x54\x0d\x08", "call *8(%rbp,%rcx,1)"),
        CODE("\xff\x90\x78\x56\x34\x12", "call *0x12345678(%rax)"),
        CODE("\xff\x95\x78\x56\x34\x12", "call *0x12345678(%rbp)"),
        CODE("\xff\x94\x24\x78\x56\x34\x12", "call *0x12345678(%rsp)"),
        CODE("\xff\x94\xc8\x78\x56\x34\x12", "call *0x12345678(%rax,%rcx,8)"),
};

static void test_indirect_calls(void **state) {
        (void) state;
        for (size_t i = 0; i < sizeof(indirect) / sizeof(indirect[0]); i++) {
                bool direct = true;
                int64_t displacement = 99;
                if (!ends_in_call(indirect[i].bytes, indirect[i].len, &direct, &displacement))
                        fail_msg("%s is not seen", indirect[i].what);
                assert_false(direct);
                assert_int_equal(displacement, 99);
                /* As it stands behind other code. */
                uint8_t code[8] = { 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90 };
                memcpy(code + 8 - indirect[i].len, indirect[i].bytes, indirect[i].len);
                assert_true(ends_in_call(code, 8, &direct, &displacement));
                /* Without its last byte it is none; with one more behind it neither. */
                uint8_t longer[9];
                memcpy(longer, indirect[i].bytes, indirect[i].len);
                longer[indirect[i].len] = 0x90;
                assert_false(ends_in_call(longer, indirect[i].len + 1, &direct, &displacement));
        }
}

static void test_direct_calls(void **state) {
        (void) state;
        bool direct = false;
        int64_t displacement = 0;
        assert_true(ends_in_call("\xe8\x78\x56\x34\x12", 5, &direct, &displacement));
        assert_true(direct);
        assert_int_equal(displacement, 0x12345678);
        assert_true(ends_in_call("\x90\x90\x90\xe8\xfb\xff\xff\xff", 8, &direct, &displacement));
        assert_true(direct);
        assert_int_equal(displacement, -5);
        assert_true(ends_in_call("\xe8\x00\x00\x00\x80", 5, &direct, &displacement));
        assert_int_equal(displacement, INT32_MIN);
        for (size_t len = 1; len < 5; len++)
                assert_false(ends_in_call("\xe8\x00\x00\x00\x00", len, &direct, &displacement));
        assert_false(ends_in_call("\xe8\x00\x00\x00\x00\x90", 6, &direct, &displacement));
        assert_false(ends_in_call("", 0, &direct, &displacement));
}

static const struct {
        const char *bytes;
        size_t len;
        const char *what;
} others[] = {
        CODE("\xff\xe0", "jmp *%rax"),
        CODE("\xff\xc0", "inc %eax"),
        CODE("\xff\xf0", "push %rax"),
        CODE("\xff\xd8", "lcall, which has no such form"),
        CODE("\xff\x18", "lcall *(%rax)"),
        CODE("\xff\x25\x78\x56\x34\x12", "jmp *0x12345678(%rip)"),
        CODE("\xe9\x78\x56\x34\x12", "jmp"),
        CODE("\xeb\xfe", "jmp"),
        CODE("\x0f\x05", "syscall"),
        CODE("\xc3", "ret"),
        CODE("\xcc", "int3"),
        CODE("\xff", "half an instruction"),
        CODE("\xff\x14", "call *(SIB) without its SIB"),
        CODE("\xff\x15\x78\x56\x34", "call *disp32(%rip), one byte short"),
        CODE("\xff\x14\x25\x78\x56\x34", "call *disp32, one byte short"),
        CODE("\xff\x50", "call *disp8(%rax) without its displacement"),
        CODE("\xff\x90\x78\x56\x34", "call *disp32(%rax), one byte short"),
        CODE("\x48\x89\xc8", "mov %rcx,%rax"),
        CODE("\xb8\xff\xd0\x00\x00", "mov $0xd0ff,%eax"),
        CODE("\x90\x90\x90\x90\x90\x90\x90\x90", "nop"),
};

static void test_no_calls(void **state) {
        (void) state;
        for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
                bool direct = false;
                int64_t displacement = 99;
                if (ends_in_call(others[i].bytes, others[i].len, &direct, &displacement))
                        fail_msg("%s is taken for a call", others[i].what);
                assert_int_equal(displacement, 99);
        }
}

/* All two-byte ends FF xx: with mod 3 and /2 it is a call, and with a plain register in brackets. */
static void test_all_short_forms(void **state) {
        (void) state;
        for (unsigned modrm = 0; modrm < 256; modrm++) {
                const uint8_t code[2] = { 0xff, (uint8_t) modrm };
                bool direct;
                int64_t displacement;
                bool call = (modrm >= 0xd0 && modrm <= 0xd7) || (modrm >= 0x10 && modrm <= 0x17 && modrm != 0x14 && modrm != 0x15);
                assert_int_equal(ends_in_call(code, 2, &direct, &displacement), call);
        }
}

static void test_syscalls(void **state) {
        (void) state;
        static const struct {
                const char *bytes;
                size_t len;
                bool enters;
        } cases[] = {
                { "\x0f\x05", 2, true }, /* syscall */
                { "\x0f\x34", 2, true }, /* sysenter */
                { "\xcd\x80", 2, true }, /* int $0x80 */
                { "\x90\x90\x0f\x05", 4, true }, { "\x0f\x05\x90", 3, false }, { "\x05", 1, false },     { "", 0, false },
                { "\x0f\x0b", 2, false }, /* ud2 */
                { "\xcd\x81", 2, false },        { "\xcc\x80", 2, false },     { "\x0e\x05", 2, false },
        };
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                const struct bytes before = { (const uint8_t *) cases[i].bytes, cases[i].len };
                if (amd64()->ends_in_syscall(before) != cases[i].enters)
                        fail_msg("case %zu", i);
        }
}

/* Bytes that can be read as either kind of call. */
static void test_both_kinds(void **state) {
        (void) state;
        const struct bytes both = { (const uint8_t *) "\xe8\x11\x22\xff\xd0", 5 },
                           direct = { (const uint8_t *) "\xe8\x11\x22\x33\x44", 5 };
        bool is_direct;
        int64_t displacement;
        assert_true(amd64()->ends_in_call(both, &is_direct, &displacement));
        assert_true(is_direct);
        assert_int_equal(displacement, INT32_C(-788585967)); /* 0xd0ff2211 */
        assert_true(amd64()->ends_in_indirect_call(both));
        assert_false(amd64()->ends_in_indirect_call(direct));
}

static void test_jumps(void **state) {
        (void) state;
        /* jmp +0x10 (from 0x401005); jmp -2 (0x401005); nop; jmp, cut short */
        const struct bytes code = { (const uint8_t *) "\xe9\x10\x00\x00\x00\xeb\xfe\x90\xe9\x00\x00", 11 };
        uint64_t at = 0, target = 0;
        assert_true(amd64()->next_jump(code, 0x401000, &at, &target));
        assert_int_equal(target, 0x401015);
        assert_true(at >= 1 && at <= 5);
        assert_true(amd64()->next_jump(code, 0x401000, &at, &target));
        assert_int_equal(target, 0x401005);
        assert_false(amd64()->next_jump(code, 0x401000, &at, &target));
        assert_int_equal(target, 0x401005);
        at = UINT64_MAX;
        assert_false(amd64()->next_jump(code, 0x401000, &at, &target));
        at = 0;
        assert_false(amd64()->next_jump((struct bytes){ NULL, 0 }, 0x401000, &at, &target));
}

static struct arch_tls_access find_tls(const void *bytes, size_t len) {
        uint8_t *copy = malloc(len + 1);
        assert_non_null(copy);
        memcpy(copy + 1, bytes, len);
        struct arch_tls_access access = amd64()->find_tls_access((struct bytes){ copy + 1, len }, 0x401000);
        free(copy);
        return access;
}

static const struct {
        const char *bytes;
        size_t len;
        int kind;
        int64_t offset;
        uint64_t got_vaddr;
} tls[] = {
#define TLS(bytes, ...)                                                                                                            \
        { bytes, sizeof(bytes) - 1, __VA_ARGS__ }
        /* mov %fs:0xfffffffffffffff8,%rdi; …,%r14; …,%rax */
        TLS("\x64\x48\x8b\x3c\x25\xf8\xff\xff\xff", ARCH_TLS_OFFSET, -8, 0),
        TLS("\x64\x4c\x8b\x34\x25\xf8\xff\xff\xff", ARCH_TLS_OFFSET, -8, 0),
        TLS("\x64\x48\x8b\x04\x25\xa8\xff\xff\xff", ARCH_TLS_OFFSET, -0x58, 0),
        /* mov $-8,%rcx; mov %fs:(%rcx),%rdi. mov $-0x58,%r14; mov %fs:(%r14),%r14 */
        TLS("\x48\xc7\xc1\xf8\xff\xff\xff\x64\x48\x8b\x39", ARCH_TLS_OFFSET, -8, 0),
        TLS("\x49\xc7\xc6\xa8\xff\xff\xff\x64\x4d\x8b\x36", ARCH_TLS_OFFSET, -0x58, 0),
        /* mov 0x100(%rip),%rcx; mov %fs:(%rcx),%rdi: the next instruction is at 0x401007. */
        TLS("\x48\x8b\x0d\x00\x01\x00\x00\x64\x48\x8b\x39", ARCH_TLS_GOT, 0, 0x401107),
        TLS("\x4c\x8b\x35\xf9\xff\xff\xff\x64\x4d\x8b\x36", ARCH_TLS_GOT, 0, 0x401000),
        /* Behind other instructions: mov %rsp,%rdx; … */
        TLS("\x48\x89\xe2\x64\x48\x8b\x3c\x25\xf8\xff\xff\xff\x48\x39", ARCH_TLS_OFFSET, -8, 0),
        TLS("\x48\x89\xe2\x48\x8b\x0d\x00\x01\x00\x00\x64\x48\x8b\x39", ARCH_TLS_GOT, 0, 0x40110a),
        /* The first one counts. */
        TLS("\x64\x48\x8b\x3c\x25\xf8\xff\xff\xff\x64\x48\x8b\x3c\x25\xf0\xff\xff\xff", ARCH_TLS_OFFSET, -8, 0),
        /* A constant or a word that is loaded for something else: the next instruction does not use FS. */
        TLS("\x48\xc7\xc1\xf0\xff\xff\xff\x90\x64\x48\x8b\x3c\x25\xf8\xff\xff\xff", ARCH_TLS_OFFSET, -8, 0),
        TLS("\x48\x8b\x0d\x00\x01\x00\x00\x90\x90\x64\x48\x8b\x3c\x25\xf8\xff\xff\xff", ARCH_TLS_OFFSET, -8, 0),
        /* Look-alikes: a store, %gs, (%rsp) without FS, another base than none, 32 bits. */
        TLS("\x64\x48\x89\x3c\x25\xf8\xff\xff\xff", ARCH_TLS_NONE, 0, 0),
        TLS("\x65\x48\x8b\x3c\x25\xf8\xff\xff\xff", ARCH_TLS_NONE, 0, 0),
        TLS("\x90\x48\x8b\x3c\x25\xf8\xff\xff\xff", ARCH_TLS_NONE, 0, 0),
        TLS("\x64\x48\x8b\x3c\x24\xf8\xff\xff\xff", ARCH_TLS_NONE, 0, 0),
        TLS("\x64\x48\x8b\x7c\x25\xf8\xff\xff\xff", ARCH_TLS_NONE, 0, 0),
        TLS("\x64\x8b\x3c\x25\xf8\xff\xff\xff\x90", ARCH_TLS_NONE, 0, 0),
        TLS("\x48\xc7\x01\xf8\xff\xff\xff\x64\x48\x8b\x39", ARCH_TLS_NONE, 0, 0), /* a store of a constant */
        TLS("\x48\x8b\x09\x00\x01\x00\x00\x64\x48\x8b\x39", ARCH_TLS_NONE, 0, 0),
        /* Cut short. */
        TLS("\x64\x48\x8b\x3c\x25\xf8\xff\xff", ARCH_TLS_NONE, 0, 0),
        TLS("\x48\xc7\xc1\xf8\xff\xff\xff\x64", ARCH_TLS_NONE, 0, 0),
        TLS("", ARCH_TLS_NONE, 0, 0),
};

static void test_tls_access(void **state) {
        (void) state;
        for (size_t i = 0; i < sizeof(tls) / sizeof(tls[0]); i++) {
                struct arch_tls_access access = find_tls(tls[i].bytes, tls[i].len);
                if ((int) access.kind != tls[i].kind || access.offset != tls[i].offset || access.got_vaddr != tls[i].got_vaddr)
                        fail_msg("case %zu: kind %d, offset %lld, got 0x%llx", i, (int) access.kind, (long long) access.offset,
                                 (unsigned long long) access.got_vaddr);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_architectures), cmocka_unit_test(test_indirect_calls),  cmocka_unit_test(test_direct_calls),
                cmocka_unit_test(test_no_calls),      cmocka_unit_test(test_all_short_forms), cmocka_unit_test(test_tls_access),
                cmocka_unit_test(test_syscalls),      cmocka_unit_test(test_both_kinds),      cmocka_unit_test(test_jumps),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
