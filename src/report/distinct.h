/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A bounded set that tells the first of its kind from a repetition. Keys are hashes that nobody can collide at will, so a program
 * cannot hide a denial behind another one. Allocates once, when it is made.
 */
#ifndef REPORT_DISTINCT_H
#define REPORT_DISTINCT_H

#include <jail/event.h>
#include <stddef.h>
#include <stdint.h>

#define DISTINCT_KEY_SIZE 32

struct distinct_entry {
        uint8_t key[DISTINCT_KEY_SIZE];
        uint64_t count; /* how often it was added; 0: an empty slot */
        uint32_t id;    /* 1 for the first key that was added, and so on */
};

struct distinct;

/* A set of at most max_keys keys. *ret_set is owned by the caller (distinct_free). Errors: JAIL_ENOMEM. */
int distinct_new(size_t max_keys, struct distinct **ret_set, struct jail_error *err) JAIL_MUST_USE;

/* NULL is fine. */
void distinct_free(struct distinct *set);

/* Counts the key. Returns its entry, borrowed until the next call (count is 1 for a new key), or NULL when the set is full. */
struct distinct_entry *distinct_add(struct distinct *set, const uint8_t key[DISTINCT_KEY_SIZE]);

/* Counts the key if it is in the set. Returns its entry, borrowed until the next call, or NULL when it is not there. */
struct distinct_entry *distinct_count_again(struct distinct *set, const uint8_t key[DISTINCT_KEY_SIZE]);

/* The entry with an id, 1 to distinct_count(). Borrowed until distinct_add(). */
const struct distinct_entry *distinct_at(const struct distinct *set, uint32_t id);
size_t distinct_count(const struct distinct *set);

/* The key of a denial's call site: the module, the call, its class, the reason, and where in the module it is. */
void distinct_site_key(const struct jail_event *event, uint8_t ret_key[DISTINCT_KEY_SIZE]);

/* The same with the target. */
void distinct_event_key(const struct jail_event *event, uint8_t ret_key[DISTINCT_KEY_SIZE]);

#endif
