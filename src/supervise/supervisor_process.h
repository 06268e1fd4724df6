/* SPDX-License-Identifier: Apache-2.0 */
/* The supervisor's own process, from its first step to its last. */
#ifndef SUPERVISE_SUPERVISOR_PROCESS_H
#define SUPERVISE_SUPERVISOR_PROCESS_H

#include "supervise/launch.h"
#include "supervise/run_record.h"

/* Its exit status when it gave up: it has said why, and the program was killed. */
#define SUPERVISOR_PROCESS_GAVE_UP 125

/*
 * Run in a fresh child: goes to the background, meets the launcher at the other end of handshake_fd, supervises what comes of it
 * until nothing is left, and exits. record (or NULL) and ended_fd (or -1) are for a jail in the foreground: stop_loop.h.
 */
_Noreturn void supervisor_process_run(const struct launch_plan *plan, int handshake_fd, struct run_record *record, int ended_fd);

/*
 * To be called by its parent, as soon as it is there: takes it out of the parent's process group. A SIGSTOP of that group that it
 * has got, and may not have taken yet, would never be followed by a SIGCONT; so that is sent. For a child that is gone it does
 * nothing.
 */
void supervisor_process_set_apart(pid_t pid);

#endif
