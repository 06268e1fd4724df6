/* SPDX-License-Identifier: Apache-2.0 */
/* A file that is there whole, or not at all. */
#ifndef PACK_NEW_FILE_H
#define PACK_NEW_FILE_H

#include "base/bytes.h"

#include <jail/error.h>
#include <sys/types.h>

/* Writes a temporary file beside path, with this mode, and renames it to path. Errors: JAIL_EINVAL (path is there, and no regular
 * file), JAIL_ESYS, JAIL_ENOMEM. */
int new_file_write(const char *path, mode_t mode, struct bytes content, struct jail_error *err) JAIL_MUST_USE;

#endif
