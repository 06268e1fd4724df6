/* SPDX-License-Identifier: Apache-2.0 */
#include "report/text_report.h"

#include <inttypes.h>
#include <string.h>

enum { BAR_WIDTH = 40, MAX_ROWS = 512, NAME_WIDTH = 18 };

static void add_duration(struct text *text, const struct style *style, uint64_t duration_ns) {
        const char *micro = style->utf8 ? "µs" : "us";
        if (duration_ns < 1000)
                text_printf(text, "%" PRIu64 " ns", duration_ns);
        else if (duration_ns < 1000000)
                text_printf(text, "%.1f %s", (double) duration_ns / 1e3, micro);
        else if (duration_ns < 1000000000)
                text_printf(text, "%.1f ms", (double) duration_ns / 1e6);
        else
                text_printf(text, "%.1f s", (double) duration_ns / 1e9);
}

/* The row with the most stops that comes after (n_stops, name) in the order of the table; NULL at its end. */
static const struct jail_stats_syscall *next_row(const struct jail_stats *stats, const struct jail_stats_syscall *previous) {
        const struct jail_stats_syscall *next = NULL;
        for (size_t i = 0; i < stats->n_syscalls; i++) {
                const struct jail_stats_syscall *row = &stats->syscalls[i];
                bool after = row->n_stops > 0 && (!previous || row->n_stops < previous->n_stops ||
                                                  (row->n_stops == previous->n_stops && strcmp(row->name, previous->name) > 0));
                bool before = !next || row->n_stops > next->n_stops ||
                              (row->n_stops == next->n_stops && strcmp(row->name, next->name) < 0);
                if (after && before)
                        next = row;
        }
        return next;
}

static void add_syscalls(struct text *text, const struct style *style, const struct jail_stats *stats) {
        text_printf(text, "  %-*s %12s %12s %12s\n", NAME_WIDTH, "syscall", "stops", "decided", "denied");
        const struct jail_stats_syscall *row = NULL;
        for (size_t n_rows = 0; n_rows < MAX_ROWS && (row = next_row(stats, row)) != NULL; n_rows++) {
                text_add(text, STR("  "));
                style_add_raw(text, style, str_from(row->name));
                size_t len = strlen(row->name);
                text_printf(text, "%*s %12" PRIu64 " %12" PRIu64 " %12" PRIu64 "\n",
                            (int) (len < NAME_WIDTH ? NAME_WIDTH - len : 0), "", row->n_stops, row->n_decided, row->n_denied);
        }
}

static void add_times(struct text *text, const struct style *style, const struct jail_stats *stats) {
        text_add(text, STR("  time per decision: least "));
        add_duration(text, style, stats->min_ns);
        text_add(text, STR(", median below "));
        add_duration(text, style, jail_stats_median_ns(stats));
        text_add(text, STR(", mean "));
        add_duration(text, style, stats->total_ns / stats->n_timed);
        text_add(text, STR(", most "));
        add_duration(text, style, stats->max_ns);
        text_add(text, STR("\n"));

        uint64_t most = 1;
        for (size_t i = 0; i < JAIL_STATS_BUCKETS; i++)
                most = stats->bucket[i] > most ? stats->bucket[i] : most;
        for (size_t i = 0; i < JAIL_STATS_BUCKETS; i++) {
                if (stats->bucket[i] == 0)
                        continue;
                char bound[32] = "";
                struct text bound_text;
                text_init(&bound_text, bound, sizeof(bound));
                bool is_last = i == JAIL_STATS_BUCKETS - 1;
                if (!is_last)
                        add_duration(&bound_text, style, UINT64_C(2) << i);
                bool has_micro = str_find(str_from(bound), STR("µ")) >= 0; /* two bytes, one column */
                text_printf(text, "  %s %-*s %12" PRIu64 "  ", is_last ? "longer" : "below ", has_micro ? 11 : 10, bound,
                            stats->bucket[i]);
                for (uint64_t n = 0; n < (stats->bucket[i] * BAR_WIDTH + most - 1) / most; n++)
                        text_add(text, STR("#"));
                text_add(text, STR("\n"));
        }
}

void text_report_stats(struct text *text, const struct style *style, const struct jail_stats *stats) {
        text_printf(text,
                    "jail: stats: %" PRIu64 " stops, %" PRIu64 " decided, %" PRIu64 " denied, %" PRIu64 " on a truncated stack\n",
                    stats->n_stops, stats->n_decided, stats->n_denied, stats->n_truncated);
        if (next_row(stats, NULL))
                add_syscalls(text, style, stats);
        if (stats->n_timed > 0)
                add_times(text, style, stats);
}
