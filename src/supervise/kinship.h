/* SPDX-License-Identifier: Apache-2.0 */
/* What /proc says about who made whom: the fallback for births that nobody lived to report. */
#ifndef SUPERVISE_KINSHIP_H
#define SUPERVISE_KINSHIP_H

#include <stddef.h>
#include <sys/types.h>

/* The process of task tid, and that process's parent. Returns 0 or a negative errno (-ESRCH, -ENOENT: gone). */
int kinship_read(pid_t tid, pid_t *ret_pid, pid_t *ret_parent_pid);

/*
 * The processes that thread tid of process pid has made and that still are its children: at most size of them in children. Returns
 * their number; 0 also when the kernel does not tell (CONFIG_PROC_CHILDREN).
 */
size_t kinship_children(pid_t pid, pid_t tid, pid_t *children, size_t size);

#endif
