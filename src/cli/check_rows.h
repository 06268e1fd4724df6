/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of `jail check`: the modules of the policy, then those of the program that the policy does not name. */
#ifndef CLI_CHECK_ROWS_H
#define CLI_CHECK_ROWS_H

#include "cli/source_scan.h"

#include <jail/image.h>
#include <jail/policy.h>
#include <stdbool.h>

enum check_linked { CHECK_LINKED_NO, CHECK_LINKED_YES, CHECK_LINKED_UNKNOWN };

struct check_row {
        const char *path, *version; /* borrowed from policy or image; version "" when unknown */
        const struct jail_policy_module *policy;
        bool required; /* go.mod or the command line names it */
        enum check_linked linked;
        bool inlined;            /* into functions of other modules */
        bool scanned;            /* its sources were at hand; of confined modules in the program only */
        struct source_scan scan; /* owned */
};

struct check_rows {
        struct check_row *rows; /* owned: check_rows_clear() */
        size_t n_rows;
};

/* image may be NULL. *ret_rows is untouched on failure. Errors: JAIL_ENOMEM, and those of jail_image_links(). */
int check_rows_make(const struct jail_policy *policy, const struct jail_image *image, struct check_rows *ret_rows,
                    struct jail_error *err) JAIL_MUST_USE;

void check_rows_clear(struct check_rows *rows);

#endif
