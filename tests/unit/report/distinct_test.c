/* SPDX-License-Identifier: Apache-2.0 */
#include "report/allocation.h"
#include "report/distinct.h"
#include "report/event_fixture.h"
#include "report/unit.h"

static void make_key(uint8_t key[DISTINCT_KEY_SIZE], uint32_t number, bool collide) {
        memset(key, 0, DISTINCT_KEY_SIZE);
        memcpy(key + (collide ? 16 : 0), &number, sizeof(number)); /* the table hashes by the first bytes */
}

static void fill(bool collide) {
        enum { MAX = 100 };
        uint8_t key[DISTINCT_KEY_SIZE];
        struct distinct *set = NULL;
        assert_int_equal(distinct_new(MAX, &set, NULL), 0);
        for (uint32_t i = 1; i <= MAX; i++) {
                make_key(key, i, collide);
                const struct distinct_entry *entry = distinct_add(set, key);
                assert_non_null(entry);
                assert_int_equal(entry->count, 1);
                assert_int_equal(entry->id, i);
        }
        make_key(key, MAX + 1, collide);
        assert_null(distinct_add(set, key));
        make_key(key, 7, collide);
        assert_int_equal(distinct_add(set, key)->count, 2); /* known ones are still counted */
        assert_int_equal(distinct_at(set, 7)->count, 2);
        assert_int_equal(distinct_count(set), MAX);
        distinct_free(set);
}

static void test_bound(void **state) {
        (void) state;
        fill(false);
        fill(true);
}

static void test_empty(void **state) {
        (void) state;
        uint8_t key[DISTINCT_KEY_SIZE] = { 0 };
        struct distinct *set = NULL;
        assert_int_equal(distinct_new(0, &set, NULL), 0);
        assert_null(distinct_add(set, key));
        distinct_free(set);
        distinct_free(NULL);
}

static bool same(const struct jail_event *a, const struct jail_event *b, bool with_target) {
        uint8_t key_a[DISTINCT_KEY_SIZE], key_b[DISTINCT_KEY_SIZE];
        (with_target ? distinct_event_key : distinct_site_key)(a, key_a);
        (with_target ? distinct_event_key : distinct_site_key)(b, key_b);
        return memcmp(key_a, key_b, sizeof(key_a)) == 0;
}

static void test_keys(void **state) {
        (void) state;
        const struct jail_event event = event_fixture_denied();
        struct jail_event other = event;
        other.pid = other.tid = 9; /* another process doing the same */
        other.time_ns++;
        assert_true(same(&event, &other, true));

        other = event;
        other.target = "/etc/passwd";
        assert_false(same(&event, &other, true));
        assert_true(same(&event, &other, false));

        other = event;
        other.module = "example.com/lib";
        assert_false(same(&event, &other, false));
        other = event;
        other.syscall = "open";
        assert_false(same(&event, &other, false));
        other = event;
        other.cls = JAIL_CLASS_FS_WRITE;
        assert_false(same(&event, &other, false));
        other = event;
        other.blamed_frame = 3;
        assert_false(same(&event, &other, false));

        /* The ends of strings count: "ab" "c" is not "a" "bc". */
        struct jail_event first = { .module = "ab", .syscall = "c", .call = "" },
                          second = { .module = "a", .syscall = "bc", .call = "" };
        assert_false(same(&first, &second, true));

        /* Without a target the call stands for it; code without lines is told apart by address; missing strings are empty. */
        first = second = (struct jail_event){ .call = "fork()" };
        assert_true(same(&first, &second, true));
        second.call = "clone()";
        assert_false(same(&first, &second, true));
        struct jail_event_frame here = { .pc = 1 }, there = { .pc = 2 };
        first = (struct jail_event){ .frames = &here, .n_frames = 1 };
        second = (struct jail_event){ .frames = &there, .n_frames = 1 };
        assert_false(same(&first, &second, false));
}

static void test_allocation_failure(void **state) {
        (void) state;
        for (int n = 0;; n++) {
                struct distinct *set = NULL;
                struct jail_error err = { 0 };
                allocation_fail_after(n);
                int r = distinct_new(10, &set, &err);
                bool failed = allocation_has_failed();
                allocation_fail_after(-1);
                if (!failed) {
                        assert_int_equal(r, 0);
                        distinct_free(set);
                        break;
                }
                assert_int_equal(r, JAIL_ENOMEM);
                assert_null(set);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_bound),
                cmocka_unit_test(test_empty),
                cmocka_unit_test(test_keys),
                cmocka_unit_test(test_allocation_failure),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
