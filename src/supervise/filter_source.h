/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A filter as C source, for the programs that make one at build time: libseccomp takes a millisecond to make it from a table, which
 * every start would pay, and the same table gives the same filter each time.
 */
#ifndef SUPERVISE_FILTER_SOURCE_H
#define SUPERVISE_FILTER_SOURCE_H

#include "syscalls/table.h"

#include <jail/error.h>
#include <linux/filter.h>
#include <seccomp.h>
#include <stddef.h>

struct filter_source {
        struct sock_filter *instructions; /* owned: free() */
        size_t n;
};

/* For CLEANUP(). */
void filter_source_release(scmp_filter_ctx *ctx);

/* libseccomp's result, a negative errno, as an error; what names the call or the row. */
int filter_source_failed(struct jail_error *err, int result, const char *what);

/* A rule that lets the call go on when one of the alternatives holds, or always when there is none. Errors: JAIL_ENOMEM, JAIL_ESYS.
 */
int filter_source_allow(scmp_filter_ctx ctx, int number, const char *name, const struct syscall_alternative *alternatives,
                        size_t n_alternatives, struct jail_error *err) JAIL_MUST_USE;

/* Takes the finished filter out of libseccomp. Errors: JAIL_ENOMEM, JAIL_ESYS, JAIL_EFORMAT. */
int filter_source_read(scmp_filter_ctx ctx, struct filter_source *ret_source, struct jail_error *err) JAIL_MUST_USE;

/* Writes the file that defines `const struct filter_program NAME`. Errors: JAIL_ESYS. */
int filter_source_write(const struct filter_source *source, const char *path, const char *name,
                        struct jail_error *err) JAIL_MUST_USE;

#endif
