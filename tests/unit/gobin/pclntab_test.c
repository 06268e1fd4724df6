/* SPDX-License-Identifier: Apache-2.0 */
/* Functions, lines, stack pointer deltas and inlined calls, read from tables that were made by hand. */
#include "gobin/sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct go_tables tables;

static void assert_str(struct str got, const char *want) {
        if (!str_equal(got, str_from(want)))
                fail_msg("\"%.*s\" is not \"%s\"", STR_ARG(got), want);
}

static struct go_func find(const struct pclntab *tab, uint64_t vaddr) {
        struct go_func func;
        assert_true(pclntab_find(tab, vaddr, &func));
        return func;
}

/* The same tables in the layout of every version. */
static void each_version(void (*check)(const struct pclntab *tab, unsigned minor)) {
        for (unsigned minor = 18; minor <= 26; minor++) {
                sample_tables(&tables, minor);
                struct pclntab tab = tables_pclntab(&tables);
                check(&tab, minor);
        }
}

static void check_find(const struct pclntab *tab, unsigned minor) {
        (void) minor;
        static const struct {
                uint64_t vaddr;
                const char *name;
                uint64_t entry, end;
        } cases[] = {
                { 0x401000, "runtime.goexit", 0x401000, 0x401010 },
                { 0x40100f, "runtime.goexit", 0x401000, 0x401010 },
                { 0x401010, "runtime.main", 0x401010, 0x401050 },
                { 0x401050, "main.main", 0x401050, 0x4010d0 },
                { 0x4010cf, "main.main", 0x401050, 0x4010d0 },
                { 0x4010d0, "os.ReadFile", 0x4010d0, 0x4010f0 },
                { 0x40110f, "gosave_systemstack_switch", 0x401100, 0x401110 },
        };
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                struct go_func func = find(tab, cases[i].vaddr);
                assert_str(func.name, cases[i].name);
                assert_int_equal(func.entry_vaddr, cases[i].entry);
                assert_int_equal(func.end_vaddr, cases[i].end);
        }
        static const uint64_t outside[] = { 0, 1, 0x400fff, 0x401110, 0x401111, UINT64_MAX };
        struct go_func func = { .index = 99 };
        for (size_t i = 0; i < sizeof(outside) / sizeof(outside[0]); i++)
                assert_false(pclntab_find(tab, outside[i], &func));
        assert_int_equal(func.index, 99);
        assert_false(pclntab_function(tab, 6, &func));
        assert_false(pclntab_function(tab, UINT32_MAX, &func));
}

static void test_find(void **state) {
        (void) state;
        each_version(check_find);
}

static void check_spdelta(const struct pclntab *tab, unsigned minor) {
        (void) minor;
        static const struct {
                uint32_t offset;
                int32_t delta;
        } cases[] = { { 0, 0 }, { 3, 0 }, { 4, 40 }, { 119, 40 }, { 120, 0 }, { 127, 0 } };
        struct go_func func = find(tab, 0x401050);
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                int32_t delta = 99;
                assert_int_equal(pclntab_spdelta(tab, &func, 0x401050 + cases[i].offset, &delta), GO_SPDELTA_OK);
                assert_int_equal(delta, cases[i].delta);
        }
        int32_t delta = 99;
        assert_int_equal(pclntab_spdelta(tab, &func, 0x401050 + 128, &delta), GO_SPDELTA_DAMAGED); /* behind the table's end */
        func = find(tab, 0x401100);
        assert_int_equal(pclntab_spdelta(tab, &func, 0x401100, &delta), GO_SPDELTA_NONE);
        assert_int_equal(delta, 99);
}

static void test_spdelta(void **state) {
        (void) state;
        each_version(check_spdelta);
}

static void check_frame(const struct go_inline_frame *frame, const char *name, const char *file, uint32_t line, bool inlined) {
        assert_str(frame->name, name);
        assert_str(frame->file, file);
        assert_int_equal(frame->line, line);
        assert_int_equal(frame->inlined, inlined);
}

