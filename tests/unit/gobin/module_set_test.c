/* SPDX-License-Identifier: Apache-2.0 */
/* From packages and symbols to modules, and which modules are linked. */
#include "gobin/go_program.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct go_program program;

static int teardown(void **state) {
        (void) state;
        go_program_clear(&program);
        return 0;
}

static const char go_mod[] = "module example.com/main\n"
                             "go 1.22\n"
                             "require (\n"
                             "\texample.com/a/b v1.0.0 // gomodjail:confined\n"
                             "\texample.com/a/b/c v1.0.0\n"
                             "\texample.com/a/bc v1.0.0\n"
                             "\texample.com/v v1.0.0\n"
                             "\texample.com/v/v2 v2.0.0 // gomodjail:confined\n"
                             "\tgopkg.in/yaml.v2 v2.4.0\n"
                             "\tgopkg.in/yaml.v3 v3.0.1\n"
                             "\trsc.io v1.0.0\n"
                             "\tgithub.com/BurntSushi/toml v1.0.0\n"
                             "\tnodot/mod v0.0.0\n"
                             "\ttext/evil v0.0.0\n"
                             "\texample.com/main-dep v1.0.0\n"
                             "\texample.com/mainx v1.0.0\n"
                             "\texample.com/main/nested v1.0.0\n"
                             "\tgo.uber.org/zap v1.0.0\n"
                             "\texample.com/c_test v1.0.0\n"
                             ")\n";

struct witness {
        const char *of, *module;
};

static void assert_witnesses(const struct witness *cases, size_t n, const char *(*ask)(const struct go_program *, const char *) ) {
        for (size_t i = 0; i < n; i++) {
                const char *got = ask(&program, cases[i].of);
                if (strcmp(got, cases[i].module) != 0)
                        fail_msg("\"%s\" belongs to %s, not to %s", cases[i].of, got, cases[i].module);
        }
}

static void test_by_package(void **state) {
        (void) state;
        static const struct witness cases[] = {
                { "", "-" },
                { "main", "main" },
                { "main_test", "main" },
                { "command-line-arguments", "main" },
                { "example.com/main", "main" },
                { "example.com/main/cmd/x", "main" },
                { "example.com/main_test", "main" },
                { "example.com/main/lib_test", "main" },
                /* A path that only begins like another. */
                { "example.com/main-dep", "example.com/main-dep" },
                { "example.com/main-dep/x", "example.com/main-dep" },
                { "example.com/mainx", "example.com/mainx" },
                { "example.com/main/nested", "example.com/main/nested" },
                { "example.com/main/nested/x", "example.com/main/nested" },
                { "example.com/main/nested_test", "example.com/main/nested" },
                { "example.com/main/nestedx", "main" },
                { "example.com", "unknown" },
                { "example.com/", "unknown" },
                { "example.comx/a", "unknown" },
                /* Nested modules and siblings. */
                { "example.com/a/b", "example.com/a/b" },
                { "example.com/a/b/x", "example.com/a/b" },
                { "example.com/a/b/cx", "example.com/a/b" },
                { "example.com/a/b/c", "example.com/a/b/c" },
                { "example.com/a/b/c/d", "example.com/a/b/c" },
                { "example.com/a/b/c_test", "example.com/a/b/c" },
                { "example.com/a/b_test", "example.com/a/b" },
                { "example.com/a/b/x_test", "example.com/a/b" },
                { "example.com/a/bc", "example.com/a/bc" },
                { "example.com/a/bc/d", "example.com/a/bc" },
                { "example.com/a/bcd", "unknown" },
                { "example.com/a", "unknown" },
                /* A module whose own name ends like that of a test package. */
                { "example.com/c_test", "example.com/c_test" },
                { "example.com/c_test/x", "example.com/c_test" },
                { "example.com/c_test_test", "example.com/c_test" },
                { "example.com/c", "unknown" },
                /* Major versions. */
                { "example.com/v", "example.com/v" },
                { "example.com/v/v2", "example.com/v/v2" },
                { "example.com/v/v2/x", "example.com/v/v2" },
                { "example.com/v/v3", "example.com/v" },
                { "example.com/v/v2_test", "example.com/v/v2" },
                { "gopkg.in/yaml.v2", "gopkg.in/yaml.v2" },
                { "gopkg.in/yaml.v3", "gopkg.in/yaml.v3" },
                { "gopkg.in/yaml.v4", "unknown" },
                { "rsc.io", "rsc.io" },
                { "rsc.io/quote", "rsc.io" },
                { "github.com/BurntSushi/toml", "github.com/BurntSushi/toml" },
                { "github.com/burntsushi/toml", "unknown" },
                /* Modules without a dot, and the standard library, whose look-alikes need a go.mod to exist. */
                { "nodot/mod", "nodot/mod" },
                { "nodot/mod/x", "nodot/mod" },
                { "nodot", "unknown" },
                { "text/evil", "text/evil" },
                { "text/evil/x", "text/evil" },
                { "text/template", "std" },
                { "text/evilx", "std" },
                { "fmt", "std" },
                { "fmt_test", "std" },
                { "net/http", "std" },
                { "runtime", "std" },
                { "unsafe", "std" },
                { "vendor/golang.org/x/net/dns/dnsmessage", "std" },
                { "cmd/go/internal/load", "std" },
                { "go/types", "std" },
                { "go.uber.org/zap", "go.uber.org/zap" },
                { "go.uber.org/zapx", "unknown" },
                { "go.other.org/x", "unknown" },
                { "fmtx", "unknown" },
                { "Fmt", "unknown" },
                { "golang.org/x/net", "unknown" },
                { "_test", "unknown" },
                { "/", "unknown" },
        };
        go_program_init(&program, 22);
        go_program_finish(&program, NULL, go_mod, "/src/proj/go.mod");
        assert_witnesses(cases, sizeof(cases) / sizeof(cases[0]), go_program_by_package);
}

