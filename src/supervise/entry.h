/* SPDX-License-Identifier: Apache-2.0 */
/* Setting a packed program going: the supervisor's side of entry_call.h. */
#ifndef SUPERVISE_ENTRY_H
#define SUPERVISE_ENTRY_H

#include "supervise/process_tree.h"

/*
 * Answers the call that task stands at if it is an entry stub's, made from the stub, once for each start of an image and before
 * anything else of it runs: the program begins, or is refused; the task is resumed. Returns false for any other call, which is
 * then judged as what it is.
 */
bool entry_answer(struct process_tree *tree, struct task *task, const struct judge_stop *stop);

#endif
