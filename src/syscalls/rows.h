/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of the CPU that jail is built for, for table.c only: numbers ascend and run without a gap within each run. */
#ifndef SYSCALLS_ROWS_H
#define SYSCALLS_ROWS_H

#include "syscalls/table.h"

/* The numbers [first, first + n) stand at rows[index] and after. */
struct syscall_run {
        int first;
        size_t n;
        size_t index;
};

extern const struct syscall_desc syscall_rows[];
extern const size_t syscall_n_rows;
extern const struct syscall_run syscall_runs[];
extern const size_t syscall_n_runs;

#endif
