/* SPDX-License-Identifier: Apache-2.0 */
#include "base/array.h"

#include "base/cleanup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void test_growth(void **state) {
        (void) state;
        struct jail_error err;
        CLEANUP_FREE uint64_t *items = NULL;
        size_t capacity = 0;
        for (size_t n = 0; n < 1000; n++) {
                assert_int_equal(ARRAY_RESERVE(items, &capacity, n, 100000, &err), 0);
                assert_true(capacity > n);
                items[n] = n;
        }
        assert_int_equal(capacity, 1024);
        for (size_t n = 0; n < 1000; n++)
                assert_int_equal(items[n], n);
}

static void test_limit(void **state) {
        (void) state;
        struct jail_error err;
        CLEANUP_FREE char *items = NULL;
        size_t capacity = 0;
        assert_int_equal(ARRAY_RESERVE(items, &capacity, 0, 0, &err), JAIL_ELIMIT);
        assert_null(items);
        for (size_t n = 0; n < 11; n++) {
                assert_int_equal(ARRAY_RESERVE(items, &capacity, n, 11, &err), 0);
                items[n] = 'x';
        }
        assert_int_equal(capacity, 11);
        char *before = items;
        assert_int_equal(ARRAY_RESERVE(items, &capacity, 11, 11, &err), JAIL_ELIMIT);
        assert_int_equal(err.code, JAIL_ELIMIT);
        assert_ptr_equal(items, before);
        assert_int_equal(capacity, 11);
        assert_int_equal(items[10], 'x');
}

/* A size that cannot be multiplied, and one that nobody has. */
static void test_too_large(void **state) {
        (void) state;
        struct jail_error err;
        void *items = NULL;
        size_t capacity = 0;
        assert_int_equal(array_reserve(&items, &capacity, 0, SIZE_MAX / 4, 100, &err), JAIL_ENOMEM);
        assert_null(items);
        assert_int_equal(capacity, 0);
        assert_int_equal(array_reserve(&items, &capacity, 0, SIZE_MAX / 4, 100, NULL), JAIL_ENOMEM);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_growth),
                cmocka_unit_test(test_limit),
                cmocka_unit_test(test_too_large),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
