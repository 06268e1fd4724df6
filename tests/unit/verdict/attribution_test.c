/* SPDX-License-Identifier: Apache-2.0 */
/* The witnesses of a program counter, which need not agree. */
#include "verdict/scene.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct scene s;

static int setup(void **state) {
        (void) state;
        scene_init(&s, SCENE_GO_MOD, false);
        return 0;
}

static int teardown(void **state) {
        (void) state;
        scene_clear(&s);
        return 0;
}

static void assert_witnesses(const char *function, size_t logical, const char *symbol, const char *file) {
        char got[2][64];
        const struct code_point *code = scene_code(&s, function);
        const struct attributed_frame *frames = attribution_find(s.attribution, code);
        assert_non_null(frames);
        assert_true(logical < code->n_frames);
        strcpy(got[0], go_program_module(&s.program, frames[logical].symbol));
        strcpy(got[1], go_program_module(&s.program, frames[logical].file));
        if (strcmp(got[0], symbol) != 0 || strcmp(got[1], file) != 0)
                fail_msg("%s: symbol %s, file %s", function, got[0], got[1]);
        assert_ptr_equal(attribution_find(s.attribution, code), frames);
}

static void test_witnesses(void **state) {
        (void) state;
        assert_witnesses("os.ReadFile", 0, "std", "std");
        assert_witnesses("main.main", 0, "main", "main");
        assert_witnesses("example.com/main/lib.F", 0, "main", "main");
        assert_witnesses("example.com/evil.F", 0, "example.com/evil", "example.com/evil");
        assert_witnesses("example.com/nobody.F", 0, "unknown", "unknown");
        assert_witnesses("asm", 0, "-", "-");
        assert_witnesses("main.(*T).M", 0, "main", "-");
        /* They disagree. */
        assert_witnesses("main.main.F.func1", 0, "main", "example.com/evil");
        assert_witnesses("example.com/evil.G", 0, "example.com/evil", "main");
        /* What was inlined, and its host. */
        assert_witnesses("main.host", 0, "example.com/evil", "example.com/evil");
        assert_witnesses("main.host", 1, "main", "main");
        attribution_clear(s.attribution);
        assert_witnesses("main.host", 0, "example.com/evil", "example.com/evil");
        assert_ptr_equal(attribution_modules(s.attribution), s.program.set);
        attribution_free(NULL);
}

static void test_large_index(void **state) {
        (void) state;
        struct code_point code = *scene_code(&s, "example.com/evil.F");
        static const uint32_t indexes[] = { 255, 256, 257, 100000, 3 };
        for (size_t i = 0; i < sizeof(indexes) / sizeof(indexes[0]); i++) {
                code.index = indexes[i];
                const struct attributed_frame *frames = attribution_find(s.attribution, &code);
                assert_non_null(frames);
                assert_string_equal(go_program_module(&s.program, frames[0].symbol), "example.com/evil");
        }
}

static bool confined_cgo(const char *name, const char *go_mod) {
        struct scene *other = calloc(1, sizeof(*other));
        struct code_table *code = NULL;
        struct attribution *attribution = NULL;
        assert_non_null(other);
        go_program_init(&other->program, 26);
        tables_name(&other->program.tables, "main.main");
        tables_name(&other->program.tables, name);
        tables_name(&other->program.tables, "os.Open");
        go_program_finish(&other->program, NULL, go_mod, "go.mod");
        assert_int_equal(code_table_new(&other->program.image.tab, &code, NULL), 0);
        assert_int_equal(attribution_new(other->program.set, code, &attribution, NULL), 0);
        bool answer = attribution_confined_cgo(attribution);
        assert_int_equal(attribution_confined_cgo(attribution), answer);
        attribution_free(attribution);
        code_table_free(code);
        go_program_clear(&other->program);
        free(other);
        return answer;
}

static void test_confined_cgo(void **state) {
        (void) state;
        static const char all[] = "// gomodjail:confined\nmodule example.com/main\n";
        assert_true(confined_cgo("example.com/evil._Cfunc_malloc", SCENE_GO_MOD));
        assert_true(confined_cgo("example.com/evil._C2func_open", SCENE_GO_MOD));
        assert_true(confined_cgo("example.com/evil._cgoexp_0123_Callback", SCENE_GO_MOD));
        assert_true(confined_cgo("example.com/evil._cgo_cmalloc", SCENE_GO_MOD));
        assert_true(confined_cgo("example.com/evil/sub._Cfunc_x", SCENE_GO_MOD));
        assert_false(confined_cgo("example.com/evil.Cfunc_x", SCENE_GO_MOD));
        assert_false(confined_cgo("example.com/evil.F_Cfunc_x", SCENE_GO_MOD));
        assert_false(confined_cgo("example.com/good._Cfunc_malloc", SCENE_GO_MOD));
        assert_false(confined_cgo("main._Cfunc_malloc", SCENE_GO_MOD));
        assert_false(confined_cgo("net._C2func_getaddrinfo", SCENE_GO_MOD));
        assert_false(confined_cgo("runtime/cgo._cgo_x", all));
        assert_true(confined_cgo("example.com/nobody._Cfunc_x", all));
        assert_false(confined_cgo("example.com/nobody._Cfunc_x", SCENE_GO_MOD));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
        const struct CMUnitTest tests[] = {
                TEST(test_witnesses),
                TEST(test_large_index),
                cmocka_unit_test(test_confined_cgo),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
