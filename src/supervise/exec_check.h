/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an execve is about to start, looked at before it happens, so that a refusal is an error for the caller and not the end of a
 * process. The path can change in between: the image itself is checked again when it has been executed, and killed if it must be.
 */
#ifndef SUPERVISE_EXEC_CHECK_H
#define SUPERVISE_EXEC_CHECK_H

#include "supervise/judge_internal.h"

/*
 * Looks at the file that the judge's current operation, an allowed execve or execveat of stop->tid, would start. Returns
 * JAIL_REASON_ALLOWED, or why it is refused with the words for it in detail (size bytes). What cannot be found or opened is the
 * kernel's to answer. Reads the operation's targets.
 */
enum jail_reason exec_check(struct judge *judge, struct judge_process *process, const struct judge_stop *stop, char *detail,
                            size_t size);

#endif
