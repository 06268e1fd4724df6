/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The supervisor under a filter of its own, without privileges that it does not need any more: it reads what a hostile program
 * writes, and should it ever be taken over, the kernel still denies it to execute, to make processes, to open a file for writing,
 * to connect, and to trace or signal whom it does not trace.
 *
 * A call that is not on the list fails with ENOSYS, which C libraries take for an older kernel and find another way: a libc that
 * one day reads the time by a new call must not end the user's program, and whatever fails here makes the verdict a denial. A call
 * that neither jail nor a C library makes on its own (execve, a new process, any by the i386 or x32 entry) kills the supervisor,
 * and so the program (PTRACE_O_EXITKILL).
 */
#ifndef SUPERVISE_CONFINEMENT_H
#define SUPERVISE_CONFINEMENT_H

#include "supervise/filter.h"

#include <jail/error.h>
#include <stdint.h>

/* The filter, made at build time by confinement_generate.c. */
extern const struct filter_program confinement_program;

/*
 * The capabilities that the supervisor keeps if it has them, as bits. The program may change its ids, or be unreadable to its user:
 * to read its memory and files of /proc it takes CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH, to kill it CAP_KILL, and
 * CAP_CHECKPOINT_RESTORE opens /proc/PID/map_files.
 */
extern const uint64_t confinement_capabilities;

/*
 * For the calling process, for ever: drops all other capabilities, sets no_new_privs and installs the filter. To be called when
 * everything is seized. Errors: JAIL_ESYS.
 */
int confinement_enter(struct jail_error *err) JAIL_MUST_USE;

#endif
