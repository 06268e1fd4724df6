/* SPDX-License-Identifier: Apache-2.0 */
/* Growing arrays: a pointer, a count and a capacity that the caller keeps; grown by doubling. */
#ifndef BASE_ARRAY_H
#define BASE_ARRAY_H

#include <jail/error.h>
#include <stddef.h>

/*
 * Makes room for one more element: afterwards *capacity > count. *items is the array (NULL when empty), element_size its stride in
 * bytes, max_count the most that the caller is willing to hold. Errors: JAIL_ENOMEM, JAIL_ELIMIT; *items stays valid and owned by
 * the caller in either case.
 */
int array_reserve(void **items, size_t *capacity, size_t count, size_t element_size, size_t max_count,
                  struct jail_error *err) JAIL_MUST_USE;

/* array_reserve() for a typed pointer variable. */
#define ARRAY_RESERVE(items, capacity, count, max_count, err)                                                                      \
        ({                                                                                                                         \
                void *array_items_ = (items);                                                                                      \
                int array_result_ = array_reserve(&array_items_, (capacity), (count), sizeof(*(items)), (max_count), err);         \
                (items) = array_items_;                                                                                            \
                array_result_;                                                                                                     \
        })

#endif
