/* SPDX-License-Identifier: Apache-2.0 */
/* What a packed program takes from its environment at its first, unsupervised start: JAIL_FLAGS and JAIL_REPORT. */
#ifndef PACK_START_ENVIRONMENT_H
#define PACK_START_ENVIRONMENT_H

#include "report/style_choice.h"

#include <jail/error.h>

struct start_environment {
        unsigned quiet;
        bool verbose, stats;
        enum style_color_choice color;
        const char *report; /* borrowed from the environment; NULL: none */
};

/*
 * JAIL_FLAGS holds -v, -q, --stats and --color[=WHEN], separated by spaces; JAIL_REPORT a file name. Where the program gains
 * rights by being executed, neither is looked at. Errors: JAIL_EINVAL.
 */
int start_environment_read(struct start_environment *ret_environment, struct jail_error *err) JAIL_MUST_USE;

#endif
