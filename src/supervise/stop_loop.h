/* SPDX-License-Identifier: Apache-2.0 */
/* The coordinator: waits for the next event, and does what it asks for. */
#ifndef SUPERVISE_STOP_LOOP_H
#define SUPERVISE_STOP_LOOP_H

#include "supervise/process_tree.h"

/*
 * Handles what happens until a packed program is set going, or another's launcher executes it: nothing that the program has written
 * is read before. Errors: as stop_loop_run().
 */
int stop_loop_start(struct process_tree *tree, struct jail_error *err) JAIL_MUST_USE;

/*
 * Supervises the tree until nothing of it is left. ended_fd is a descriptor to which one byte is written when the program has ended
 * and others live on, or -1. Errors: JAIL_ENOMEM, JAIL_ESYS: the caller must end its own process then, which kills the tree.
 */
int stop_loop_run(struct process_tree *tree, int ended_fd, struct jail_error *err) JAIL_MUST_USE;

#endif
