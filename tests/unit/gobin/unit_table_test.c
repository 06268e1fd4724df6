/* SPDX-License-Identifier: Apache-2.0 */
/* Compilation units: functions that linkname renamed into another package are found out. */
#include "gobin/unit_table.h"

#include "gobin/go_program.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct go_program program;
static struct unit_table *table;
static bool prepared; /* whether all was looked at before the first question */

/* Functions of one compilation unit, NULL-terminated. Each has a file of its own, so that units differ. */
static void unit(const char *const *names) {
        static char files[64][32];
        static unsigned n;
        snprintf(files[n % 64], sizeof(files[0]), "/src/unit%u.go", n);
        tables_unit(&program.tables);
        for (; *names; names++)
                tables_simple(&program.tables, *names, 16, 0, files[n % 64], 7);
        n++;
}

#define UNIT(...) unit((const char *const[]){ __VA_ARGS__, NULL })

static void begin(void) {
        go_program_init(&program, 26);
        UNIT("runtime.goexit", "runtime.main", "os.runtime_args", "syscall.runtime_envs"); /* the runtime defines for others */
        UNIT("os.init", "os.ReadFile", "os.Remove");
}

static void finish(void) {
        struct jail_error err;
        go_program_finish(
                &program, "path\texample.com/main\nmod\texample.com/main\t(devel)\n",
                "module example.com/main\nrequire example.com/evil v1.2.3 // gomodjail:confined\nrequire example.com/good v1.0.0\n"
                "require runtime.mapaccess.example/evil v1.0.0 // gomodjail:confined\n",
                "/src/proj/go.mod");
        assert_int_equal(unit_table_new(&program.image.tab, program.set, &table, &err), 0);
        int r = prepared;
        while (r == 1)
                r = unit_table_prepare(table, &err);
        assert_int_equal(r, 0);
}

static int teardown(void **state) {
        (void) state;
        unit_table_free(table);
        unit_table_free(NULL);
        table = NULL;
        go_program_clear(&program);
        return 0;
}

/* "agrees", "forged" or the module that the unit names. */
static const char *ask(const char *function) {
        struct go_func func;
        module_id named = MODULE_NONE;
        assert_true(pclntab_find(&program.image.tab, tables_pc(&program.tables, function, 0), &func));
        switch (unit_table_ask(table, &func, module_set_by_symbol(program.set, func.name), &named)) {
        case UNIT_AGREES: return "agrees";
        case UNIT_FORGED: return "forged";
        case UNIT_NAMES: return go_program_module(&program, named);
        }
        return "";
}

static void test_honest(void **state) {
        (void) state;
        begin();
        UNIT("main.main", "main.run", "main.main.F.func1");
        UNIT("example.com/evil.F", "example.com/evil.(*T).M");
        UNIT("example.com/evil/sub.F");
        UNIT("example.com/main/lib.F");
        finish();
        static const char *const functions[] = { "runtime.main",
                                                 "os.runtime_args",
                                                 "os.ReadFile",
                                                 "main.main",
                                                 "main.main.F.func1",
                                                 "example.com/evil.F",
                                                 "example.com/main/lib.F",
                                                 "example.com/evil/sub.F",
                                                 "syscall.runtime_envs" };
        for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++)
                assert_string_equal(ask(functions[i]), "agrees");
}

/* //go:linkname Add main.run, in evil. */
static void test_renamed_into_main(void **state) {
        (void) state;
        begin();
        UNIT("main.main", "main.helper");
        UNIT("example.com/evil.F", "main.run", "example.com/evil.G");
        finish();
        assert_string_equal(ask("main.run"), "example.com/evil");
        assert_string_equal(ask("main.helper"), "agrees");
}

/* A module whose path begins as the names do that the standard library pushes into its own packages. */
static void test_named_like_pushed(void **state) {
        (void) state;
        begin();
        UNIT("main.main", "main.helper");
        UNIT("runtime.mapaccess.example/evil.F", "main.run");
        finish();
        assert_string_equal(ask("main.run"), "runtime.mapaccess.example/evil");
        assert_string_equal(ask("main.helper"), "agrees");
}

/* Every function of the unit was renamed: nothing says whose it is, but main is at home elsewhere. */
static void test_all_renamed(void **state) {
        (void) state;
        begin();
        UNIT("main.main", "main.helper");
        UNIT("main.run");
        finish();
        assert_string_equal(ask("main.run"), "forged");
        assert_string_equal(ask("main.helper"), "agrees");
}

static void test_renamed_into_std(void **state) {
        (void) state;
        begin();
        UNIT("main.main");
        UNIT("os.Steal");
        UNIT("example.com/evil.F", "os.StealToo");
        finish();
        assert_string_equal(ask("os.Steal"), "forged");
        assert_string_equal(ask("os.StealToo"), "example.com/evil");
        assert_string_equal(ask("os.ReadFile"), "agrees");
}

static void test_renamed_into_a_module(void **state) {
        (void) state;
        begin();
        UNIT("main.main");
        UNIT("example.com/good.F", "example.com/good.G");
        UNIT("example.com/good.Forged");
        UNIT("example.com/evil.F", "example.com/good.ForgedToo");
        finish();
        assert_string_equal(ask("example.com/good.Forged"), "forged");
        assert_string_equal(ask("example.com/good.ForgedToo"), "example.com/evil");
        assert_string_equal(ask("example.com/good.G"), "forged"); /* two units claim the package: doubt denies */
}

/* What the compiler puts where it is needed first says nothing; assembly has units of its own. */
static void test_duplicates(void **state) {
        (void) state;
        begin();
        UNIT("main.main", "example.com/evil.Map[int]", "type:.eq.example.com/evil.T");
        UNIT("example.com/evil.F");
        tables_unit(&program.tables);
        tables_simple(&program.tables, "example.com/evil.asm", 16, 0, "/x.s", 7);
        tables_flags(&program.tables, GO_FUNC_ASM);
        finish();
        assert_string_equal(ask("example.com/evil.Map[int]"), "agrees");
        assert_string_equal(ask("type:.eq.example.com/evil.T"), "agrees");
        assert_string_equal(ask("example.com/evil.asm"), "agrees");
        assert_string_equal(ask("main.main"), "agrees");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_teardown(test_honest, teardown),
                cmocka_unit_test_teardown(test_renamed_into_main, teardown),
                cmocka_unit_test_teardown(test_named_like_pushed, teardown),
                cmocka_unit_test_teardown(test_all_renamed, teardown),
                cmocka_unit_test_teardown(test_renamed_into_std, teardown),
                cmocka_unit_test_teardown(test_renamed_into_a_module, teardown),
                cmocka_unit_test_teardown(test_duplicates, teardown),
        };
        int failed = cmocka_run_group_tests_name("asked", tests, NULL, NULL);
        prepared = true;
        return failed + cmocka_run_group_tests_name("prepared", tests, NULL, NULL);
}
