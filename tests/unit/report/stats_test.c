/* SPDX-License-Identifier: Apache-2.0 */
#include "report/text_report.h"
#include "report/unit.h"

static void test_buckets(void **state) {
        (void) state;
        struct jail_stats stats = { 0 };
        assert_int_equal(jail_stats_median_ns(&stats), 0);
        static const uint64_t durations[] = { 0, 1, 2, 3, 4, 1024, UINT64_MAX };
        for (size_t i = 0; i < sizeof(durations) / sizeof(durations[0]); i++)
                jail_stats_add_time(&stats, durations[i]);
        assert_int_equal(stats.n_timed, 7);
        assert_int_equal(stats.min_ns, 0);
        assert_true(stats.max_ns == UINT64_MAX);
        assert_int_equal(stats.bucket[0], 2);
        assert_int_equal(stats.bucket[1], 2);
        assert_int_equal(stats.bucket[2], 1);
        assert_int_equal(stats.bucket[10], 1);
        assert_int_equal(stats.bucket[JAIL_STATS_BUCKETS - 1], 1);
        assert_int_equal(jail_stats_median_ns(&stats), 4);
}

static void test_median_is_within_range(void **state) {
        (void) state;
        struct jail_stats stats = { 0 };
        jail_stats_add_time(&stats, 1000);
        assert_int_equal(jail_stats_median_ns(&stats), 1000);
        stats = (struct jail_stats){ 0 };
        jail_stats_add_time(&stats, UINT64_C(1) << 50);
        assert_true(jail_stats_median_ns(&stats) == UINT64_C(1) << 50);
}

static void test_text(void **state) {
        (void) state;
        static const struct jail_stats_syscall syscalls[] = {
                { "read", 0, 0, 0 },
                { "connect", 1, 1, 1 },
                { "openat", 12, 3, 2 },
                { "bind", 1, 0, 0 },
        };
        struct jail_stats stats = {
                .syscalls = syscalls, .n_syscalls = 4, .n_stops = 14, .n_decided = 4, .n_denied = 3, .n_truncated = 1
        };
        jail_stats_add_time(&stats, 900);
        jail_stats_add_time(&stats, 12000);
        jail_stats_add_time(&stats, 12500);
        jail_stats_add_time(&stats, 2500000);

        char buffer[8192];
        struct text text;
        text_init(&text, buffer, sizeof(buffer));
        text_report_stats(&text, &(struct style){ .utf8 = true }, &stats);
        assert_string_equal(buffer, "jail: stats: 14 stops, 4 decided, 3 denied, 1 on a truncated stack\n"
                                    "  syscall                   stops      decided       denied\n"
                                    "  openat                       12            3            2\n"
                                    "  bind                          1            0            0\n"
                                    "  connect                       1            1            1\n"
                                    "  time per decision: least 900 ns, median below 16.4 µs, mean 631.4 µs, most 2.5 ms\n"
                                    "  below  1.0 µs                1  ####################\n"
                                    "  below  16.4 µs               2  ########################################\n"
                                    "  below  4.2 ms                1  ####################\n");

        text_init(&text, buffer, sizeof(buffer));
        text_report_stats(&text, &(struct style){ .utf8 = true }, &(struct jail_stats){ 0 });
        assert_string_equal(buffer, "jail: stats: 0 stops, 0 decided, 0 denied, 0 on a truncated stack\n");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_buckets),
                cmocka_unit_test(test_median_is_within_range),
                cmocka_unit_test(test_text),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
