/* SPDX-License-Identifier: Apache-2.0 */
/* What is no ELF file of ours, and ELF files whose headers are truncated, damaged or contradictory. */
#include "gobin/elf_file.h"

#include "gobin/go_elf.h"
#include "gobin/sample.h"

#include <elf.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static struct go_tables tables;
static struct go_elf elf;

static void build(enum go_elf_form form) {
        sample_tables(&tables, form == GO_ELF_EXE_SECTION ? 26 : 22);
        const struct go_elf_options options = { .form = form, .modules = SAMPLE_MODULES };
        go_elf_build(&elf, &tables, &options);
}

static int open_bytes(const void *bytes, size_t len, struct elf_file *file, struct jail_error *err) {
        int fd = go_elf_file(bytes, len);
        int r = elf_file_open_fd(file, fd, "prog", err);
        close(fd);
        return r;
}

/* Opens the built file with the bytes of value at an offset. */
static int open_changed(size_t offset, const void *value, size_t len, struct jail_error *err) {
        struct elf_file file;
        uint8_t before[64];
        memcpy(before, elf.file.bytes + offset, len);
        memcpy(elf.file.bytes + offset, value, len);
        int r = open_bytes(elf.file.bytes, elf.file.len, &file, err);
        memcpy(elf.file.bytes + offset, before, len);
        if (r == 0)
                elf_file_close(&file);
        return r;
}

static void test_valid(void **state) {
        (void) state;
        struct elf_file file;
        struct elf_section section;
        struct jail_error err;
        struct bytes bytes;
        build(GO_ELF_EXE);
        assert_int_equal(open_bytes(elf.file.bytes, elf.file.len, &file, &err), 0);
        assert_false(file.position_independent);
        assert_false(file.has_interpreter);
        assert_string_equal(file.arch->name, "amd64");
        assert_int_equal(file.n_segments, 3);
        assert_int_equal(file.segments[0].flags, PF_R | PF_X);
        assert_true(elf_file_section(&file, ".text", &section));
        assert_int_equal(section.vaddr, TABLES_TEXT_VADDR);
        assert_int_equal(section.size_bytes, tables.text_bytes);
        assert_int_equal(section.bytes.len, tables.text_bytes);
        assert_true(elf_file_section(&file, ".gopclntab", &section));
        assert_int_equal(section.bytes.len, elf.table_bytes);
        assert_false(elf_file_section(&file, ".tex", &section));
        assert_false(elf_file_section(&file, ".go.module", &section));

        assert_true(elf_file_at(&file, TABLES_TEXT_VADDR, &bytes));
        assert_int_equal(bytes.ptr[0], 0xcc);
        assert_true(elf_file_at(&file, file.segments[2].vaddr, &bytes));
        assert_int_equal(bytes.len, file.segments[2].bytes.len);
        assert_false(elf_file_at(&file, file.segments[2].vaddr + bytes.len, &bytes));
        assert_false(elf_file_at(&file, file.segments[0].vaddr - 1, &bytes));
        assert_false(elf_file_at(&file, 0, &bytes));
        assert_false(elf_file_at(&file, UINT64_MAX, &bytes));
        elf_file_close(&file);
        elf_file_close(&file); /* a closed one is fine */
}

/* In a position-independent file the relocations say what memory will hold, whatever the file has there. */
static void test_relocated(void **state) {
        (void) state;
        struct elf_file file;
        struct jail_error err;
        uint64_t words[3] = { 9, 9, 9 };
        build(GO_ELF_PIE);
        assert_int_equal(open_bytes(elf.file.bytes, elf.file.len, &file, &err), 0);
        assert_true(file.position_independent);
        uint64_t base = file.segments[0].vaddr, moduledata = base + elf.moduledata_offset;
        assert_int_equal(elf_file_relocated(&file, moduledata - 8, words, sizeof(words), &err), 0);
        assert_int_equal(words[0], 0x1111111111111111);
        assert_int_equal(words[1], base + elf.table_offset);
        assert_int_equal(words[2], base + elf.table_offset + 96);
        assert_int_equal(elf_file_relocated(&file, moduledata, words, 4, &err), 0); /* half a word is not touched */
        assert_int_equal(words[0] & 0xffffffff, 0);
        assert_int_equal(elf_file_relocated(&file, 0x10, words, 8, &err), JAIL_EFORMAT);
        assert_int_equal(elf_file_relocated(&file, moduledata, words, 1 << 20, &err), JAIL_EFORMAT);
        elf_file_close(&file);
}

static void assert_no_elf(const char *path, const char *says) {
        struct elf_file file;
        struct jail_error err;
        assert_int_equal(elf_file_open(&file, path, &err), JAIL_ENOTFOUND);
        if (!strstr(err.msg, says) || !strstr(err.msg, path))
                fail_msg("%s: the message is \"%s\"", path, err.msg);
}