static void test_by_symbol(void **state) {
        (void) state;
        static const struct witness cases[] = {
                { "main.main", "main" },
                { "main.main.F.func1", "main" },
                { "example.com/a/b.F", "example.com/a/b" },
                { "example.com/a/b/c.(*T).M", "example.com/a/b/c" },
                { "example.com/a/bc.Map[example.com/a/b.T]", "example.com/a/bc" },
                { "gopkg.in/yaml%2ev2.Unmarshal", "gopkg.in/yaml.v2" },
                { "gopkg.in/yaml.v2/x.F", "gopkg.in/yaml.v2" },
                { "rsc%2eio.F", "rsc.io" },
                { "type:.eq.example.com/v/v2.T", "example.com/v/v2" },
                { "main.(*T).example.com/a/b.method", "main" },
                { "gosave_systemstack_switch", "-" },
                { "go:(*struct { sync.Mutex }).Lock", "-" },
                { "os.ReadFile", "std" },
                { "go.uber.org/zap.New", "go.uber.org/zap" },
        };
        go_program_init(&program, 22);
        go_program_finish(&program, NULL, go_mod, "/src/proj/go.mod");
        assert_witnesses(cases, sizeof(cases) / sizeof(cases[0]), go_program_by_symbol);
}

static const struct module *module_of(const char *package) {
        return module_set_get(program.set, module_set_by_package(program.set, str_from(package)));
}

