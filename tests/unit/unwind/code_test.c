/* SPDX-License-Identifier: Apache-2.0 */
/* The table of code points, and the fields of g and m. */
#include "gobin/sample.h"
#include "memory/buffer.h"
#include "unwind/code.h"
#include "unwind/goroutine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct go_tables tables;

static void assert_name(struct str got, const char *want) {
        if (!str_equal(got, str_from(want)))
                fail_msg("\"%.*s\" is not \"%s\"", STR_ARG(got), want);
}

/* A return address stands for the call in front of it; an exact one, or a function's first, for itself. */
static void test_points(void **state) {
        (void) state;
        struct code_table *table = NULL;
        sample_tables(&tables, 26);
        struct pclntab tab = tables_pclntab(&tables);
        assert_int_equal(code_table_new(&tab, &table, NULL), 0);
        assert_ptr_equal(code_table_pclntab(table), &tab);

        const struct code_point *returned = code_table_find(table, 0x401050 + 20, false);
        assert_non_null(returned);
        assert_int_equal(returned->n_frames, 1);
        assert_int_equal(returned->index, 0);
        const struct code_point *exact = code_table_find(table, 0x401050 + 20, true);
        assert_int_equal(exact->n_frames, 2);
        assert_int_equal(exact->index, 1);
        assert_name(exact->frames[0].name, "example.com/evil.F");
        assert_name(exact->frames[1].name, "main.main");
        const struct code_point *entry = code_table_find(table, 0x401050, false);
        assert_name(entry->func.name, "main.main");
        assert_int_equal(entry->step, GO_SPDELTA_OK);
        assert_int_equal(entry->delta_bytes, 0);
        const struct code_point *end = code_table_find(table, 0x401050 + 60, false);
        assert_int_equal(end->n_frames, 3); /* the call that ends at offset 60 is evil.g's */
        assert_int_equal(end->delta_bytes, 40);

        assert_ptr_equal(code_table_find(table, 0x401050 + 20, false), returned);
        assert_ptr_equal(code_table_find(table, 0x401050 + 20, true), exact);
        assert_int_equal(code_table_count(table), 4);
        assert_null(code_table_find(table, 0, false));
        assert_null(code_table_find(table, 0x401110, false));
        assert_null(code_table_find(table, UINT64_MAX, true));
        assert_int_equal(code_table_count(table), 4);
        code_table_free(table);
        code_table_free(NULL);
}

static void test_roles(void **state) {
        (void) state;
        static const struct {
                const char *name;
                enum code_role role;
        } cases[] = {
                { "runtime.goexit", CODE_GOEXIT },
                { "runtime.goexit0", CODE_ORDINARY },
                { "runtime.goexit1", CODE_ORDINARY },
                { "runtime.rt0_go", CODE_RT0 },
                { "_rt0_amd64_linux", CODE_RT0 },
                { "_rt0_amd64", CODE_RT0 },
                { "runtime.mstart", CODE_MSTART },
                { "runtime.mstart0", CODE_ORDINARY },
                { "runtime.mstart1", CODE_ORDINARY },
                { "runtime.mcall", CODE_MCALL },
                { "runtime.morestack", CODE_MORESTACK },
                { "runtime.morestack_noctxt", CODE_ORDINARY },
                { "runtime.systemstack", CODE_SYSTEMSTACK },
                { "runtime.systemstack_switch", CODE_SWITCH },
                { "runtime.cgocall", CODE_CGOCALL },
                { "runtime.sigtramp", CODE_SIGTRAMP },
                { "runtime.cgoSigtramp", CODE_SIGTRAMP },
                { "runtime.sigtrampgo", CODE_ORDINARY },
                { "runtime.sigpanic", CODE_INJECTED },
                { "runtime.sigpanic0", CODE_INJECTED },
                { "runtime.asyncPreempt", CODE_INJECTED },
                { "runtime.asyncPreempt2", CODE_ORDINARY },
                { "runtime.main", CODE_RUNTIME_MAIN },
                { "runtime.main.func1", CODE_ORDINARY },
                { "runtime.cgocallback", CODE_CGOCALLBACK },
                { "runtime.runfinq", CODE_SERVICE },
                { "runtime.runFinalizers", CODE_SERVICE },
                { "runtime.runCleanups", CODE_SERVICE },
                { "time.goFunc", CODE_SERVICE },
                { "main.main", CODE_ORDINARY },
                { "example.com/runtime.goexit", CODE_ORDINARY },
                { "xtime.goFunc", CODE_ORDINARY },
        };
        struct code_table *table = NULL;
        tables_init(&tables, 26);
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
                tables_simple(&tables, cases[i].name, 16, 0, NULL, 0);
        tables_finish(&tables);
        struct pclntab tab = tables_pclntab(&tables);
        assert_int_equal(code_table_new(&tab, &table, NULL), 0);
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                const struct code_point *point = code_table_find(table, TABLES_TEXT_VADDR + i * 16 + 8, false);
                assert_name(point->func.name, cases[i].name);
                if (point->role != cases[i].role)
                        fail_msg("%s has the role %d", cases[i].name, point->role);
        }
        code_table_free(table);
}

