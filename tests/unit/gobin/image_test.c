/* SPDX-License-Identifier: Apache-2.0 */
/* Whole images: each form that Go versions and linkers give them, builds that are refused, and tables that contradict each other.
 */
#include "gobin/image.h"

#include "gobin/go_elf.h"
#include "gobin/sample.h"

#include <elf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct go_tables tables;
static struct go_elf elf;

static int open_built(const struct go_elf_options *options, struct jail_image **ret_image, struct jail_error *err) {
        go_elf_build(&elf, &tables, options);
        return go_elf_open(elf.file.bytes, elf.file.len, ret_image, err);
}

static void assert_sample(const struct jail_image *image) {
        struct go_func func;
        struct go_inline_frame frames[4];
        assert_int_equal(image->tab.n_functions, 6);
        assert_int_equal(image->tab.text_vaddr, TABLES_TEXT_VADDR);
        assert_int_equal(image->tab.etext_vaddr, TABLES_TEXT_VADDR + 0x110);
        assert_true(pclntab_find(&image->tab, 0x401050 + 50, &func));
        assert_true(str_equal(func.name, STR("main.main")));
        assert_int_equal(pclntab_expand(&image->tab, &func, 0x401050 + 50, frames, 4), 3);
        assert_true(str_equal(frames[0].name, STR("example.com/evil.g")));
        assert_true(str_equal(frames[1].file, STR(SAMPLE_EVIL "evil.go")));
        assert_int_equal(frames[2].line, 10);
}

static void test_forms(void **state) {
        (void) state;
        static const enum go_elf_form forms[] = { GO_ELF_EXE, GO_ELF_EXE_SECTION, GO_ELF_PIE, GO_ELF_PIE_EXTERNAL };
        for (unsigned minor = 18; minor <= 26; minor++)
                for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
                        struct jail_image *image = NULL;
                        struct jail_error err;
                        sample_tables(&tables, minor);
                        const struct go_elf_options options = { .form = forms[i], .modules = SAMPLE_MODULES };
                        if (open_built(&options, &image, &err) < 0)
                                fail_msg("go1.%u, form %zu: %s", minor, i, err.msg);
                        assert_sample(image);
                        assert_int_equal(image->layout->minor, minor);
                        assert_string_equal(jail_image_main_package(image), "example.com/main");
                        assert_string_equal(jail_image_main_module(image)->path, "example.com/main");
                        assert_int_equal(jail_image_module_count(image), 1);
                        assert_string_equal(jail_image_module_at(image, 0)->path, "example.com/evil");
                        jail_image_free(image);
                }
        jail_image_free(NULL);
}

static void assert_refused(const struct go_elf_options *options, int code, const char *says) {
        struct jail_image *image = NULL;
        struct jail_error err = { 0 };
        int r = open_built(options, &image, &err);
        if (r != code || !strstr(err.msg, says) || strncmp(err.msg, "prog", 4) != 0)
                fail_msg("not refused with %d \"%s\", but %d \"%s\"", code, says, r, err.msg);
        assert_null(image);
        assert_int_equal(err.code, code);
}

#define ASSERT_REFUSED(code, says, ...) assert_refused(&(const struct go_elf_options){ __VA_ARGS__ }, code, says)

static void test_refused(void **state) {
        (void) state;
        sample_tables(&tables, 22);
        ASSERT_REFUSED(JAIL_EUNSUPPORTED, "go1.27", .go_version = "go1.27.1");
        ASSERT_REFUSED(JAIL_EUNSUPPORTED, "go1.18 to go1.26", .go_version = "go1.17.5");
        ASSERT_REFUSED(JAIL_EUNSUPPORTED, "development", .go_version = "devel +abc");
        ASSERT_REFUSED(JAIL_EUNSUPPORTED, "shared or plugin", .n_hashes = 1);
        ASSERT_REFUSED(JAIL_EUNSUPPORTED, "shared or plugin", .n_pkghashes = 7);
        ASSERT_REFUSED(JAIL_EUNSUPPORTED, "shared or plugin", .next = 0x500000);
        ASSERT_REFUSED(JAIL_EUNSUPPORTED, "shared or plugin", .form = GO_ELF_PIE, .n_hashes = 1);
        ASSERT_REFUSED(JAIL_EFORMAT, "without .gopclntab", .no_tables = true);
        ASSERT_REFUSED(JAIL_EFORMAT, "without build info", .no_build_info = true);
        ASSERT_REFUSED(JAIL_ENOTFOUND, "not a Go program", .no_build_info = true, .no_tables = true);
        ASSERT_REFUSED(JAIL_EFORMAT, "more than one Go module data", .n_moduledata = 2);
        ASSERT_REFUSED(JAIL_EFORMAT, "more than one Go module data", .form = GO_ELF_PIE_EXTERNAL, .n_moduledata = 5);
        ASSERT_REFUSED(JAIL_EFORMAT, "magic", .go_version = "go1.19"); /* other tables than the version has */
        ASSERT_REFUSED(JAIL_EFORMAT, "outside the file", .text_vaddr = UINT64_MAX);
        ASSERT_REFUSED(JAIL_EFORMAT, "outside the file", .text_vaddr = 0x401110);
        ASSERT_REFUSED(JAIL_EFORMAT, "outside the file", .text_vaddr = 0x10);
        ASSERT_REFUSED(JAIL_EFORMAT, "outside the text", .text_vaddr = 0x401008);
}

