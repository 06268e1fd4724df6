/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the supervisor notes for a jail in the foreground: a page that both share. It is complete before the program's end is
 * reported to anybody, so nothing has to be sent.
 */
#ifndef SUPERVISE_RUN_RECORD_H
#define SUPERVISE_RUN_RECORD_H

#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct run_record {
        uint64_t n_denied;
        bool policy_image_seen;
        atomic_bool complete; /* the supervisor saw the program end, and the fields above are final */

        /* The last signals of each number that the program was sent by a process: to forward none that it has got itself. */
        struct {
                _Atomic pid_t sender;     /* 0: none yet */
                _Atomic uint64_t time_ns; /* of the last, CLOCK_MONOTONIC */
                atomic_int n;             /* of that sender's, that jail in front has not taken yet */
        } signals[_NSIG];
};

#endif
