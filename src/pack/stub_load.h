/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Turning a process into the supervisor as an exec would, but without one, and without a copy of it: its pages are those of the
 * packed program, which are mapped already, moved to where they belong. The process is a child with its own memory, of which
 * nothing else of the program's stays executable.
 */
#ifndef PACK_STUB_LOAD_H
#define PACK_STUB_LOAD_H

#include <stdbool.h>
#include <stdint.h>

#define STUB_LOAD_ARGUMENTS 4

struct stub_load {
        const uint64_t *initial_stack; /* the program's */
        char *base;                    /* where the supervisor is loaded */
        char *stack_end;               /* of its stack */
        uint64_t secret[2];            /* what its C library makes its canaries of */
};

/*
 * Moves everything to its place but the data, which is not read yet: nobody may have checked it. Returns false when this system
 * does not let it; then an exec is still possible.
 */
bool stub_load_prepare(struct stub_load *load, const uint64_t *initial_stack) __attribute__((visibility("hidden")));

/* Begins the supervisor, with the program's environment. */
_Noreturn void stub_load_enter(const struct stub_load *load, const char *const arguments[STUB_LOAD_ARGUMENTS])
        __attribute__((visibility("hidden")));

#endif
