/* SPDX-License-Identifier: Apache-2.0 */
/* Images that would take for ever: the effort for one question ends, what it came to is not remembered, and the answer is safe. */
#include "gobin/closure_host.h"
#include "gobin/go_program.h"
#include "gobin/large_tables.h"
#include "gobin/unit_table.h"
#include "verdict/attribution.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define N 1000000u

static struct large_tables large;
static struct go_program program; /* for its modules */

static void begin(uint32_t n, void (*name)(uint32_t i, char *buffer, size_t size), uint32_t (*unit)(uint32_t i),
                  size_t name_bytes) {
        struct jail_error err;
        go_program_init(&program, 26);
        go_program_function(&program, "runtime.main", "/go/src/runtime/proc.go");
        go_program_image(&program, "path\texample.com/main\nmod\texample.com/main\t(devel)\n",
                         "module example.com/main\nrequire example.com/evil v1.2.3 // gomodjail:confined\n", "/src/go.mod");
        large_tables_init(&large, n, name, unit, name_bytes);
        program.image.tab = large.tab;
        assert_int_equal(module_set_new(&program.image, program.policy, &program.set, &err), 0);
}

static int teardown(void **state) {
        (void) state;
        large_tables_clear(&large);
        go_program_clear(&program);
        return 0;
}

static uint32_t one_unit(uint32_t i) {
        (void) i;
        return 7;
}

static uint32_t alternating_units(uint32_t i) {
        return i % 2;
}

static uint32_t own_unit(uint32_t i) {
        return i;
}

static void name_functions(uint32_t i, char *buffer, size_t size) {
        snprintf(buffer, size, "example.com/evil.F%u", i);
}

static void name_closures(uint32_t i, char *buffer, size_t size) {
        snprintf(buffer, size, "example.com/evil.F%u.func1", i);
}

/* Of no module that anybody knows, and not of one package either. */
static void name_strangers(uint32_t i, char *buffer, size_t size) {
        snprintf(buffer, size, "example.org/p%u.F", i);
}

static struct go_func function_at(uint32_t index) {
        struct go_func func;
        assert_true(pclntab_function(&large.tab, index, &func));
        return func;
}

/* Everything there is to prepare. */
static int prepare(struct unit_table *table, struct jail_error *err) {
        int r;
        do
                r = unit_table_prepare(table, err);
        while (r == 1);
        return r;
}

/* A million functions in one unit: the first question looks at all, the others at none. */
static void test_one_unit(void **state) {
        struct unit_table *table;
        struct jail_error err;
        module_id named;
        (void) state;
        begin(N, name_functions, one_unit, 0);
        assert_int_equal(unit_table_new(&large.tab, program.set, &table, &err), 0);
        module_id evil = module_set_by_package(program.set, (struct str){ "example.com/evil", 16 });
        for (uint32_t i = 0; i < N; i += N / 50) {
                struct go_func func = function_at(i);
                effort_begin(&large.effort, EFFORT_PER_STOP);
                assert_int_equal(unit_table_ask(table, &func, evil, &named), UNIT_AGREES);
                if (i == 0)
                        assert_in_range(large_tables_spent(&large, EFFORT_PER_STOP), N * (uint64_t) EFFORT_ENTRY, EFFORT_PER_STOP);
                else
                        assert_int_equal(large_tables_spent(&large, EFFORT_PER_STOP), 0);
        }
        unit_table_free(table);
}

/* Where that is too much, nothing is remembered of it, and the next question begins anew. */
static void test_one_unit_too_large(void **state) {
        struct unit_table *table;
        struct jail_error err;
        module_id named;
        (void) state;
        begin(N, name_functions, one_unit, 0);
        assert_int_equal(unit_table_new(&large.tab, program.set, &table, &err), 0);
        struct go_func func = function_at(N / 2);
        module_id evil = module_set_by_package(program.set, (struct str){ "example.com/evil", 16 });
        effort_begin(&large.effort, N);
        assert_int_equal(unit_table_ask(table, &func, evil, &named), UNIT_FORGED);
        assert_true(effort_is_spent(&large.effort));
        effort_begin(&large.effort, EFFORT_PER_STOP);
        assert_int_equal(unit_table_ask(table, &func, evil, &named), UNIT_AGREES);
        unit_table_free(table);
}

/* A million runs of two units that share a package: which is at home is known at once. */
static void test_alternating_units(void **state) {
        struct unit_table *table;
        struct jail_error err;
        module_id named;
        (void) state;
        begin(N, name_functions, alternating_units, 0);
        assert_int_equal(unit_table_new(&large.tab, program.set, &table, &err), 0);
        effort_begin(&large.effort, UINT64_MAX);
        assert_int_equal(prepare(table, &err), 0);
        module_id evil = module_set_by_package(program.set, (struct str){ "example.com/evil", 16 });
        for (uint32_t i = 0; i < 1000; i++) {
                struct go_func func = function_at(i * (N / 1000));
                effort_begin(&large.effort, 100000);
                assert_int_equal(unit_table_ask(table, &func, evil, &named), UNIT_FORGED);
                assert_false(effort_is_spent(&large.effort));
        }
        unit_table_free(table);
}

/* All functions have one name of 60 KiB: neither time nor memory for a copy of each. */
static void test_long_names(void **state) {
        struct unit_table *table;
        struct jail_error err = { 0 };
        (void) state;
        begin(N, NULL, own_unit, 60000);
        large.names[59000] = '.';
        assert_int_equal(unit_table_new(&large.tab, program.set, &table, &err), 0);
        effort_begin(&large.effort, UINT64_MAX);
        assert_int_equal(prepare(table, &err), JAIL_ELIMIT);
        effort_begin(&large.effort, 1u << 20);
        assert_int_equal(prepare(table, &err), JAIL_ELIMIT);
        unit_table_free(table);
}

