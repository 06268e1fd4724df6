/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/module_path.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_paths(void **state) {
        (void) state;
        static const struct {
                const char *path, *reason; /* NULL: fine */
        } rows[] = {
                { "example.com/a", NULL },
                { "m", NULL },
                { "cmd", NULL },
                { "github.com/BurntSushi/toml", NULL },
                { "a.b/c~d_e-f+g.h/v2", NULL },
                { "gopkg.in/yaml.v3", NULL },
                { "a/.b", NULL },
                { "", "empty string" },
                { "-a", "leading dash" },
                { "/a", "empty path element" },
                { "a/", "empty path element" },
                { "a//b", "empty path element" },
                { "a/../b", "path element of dots" },
                { ".", "path element of dots" },
                { "a./b", "trailing dot in path element" },
                { "a b", "invalid character" },
                { "a@v1", "invalid character" },
                { "a\nb", "invalid character" },
                { "a/\xc3\xa9", "invalid character" },
                { "a\\b", "invalid character" },
        };
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                const char *reason = NULL;
                bool ok = module_path_check(str_from(rows[i].path), &reason);
                if (ok != !rows[i].reason || (!ok && strcmp(reason, rows[i].reason) != 0))
                        fail_msg("%s: %s", rows[i].path, reason ? reason : "accepted");
        }
}

static void test_directories(void **state) {
        (void) state;
        static const char *const directories[] = { ".", "..", "./a", "../a", "/a", ".\\a", "..\\a", "\\a", "C:\\a", "c:x" };
        static const char *const modules[] = { "a", ".a", "..a", "a/../b", "example.com/a", "1:", "" };
        for (size_t i = 0; i < sizeof(directories) / sizeof(directories[0]); i++)
                assert_true(module_path_is_directory(str_from(directories[i])));
        for (size_t i = 0; i < sizeof(modules) / sizeof(modules[0]); i++)
                assert_false(module_path_is_directory(str_from(modules[i])));
}

static void test_versions(void **state) {
        (void) state;
        static const struct {
                const char *version;
                bool valid, canonical;
        } rows[] = {
                { "v1.2.3", true, true },
                { "v0.0.0", true, true },
                { "v1.2.3-pre", true, true },
                { "v1.2.3-pre.0.x-y", true, true },
                { "v0.0.0-20240101000000-abcdefabcdef", true, true },
                { "v2.0.0+incompatible", true, true },
                { "v2.0.0-rc.1+incompatible", true, true },
                { "v1.2.3+meta.01", true, false },
                { "v1", true, false },
                { "v1.2", true, false },
                { "", false, false },
                { "v", false, false },
                { "1.2.3", false, false },
                { "v1.", false, false },
                { "v1.2.", false, false },
                { "v01.2.3", false, false },
                { "v1.02.3", false, false },
                { "v1.2.3-", false, false },
                { "v1.2.3-01", false, false },
                { "v1.2.3-a..b", false, false },
                { "v1.2.3+", false, false },
                { "v1.2.3+a..b", false, false },
                { "v1.2-pre", false, false },
                { "v1.2.3.4", false, false },
                { "v1.2.3-a_b", false, false },
                { "latest", false, false },
        };
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                struct str version = str_from(rows[i].version);
                if (module_version_valid(version) != rows[i].valid || module_version_canonical(version) != rows[i].canonical)
                        fail_msg("%s", rows[i].version);
        }
}

/* Each version is lower than the next. */
static void test_version_order(void **state) {
        (void) state;
        static const char *const ascending[] = {
                "no version",
                "v0.0.0-20200101000000-abc",
                "v0.9.0",
                "v1.0.0-alpha",
                "v1.0.0-alpha.1",
                "v1.0.0-alpha.beta",
                "v1.0.0-beta",
                "v1.0.0-beta.2",
                "v1.0.0-beta.11",
                "v1.0.0-rc.1",
                "v1.0.0",
                "v1.0.1",
                "v1.9.0",
                "v1.10.0",
                "v2.0.0+incompatible",
                "v10.0.0",
        };
        size_t n = sizeof(ascending) / sizeof(ascending[0]);
        for (size_t i = 0; i < n; i++)
                for (size_t j = 0; j < n; j++) {
                        int order = module_version_compare(str_from(ascending[i]), str_from(ascending[j]));
                        int sign = (order > 0) - (order < 0), want = (i > j) - (i < j);
                        if (sign != want)
                                fail_msg("%s and %s: %d", ascending[i], ascending[j], order);
                }
}

static void test_major_versions(void **state) {
        (void) state;
        static const struct {
                const char *path, *version;
                bool ok;
        } rows[] = {
                { "a.b/c", "v1.0.0", true },
                { "a.b/c", "v0.1.0", true },
                { "a.b/c", "v2.0.0", false },
                { "a.b/c", "v2.0.0+incompatible", true },
                { "a.b/c/v2", "v2.0.0", true },
                { "a.b/c/v2", "v3.0.0", false },
                { "a.b/c/v10", "v10.1.0", true },
                { "a.b/c/v1", "v1.0.0", false },
                { "a.b/c/v0", "v0.0.0", false },
                { "a.b/c/v02", "v2.0.0", false },
                { "a.b/c/v2.5", "v2.5.0", false },
                { "a.b/c5", "v1.0.0", true },
                { "v2", "v1.0.0", true },
                { "gopkg.in/yaml.v3", "v3.0.1", true },
                { "gopkg.in/yaml.v3", "v2.0.1", false },
                { "gopkg.in/check.v1", "v0.0.0-20161208181325-20d25e280405", true },
                { "gopkg.in/x.v0", "v0.1.0", true },
                { "gopkg.in/x.v2-unstable", "v2.1.0", true },
                { "gopkg.in/x", "v1.0.0", false },
                { "gopkg.in/x.v02", "v2.0.0", false },
        };
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                const char *reason = NULL;
                bool ok = module_path_major_check(str_from(rows[i].path), str_from(rows[i].version), &reason);
                if (ok != rows[i].ok || ok != !reason)
                        fail_msg("%s %s: %s", rows[i].path, rows[i].version, reason ? reason : "accepted");
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_paths),         cmocka_unit_test(test_directories),    cmocka_unit_test(test_versions),
                cmocka_unit_test(test_version_order), cmocka_unit_test(test_major_versions),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
