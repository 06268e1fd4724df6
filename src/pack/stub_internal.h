/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the entry stub share. */
#ifndef PACK_STUB_INTERNAL_H
#define PACK_STUB_INTERNAL_H

#include "pack/stub.h"
#include "pack/stub_syscall.h"

#include <elf.h>

#define CALL0(number)                stub_syscall((number), 0, 0, 0, 0, 0, 0)
#define CALL1(number, a)             stub_syscall((number), (long) (a), 0, 0, 0, 0, 0)
#define CALL3(number, a, b, c)       stub_syscall((number), (long) (a), (long) (b), (long) (c), 0, 0, 0)
#define CALL4(number, a, b, c, d)    stub_syscall((number), (long) (a), (long) (b), (long) (c), (long) (d), 0, 0)
#define CALL5(number, a, b, c, d, e) stub_syscall((number), (long) (a), (long) (b), (long) (c), (long) (d), (long) (e), 0)

#define STUB_MAX_WORDS 8192 /* of an initial stack that is copied */

extern const struct stub_parameters stub_parameters __attribute__((visibility("hidden")));
extern const char stub_end[] __attribute__((visibility("hidden")));

/* .jail.supervisor, and behind it .jail.policy. */
static inline const char *stub_sections(void) {
        return (const char *) &stub_parameters + stub_parameters.sections_offset;
}

/* Pairs of a type and a value up to AT_NULL, behind the arguments and the environment. */
static inline const uint64_t *stub_auxiliary_vector(const uint64_t *initial_stack) {
        const uint64_t *at = initial_stack + initial_stack[0] + 2;
        while (*at != 0)
                at++;
        return at + 1;
}

/* The value of the first pair of that type; 0 without one. */
static inline uint64_t stub_auxiliary_value(const uint64_t *initial_stack, uint64_t type) {
        for (const uint64_t *pair = stub_auxiliary_vector(initial_stack); pair[0] != AT_NULL; pair += 2)
                if (pair[0] == type)
                        return pair[1];
        return 0;
}

/* How many words it has, from the number of arguments up to AT_NULL and its value. */
static inline size_t stub_count_words(const uint64_t *initial_stack) {
        const uint64_t *pair = stub_auxiliary_vector(initial_stack);
        while (pair[0] != AT_NULL)
                pair += 2;
        return (size_t) (pair + 2 - initial_stack);
}

#endif
