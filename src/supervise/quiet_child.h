/* SPDX-License-Identifier: Apache-2.0 */
/* A child whose end nobody is told of: no SIGCHLD that the program to be would find, whatever it does with that signal. */
#ifndef SUPERVISE_QUIET_CHILD_H
#define SUPERVISE_QUIET_CHILD_H

#include <sys/types.h>

/* Like fork(2): 0 in the child, its pid in the parent, -1 with errno. The caller should have no other threads. */
pid_t quiet_child_start(void);

/* Waits for its end. Returns 0, or -1 with errno. */
int quiet_child_wait(pid_t pid, int *ret_status);

#endif
