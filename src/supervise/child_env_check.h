/* SPDX-License-Identifier: Apache-2.0 */
/* Compares the environment of a trusted child with that of the program's start (child_env.h). */
#ifndef SUPERVISE_CHILD_ENV_CHECK_H
#define SUPERVISE_CHILD_ENV_CHECK_H

#include "supervise/judge_internal.h"

/*
 * The environment at envp, that a supervised process is about to pass on: false when it must not, with the words for it in detail.
 * For --child-env=strict; another thread can change it meanwhile, which the check behind the exec finds.
 */
bool child_env_check_call(const struct judge *judge, struct memory_reader *memory, uint64_t envp, char *detail, size_t size);

/* The environment that a trusted image of process pid has got. Makes a note of what differs; false when it must not run. */
bool child_env_check_image(struct judge *judge, struct judge_process *process, pid_t pid);

#endif