/* go.mod and build info together: the latter knows what was linked, the former what is granted. */
static void test_union(void **state) {
        (void) state;
        go_program_init(&program, 22);
        go_program_finish(&program,
                          "path\texample.com/main\nmod\texample.com/main\t(devel)\n"
                          "dep\texample.com/both\tv1.5.0\n"
                          "dep\texample.com/built\tv2.0.0\n"
                          "dep\texample.com/replaced\tv1.0.0\n=>\texample.com/fork\tv1.1.0\n"
                          "dep\texample.com/main\tv9.9.9\n",
                          "// gomodjail:confined\nmodule example.com/main\n"
                          "require example.com/both v1.4.0 // gomodjail:unconfined\n"
                          "require example.com/mod v1.0.0\n"
                          "require example.com/replaced v1.0.0\n",
                          "/src/proj/go.mod");
        assert_int_equal(module_set_count(program.set), MODULE_FIRST + 4);
        assert_true(str_equal(module_of("example.com/both")->version, STR("v1.5.0")));
        assert_false(module_of("example.com/both")->policy->confined);
        assert_true(str_equal(module_of("example.com/built")->version, STR("v2.0.0")));
        assert_true(module_of("example.com/built")->policy->confined); /* the module line's default */
        assert_true(str_equal(module_of("example.com/mod")->version, STR("v1.0.0")));
        assert_true(str_equal(module_of("example.com/replaced")->replace_path, STR("example.com/fork")));
        assert_true(str_equal(module_of("example.com/replaced")->replace_version, STR("v1.1.0")));
        assert_true(module_of("example.com/nobody/knows")->policy->confined);
        assert_null(module_of("fmt")->policy);
        assert_null(module_of("main")->policy);
        assert_true(str_equal(module_of("fmt")->path, STR("std")));
        assert_true(str_equal(module_of("main")->path, STR("example.com/main")));
        assert_null(module_set_get(program.set, MODULE_NONE)->policy);
}

/* Adds names (functions that were inlined everywhere), and tells whether the set confines and belongs. */
static void names_program(const char *const *names, const char *modules, const char *mod) {
        go_program_clear(&program);
        go_program_init(&program, 22);
        for (size_t i = 0; names[i]; i++)
                tables_name(&program.tables, names[i]);
        go_program_finish(&program, modules, mod, "go.mod");
}

#define NAMES(...) ((const char *const[]){ __VA_ARGS__, NULL })

static const char small_mod[] = "module example.com/main\nrequire example.com/a v1.0.0\n"
                                "require example.com/a.b/evil v1.0.0 // gomodjail:confined\nrequire example.com/c v1.0.0\n";

static void test_linked(void **state) {
        (void) state;
        uint8_t linked[16] = { 0 };
        names_program(NAMES("main.main", "os.Open", "example.com/a.F", "example.com/a.G", "golang.org/x/y.F", "asm"), NULL,
                      small_mod);
        module_set_linked(program.set, linked);
        assert_int_equal(linked[MODULE_STD], 1);
        assert_int_equal(linked[MODULE_MAIN], 1);
        assert_int_equal(linked[MODULE_UNKNOWN], 1);
        assert_int_equal(linked[module_set_by_package(program.set, STR("example.com/a"))], 1);
        assert_int_equal(linked[module_set_by_package(program.set, STR("example.com/c"))], 0);
        assert_int_equal(linked[module_set_by_package(program.set, STR("example.com/a.b/evil"))], 0);
        assert_false(module_set_confines(program.set));
}

static void test_confines(void **state) {
        (void) state;
        names_program(NAMES("main.main", "example.com/a.b/evil.F"), NULL, small_mod);
        assert_true(module_set_confines(program.set));
        /* It begins with all of a symbol's name up to the dot. */
        names_program(NAMES("example.com/a.F", "example.com/a.b/evil.F"), NULL, small_mod);
        assert_true(module_set_confines(program.set));
        names_program(NAMES("example.com/a.F", "example.com/a.Map[example.com/a.b/evil.T]"), NULL, small_mod);
        assert_false(module_set_confines(program.set));
        names_program(NAMES("example.com/c.F", "type:.eq.example.com/a.b/evil.T"), NULL, small_mod);
        assert_true(module_set_confines(program.set));
        names_program(NAMES("main.main"), "dep\texample.com/a.b/evil\tv1.0.0\n",
                      small_mod); /* its functions may have other names */
        assert_true(module_set_confines(program.set));
        names_program(NAMES("main.main", "example.com/unnamed.F"), NULL, "// gomodjail:confined\nmodule example.com/main\n");
        assert_true(module_set_confines(program.set));
        names_program(NAMES("main.main", "example.com/unnamed.F"), NULL, "module example.com/main\n");
        assert_false(module_set_confines(program.set));
}

