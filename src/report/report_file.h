/* SPDX-License-Identifier: Apache-2.0 */
/* The file that --report names. */
#ifndef REPORT_REPORT_FILE_H
#define REPORT_REPORT_FILE_H

#include <jail/error.h>

/*
 * Opens target for appending: "fd:N", an open and writable descriptor, or a file name. A file is made with mode 0600, or it is a
 * regular file of the effective user with one name that is empty or that begins as a report does; anything else, symbolic links
 * included, is an error, so that no other file is ever changed. *ret_fd is owned by the caller, above the standard descriptors, and
 * closed at exec (fd:N itself, too, when N is above 2). Errors: JAIL_EINVAL (target is malformed, or must not be written),
 * JAIL_ESYS.
 */
int report_file_open(const char *target, int *ret_fd, struct jail_error *err) JAIL_MUST_USE;

#endif