static void check_expand(const struct pclntab *tab, unsigned minor) {
        (void) minor;
        struct go_inline_frame frames[4];
        struct go_func func = find(tab, 0x401050);

        assert_int_equal(pclntab_expand(tab, &func, 0x401050 + 50, frames, 4), 3);
        check_frame(&frames[0], "example.com/evil.g", SAMPLE_EVIL "evil.go", 31, true);
        check_frame(&frames[1], "example.com/evil.F", SAMPLE_EVIL "evil.go", 30, true);
        check_frame(&frames[2], "main.main", SAMPLE_ROOT "main.go", 10, false);

        assert_int_equal(pclntab_expand(tab, &func, 0x401050 + 20, frames, 4), 2);
        check_frame(&frames[0], "example.com/evil.F", SAMPLE_EVIL "evil.go", 30, true);
        check_frame(&frames[1], "main.main", SAMPLE_ROOT "main.go", 10, false);

        assert_int_equal(pclntab_expand(tab, &func, 0x401050 + 60, frames, 4), 1);
        check_frame(&frames[0], "main.main", SAMPLE_ROOT "main.go", 12, false);

        assert_int_equal(pclntab_expand(tab, &func, 0x401050 + 50, frames, 2), -1); /* deeper than there is room for */
        assert_int_equal(pclntab_expand(tab, &func, 0x401050 + 50, frames, 3), 3);

        func = find(tab, 0x401100); /* no file and no line */
        assert_int_equal(pclntab_expand(tab, &func, 0x401100, frames, 4), 1);
        check_frame(&frames[0], "gosave_systemstack_switch", "", 0, false);
}

static void test_expand(void **state) {
        (void) state;
        each_version(check_expand);
}

static void check_file_line(const struct pclntab *tab, unsigned minor) {
        (void) minor;
        struct go_func func = find(tab, 0x401050);
        struct str file;
        uint32_t line;
        assert_true(pclntab_file_line(tab, &func, 0x401050, &file, &line));
        assert_str(file, SAMPLE_ROOT "main.go");
        assert_int_equal(line, 10);
        assert_true(pclntab_file_line(tab, &func, 0x401050 + 59, &file, &line));
        assert_str(file, SAMPLE_EVIL "evil.go");
        assert_int_equal(line, 31);
        assert_false(pclntab_file_line(tab, &func, 0x401050 + 128, &file, &line));
        assert_int_equal(line, 31);
}

static void test_file_line(void **state) {
        (void) state;
        each_version(check_file_line);
}

static void check_flags(const struct pclntab *tab, unsigned minor) {
        (void) minor;
        struct go_func func = find(tab, 0x401000);
        assert_int_equal(pclntab_flags(tab, &func), GO_FUNC_TOPFRAME | GO_FUNC_ASM);
        func = find(tab, 0x401010);
        assert_int_equal(pclntab_flags(tab, &func), 0);
}

static void test_flags(void **state) {
        (void) state;
        each_version(check_flags);
}

/* Files 0 and 1 are the runtime's; main.main's unit begins at 2, the others' at 4 and 5. */
static void check_unit(const struct pclntab *tab, unsigned minor) {
        (void) minor;
        static const uint32_t units[] = { 0, 0, 2, 4, 5, 5 };
        for (uint32_t i = 0; i < 6; i++) {
                struct go_func func;
                uint32_t unit;
                assert_true(pclntab_function(tab, i, &func));
                assert_true(pclntab_unit(&func, &unit));
                assert_int_equal(unit, units[i]);
        }
}

static void test_unit(void **state) {
        (void) state;
        each_version(check_unit);
}

