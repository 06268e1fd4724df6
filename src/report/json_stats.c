/* SPDX-License-Identifier: Apache-2.0 */
#include "report/json_report.h"
#include "report/json_value.h"

enum { MAX_SYSCALLS = 1024 };

static json_t *syscalls_array(const struct jail_stats *stats) {
        json_t *array = json_array();
        for (size_t i = 0; i < stats->n_syscalls && json_array_size(array) < MAX_SYSCALLS; i++) {
                const struct jail_stats_syscall *row = &stats->syscalls[i];
                if (row->n_stops == 0)
                        continue;
                struct json_value value;
                json_value_init(&value);
                json_value_raw(&value, "name", row->name);
                json_value_number(&value, "stops", row->n_stops);
                json_value_number(&value, "decided", row->n_decided);
                json_value_number(&value, "denied", row->n_denied);
                if (json_array_append_new(array, json_value_take(&value)) < 0) {
                        json_decref(array);
                        return NULL;
                }
        }
        return array;
}

static json_t *time_object(const struct jail_stats *stats) {
        json_t *buckets = json_array();
        for (size_t i = 0; buckets && i < JAIL_STATS_BUCKETS; i++) {
                uint64_t n = stats->bucket[i] > INT64_MAX ? INT64_MAX : stats->bucket[i];
                if (json_array_append_new(buckets, json_integer((json_int_t) n)) < 0) {
                        json_decref(buckets);
                        buckets = NULL;
                }
        }
        struct json_value value;
        json_value_init(&value);
        json_value_number(&value, "decisions", stats->n_timed);
        json_value_number(&value, "total_ns", stats->total_ns);
        json_value_number(&value, "min_ns", stats->min_ns);
        json_value_number(&value, "median_ns", jail_stats_median_ns(stats));
        json_value_number(&value, "max_ns", stats->max_ns);
        json_value_put(&value, "buckets", buckets);
        return json_value_take(&value);
}

char *json_report_stats(const struct jail_event *event) {
        const struct jail_stats *stats = event->stats;
        struct json_value value;
        json_value_init_event(&value, "stats", event->time_ns);
        json_value_number(&value, "stops", stats->n_stops);
        json_value_number(&value, "decided", stats->n_decided);
        json_value_number(&value, "denied", stats->n_denied);
        json_value_number(&value, "truncated", stats->n_truncated);
        json_value_put(&value, "syscalls", syscalls_array(stats));
        json_value_put(&value, "time_per_decision", time_object(stats));
        return json_value_take_text(&value, false);
}
