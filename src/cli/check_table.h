/* SPDX-License-Identifier: Apache-2.0 */
/* What `jail check` prints: the modules of a policy and of a program. */
#ifndef CLI_CHECK_TABLE_H
#define CLI_CHECK_TABLE_H

#include <jail/image.h>
#include <jail/policy.h>

/*
 * The table as text and as a JSON object. image and program (its file name) may be NULL. *ret_text is owned by the caller (free).
 * Errors: JAIL_ENOMEM, and those of reading the image.
 */
int check_table_text(const struct jail_policy *policy, const struct jail_image *image, const char *program, char **ret_text,
                     struct jail_error *err) JAIL_MUST_USE;
int check_table_json(const struct jail_policy *policy, const struct jail_image *image, const char *program, char **ret_text,
                     struct jail_error *err) JAIL_MUST_USE;

#endif