/* A file number that stands for no file (src/runtime/symtab.go, funcfile: cutab holds ^0). */
static void test_no_file(void **state) {
        (void) state;
        sample_tables(&tables, 26);
        memset(tables.cutab.bytes + 2 * 4, 0xff, 4);
        struct pclntab tab = tables_pclntab(&tables);
        struct go_func func = find(&tab, 0x401050);
        struct str file = STR("before");
        uint32_t line;
        assert_true(pclntab_file_line(&tab, &func, 0x401050, &file, &line));
        assert_int_equal(file.len, 0);
        assert_int_equal(line, 10);
}

/* Calls inlined into each other, `depth` deep: the one with number i was inlined at the pc of number i - 1. */
static struct pclntab deep_tables(int32_t depth) {
        struct tables_step steps[300];
        tables_init(&tables, 22);
        tables_function(&tables, "main.deep", 400);
        for (int32_t i = 0; i <= depth; i++)
                steps[i] = (struct tables_step){ (uint32_t) i + 1, i - 1 };
        tables_inline(&tables, steps, (size_t) depth + 1);
        for (int32_t i = 0; i < depth; i++)
                tables_inlined(&tables, "example.com/a.F", i);
        tables_finish(&tables);
        return tables_pclntab(&tables);
}

static void test_deep_inlining(void **state) {
        (void) state;
        static struct go_inline_frame frames[PCLNTAB_MAX_INLINE_DEPTH];
        struct pclntab tab = deep_tables(255);
        struct go_func func = find(&tab, 0x401000);
        assert_int_equal(pclntab_expand(&tab, &func, 0x401000 + 255, frames, PCLNTAB_MAX_INLINE_DEPTH), 256);
        assert_true(frames[254].inlined);
        check_frame(&frames[255], "main.deep", "", 0, false);

        tab = deep_tables(256);
        func = find(&tab, 0x401000);
        assert_int_equal(pclntab_expand(&tab, &func, 0x401000 + 256, frames, PCLNTAB_MAX_INLINE_DEPTH), -1);
        assert_int_equal(pclntab_expand(&tab, &func, 0x401000 + 255, frames, PCLNTAB_MAX_INLINE_DEPTH), 256);
}

/* A tree with one entry for the whole function, whose parent is as given. */
static int expand_with_parent(int32_t parent_pc, int32_t tree_index) {
        struct go_inline_frame frames[PCLNTAB_MAX_INLINE_DEPTH];
        tables_init(&tables, 22);
        tables_function(&tables, "main.main", 64);
        TABLES_INLINE(&tables, { 32, tree_index }, { 64, -1 });
        tables_inlined(&tables, "example.com/a.F", parent_pc);
        tables_finish(&tables);
        struct pclntab tab = tables_pclntab(&tables);
        struct go_func func = find(&tab, 0x401000);
        return pclntab_expand(&tab, &func, 0x401000 + 8, frames, PCLNTAB_MAX_INLINE_DEPTH);
}

static void test_inline_tree_that_lies(void **state) {
        (void) state;
        assert_int_equal(expand_with_parent(40, 0), 2);
        assert_int_equal(expand_with_parent(8, 0), -1);  /* its own parent */
        assert_int_equal(expand_with_parent(64, 0), -1); /* behind the function */
        assert_int_equal(expand_with_parent(-1, 0), -1);
        assert_int_equal(expand_with_parent(INT32_MIN, 0), -1);
        assert_int_equal(expand_with_parent(INT32_MAX, 0), -1);
        assert_int_equal(expand_with_parent(40, 1), -1); /* behind the tree */
        assert_int_equal(expand_with_parent(40, INT32_MAX), -1);
        assert_int_equal(expand_with_parent(40, -2), 1); /* any negative index: not inlined */
}

