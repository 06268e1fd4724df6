/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the supervisor runs. A stop that wakes an idle other CPU costs several times one that is answered where it happened: the
 * task that stopped has just left its CPU. So the supervisor follows it. While it has work of its own to do, it keeps away: the
 * kernel would let that wait for the other.
 */
#ifndef SUPERVISE_PLACEMENT_H
#define SUPERVISE_PLACEMENT_H

#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* All zero at first. */
struct placement {
        unsigned n_stops;  /* since the last look */
        unsigned interval; /* between looks; grows while tasks stay where they are */
        bool pinned;       /* to cpu */
        bool apart;        /* anywhere but on cpu */
        int cpu;
        bool off;          /* it is not allowed, or makes no sense here */
        bool known;        /* allowed is */
        cpu_set_t allowed; /* CPUs, by whoever started this process */
};

/*
 * Asks for short turns on a CPU, so that whoever this process has just let go on does not keep it from the next stop for a whole
 * turn, and so that it gets its turn soon when a stop wakes it: its work is short, and somebody waits for it. Since Linux 6.12;
 * before, nothing changes. Never fails. Cost: two system calls.
 */
#define PLACEMENT_TURN_NS UINT64_C(100000) /* the shortest that the kernel knows */
void placement_take_short_turns(void);

/*
 * To be called behind the answer to a stop of task tid: now and then moves the calling process to the CPU that the task runs on.
 * Never fails. Cost: about five microseconds every PLACEMENT_FIRST_INTERVAL to PLACEMENT_LAST_INTERVAL stops.
 */
#define PLACEMENT_FIRST_INTERVAL 8
#define PLACEMENT_LAST_INTERVAL  128
void placement_follow(struct placement *placement, pid_t tid);

/*
 * Moves the calling process away from the CPU that task tid runs on, or, if that is 0, from its own; until it follows somebody.
 * placement->apart says whether it is away: it is not when there is no other CPU for it.
 */
void placement_part(struct placement *placement, pid_t tid);

#endif
