/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls that one thread makes on behalf of all: setuid and its like change one thread only, so the caller has every other thread of
 * its process repeat them in a signal handler, whose stack does not say who asked. The judge remembers which threads an allowed
 * caller has sent the signal to; each may then make that call once.
 *
 * - The Go runtime makes its own call first, then signals (src/runtime/os_linux.go, syscall_runtime_doAllThreadsSyscall and
 *   runPerThreadSyscall; the same since Go 1.18).
 * - A program with cgo leaves it to the C library, which signals first and makes its own call last (glibc's nptl/nptl_setxid.c,
 *   __nptl_setxid and __nptl_setxid_sighandler; the signal is SIGSETXID). There the first thread says what is called; it must be a
 *   change of ids, and the others' must be the same.
 */
#ifndef SUPERVISE_ALL_THREADS_H
#define SUPERVISE_ALL_THREADS_H

#include "operation/operation.h"
#include "unwind/unwind.h"

#include <stdbool.h>
#include <sys/types.h>

#define ALL_THREADS_MAX 4096

/* All zero at first. */
struct all_threads {
        bool by_go, known; /* who repeats it; whether number and args say what */
        long number;
        uint64_t args[6];
        pid_t *tids; /* owned: the threads that were told and have not made the call yet */
        size_t n_tids, capacity;
};

void all_threads_clear(struct all_threads *all);

/* Whether thread tid was told to make this operation. */
bool all_threads_expects(const struct all_threads *all, pid_t tid, const struct operation *operation);

/* The thread makes it now, with the supervisor's leave. */
void all_threads_made(struct all_threads *all, pid_t tid, const struct operation *operation);

/* An operation of process pid was allowed on the merits of its own stack: it may begin such a call, or tell a thread. */
void all_threads_note(struct all_threads *all, pid_t pid, const struct unwind_stack *stack, const struct operation *operation);

#endif