/* A pc table of these bytes, looked up at offset 8 of a function of 64 bytes. */
static enum go_spdelta spdelta_of(const void *bytes, size_t len, int32_t *ret_delta) {
        tables_init(&tables, 26);
        tables_function(&tables, "main.main", 64);
        tables.functions[0].pcsp = (uint32_t) tables.pctab.len;
        blob_put(&tables.pctab, bytes, len);
        tables_finish(&tables);
        struct pclntab tab = tables_pclntab(&tables);
        struct go_func func = find(&tab, 0x401000);
        return pclntab_spdelta(&tab, &func, 0x401000 + 8, ret_delta);
}

#define SPDELTA_OF(bytes) spdelta_of(bytes, sizeof(bytes) - 1, &delta)

/* Pairs of a zigzag value delta, from -1 on, and a pc delta. */
static void test_pc_table_bytes(void **state) {
        (void) state;
        int32_t delta = 99;
        assert_int_equal(SPDELTA_OF("\x02\x40\x00"), GO_SPDELTA_OK); /* +1 */
        assert_int_equal(delta, 0);
        assert_int_equal(SPDELTA_OF("\x12\x40\x00"), GO_SPDELTA_OK); /* +9 */
        assert_int_equal(delta, 8);
        assert_int_equal(SPDELTA_OF("\x0d\x40\x00"), GO_SPDELTA_OK); /* -7 */
        assert_int_equal(delta, -8);
        assert_int_equal(SPDELTA_OF("\x02\x08\x10\x38\x00"), GO_SPDELTA_OK); /* 0 up to 8, 8 from there on */
        assert_int_equal(delta, 8);
        assert_int_equal(SPDELTA_OF("\x92\x08\x40\x00"), GO_SPDELTA_OK); /* two bytes: 0x412 is +521 */
        assert_int_equal(delta, 520);
        assert_int_equal(SPDELTA_OF("\x82\x80\x80\x80\x00\x40\x00"), GO_SPDELTA_OK); /* more bytes than are needed */
        assert_int_equal(delta, 0);
        assert_int_equal(SPDELTA_OF("\x02\x40"), GO_SPDELTA_OK); /* the terminator is not looked at */

        delta = 99;
        assert_int_equal(SPDELTA_OF(""), GO_SPDELTA_DAMAGED);
        assert_int_equal(SPDELTA_OF("\x02"), GO_SPDELTA_DAMAGED);
        assert_int_equal(SPDELTA_OF("\x02\x08\x00"), GO_SPDELTA_DAMAGED);                     /* ends before the pc */
        assert_int_equal(SPDELTA_OF("\x02\x00\x10\x40\x00"), GO_SPDELTA_DAMAGED);             /* a pc delta of 0 */
        assert_int_equal(SPDELTA_OF("\x02\x08\x00\x40\x10\x40\x00"), GO_SPDELTA_DAMAGED);     /* a value delta of 0 ends it */
        assert_int_equal(SPDELTA_OF("\x04\x40\x00"), GO_SPDELTA_DAMAGED);                     /* 1: no multiple of a word */
        assert_int_equal(SPDELTA_OF("\x82\x80\x80\x80\x80\x00\x40\x00"), GO_SPDELTA_DAMAGED); /* six bytes */
        assert_int_equal(SPDELTA_OF("\xff\xff\xff\xff\x1f\x40\x00"), GO_SPDELTA_DAMAGED);     /* more than 32 bits */
        assert_int_equal(SPDELTA_OF("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"), GO_SPDELTA_DAMAGED); /* never ends */
        assert_int_equal(delta, 99);
        assert_int_equal(SPDELTA_OF("\x00\x40\x00"), GO_SPDELTA_DAMAGED); /* -1: no multiple of a word */
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_find),
                cmocka_unit_test(test_spdelta),
                cmocka_unit_test(test_expand),
                cmocka_unit_test(test_file_line),
                cmocka_unit_test(test_flags),
                cmocka_unit_test(test_unit),
                cmocka_unit_test(test_no_file),
                cmocka_unit_test(test_deep_inlining),
                cmocka_unit_test(test_inline_tree_that_lies),
                cmocka_unit_test(test_pc_table_bytes),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
