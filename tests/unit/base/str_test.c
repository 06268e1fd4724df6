/* SPDX-License-Identifier: Apache-2.0 */
#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static const struct str none = { NULL, 0 };

static void test_equal(void **state) {
        (void) state;
        assert_true(str_equal(STR("ab"), str_from("ab")));
        assert_false(str_equal(STR("ab"), STR("ac")));
        assert_false(str_equal(STR("ab"), STR("abc")));
        assert_true(str_equal(none, STR("")));
        assert_true(str_equal(none, str_from(NULL)));
        assert_false(str_equal(none, STR("a")));
        assert_true(str_equal(STR("a\0b"), (struct str){ "a\0b", 3 }));
        assert_false(str_equal(STR("a\0b"), STR("a\0c")));
}

static void test_starts_and_ends(void **state) {
        (void) state;
        assert_true(str_starts(STR("abc"), STR("ab")));
        assert_true(str_starts(STR("abc"), none));
        assert_true(str_starts(none, none));
        assert_false(str_starts(STR("a"), STR("ab")));
        assert_false(str_starts(STR("abc"), STR("b")));
        assert_true(str_ends(STR("abc"), STR("bc")));
        assert_true(str_ends(STR("abc"), none));
        assert_false(str_ends(STR("c"), STR("bc")));
        assert_false(str_ends(none, STR("c")));
        assert_false(str_ends(STR("abc"), STR("b")));
}

static void test_parts(void **state) {
        (void) state;
        assert_true(str_equal(str_from_offset(STR("abc"), 1), STR("bc")));
        assert_int_equal(str_from_offset(STR("abc"), 3).len, 0);
        assert_int_equal(str_from_offset(STR("abc"), 99).len, 0);
        assert_int_equal(str_from_offset(none, 0).len, 0);
        assert_true(str_equal(str_head(STR("abc"), 2), STR("ab")));
        assert_true(str_equal(str_head(STR("abc"), 99), STR("abc")));
        assert_int_equal(str_head(none, 1).len, 0);
}

static void test_find(void **state) {
        (void) state;
        assert_int_equal(str_index(STR("a/b/c"), '/'), 1);
        assert_int_equal(str_last_index(STR("a/b/c"), '/'), 3);
        assert_int_equal(str_index(STR("abc"), '/'), -1);
        assert_int_equal(str_last_index(STR("abc"), '/'), -1);
        assert_int_equal(str_index(none, '/'), -1);
        assert_int_equal(str_last_index(none, '/'), -1);
        assert_int_equal(str_find(STR("abcabc"), STR("ca")), 2);
        assert_int_equal(str_find(STR("abc"), STR("cd")), -1);
        assert_int_equal(str_find(STR("abc"), STR("abcd")), -1);
        assert_int_equal(str_find(none, STR("a")), -1);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_equal),
                cmocka_unit_test(test_starts_and_ends),
                cmocka_unit_test(test_parts),
                cmocka_unit_test(test_find),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
