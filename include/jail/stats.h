/* SPDX-License-Identifier: Apache-2.0 */
/* What `jail run --stats` shows: how often the program stopped, and what the decisions cost. */
#ifndef JAIL_STATS_H
#define JAIL_STATS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One system call. A stop is `decided` when the stack was read for it, and not when the answer was known at once. */
struct jail_stats_syscall {
        const char *name; /* "openat", or "syscall 462" for one that the table does not name; not escaped */
        uint64_t n_stops, n_decided, n_denied;
};

#define JAIL_STATS_BUCKETS 40

struct jail_stats {
        const struct jail_stats_syscall *syscalls; /* each once, in any order; those with n_stops 0 are not shown */
        size_t n_syscalls;
        uint64_t n_stops, n_decided, n_denied; /* the sums, calls of trusted images included in n_stops */
        uint64_t n_truncated;                  /* decisions on a stack of which the runtime kept only a part */

        /* Time per decision, from the stop to the answer. All zero when nothing was decided. */
        uint64_t n_timed, total_ns, min_ns, max_ns;
        uint64_t bucket[JAIL_STATS_BUCKETS]; /* bucket[i]: decisions of [2^i, 2^(i+1)) ns; 0 ns is in the first, the rest in the
                                                last */
};

/* Adds one decision of duration_ns. Starts from an all-zero object. Never fails. */
void jail_stats_add_time(struct jail_stats *stats, uint64_t duration_ns);

/*
 * The upper bound of the bucket that holds the middle decision, at most max_ns: the median, at most twice too large. 0 when
 * nothing was timed.
 */
uint64_t jail_stats_median_ns(const struct jail_stats *stats);

#ifdef __cplusplus
}
#endif

#endif