/* The header of .gopclntab: nfunc at 8, the offsets of the parts from 32 on. */
static void test_header_that_lies(void **state) {
        (void) state;
        static const uint64_t values[] = { 0, 1, 5, 7, 0x7fffffff, 0xffffffff, UINT64_MAX, UINT64_MAX - 7, 1 << 24 };
        static const size_t fields[] = { 8, 32, 40, 48, 56, 64 };
        static const enum go_elf_form forms[] = { GO_ELF_EXE, GO_ELF_PIE, GO_ELF_PIE_EXTERNAL };
        for (size_t form = 0; form < 3; form++) {
                sample_tables(&tables, 22);
                const struct go_elf_options options = { .form = forms[form], .modules = SAMPLE_MODULES };
                go_elf_build(&elf, &tables, &options);
                for (size_t f = 0; f < sizeof(fields) / sizeof(fields[0]); f++)
                        for (size_t v = 0; v < sizeof(values) / sizeof(values[0]); v++) {
                                struct jail_image *image = NULL;
                                struct jail_error err;
                                uint8_t *field = elf.file.bytes + elf.table_offset + fields[f], before[8];
                                memcpy(before, field, 8);
                                memcpy(field, &values[v], 8);
                                int r = go_elf_open(elf.file.bytes, elf.file.len, &image, &err);
                                memcpy(field, before, 8);
                                if (r != JAIL_EFORMAT)
                                        fail_msg("the header's field %zu is 0x%llx, and opening gives %d", fields[f],
                                                 (unsigned long long) values[v], r);
                        }
        }
}

/* Asks everything of an image that could be opened. */
static void use(const struct jail_image *image) {
        struct go_inline_frame frames[PCLNTAB_MAX_INLINE_DEPTH];
        for (uint32_t i = 0; i < image->tab.n_functions && i < 64; i++) {
                struct go_func func;
                int32_t delta;
                uint32_t unit;
                if (!pclntab_function(&image->tab, i, &func))
                        continue;
                (void) pclntab_unit(&func, &unit);
                for (uint64_t at = 0; at < 128; at += 32) {
                        (void) pclntab_spdelta(&image->tab, &func, func.entry_vaddr + at, &delta);
                        (void) pclntab_expand(&image->tab, &func, func.entry_vaddr + at, frames, PCLNTAB_MAX_INLINE_DEPTH);
                }
        }
}

static void test_truncated(void **state) {
        (void) state;
        for (int form = 0; form < 2; form++) {
                sample_tables(&tables, form == 0 ? 26 : 18);
                const struct go_elf_options options = { .form = form == 0 ? GO_ELF_EXE_SECTION : GO_ELF_PIE_EXTERNAL,
                                                        .modules = SAMPLE_MODULES };
                go_elf_build(&elf, &tables, &options);
                for (size_t len = 0; len < elf.file.len; len++) {
                        struct jail_image *image = NULL;
                        struct jail_error err = { 0 };
                        int r = go_elf_open(elf.file.bytes, len, &image, &err);
                        if (r == 0 || err.msg[0] == '\0')
                                fail_msg("truncated to %zu bytes, it is opened", len);
                        assert_null(image);
                }
        }
}

static void test_flipped(void **state) {
        (void) state;
        static const enum go_elf_form forms[] = { GO_ELF_EXE, GO_ELF_PIE };
        for (size_t form = 0; form < 2; form++) {
                sample_tables(&tables, 20);
                const struct go_elf_options options = { .form = forms[form], .modules = SAMPLE_MODULES };
                go_elf_build(&elf, &tables, &options);
                for (size_t at = 0; at < elf.file.len; at++) {
                        if (elf.file.bytes[at] == 0xcc)
                                continue; /* text */
                        struct jail_image *image = NULL;
                        struct jail_error err;
                        uint8_t before = elf.file.bytes[at];
                        elf.file.bytes[at] = (uint8_t) (before ^ 1 << (at + form) % 8);
                        if (go_elf_open(elf.file.bytes, elf.file.len, &image, &err) == 0)
                                use(image);
                        jail_image_free(image);
                        elf.file.bytes[at] = before;
                }
        }
}

