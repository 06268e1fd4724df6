/* SPDX-License-Identifier: Apache-2.0 */
#include "report/distinct.h"

#include "base/cleanup.h"

#include <sha2.h>
#include <stdbool.h>
#include <string.h>

struct distinct {
        size_t max_keys, n_keys, n_slots; /* n_slots: a power of two, at least twice max_keys */
        struct distinct_entry *entries;   /* by id - 1 */
        uint32_t *slots;                  /* ids; 0: empty */
};

int distinct_new(size_t max_keys, struct distinct **ret_set, struct jail_error *err) {
        size_t n_slots = 2;
        while (n_slots < 2 * max_keys)
                n_slots *= 2;

        struct distinct *set = calloc(1, sizeof(*set));
        if (set) {
                set->max_keys = max_keys;
                set->n_slots = n_slots;
                set->entries = calloc(max_keys ? max_keys : 1, sizeof(*set->entries));
                set->slots = calloc(n_slots, sizeof(*set->slots));
        }
        if (!set || !set->entries || !set->slots) {
                distinct_free(set);
                return jail_error_set(err, JAIL_ENOMEM, 0, "out of memory for the report");
        }
        *ret_set = set;
        return 0;
}

void distinct_free(struct distinct *set) {
        if (!set)
                return;
        free(set->entries);
        free(set->slots);
        free(set);
}

/* The slot that has the key, or the empty one where it belongs. There is always an empty one. */
static uint32_t *find_slot(struct distinct *set, const uint8_t key[DISTINCT_KEY_SIZE]) {
        uint32_t hash;
        memcpy(&hash, key, sizeof(hash));
        size_t slot = hash & (set->n_slots - 1);
        while (set->slots[slot] != 0 && memcmp(set->entries[set->slots[slot] - 1].key, key, DISTINCT_KEY_SIZE) != 0)
                slot = (slot + 1) & (set->n_slots - 1);
        return &set->slots[slot];
}

struct distinct_entry *distinct_count_again(struct distinct *set, const uint8_t key[DISTINCT_KEY_SIZE]) {
        uint32_t id = *find_slot(set, key);
        if (id == 0)
                return NULL;
        set->entries[id - 1].count++;
        return &set->entries[id - 1];
}

struct distinct_entry *distinct_add(struct distinct *set, const uint8_t key[DISTINCT_KEY_SIZE]) {
        struct distinct_entry *entry = distinct_count_again(set, key);
        if (entry || set->n_keys >= set->max_keys)
                return entry;
        entry = &set->entries[set->n_keys++];
        *find_slot(set, key) = (uint32_t) set->n_keys;
        memcpy(entry->key, key, DISTINCT_KEY_SIZE);
        entry->count = 1;
        entry->id = (uint32_t) set->n_keys;
        return entry;
}

const struct distinct_entry *distinct_at(const struct distinct *set, uint32_t id) {
        return &set->entries[id - 1];
}

size_t distinct_count(const struct distinct *set) {
        return set->n_keys;
}

/* Hashes a string (NULL as "") with its terminator, so that no two lists of strings look the same. */
static void hash_string(SHA2_CTX *hash, const char *string) {
        if (!string)
                string = "";
        SHA256Update(hash, (const uint8_t *) string, strlen(string) + 1);
}

static void hash_event(const struct jail_event *event, bool with_target, uint8_t ret_key[DISTINCT_KEY_SIZE]) {
        SHA2_CTX hash;
        SHA256Init(&hash);
        hash_string(&hash, event->module);
        hash_string(&hash, event->syscall);
        const uint8_t numbers[] = { (uint8_t) event->cls, (uint8_t) event->reason, event->quiet, with_target };
        SHA256Update(&hash, numbers, sizeof(numbers));

        /* By name and line: the addresses of one program differ from run to run and from child to child. */
        size_t site = event->blamed_frame < event->n_frames ? event->blamed_frame : 0;
        if (site < event->n_frames) {
                const struct jail_event_frame *frame = &event->frames[site];
                hash_string(&hash, frame->function);
                hash_string(&hash, frame->file);
                uint64_t place = frame->line ? frame->line : frame->pc;
                SHA256Update(&hash, (const uint8_t *) &place, sizeof(place));
        }
        if (with_target)
                hash_string(&hash, event->target && event->target[0] ? event->target : event->call);
        SHA256Final(ret_key, &hash);
}

void distinct_site_key(const struct jail_event *event, uint8_t ret_key[DISTINCT_KEY_SIZE]) {
        hash_event(event, false, ret_key);
}

void distinct_event_key(const struct jail_event *event, uint8_t ret_key[DISTINCT_KEY_SIZE]) {
        hash_event(event, true, ret_key);
}
