/* SPDX-License-Identifier: Apache-2.0 */
#include "unwind/chain.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

#define N_SETS      128u /* a power of two */
#define SET_CHAINS  4u
#define N_SEEN      1024u /* a power of two */
#define FIRST_BYTES MEMORY_WINDOW_FIRST_BYTES

struct kept {
        struct chain chain;
        struct chain_key key;
        bool has_fp;
        uint64_t fp_bytes;
        uint16_t n_words;
        struct chain_word *words;    /* owned */
        struct unwind_frame *frames; /* owned */
};

struct chain_table {
        struct kept sets[N_SETS][SET_CHAINS];
        uint8_t next[N_SETS];  /* which is replaced next */
        uint64_t seen[N_SEEN]; /* hashes of keys */
};

static uint64_t next_serial = 1;

int chain_table_new(struct chain_table **ret_table, struct jail_error *err) {
        struct chain_table *table = calloc(1, sizeof(*table));
        if (!table)
                return jail_error_set(err, JAIL_ENOMEM, 0, "out of memory");
        *ret_table = table;
        return 0;
}

static void forget(struct kept *kept) {
        free(kept->words);
        free(kept->frames);
        *kept = (struct kept){ 0 };
}

void chain_table_clear(struct chain_table *table) {
        for (size_t i = 0; i < N_SETS; i++)
                for (size_t j = 0; j < SET_CHAINS; j++)
                        if (table->sets[i][j].frames)
                                forget(&table->sets[i][j]);
}

void chain_table_free(struct chain_table *table) {
        if (!table)
                return;
        chain_table_clear(table);
        free(table);
}

void chain_record_word(struct chain_record *record, uint64_t vaddr, uint64_t value, bool relative) {
        uint64_t offset = vaddr - record->base_vaddr;
        if (!record->on)
                return;
        if (offset > FIRST_BYTES - sizeof(value) || record->n_words == CHAIN_MAX_WORDS) {
                record->on = false;
                return;
        }
        record->words[record->n_words++] = (struct chain_word){
                .offset_bytes = (uint16_t) offset,
                .relative = relative,
                .value = relative ? value - record->base_vaddr : value,
        };
}

static uint64_t hash_of(const struct chain_key *key) {
        uint64_t hash = (key->pc ^ key->depth_bytes << 20) * UINT64_C(0x9e3779b97f4a7c15);
        return hash ^ hash >> 32;
}

static bool stands(const struct kept *kept, const struct chain_key *key, const struct memory_window *window, uint64_t fp) {
        if (kept->key.pc != key->pc || kept->key.depth_bytes != key->depth_bytes ||
            (kept->has_fp && fp - window->vaddr != kept->fp_bytes))
                return false;
        for (uint16_t i = 0; i < kept->n_words; i++) {
                const struct chain_word *word = &kept->words[i];
                uint64_t value;
                if (word->offset_bytes + sizeof(value) > window->len_bytes)
                        return false;
                memcpy(&value, window->bytes + word->offset_bytes, sizeof(value));
                if (le64toh(value) - (word->relative ? window->vaddr : 0) != word->value)
                        return false;
        }
        return true;
}

const struct chain *chain_find(const struct chain_table *table, const struct chain_key *key, const struct memory_window *window,
                               uint64_t fp) {
        const struct kept *set = table->sets[hash_of(key) & (N_SETS - 1)];
        for (size_t i = 0; i < SET_CHAINS; i++)
                if (set[i].chain.serial != 0 && stands(&set[i], key, window, fp))
                        return &set[i].chain;
        return NULL;
}

static void *copy(const void *from, size_t size) {
        void *to = malloc(size);
        return to ? memcpy(to, from, size) : NULL;
}

void chain_remember(struct chain_table *table, const struct chain_key *key, const struct chain_record *record,
                    const struct unwind_stack *stack, enum code_role outermost) {
        uint64_t hash = hash_of(key), *seen = &table->seen[(hash >> 8) & (N_SEEN - 1)];
        if (!record->on || stack->n_frames == 0 || stack->n_frames > CHAIN_MAX_FRAMES)
                return;
        if (*seen != hash) {
                *seen = hash;
                return;
        }
        size_t number = hash & (N_SETS - 1);
        struct kept *kept = &table->sets[number][table->next[number]++ % SET_CHAINS];
        forget(kept);
        struct chain_word *words = copy(record->words, record->n_words * sizeof(*words));
        struct unwind_frame *frames = copy(stack->frames, stack->n_frames * sizeof(*frames));
        if (!words || !frames) {
                free(words);
                free(frames);
                return;
        }
        *kept = (struct kept){
                .chain = { .serial = next_serial++, .outermost = outermost, .n_frames = stack->n_frames, .frames = frames },
                .key = *key,
                .has_fp = record->has_fp,
                .fp_bytes = record->fp_bytes,
                .n_words = record->n_words,
                .words = words,
                .frames = frames,
        };
}