static void test_belongs(void **state) {
        (void) state;
        static const char mod[] = "mod\texample.com/main\t(devel)\n", other[] = "mod\texample.com/other\t(devel)\n";
        names_program(NAMES("main.main"), mod, small_mod);
        assert_true(module_set_belongs(program.set));
        names_program(NAMES("main.main", "example.com/a.b/evil.F", "example.com/main/x.F"), other, small_mod);
        assert_false(module_set_belongs(program.set)); /* what it says of itself is enough */
        names_program(NAMES("main.main"), NULL, small_mod);
        assert_false(module_set_belongs(program.set)); /* package main is everybody's */
        names_program(NAMES("main.main", "main_test.F", "example.com/c.F"), NULL, small_mod);
        assert_false(module_set_belongs(program.set));
        names_program(NAMES("main.main", "example.com/main/x.F"), NULL, small_mod);
        assert_true(module_set_belongs(program.set));
        names_program(NAMES("main.main", "example.com/main.F"), NULL, small_mod);
        assert_true(module_set_belongs(program.set));
        names_program(NAMES("main.main", "example.com/mainx.F", "x/example.com/main/x.F"), NULL, small_mod);
        assert_false(module_set_belongs(program.set));
        names_program(NAMES("main.main", "example.com/a.b/evil.F"), NULL, small_mod);
        assert_true(module_set_belongs(program.set));
        names_program(NAMES("main.main", "gopkg.in/self%2ev1.F"), NULL, "module gopkg.in/self.v1\n");
        assert_true(module_set_belongs(program.set)); /* a test binary of a module's root package */
        names_program(NAMES("main.main", "example.com/unnamed.F"), NULL, "// gomodjail:confined\nmodule example.com/main\n");
        assert_false(module_set_belongs(program.set)); /* the default holds for everybody's modules */
}

/* The build info in order, in a few ordered pieces and without any order; the main module's path is before, between or behind. */
static void test_order(void **state) {
        (void) state;
        enum { N = 60 };
        static const char *const mains[] = { "aaa.com/main", "example.com/m3/main", "zzz.com/main" };
        static const unsigned strides[] = { 1, 59, 30, 20, 7, 11, 13, 23, 31 }; /* i * stride % 61 - 1 visits each once */
        for (size_t m = 0; m < sizeof(mains) / sizeof(mains[0]); m++) {
                for (size_t s = 0; s < sizeof(strides) / sizeof(strides[0]); s++) {
                        char mod[256], path[64], *lines = NULL;
                        size_t len;
                        snprintf(mod, sizeof(mod),
                                 "module %s\nrequire (\n\texample.com/m30 v1.0.0\n\texample.com/m05/v2 v2.0.0\n)\n", mains[m]);
                        FILE *text = open_memstream(&lines, &len);
                        for (unsigned i = 1; i <= N; i++)
                                fprintf(text, "dep\texample.com/m%02u\tv1.0.0\n", i * strides[s] % (N + 1) - 1);
                        fclose(text);
                        go_program_init(&program, 22);
                        go_program_finish(&program, lines, mod, "go.mod");
                        for (unsigned i = 0; i < N; i++) {
                                snprintf(path, sizeof(path), "example.com/m%02u", i);
                                assert_string_equal(go_program_by_package(&program, path), path);
                        }
                        assert_string_equal(go_program_by_package(&program, "example.com/m05/v2/x"), "example.com/m05/v2");
                        assert_string_equal(go_program_by_package(&program, mains[m]), "main");
                        assert_string_equal(go_program_by_package(&program, "example.com/m60"), "unknown");
                        go_program_clear(&program);
                        free(lines);
                }
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_teardown(test_by_package, teardown), cmocka_unit_test_teardown(test_by_symbol, teardown),
                cmocka_unit_test_teardown(test_union, teardown),      cmocka_unit_test_teardown(test_linked, teardown),
                cmocka_unit_test_teardown(test_confines, teardown),   cmocka_unit_test_teardown(test_belongs, teardown),
                cmocka_unit_test_teardown(test_order, teardown),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
