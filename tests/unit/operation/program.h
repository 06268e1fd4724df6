/* SPDX-License-Identifier: Apache-2.0 */
/* The memory of an imaginary program, filled by a test, and operations in it. */
#ifndef PROGRAM_H
#define PROGRAM_H

#include "memory/buffer.h"
#include "operation/operation.h"

#define PROGRAM_VADDR 0xc000000000ULL
#define PROGRAM_BYTES 16384

struct program {
        struct memory_buffer memory;
        size_t used;
        uint8_t bytes[PROGRAM_BYTES];
        struct operation operation;
        char shown[16384];
};

void program_init(struct program *program);

/* Puts bytes (a string with its NUL, a vector of words that ends with 0) into the memory; returns their address. */
uint64_t program_put(struct program *program, const void *bytes, size_t len);
uint64_t program_put_string(struct program *program, const char *string);
uint64_t program_put_words(struct program *program, const uint64_t *words, size_t n);

/* The same at the very end of the memory, with nothing mapped behind. */
uint64_t program_put_at_end(struct program *program, const void *bytes, size_t len);

/* Makes an operation of the native call with that name, reads its targets, and returns how it is shown; borrowed. */
const char *program_call(struct program *program, const char *name, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e,
                         uint64_t f);

/* How target number index of the last call is shown; borrowed. */
const char *program_target(struct program *program, size_t index);

#endif
