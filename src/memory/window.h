/* SPDX-License-Identifier: Apache-2.0 */
/* A window of a stack: words are served from bytes that one read fetched; a word outside fetches the next window. */
#ifndef MEMORY_WINDOW_H
#define MEMORY_WINDOW_H

#include "memory/reader.h"

#define MEMORY_WINDOW_BYTES       16384
#define MEMORY_WINDOW_FIRST_BYTES 8192 /* holds 19 of 20 stacks whole */

struct memory_window {
        struct memory_reader *reader; /* borrowed */
        uint64_t vaddr;
        size_t len_bytes; /* valid bytes; 0 when empty */
        uint8_t bytes[MEMORY_WINDOW_BYTES];
};

/* Empties the window and sets where it reads from. */
void memory_window_init(struct memory_window *window, struct memory_reader *reader);

/*
 * Fetches a first window of len_bytes, at most MEMORY_WINDOW_FIRST_BYTES, that begins at vaddr. Errors: JAIL_EREAD (the process is
 * gone); what cannot be read is not in the window.
 */
int memory_window_fill(struct memory_window *window, uint64_t vaddr, size_t len_bytes, struct jail_error *err) JAIL_MUST_USE;

/* Reads the little-endian word at vaddr. Errors: JAIL_EREAD. */
int memory_window_u64(struct memory_window *window, uint64_t vaddr, uint64_t *ret_value, struct jail_error *err) JAIL_MUST_USE;

#endif
