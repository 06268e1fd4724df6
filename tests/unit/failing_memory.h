/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory that runs out: in a jail_failing_memory_test() (CMakeLists.txt) the allocator of the code under test counts its
 * blocks and can be told to fail once.
 */
#ifndef TESTS_FAILING_MEMORY_H
#define TESTS_FAILING_MEMORY_H

#include <jail/error.h>
#include <stdbool.h>

/* The nth allocation from now on fails, 1 being the next one; 0: none does. */
void failing_memory_arm(unsigned nth);

/* Ends that; returns whether one failed. */
bool failing_memory_disarm(void);

/* The blocks that are held now. */
long failing_memory_live(void);

/*
 * Runs an operation with its first, its second, … allocation failing, until it succeeds without. It must return JAIL_ENOMEM then,
 * hold no memory when it returns, and make at least `least` allocations, so that the test is one. The operation calls
 * failing_memory_disarm() before it frees what it got. Fails the test with `name` in the message.
 */
void failing_memory_each(const char *name, int (*run)(struct jail_error *err), unsigned least);

#endif
