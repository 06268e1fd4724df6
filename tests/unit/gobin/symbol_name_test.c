/* SPDX-License-Identifier: Apache-2.0 */
/* Symbols of real Go programs, and look-alikes. */
#include "gobin/symbol_name.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct {
        const char *symbol, *package, *short_name, *local;
} cases[] = {
        { "main.main", "main", "main.main", "main" },
        { "os.ReadFile", "os", "os.ReadFile", "ReadFile" },
        { "net/http.(*conn).serve", "net/http", "http.(*conn).serve", "(*conn).serve" },
        { "example.com/evil.F", "example.com/evil", "evil.F", "F" },
        { "github.com/a/b/c.(*T).M", "github.com/a/b/c", "c.(*T).M", "(*T).M" },
        { "github.com/a/b.T.M", "github.com/a/b", "b.T.M", "T.M" },
        { "github.com/a/b.T.M-fm", "github.com/a/b", "b.T.M-fm", "T.M-fm" },
        /* Functions that the compiler makes. */
        { "example.com/m.init", "example.com/m", "m.init", "init" },
        { "example.com/m.init.0", "example.com/m", "m.init.0", "init.0" },
        { "example.com/m.init.0.func1", "example.com/m", "m.init.0.func1", "init.0.func1" },
        { "example.com/m.glob..func1", "example.com/m", "m.glob..func1", "glob..func1" },
        { "main.main.F.func1", "main", "main.main.F.func1", "main.F.func1" },
        { "main.main.func1.gowrap1", "main", "main.main.func1.gowrap1", "main.func1.gowrap1" },
        { "example.com/m_test.TestX", "example.com/m_test", "m_test.TestX", "TestX" },
        /* Type arguments hold slashes and dots. */
        { "main.Map[go.shape.int]", "main", "main.Map[go.shape.int]", "Map[go.shape.int]" },
        { "main.Map[example.com/evil.T]", "main", "main.Map[example.com/evil.T]", "Map[example.com/evil.T]" },
        { "example.com/a.Map[go.shape.struct { F example.com/b.T }].func1", "example.com/a",
          "a.Map[go.shape.struct { F example.com/b.T }].func1", "Map[go.shape.struct { F example.com/b.T }].func1" },
        { "slices.SortFunc[go.shape.[]example.com/x/y.Z,go.shape.string]", "slices",
          "slices.SortFunc[go.shape.[]example.com/x/y.Z,go.shape.string]",
          "SortFunc[go.shape.[]example.com/x/y.Z,go.shape.string]" },
        /* Receivers too: a method of an embedded type of another package. */
        { "main.(*T).example.com/evil.method", "main", "main.(*T).example.com/evil.method", "(*T).example.com/evil.method" },
        { "example.com/a.(*List[example.com/b/c.T]).Push", "example.com/a", "a.(*List[example.com/b/c.T]).Push",
          "(*List[example.com/b/c.T]).Push" },
        /* Escapes: dots of the last element, and what is no plain ASCII (cmd/internal/objabi, PathToPrefix). */
        { "gopkg.in/yaml%2ev2.Unmarshal", "gopkg.in/yaml.v2", "yaml%2ev2.Unmarshal", "Unmarshal" },
        { "example%2ecom.F", "example.com", "example%2ecom.F", "F" },
        { "a/%22quoted%22.F", "a/\"quoted\"", "%22quoted%22.F", "F" },
        { "a/100%25.F", "a/100%", "100%25.F", "F" },
        { "a/b%2.F", "a/b%2", "b%2.F", "F" },
        { "a/b%.F", "a/b%", "b%.F", "F" },
        { "a/b%zz.F", "a/b%zz", "b%zz.F", "F" },
        { "a/b%2E.F", "a/b%2E", "b%2E.F", "F" }, /* the linker writes lower case */
        { "github.com/a.b/c.F", "github.com/a.b/c", "c.F", "F" },
        /* What is put in front of types, up to Go 1.19 and since. */
        { "type:.eq.example.com/evil.T", "example.com/evil", "evil.T", "T" },
        { "type..eq.example.com/evil.T", "example.com/evil", "evil.T", "T" },
        { "type:.hash.example.com/evil.T", "example.com/evil", "evil.T", "T" },
        { "type..hash.example.com/evil.T", "example.com/evil", "evil.T", "T" },
        { "type:.eq.main.T", "main", "type:.eq.main.T", "eq.main.T" },
        { "go:main.inittasks", "main", "go:main.inittasks", "inittasks" },
        { "type:.eq.[2]interface {}", "", "type:.eq.[2]interface {}", "eq.[2]interface {}" },
        { "type:.eq.[4]example.com/evil.T", "", NULL, NULL },
        { "type:.eq.struct { F example.com/evil.T }", "", NULL, NULL },
        { "go:(*struct { sync.Mutex }).Lock", "", NULL, NULL },
        { "go.(*struct { sync.Mutex }).Lock", "", NULL, NULL },
        { "go.struct { example.com/evil.T }.M", "", NULL, NULL },
        /* Module paths that begin like those prefixes. */
        { "go.uber.org/zap.New", "go.uber.org/zap", "zap.New", "New" },
        { "go.uber.org/zap.(*Logger).Info", "go.uber.org/zap", "zap.(*Logger).Info", "(*Logger).Info" },
        { "go.starlark.net/starlark.Call", "go.starlark.net/starlark", "starlark.Call", "Call" },
        { "go/types.(*Checker).expr", "go/types", "types.(*Checker).expr", "(*Checker).expr" },
        { "gotype.F", "gotype", "gotype.F", "F" },
        { "typex.eq.F", "typex", "typex.eq.F", "eq.F" },
        /* Assembly and C have no package. */
        { "gosave_systemstack_switch", "", "gosave_systemstack_switch", "" },
        { "_rt0_amd64_linux", "", "_rt0_amd64_linux", "" },
        { "crosscall2", "", "crosscall2", "" },
        { "x_cgo_thread_start", "", "x_cgo_thread_start", "" },
        { "example.com/evil._Cfunc_malloc", "example.com/evil", "evil._Cfunc_malloc", "_Cfunc_malloc" },
        { "vendor/golang.org/x/net/dns/dnsmessage.(*Parser).Start", "vendor/golang.org/x/net/dns/dnsmessage",
          "dnsmessage.(*Parser).Start", "(*Parser).Start" },
        /* Nothing to hold on to. */
        { "", "", "", "" },
        { ".", "", ".", NULL },
        { ".F", "", ".F", NULL },
        { "a/", "", "a/", "" },
        { "a/.F", "a/", ".F", "F" },
        { "(", "", "(", "" },
        { "[", "", "[", "" },
};

