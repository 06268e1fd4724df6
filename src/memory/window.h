/* SPDX-License-Identifier: Apache-2.0 */
/* A window of a stack: words are served from bytes that one read fetched; a word outside fetches the next window. */
#ifndef MEMORY_WINDOW_H
#define MEMORY_WINDOW_H

#include "memory/reader.h"

#define MEMORY_WINDOW_BYTES       16384
#define MEMORY_WINDOW_FIRST_BYTES 4096 /* holds nine of ten stacks whole */

struct memory_window {
        struct memory_reader *reader; /* borrowed */
        uint64_t vaddr;
        size_t len_bytes; /* valid bytes; 0 when empty */
        uint8_t bytes[MEMORY_WINDOW_BYTES];
};

/* Empties the window and sets where it reads from. */
void memory_window_init(struct memory_window *window, struct memory_reader *reader);

/*
 * The range that a first read should fetch, to be passed to the reader together with other ranges; memory_window_filled() takes the
 * result. The window begins at vaddr.
 */
struct memory_range memory_window_range(struct memory_window *window, uint64_t vaddr);
void memory_window_filled(struct memory_window *window, const struct memory_range *range);

/* Reads the little-endian word at vaddr. Errors: JAIL_EREAD. */
int memory_window_u64(struct memory_window *window, uint64_t vaddr, uint64_t *ret_value, struct jail_error *err) JAIL_MUST_USE;

#endif