/* Hundreds of thousands of closures without the function that they stand in: each would look at all functions and at all names. */
static void test_closures(void **state) {
        struct code_table *code;
        struct attribution *attribution;
        struct jail_error err;
        (void) state;
        begin(N / 4, name_closures, one_unit, 0);
        assert_int_equal(code_table_new(&large.tab, &code, &err), 0);
        assert_int_equal(attribution_new(program.set, code, &attribution, &err), 0);

        effort_begin(&large.effort, EFFORT_PER_STOP);
        const struct code_point *point = code_table_find(code, LARGE_TEXT_VADDR + 8, false);
        assert_non_null(point);
        const struct attributed_frame *frames = attribution_find(attribution, point);
        assert_non_null(frames);
        assert_true(frames[0].forged);
        uint64_t one = large_tables_spent(&large, EFFORT_PER_STOP);

        unsigned n = 0;
        while (n < 1000 && attribution_find(attribution, code_table_find(code, LARGE_TEXT_VADDR + 8 + 16u * ++n, false)))
                ;
        assert_in_range(n, 1, EFFORT_PER_STOP / (one / 2)); /* not a thousand of them in one stop */
        assert_true(attribution_is_spent(attribution));
        assert_null(code_table_find(code, LARGE_TEXT_VADDR + 8 + 16u * 5000, false)); /* nothing more in this one */

        effort_begin(&large.effort, EFFORT_PER_STOP);
        frames = attribution_find(attribution, code_table_find(code, LARGE_TEXT_VADDR + 8 + 16u * n, false));
        assert_non_null(frames);
        assert_true(frames[0].forged);
        attribution_free(attribution);
        code_table_free(code);
}

/* Names without end: it is taken for true that a confined module is there, and has C code. */
static void test_names(void **state) {
        struct code_table *code;
        struct attribution *attribution;
        struct jail_error err;
        (void) state;
        begin(N, name_strangers, one_unit, 0);
        assert_int_equal(code_table_new(&large.tab, &code, &err), 0);
        assert_int_equal(attribution_new(program.set, code, &attribution, &err), 0);
        assert_false(module_set_confines(program.set));
        effort_begin(&large.effort, 1000);
        assert_true(module_set_confines(program.set));
        effort_begin(&large.effort, 1000);
        assert_true(attribution_confined_cgo(attribution));
        effort_begin(&large.effort, EFFORT_PER_STOP);
        assert_false(attribution_confined_cgo(attribution));
        attribution_free(attribution);
        code_table_free(code);
}

static void put_u32(size_t at, uint32_t value) {
        memcpy(large.functab + at, &value, sizeof(value));
}

/* One function of a million bytes, whose stack pointer changes at each of them. */
static void test_pc_table(void **state) {
        uint8_t *steps = malloc(2 * (size_t) N + 1);
        struct go_func func;
        int32_t delta;
        (void) state;
        begin(1, name_functions, one_unit, 0);
        assert_non_null(steps);
        for (size_t i = 0; i < N; i++) {
                steps[1 + 2 * i] = i == 0 ? 18 : i % 2 ? 15 : 16; /* zigzag, from -1 on: +9, -8, +8 */
                steps[2 + 2 * i] = 1;
        }
        large.tab.pctab = (struct bytes){ steps, 2 * (size_t) N + 1 };
        put_u32(8, N);          /* where it ends */
        put_u32(2 * 8 + 16, 1); /* _func.pcsp */
        large.tab.etext_vaddr = LARGE_TEXT_VADDR + N;
        func = function_at(0);
        effort_begin(&large.effort, EFFORT_PER_STOP);
        assert_int_equal(pclntab_spdelta(&large.tab, &func, LARGE_TEXT_VADDR + N - 1, &delta), GO_SPDELTA_OK);
        assert_int_equal(large_tables_spent(&large, EFFORT_PER_STOP), N);
        effort_begin(&large.effort, N / 2);
        assert_int_equal(pclntab_spdelta(&large.tab, &func, LARGE_TEXT_VADDR + N - 1, &delta), GO_SPDELTA_DAMAGED);
        assert_true(effort_is_spent(&large.effort));
        free(steps);
}

/* A thousand versions in one path, each with a thousand directories in front. */
static void test_versions(void **state) {
        static char path[16000];
        module_id id;
        struct jail_error err;
        (void) state;
        begin(1, name_functions, one_unit, 0);
        for (size_t at = 0; at + 5 < sizeof(path); at += 5)
                memcpy(path + at, "a@v1/", 5);
        assert_int_equal(module_set_by_file(program.set, (struct str){ path, sizeof(path) - 1 }, &id, &err), 0);
        assert_int_equal(id, MODULE_UNKNOWN);
        /* A real one at the end of a long path is still found. */
        static const char real[] = "/example.com/evil@v1.2.3/evil.go";
        memset(path, 'x', 8000);
        path[4000] = '/';
        memcpy(path + 8000, real, sizeof(real));
        assert_int_equal(module_set_by_file(program.set, str_from(path), &id, &err), 0);
        assert_string_equal(go_program_module(&program, id), "example.com/evil");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_teardown(test_one_unit, teardown),
                cmocka_unit_test_teardown(test_one_unit_too_large, teardown),
                cmocka_unit_test_teardown(test_alternating_units, teardown),
                cmocka_unit_test_teardown(test_long_names, teardown),
                cmocka_unit_test_teardown(test_closures, teardown),
                cmocka_unit_test_teardown(test_names, teardown),
                cmocka_unit_test_teardown(test_pc_table, teardown),
                cmocka_unit_test_teardown(test_versions, teardown),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
