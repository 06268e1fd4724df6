/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Looks through a module's Go sources for what can make its code look like somebody else's, or is no Go code: the sources say what
 * a binary may have lost.
 */
#ifndef CLI_SOURCE_SCAN_H
#define CLI_SOURCE_SCAN_H

#include <stdbool.h>

enum source_finding {
        SOURCE_ASSEMBLY, /* a .s or .syso file */
        SOURCE_CGO,      /* import "C" */
        SOURCE_LINKNAME, /* //go:linkname that gives a function another package's name */
        SOURCE_LINE,     /* //line that names a file of another directory */
        SOURCE_FINDING_COUNT
};

struct source_scan {
        char *at[SOURCE_FINDING_COUNT]; /* owned: "file:line" below the directory, of the first; NULL when there is none */
        bool incomplete;                /* something could not be read */
};

/* Scans the module in directory: what other modules nested in it, tests, vendor and testdata hold is left out. */
void source_scan_run(const char *directory, struct source_scan *ret_scan);
void source_scan_clear(struct source_scan *scan);

/* "assembly", "cgo", "linkname", "line". Static string. */
const char *source_finding_name(enum source_finding finding);

#endif
