/* SPDX-License-Identifier: Apache-2.0 */
/* Tables of as many functions as one likes, which go_tables.h has no room for: what a hostile image may hold. */
#ifndef TESTS_LARGE_TABLES_H
#define TESTS_LARGE_TABLES_H

#include "gobin/pclntab.h"

#include <stddef.h>
#include <stdint.h>

#define LARGE_TEXT_VADDR     0x401000
#define LARGE_FUNCTION_BYTES 16

struct large_tables {
        struct pclntab tab; /* of Go 1.26; borrowed from the rest */
        uint8_t *functab;   /* owned */
        char *names;        /* owned */
        struct effort effort;
};

/*
 * n functions of 16 bytes, without pc tables of their own. name writes the name of function i; NULL gives all of them one name of
 * name_bytes. unit tells its unit. The effort has no end until effort_begin().
 */
void large_tables_init(struct large_tables *large, uint32_t n, void (*name)(uint32_t i, char *buffer, size_t size),
                       uint32_t (*unit)(uint32_t i), size_t name_bytes);
void large_tables_clear(struct large_tables *large);

/* What was spent of units since effort_begin(). */
static inline uint64_t large_tables_spent(const struct large_tables *large, uint64_t units) {
        return units - large->effort.left;
}

#endif