static void test_other_files(void **state) {
        (void) state;
        struct elf_file file;
        struct jail_error err;
        char path[] = "/tmp/jail-elf-XXXXXX";
        int fd = mkstemp(path);
        assert_true(fd >= 0);
        assert_no_elf(path, "empty");
        assert_int_equal(write(fd, "#!/bin/sh\n", 10), 10);
        assert_no_elf(path, "script");
        assert_int_equal(pwrite(fd,
                                "\x7f"
                                "EL",
                                3, 0),
                         3);
        assert_no_elf(path, "not an ELF");
        assert_int_equal(ftruncate(fd, 1), 0);
        assert_no_elf(path, "not an ELF");
        close(fd);
        unlink(path);
        assert_int_equal(elf_file_open(&file, path, &err), JAIL_ESYS);
        assert_int_equal(err.sys_errno, 2);
        assert_int_equal(mkfifo(path, 0600), 0);
        assert_no_elf(path, "not a regular file"); /* and does not wait for a writer */
        unlink(path);
        assert_no_elf("/tmp", "directory");
        assert_no_elf("/dev/null", "not a regular file");
}

/* e_ident, e_type and e_machine (elf(5)). */
static void test_other_elf(void **state) {
        (void) state;
        struct jail_error err;
        build(GO_ELF_EXE);
        static const struct {
                size_t offset;
                const char *value;
                int code;
                const char *says;
        } cases[] = {
                { EI_CLASS, "\x01", JAIL_EUNSUPPORTED, "32-bit" },
                { EI_CLASS, "\x00", JAIL_EUNSUPPORTED, "" },
                { EI_DATA, "\x02", JAIL_EUNSUPPORTED, "big-endian" },
                { offsetof(Elf64_Ehdr, e_machine), "\xb7", JAIL_EUNSUPPORTED, "another CPU" }, /* AArch64 */
                { offsetof(Elf64_Ehdr, e_machine), "\x03", JAIL_EUNSUPPORTED, "another CPU" }, /* i386 */
                { offsetof(Elf64_Ehdr, e_machine), "\x00", JAIL_EUNSUPPORTED, "another CPU" },
                { offsetof(Elf64_Ehdr, e_type), "\x01", JAIL_ENOTFOUND, "not an executable" }, /* an object */
                { offsetof(Elf64_Ehdr, e_type), "\x04", JAIL_ENOTFOUND, "not an executable" }, /* a core file */
        };
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                assert_int_equal(open_changed(cases[i].offset, cases[i].value, 1, &err), cases[i].code);
                if (!strstr(err.msg, cases[i].says))
                        fail_msg("case %zu: the message is \"%s\"", i, err.msg);
        }
}

enum { PHDR = sizeof(Elf64_Ehdr) };

static void test_segments_that_lie(void **state) {
        (void) state;
        struct jail_error err;
        build(GO_ELF_EXE);
        static const struct {
                size_t offset;
                uint64_t value;
                const char *what;
        } cases[] = {
                { PHDR + offsetof(Elf64_Phdr, p_offset), UINT64_MAX, "an offset outside the file" },
                { PHDR + offsetof(Elf64_Phdr, p_offset), UINT64_MAX - 0xff, "an offset that wraps" },
                { PHDR + offsetof(Elf64_Phdr, p_filesz), UINT64_MAX, "an oversized file part" },
                { PHDR + offsetof(Elf64_Phdr, p_filesz), 0x100000, "a file part that ends outside the file" },
                { PHDR + offsetof(Elf64_Phdr, p_memsz), 1, "a memory part smaller than the file part" },
                { PHDR + offsetof(Elf64_Phdr, p_memsz), UINT64_MAX, "a memory part that wraps" },
                { PHDR + offsetof(Elf64_Phdr, p_vaddr), UINT64_MAX, "an address that wraps" },
                { offsetof(Elf64_Ehdr, e_phoff), UINT64_MAX, "program headers outside the file" },
                { offsetof(Elf64_Ehdr, e_phoff), 0x7fffffffffffff00, "program headers far outside the file" },
                { offsetof(Elf64_Ehdr, e_phoff), 0, "program headers at no place" },
        };
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
                if (open_changed(cases[i].offset, &cases[i].value, 8, &err) != JAIL_EFORMAT)
                        fail_msg("%s is not noticed", cases[i].what);
        const uint16_t none = 0, many = 65, all = 0xffff;
        assert_int_equal(open_changed(offsetof(Elf64_Ehdr, e_phnum), &none, 2, &err), JAIL_EFORMAT);
        assert_int_equal(open_changed(offsetof(Elf64_Ehdr, e_phnum), &many, 2, &err), JAIL_EFORMAT);
        assert_int_equal(open_changed(offsetof(Elf64_Ehdr, e_phnum), &all, 2, &err), JAIL_EFORMAT);
}

