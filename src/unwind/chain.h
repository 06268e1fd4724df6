/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Chains of own frames, remembered whole. A chain holds every word that the walk read on its way: the return addresses, and the
 * frame pointers by their distance from the stack pointer. It is taken again only when each of these words is there again, so that
 * the walk would see the same; where it is looked for is no proof of anything.
 */
#ifndef UNWIND_CHAIN_H
#define UNWIND_CHAIN_H

#include "unwind/unwind.h"

#define CHAIN_MAX_WORDS  192
#define CHAIN_MAX_FRAMES 128

/* A word of the stack's first window. */
struct chain_word {
        uint16_t offset_bytes; /* from the window's begin */
        bool relative;         /* value is a distance from there as well */
        uint64_t value;
};

/* What a walk reads; chain_record_begin() starts it. */
struct chain_record {
        bool on; /* so far all of it can be remembered */
        uint64_t base_vaddr;
        bool has_fp;       /* the register was compared, too: */
        uint64_t fp_bytes; /* its distance from base_vaddr */
        uint16_t n_words;
        struct chain_word words[CHAIN_MAX_WORDS];
};

/* Where a chain is looked for. */
struct chain_key {
        uint64_t pc;
        uint64_t depth_bytes; /* from the stack pointer to the end of the goroutine's stack */
};

struct chain {
        uint64_t serial;          /* of no other chain of this run; never 0 */
        enum code_role outermost; /* of the last frame in front of goexit */
        size_t n_frames;
        const struct unwind_frame *frames;
};

struct chain_table;

/* Errors: JAIL_ENOMEM. One table per address space. chain_table_clear() voids all chains: called when the code table was trimmed.
 */
int chain_table_new(struct chain_table **ret_table, struct jail_error *err) JAIL_MUST_USE;
void chain_table_free(struct chain_table *table);
void chain_table_clear(struct chain_table *table);

static inline void chain_record_begin(struct chain_record *record, uint64_t base_vaddr) {
        record->on = true;
        record->base_vaddr = base_vaddr;
        record->has_fp = false;
        record->n_words = 0;
}

/* The walk has read this value at vaddr. A word outside the window's first bytes, or one too many, ends the record. */
void chain_record_word(struct chain_record *record, uint64_t vaddr, uint64_t value, bool relative);

/* The chain whose words all stand in the window; fp is the register's value. NULL when there is none. Borrowed until the next
 * remember or clear. */
const struct chain *chain_find(const struct chain_table *table, const struct chain_key *key, const struct memory_window *window,
                               uint64_t fp);

/*
 * Remembers what was read and the frames that it led to, if the key was seen before: most chains of short commands are seen once.
 * When memory is short nothing is remembered.
 */
void chain_remember(struct chain_table *table, const struct chain_key *key, const struct chain_record *record,
                    const struct unwind_stack *stack, enum code_role outermost);

#endif
