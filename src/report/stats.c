/* SPDX-License-Identifier: Apache-2.0 */
#include <jail/stats.h>

void jail_stats_add_time(struct jail_stats *stats, uint64_t duration_ns) {
        size_t i = duration_ns > 0 ? 63 - (size_t) __builtin_clzll(duration_ns) : 0;
        stats->bucket[i < JAIL_STATS_BUCKETS ? i : JAIL_STATS_BUCKETS - 1]++;
        if (stats->n_timed == 0 || duration_ns < stats->min_ns)
                stats->min_ns = duration_ns;
        if (duration_ns > stats->max_ns)
                stats->max_ns = duration_ns;
        stats->total_ns += duration_ns;
        stats->n_timed++;
}

uint64_t jail_stats_median_ns(const struct jail_stats *stats) {
        uint64_t n_below = 0;
        for (size_t i = 0; i < JAIL_STATS_BUCKETS; i++) {
                n_below += stats->bucket[i];
                if (n_below > 0 && n_below >= stats->n_timed - stats->n_timed / 2) {
                        uint64_t bound = UINT64_C(2) << i;
                        return i == JAIL_STATS_BUCKETS - 1 || bound > stats->max_ns ? stats->max_ns : bound;
                }
        }
        return 0;
}
