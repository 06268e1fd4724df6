/* SPDX-License-Identifier: Apache-2.0 */
#include "supervise/godebug.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct {
        const char *value, *merged;
} rows[] = {
        { NULL, "tracebackancestors=64" },
        { "", "tracebackancestors=64" },
        { "gctrace=1", "gctrace=1,tracebackancestors=64" },
        { "http2client=0,madvdontneed=1", "http2client=0,madvdontneed=1,tracebackancestors=64" },
        /* The user's own number is kept when it is large enough; the last one counts. */
        { "tracebackancestors=64", "tracebackancestors=64" },
        { "tracebackancestors=100,gctrace=1", "tracebackancestors=100,gctrace=1" },
        { "tracebackancestors=10", "tracebackancestors=10,tracebackancestors=64" },
        { "tracebackancestors=100,tracebackancestors=5", "tracebackancestors=100,tracebackancestors=5,tracebackancestors=64" },
        { "tracebackancestors=5,tracebackancestors=100", "tracebackancestors=5,tracebackancestors=100" },
        /* What the runtime would not take as a number, or not as a useful one. */
        { "tracebackancestors=", "tracebackancestors=,tracebackancestors=64" },
        { "tracebackancestors=-1", "tracebackancestors=-1,tracebackancestors=64" },
        { "tracebackancestors=1e9", "tracebackancestors=1e9,tracebackancestors=64" },
        { "tracebackancestors=4294967297", "tracebackancestors=4294967297,tracebackancestors=64" },
        { "tracebackancestors=99999999999999999999", "tracebackancestors=99999999999999999999,tracebackancestors=64" },
        { "xtracebackancestors=100", "xtracebackancestors=100,tracebackancestors=64" },
        { "tracebackancestors", "tracebackancestors,tracebackancestors=64" },
        { ",,", ",,,tracebackancestors=64" },
};

static void test_merge(void **state) {
        (void) state;
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                char buffer[256];
                assert_int_equal(godebug_merge(rows[i].value, 64, buffer, sizeof(buffer), NULL), 0);
                assert_string_equal(buffer, rows[i].merged);
        }
}

static void test_merge_too_small(void **state) {
        char buffer[22];
        struct jail_error err;
        (void) state;
        assert_int_equal(godebug_merge(NULL, 64, buffer, sizeof(buffer), &err), 0);
        assert_int_equal(godebug_merge(NULL, 64, buffer, sizeof(buffer) - 1, &err), JAIL_ELIMIT);
        assert_int_equal(err.code, JAIL_ELIMIT);
}

static void check_amended(char *const *environment, const char *const *expected) {
        char **amended = NULL;
        assert_int_equal(godebug_amend(environment, 4294967295U, &amended, NULL), 0);
        size_t n = 0;
        for (; expected[n]; n++) {
                assert_non_null(amended[n]);
                assert_string_equal(amended[n], expected[n]);
        }
        assert_null(amended[n]);
        free(amended);
}

static void test_amend(void **state) {
        char path[] = "PATH=/bin", own[] = "GODEBUG=gctrace=1", second[] = "GODEBUG=a=b", near[] = "GODEBUGX=1", bare[] = "GODEBUG";
        (void) state;

        check_amended((char *[]){ NULL }, (const char *[]){ "GODEBUG=tracebackancestors=4294967295", NULL });
        check_amended(NULL, (const char *[]){ "GODEBUG=tracebackancestors=4294967295", NULL });
        check_amended((char *[]){ path, near, bare, NULL },
                      (const char *[]){ path, near, bare, "GODEBUG=tracebackancestors=4294967295", NULL });
        /* In its place; of several only the first, which is the one that the runtime reads. */
        check_amended((char *[]){ own, path, second, NULL },
                      (const char *[]){ "GODEBUG=gctrace=1,tracebackancestors=4294967295", path, NULL });
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_merge),
                cmocka_unit_test(test_merge_too_small),
                cmocka_unit_test(test_amend),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
