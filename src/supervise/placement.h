/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the supervisor runs. A stop that wakes an idle other CPU costs several times one that is answered where it happened: the
 * task that stopped has just left its CPU. So the supervisor follows it.
 */
#ifndef SUPERVISE_PLACEMENT_H
#define SUPERVISE_PLACEMENT_H

#include <stdbool.h>
#include <sys/types.h>

/* All zero at first. */
struct placement {
        unsigned n_stops;  /* since the last look */
        unsigned interval; /* between looks; grows while tasks stay where they are */
        bool pinned;       /* to cpu */
        int cpu;
        bool off; /* it is not allowed, or makes no sense here */
};

/*
 * To be called at a stop of task tid, before it is answered: now and then moves the calling process to the CPU that the task ran
 * on. Never fails. Cost: about five microseconds every PLACEMENT_FIRST_INTERVAL to PLACEMENT_LAST_INTERVAL stops.
 */
#define PLACEMENT_FIRST_INTERVAL 8
#define PLACEMENT_LAST_INTERVAL  128
void placement_follow(struct placement *placement, pid_t tid);

#endif