/* More points than the first table holds, and than it ever should. */
static void test_growth(void **state) {
        (void) state;
        enum { LIMIT = 1 << 18 };
        struct code_table *table = NULL;
        tables_init(&tables, 26);
        tables_simple(&tables, "main.large", 2 * LIMIT, 8, NULL, 0);
        tables_finish(&tables);
        struct pclntab tab = tables_pclntab(&tables);
        assert_int_equal(code_table_new(&tab, &table, NULL), 0);
        for (uint32_t i = 0; i < LIMIT; i++)
                assert_non_null(code_table_find(table, TABLES_TEXT_VADDR + i, false));
        assert_int_equal(code_table_trim(table), 0);
        assert_int_equal(code_table_count(table), LIMIT);
        for (uint32_t i = 0; i < LIMIT; i += 1111)
                assert_int_equal(code_table_find(table, TABLES_TEXT_VADDR + i, false)->index, i);
        assert_non_null(code_table_find(table, TABLES_TEXT_VADDR + LIMIT, false));
        assert_int_equal(code_table_trim(table), 1);
        assert_int_equal(code_table_count(table), 0);
        assert_int_equal(code_table_find(table, TABLES_TEXT_VADDR + 5, false)->index, 0);
        assert_int_equal(code_table_trim(table), 1);
        code_table_free(table);
}

/* Each word of g and m holds its own offset: the fields must be those of the layout, and nothing outside is read. */
static void test_fields(void **state) {
        (void) state;
        for (unsigned minor = 18; minor <= 26; minor++) {
                const struct go_layout *l = tables_layout(minor);
                uint64_t words[GOROUTINE_G_BYTES / 8];
                struct goroutine g;
                struct machine m;
                struct jail_error err;
                struct memory_buffer memory;
                for (uint64_t i = 0; i < GOROUTINE_G_BYTES / 8; i++)
                        words[i] = 1000 + i * 8;
                memory_buffer_init(&memory, 0x1000, (struct bytes){ (const uint8_t *) words, sizeof(words) });
                assert_int_equal(goroutine_read(l, &memory.reader, 0x1000, &g, &err), 0);
                assert_int_equal(g.vaddr, 0x1000);
                assert_int_equal(g.stack_lo, 1000);
                assert_int_equal(g.stack_hi, 1008);
                assert_int_equal(g.m_vaddr, 1048);
                assert_int_equal(g.sched_sp, 1056);
                assert_int_equal(g.sched_pc, 1064);
                assert_int_equal(g.syscall_sp, minor >= 25 ? 1104 : 1112);
                assert_int_equal(g.goid, minor == 23 || minor == 24 ? 1160 : 1152);
                assert_int_equal(g.parent_goid, minor <= 20 ? 0 : 1000 + l->g.parent_goid);
                assert_int_equal(machine_read(l, &memory.reader, 0x1000, &m, &err), 0);
                assert_int_equal(m.g0_vaddr, 1000);
                assert_int_equal(m.procid, minor >= 25 ? 1064 : 1072);
                assert_int_equal(m.gsignal_vaddr, minor >= 25 ? 1072 : 1080);
                assert_int_equal(m.curg_vaddr, minor >= 25 ? 1184 : 1192);
                assert_int_equal(goroutine_read(l, &memory.reader, 0x1008, &g, &err), JAIL_EREAD);
                assert_int_equal(machine_read(l, &memory.reader, 0xff8, &m, &err), JAIL_EREAD);
                size_t g_bytes = (size_t) l->g.ancestors + 8, m_bytes = (size_t) l->m.curg + 8;
                for (size_t len = 0; len <= GOROUTINE_G_BYTES; len++) {
                        uint8_t *copy = malloc(len + 1);
                        assert_non_null(copy);
                        memcpy(copy + 1, words, len);
                        assert_int_equal(goroutine_parse(l, 0x1000, copy + 1, len, &g), len >= g_bytes);
                        assert_int_equal(machine_parse(l, 0x1000, copy + 1, len, &m), len >= m_bytes);
                        free(copy);
                }
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_points),
                cmocka_unit_test(test_roles),
                cmocka_unit_test(test_growth),
                cmocka_unit_test(test_fields),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