/* Two segments at one address: the kernel would show one of them, and it is not for us to guess which. */
static void test_overlapping_segments(void **state) {
        (void) state;
        struct jail_error err;
        build(GO_ELF_EXE);
        const size_t third = PHDR + 2 * sizeof(Elf64_Phdr) + offsetof(Elf64_Phdr, p_vaddr);
        const uint64_t inside = TABLES_TEXT_VADDR, behind = UINT64_C(0x7f0000000000);
        assert_int_equal(open_changed(third, &inside, 8, &err), JAIL_EFORMAT);
        assert_non_null(strstr(err.msg, "over another"));
        assert_int_equal(open_changed(third, &behind, 8, &err), 0);
        const uint64_t large = 0x100000; /* the first one's memory part, over those that follow */
        assert_int_equal(open_changed(PHDR + offsetof(Elf64_Phdr, p_memsz), &large, 8, &err), JAIL_EFORMAT);
}

/* Program headers at an odd place of the file. */
static void test_unaligned_headers(void **state) {
        (void) state;
        struct elf_file file;
        struct jail_error err;
        struct elf_section section;
        build(GO_ELF_EXE);
        static uint8_t moved[TABLES_BLOB_BYTES + 8192];
        size_t at = elf.file.len + (elf.file.len % 2 ? 0 : 1);
        memcpy(moved, elf.file.bytes, elf.file.len);
        memcpy(moved + at, elf.file.bytes + PHDR, 3 * sizeof(Elf64_Phdr));
        size_t sections_at = at + 3 * sizeof(Elf64_Phdr), sections_len = elf.n_sections * sizeof(Elf64_Shdr);
        memcpy(moved + sections_at, elf.file.bytes + elf.section_headers_offset, sections_len);
        uint64_t phoff = at, shoff = sections_at;
        memcpy(moved + offsetof(Elf64_Ehdr, e_phoff), &phoff, 8);
        memcpy(moved + offsetof(Elf64_Ehdr, e_shoff), &shoff, 8);
        int r = open_bytes(moved, sections_at + sections_len, &file, &err);
        if (r < 0)
                return; /* refused is as good */
        assert_int_equal(file.n_segments, 3);
        assert_true(elf_file_section(&file, ".text", &section));
        assert_int_equal(section.vaddr, TABLES_TEXT_VADDR);
        elf_file_close(&file);
}

static void use(const struct elf_file *file) {
        static const char *const names[] = { ".text", ".gopclntab", ".go.buildinfo", ".go.module", ".rela.dyn", ".shstrtab" };
        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
                struct elf_section section;
                if (elf_file_section(file, names[i], &section) && section.bytes.len > 0) {
                        volatile uint8_t last = section.bytes.ptr[section.bytes.len - 1];
                        (void) last;
                }
        }
        for (size_t i = 0; i < file->n_segments; i++) {
                uint8_t buffer[64];
                int r = elf_file_relocated(file, file->segments[i].vaddr, buffer, sizeof(buffer), NULL);
                assert_true(r == 0 || r == JAIL_EFORMAT);
        }
}

static void test_truncated(void **state) {
        (void) state;
        struct elf_file file;
        struct jail_error err;
        build(GO_ELF_EXE);
        for (size_t len = 0; len < elf.file.len; len++) {
                err.msg[0] = '\0';
                int r = open_bytes(elf.file.bytes, len, &file, &err);
                if (r == 0) {
                        use(&file);
                        elf_file_close(&file);
                        continue; /* the segments are whole: only sections are missing */
                }
                if ((r != JAIL_EFORMAT && r != JAIL_ENOTFOUND) || err.msg[0] == '\0' || (r == JAIL_ENOTFOUND && len >= 4))
                        fail_msg("truncated to %zu bytes: %d %s", len, r, err.msg);
        }
}

/* Every bit of the ELF header, the program headers, the section headers and their names. */
static void test_flipped(void **state) {
        (void) state;
        struct elf_file file;
        struct jail_error err;
        build(GO_ELF_PIE);
        size_t end = elf.section_headers_offset + elf.n_sections * sizeof(Elf64_Shdr);
        for (size_t bit = 0; bit < end * 8; bit++) {
                if (bit / 8 >= PHDR + 3 * sizeof(Elf64_Phdr) && bit / 8 < elf.section_headers_offset - 128)
                        continue;
                elf.file.bytes[bit / 8] ^= (uint8_t) (1 << bit % 8);
                if (open_bytes(elf.file.bytes, elf.file.len, &file, &err) == 0) {
                        use(&file);
                        elf_file_close(&file);
                }
                elf.file.bytes[bit / 8] ^= (uint8_t) (1 << bit % 8);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_valid),
                cmocka_unit_test(test_relocated),
                cmocka_unit_test(test_other_files),
                cmocka_unit_test(test_other_elf),
                cmocka_unit_test(test_segments_that_lie),
                cmocka_unit_test(test_overlapping_segments),
                cmocka_unit_test(test_unaligned_headers),
                cmocka_unit_test(test_truncated),
                cmocka_unit_test(test_flipped),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