/* A Go program whose section headers were removed is one still: it must not pass for any other program. */
static void test_without_sections(void **state) {
        (void) state;
        struct jail_image *image = NULL;
        struct jail_error err;
        for (unsigned minor = 18; minor <= 26; minor++) {
                sample_tables(&tables, minor);
                const struct go_elf_options options = { .modules = SAMPLE_MODULES };
                go_elf_build(&elf, &tables, &options);
                Elf64_Ehdr header;
                memcpy(&header, elf.file.bytes, sizeof(header));
                header.e_shoff = 0;
                header.e_shnum = header.e_shstrndx = 0;
                memcpy(elf.file.bytes, &header, sizeof(header));
                assert_int_equal(go_elf_open(elf.file.bytes, elf.file.len, &image, &err), JAIL_EFORMAT);
                assert_null(image);
                int fd = go_elf_file(elf.file.bytes, elf.file.len);
                assert_int_equal(image_begin_fd(fd, "prog", &image, &err), 0);
                assert_string_equal(image->build.main.path, "example.com/main");
                jail_image_free(image);
                image = NULL;
                close(fd);
        }
}

/* A file in which every relocation and every word of the data claims to be moduledata is refused without much ado. */
static void test_many_candidates(void **state) {
        (void) state;
        struct jail_image *image = NULL;
        struct jail_error err;
        sample_tables(&tables, 22);
        const struct go_elf_options options = { .form = GO_ELF_PIE, .modules = SAMPLE_MODULES };
        go_elf_build(&elf, &tables, &options);
        enum { RELOCATIONS = 200000 };
        size_t at = (elf.file.len + 7) & ~(size_t) 7, len = at + RELOCATIONS * sizeof(Elf64_Rela);
        uint8_t *large = calloc(1, len);
        assert_non_null(large);
        memcpy(large, elf.file.bytes, elf.file.len);
        Elf64_Phdr segments[3];
        memcpy(segments, large + sizeof(Elf64_Ehdr), sizeof(segments));
        for (size_t i = 0; i < RELOCATIONS; i++) {
                const Elf64_Rela rela = { segments[2].p_vaddr, R_X86_64_RELATIVE,
                                          (int64_t) (segments[0].p_vaddr + elf.table_offset) };
                memcpy(large + at + i * sizeof(rela), &rela, sizeof(rela));
        }
        for (unsigned i = 0; i < elf.n_sections; i++) {
                Elf64_Shdr *section = (void *) (large + elf.section_headers_offset + i * sizeof(Elf64_Shdr));
                if (section->sh_type == SHT_RELA) {
                        section->sh_offset = at;
                        section->sh_size = len - at;
                }
        }
        assert_int_equal(go_elf_open(large, len, &image, &err), JAIL_EFORMAT);
        free(large);
}

static void test_probe(void **state) {
        (void) state;
        struct jail_error err;
        sample_tables(&tables, 26);
        const struct go_elf_options options = { .go_version = "go1.99", .modules = SAMPLE_MODULES };
        go_elf_build(&elf, &tables, &options);
        int fd = go_elf_file(elf.file.bytes, elf.file.len);
        struct jail_image *image = NULL;
        assert_int_equal(image_begin_fd(fd, "prog", &image, &err), 0); /* a version that is not supported is no error here */
        assert_string_equal(image->build.go_version, "go1.99");
        assert_string_equal(image->build.main.path, "example.com/main");
        assert_int_equal(image_open_tables(image, &err), JAIL_EUNSUPPORTED);
        jail_image_free(image);
        image = NULL;
        close(fd);

        fd = go_elf_file("#!/bin/sh\n", 10);
        assert_int_equal(image_begin_fd(fd, "prog", &image, &err), JAIL_ENOTFOUND);
        assert_null(image);
        close(fd);
        assert_int_equal(jail_image_open("/does/not/exist", &image, &err), JAIL_ESYS);
        assert_int_equal(jail_image_open("/", &image, &err), JAIL_ENOTFOUND);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_forms),
                cmocka_unit_test(test_refused),
                cmocka_unit_test(test_header_that_lies),
                cmocka_unit_test(test_truncated),
                cmocka_unit_test(test_flipped),
                cmocka_unit_test(test_probe),
                cmocka_unit_test(test_many_candidates),
                cmocka_unit_test(test_without_sections),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
