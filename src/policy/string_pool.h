/* SPDX-License-Identifier: Apache-2.0 */
/* Strings that live and die together. */
#ifndef POLICY_STRING_POOL_H
#define POLICY_STRING_POOL_H

#include "base/str.h"

#include <jail/error.h>

struct string_pool_chunk;

/* All zeroes is an empty pool. */
struct string_pool {
        struct string_pool_chunk *chunks;
};

/*
 * Copies s and terminates the copy. *ret_string is borrowed from the pool until string_pool_free(). s must not hold NUL bytes that
 * matter. Errors: JAIL_ENOMEM. Amortised linear.
 */
int string_pool_add(struct string_pool *pool, struct str s, const char **ret_string, struct jail_error *err) JAIL_MUST_USE;

/* Frees every string; the pool is empty again. */
void string_pool_free(struct string_pool *pool);

#endif