static void assert_str(const char *symbol, const char *what, struct str got, const char *want) {
        if (want && !str_equal(got, str_from(want)))
                fail_msg("the %s of \"%s\" is \"%.*s\", not \"%s\"", what, symbol, STR_ARG(got), want);
}

static void test_cases(void **state) {
        (void) state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                char buffer[SYMBOL_NAME_MAX_PACKAGE];
                size_t len = strlen(cases[i].symbol);
                char *exact = malloc(len + 1); /* not terminated: views are not */
                assert_non_null(exact);
                memcpy(exact + 1, cases[i].symbol, len);
                struct str symbol = { exact + 1, len };
                assert_str(cases[i].symbol, "package", symbol_name_package(symbol, buffer, sizeof(buffer)), cases[i].package);
                assert_str(cases[i].symbol, "short name", symbol_name_short(symbol), cases[i].short_name);
                assert_str(cases[i].symbol, "local name", symbol_name_local(symbol), cases[i].local);
                free(exact);
        }
}

static void test_package_that_does_not_fit(void **state) {
        (void) state;
        char buffer[8];
        assert_int_equal(symbol_name_package(STR("12345678.F"), buffer, sizeof(buffer)).len, 8);
        assert_int_equal(symbol_name_package(STR("123456789.F"), buffer, sizeof(buffer)).len, 0);
        assert_int_equal(symbol_name_package(STR("1234567%2e.F"), buffer, sizeof(buffer)).len, 8);
}

/* Every string of up to four of the characters that matter: a package is a prefix of what it came from, or empty. */
static void test_all_short_strings(void **state) {
        (void) state;
        static const char alphabet[] = "a/.[(%2: {";
        const size_t n = sizeof(alphabet) - 1;
        for (size_t len = 1; len <= 4; len++) {
                size_t total = 1;
                for (size_t i = 0; i < len; i++)
                        total *= n;
                for (size_t number = 0; number < total; number++) {
                        char text[4], buffer[8];
                        size_t rest = number;
                        for (size_t i = 0; i < len; i++, rest /= n)
                                text[i] = alphabet[rest % n];
                        struct str symbol = { text, len }, package = symbol_name_package(symbol, buffer, sizeof(buffer));
                        assert_true(package.len < len);
                        assert_true(symbol_name_short(symbol).len <= len);
                        assert_true(symbol_name_local(symbol).len < len);
                }
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_cases),
                cmocka_unit_test(test_package_that_does_not_fit),
                cmocka_unit_test(test_all_short_strings),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
