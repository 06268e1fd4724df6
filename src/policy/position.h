/* SPDX-License-Identifier: Apache-2.0 */
/* A place in a go.mod file, and the errors that are about it. */
#ifndef POLICY_POSITION_H
#define POLICY_POSITION_H

#include "base/str.h"

#include <jail/error.h>

struct position {
        const char *file; /* borrowed from the caller of the parser */
        unsigned line;    /* 1-based */
        unsigned column;  /* 1-based, in runes, as the go command counts */
};

/* Sets *err to `FILE:LINE:COL: message` and returns code. Never allocates. */
int position_error(struct jail_error *err, enum jail_error_code code, struct position at, const char *format, ...)
        __attribute__((format(printf, 4, 5)));

/* A piece of go.mod for a message: its quoted, escaped form, cut to a readable length. */
struct position_quote {
        char text[96];
};

/*
 * The quoted form of s: what would change a terminal or forge a line is escaped. Returned by value, so that it can be an argument:
 * position_quote(s).text.
 */
struct position_quote position_quote(struct str s);

#endif
