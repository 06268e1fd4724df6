/* SPDX-License-Identifier: Apache-2.0 */
/* What `jail check PROG` warns of: confined modules whose code could pass for another's, and what helps. */
#ifndef CLI_CHECK_WARNINGS_H
#define CLI_CHECK_WARNINGS_H

#include "cli/check_rows.h"

#include <stdio.h>

/* Prints the warnings, or nothing. */
void check_warnings_print(FILE *out, const struct check_rows *rows);

#endif
