/* SPDX-License-Identifier: Apache-2.0 */
/* A descriptor that entries are written to, each with one write(2) where the kernel allows it. */
#ifndef REPORT_OUTPUT_H
#define REPORT_OUTPUT_H

#include "base/str.h"

#include <stdbool.h>

struct output {
        int fd;           /* borrowed; -1: everything is dropped */
        int first_errno;  /* why the first entry was lost, 0 while none was */
        bool broken;      /* nobody will ever read what is written (EPIPE, EBADF): nothing more is tried */
        bool line_is_cut; /* an entry was written in part: the next one begins on a line of its own */
};

/*
 * Writes the whole entry: interrupted and partial writes go on, a full non-blocking descriptor is waited for, for at most a second.
 * Returns whether all of it was written.
 */
bool output_write(struct output *output, struct str entry);

#endif
