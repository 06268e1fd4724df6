/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The initial stack of a program (System V ABI, AMD64 supplement, "Initial Stack and Register State"): argc, argv, envp, the
 * auxiliary vector. A program that stands at its first instruction can be given another GODEBUG by laying a changed copy below it.
 */
#ifndef SUPERVISE_INITIAL_STACK_H
#define SUPERVISE_INITIAL_STACK_H

#include "memory/reader.h"

#include <jail/error.h>
#include <stdint.h>

/* A changed initial stack: bytes, a multiple of 8, to be written from vaddr on, where the stack pointer goes too. */
struct initial_stack {
        uint64_t vaddr; /* 16-byte aligned */
        uint8_t *bytes; /* owned; NULL when nothing has to change */
        size_t len_bytes;
        unsigned ancestors; /* tracebackancestors that the program will see */
};

/*
 * Reads the initial stack at sp and makes the one in which GODEBUG has tracebackancestors=ancestors or more (0: the default).
 * Errors: JAIL_EREAD, JAIL_EFORMAT (not an initial stack), JAIL_ELIMIT (larger than the room that the kernel leaves below it),
 * JAIL_ENOMEM.
 */
int initial_stack_make(struct memory_reader *memory, uint64_t sp, unsigned ancestors, struct initial_stack *ret_stack,
                       struct jail_error *err) JAIL_MUST_USE;

void initial_stack_clear(struct initial_stack *stack);

#endif
