/* SPDX-License-Identifier: Apache-2.0 */
#include "unwind/ancestry.h"

#include "base/bytes.h"
#include "base/hash.h"
#include "unwind/stack.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of entries, and of the memory of all of them: a lineage has thousands of frames where every goroutine is made by another. */
#define MAX_CACHED       8192
#define MAX_CACHED_BYTES ((size_t) 3 << 20)

/* runtime.ancestorInfo (src/runtime/runtime2.go): { pcs []uintptr; goid uint64; gopc uintptr }, the same in all versions. */
enum { ANCESTOR_PCS = 0, ANCESTOR_PCS_LEN = 8, ANCESTOR_GOID = 24, ANCESTOR_GOPC = 32, ANCESTOR_BYTES = 40 };
#define MAX_ANCESTORS 512

/*
 * What comes before a goroutine's own frames, by its ancestry_key; or what comes before the frames of one of its ancestors, by a
 * lineage (below): of another size, so never the same key. Most goroutines make their first call and end, but what made them has
 * made many.
 */
struct cached {
        void *key;                   /* owned */
        struct unwind_frame *frames; /* owned */
        size_t n_frames;
        enum unwind_root root;
        bool truncated;
        uint64_t serial; /* of no other entry of this run; never 0 */
        UT_hash_handle hh;
};

/*
 * A lineage is a part of a list of ancestors as it stands in memory: who one of them is, and the records of all that follow, which
 * are its own ancestors. A goroutine gets these when it is made, and gives them on to those that it makes; what the records point
 * to is kept as long as one of them lives, and no goroutine has an id that another has had.
 */
#define LINEAGE_AT ANCESTOR_GOID /* in the record of the first */
/* So many are looked for in a list, from the nearest on: a server's goroutine for each request makes others for its parts. */
#define MAX_LINEAGES 3
_Static_assert(sizeof(struct ancestry_key) % ANCESTOR_BYTES != ANCESTOR_BYTES - LINEAGE_AT,
               "no lineage has the key of a goroutine");

static size_t lineage_bytes(size_t n_ancestors) {
        return n_ancestors * ANCESTOR_BYTES - LINEAGE_AT;
}

#define MAIN_SERIAL 1 /* the main goroutine has no ancestors */
static uint64_t next_serial = MAIN_SERIAL + 1;

struct ancestry_cache {
        struct cached *entries;
        size_t n_bytes; /* of all entries' keys and frames */
};

int ancestry_cache_new(struct ancestry_cache **ret_cache, struct jail_error *err) {
        struct ancestry_cache *cache = calloc(1, sizeof(*cache));
        if (!cache)
                return jail_error_set(err, JAIL_ENOMEM, 0, "out of memory");
        *ret_cache = cache;
        return 0;
}

static void free_cached(struct cached *entry) {
        free(entry->frames);
        free(entry->key);
        free(entry);
}

static size_t size_bytes(size_t key_bytes, size_t n_frames) {
        return key_bytes + n_frames * sizeof(struct unwind_frame);
}

/* Entries stand in the order in which they were added. */
static void forget_oldest(struct ancestry_cache *cache) {
        struct cached *entry = cache->entries;
        cache->n_bytes -= size_bytes(entry->hh.keylen, entry->n_frames);
        HASH_DEL(cache->entries, entry);
        free_cached(entry);
}

void ancestry_cache_clear(struct ancestry_cache *cache) {
        while (cache->entries)
                forget_oldest(cache);
}

void ancestry_cache_free(struct ancestry_cache *cache) {
        if (!cache)
                return;
        ancestry_cache_clear(cache);
        free(cache);
}

/* Frames from first on, as an entry of no cache yet. NULL when memory is short. */
static struct cached *new_cached(const void *key, size_t key_bytes, const struct unwind_stack *stack, size_t first) {
        size_t n = stack->n_frames - first;
        struct cached *entry = calloc(1, sizeof(*entry));
        if (!entry)
                return NULL;
        entry->key = malloc(key_bytes);
        entry->frames = n > 0 ? malloc(n * sizeof(*entry->frames)) : NULL;
        if (!entry->key || (n > 0 && !entry->frames)) {
                free_cached(entry);
                return NULL;
        }
        memcpy(entry->key, key, key_bytes);
        if (n > 0)
                memcpy(entry->frames, stack->frames + first, n * sizeof(*entry->frames));
        entry->n_frames = n;
        entry->root = stack->root;
        entry->truncated = stack->truncated;
        entry->serial = next_serial++;
        return entry;
}

/* Remembers the frames from first on, whose walk is complete. When memory is short nothing is remembered. */
static void remember(struct ancestry_cache *cache, const void *key, size_t key_bytes, const struct unwind_stack *stack,
                     size_t first) {
        size_t n_bytes = size_bytes(key_bytes, stack->n_frames - first);
        while (cache->entries && (HASH_COUNT(cache->entries) >= MAX_CACHED || cache->n_bytes + n_bytes > MAX_CACHED_BYTES))
                forget_oldest(cache);
        struct cached *entry = new_cached(key, key_bytes, stack, first);
        if (!entry)
                return;
        HASH_ADD_KEYPTR(hh, cache->entries, entry->key, key_bytes, entry);
        if (!entry->hh.tbl) {
                free_cached(entry);
                return;
        }
        cache->n_bytes += n_bytes;
}

/* What is remembered ends the stack. NULL when there is nothing. */
static const struct cached *replay(struct ancestry_cache *cache, const void *key, size_t key_bytes, struct unwind_stack *stack) {
        struct cached *entry;
        HASH_FIND(hh, cache->entries, key, key_bytes, entry);
        if (!entry)
                return NULL;
        for (size_t i = 0; i < entry->n_frames; i++)
                if (!stack_push(stack, entry->frames[i].kind, entry->frames[i].pc, entry->frames[i].code))
                        return entry;
        stack->truncated = stack->truncated || entry->truncated;
        stack_finish(stack, entry->root);
        return entry;
}

/* One ancestor as it stands in memory. */
struct ancestor {
        uint64_t pcs_vaddr, n_pcs, goid, gopc;
};

static bool parse_ancestor(struct bytes b, size_t index, struct ancestor *ancestor) {
        struct bytes record;
        return bytes_slice(b, index * ANCESTOR_BYTES, ANCESTOR_BYTES, &record) &&
               bytes_u64(record, ANCESTOR_PCS, &ancestor->pcs_vaddr) && bytes_u64(record, ANCESTOR_PCS_LEN, &ancestor->n_pcs) &&
               bytes_u64(record, ANCESTOR_GOID, &ancestor->goid) && bytes_u64(record, ANCESTOR_GOPC, &ancestor->gopc);
}

enum step {
        STEP_FAILED, /* the stack has its end */
        STEP_ENDED,  /* the stack is complete */
        STEP_GO_ON,
};

/* Pushes the `go` statement at gopc. The stack ends where a service created the goroutine, or where the program's start did. */
static enum step push_created(struct unwind_process *process, uint64_t gopc, struct unwind_stack *stack) {
        const struct code_point *code = stack_code(process, stack, gopc, false);
        if (!code || !stack_push(stack, UNWIND_CREATED, gopc, code))
                return STEP_FAILED;
        if (code->role == CODE_SERVICE) {
                stack_finish(stack, UNWIND_ROOT_SERVICE);
                return STEP_ENDED;
        }
        return STEP_GO_ON;
}

/* Pushes the frames of one ancestor. *ret_first: the role of its first function. */
static enum step push_ancestor(struct unwind_process *process, const struct ancestor *ancestor, struct unwind_stack *stack,
                               enum code_role *ret_first) {
        uint8_t buffer[UNWIND_MAX_ANCESTOR_FRAMES * 8];
        struct jail_error err;
        enum code_role role = CODE_ORDINARY;
        uint64_t limit = process->layout->ancestor_frames;
        *ret_first = CODE_ORDINARY;

        if (ancestor->n_pcs == 0 || ancestor->n_pcs > limit) {
                stack_fail(stack, UNWIND_NO_ANCESTRY, "ancestor goroutine %llu has %llu frames",
                           (unsigned long long) ancestor->goid, (unsigned long long) ancestor->n_pcs);
                return STEP_FAILED;
        }
        if (memory_read(process->memory, ancestor->pcs_vaddr, buffer, ancestor->n_pcs * 8, &err) < 0) {
                stack_fail(stack, UNWIND_BAD_READ, "%.120s", err.msg);
                return STEP_FAILED;
        }
        for (size_t i = 0; i < ancestor->n_pcs; i++) {
                uint64_t pc = 0;
                (void) bytes_u64((struct bytes){ buffer, sizeof(buffer) }, i * 8, &pc);
                const struct code_point *code = stack_code(process, stack, pc, false);
                if (!code || !stack_push(stack, UNWIND_ANCESTOR, pc, code))
                        return STEP_FAILED;
                role = code->role;
                if (role != CODE_GOEXIT)
                        *ret_first = role;
                if (role == CODE_SERVICE) {
                        stack_finish(stack, UNWIND_ROOT_SERVICE);
                        return STEP_ENDED;
                }
        }
        if (role != CODE_GOEXIT) {
                if (ancestor->n_pcs < limit) {
                        stack_fail(stack, UNWIND_NO_ANCESTRY, "ancestor goroutine %llu does not begin at goexit",
                                   (unsigned long long) ancestor->goid);
                        return STEP_FAILED;
                }
                stack->truncated = true;
        }
        return STEP_GO_ON;
}

/* Pushes one of n ancestors, and the `go` statement that created it. */
static enum step push_generation(struct unwind_process *process, struct bytes records, size_t index, size_t n,
                                 struct unwind_stack *stack) {
        struct ancestor ancestor = { 0 };
        enum code_role role;
        (void) parse_ancestor(records, index, &ancestor);
        enum step step = push_ancestor(process, &ancestor, stack, &role);
        if (step != STEP_GO_ON)
                return step;
        if (role == CODE_RUNTIME_MAIN || ancestor.goid == 1) {
                stack_finish(stack, UNWIND_ROOT_MAIN);
                return STEP_ENDED;
        }
        if (role == CODE_CGOCALLBACK && ancestor.gopc == 0 && index + 1 == n) { /* of a C thread, as in ancestry_append() */
                stack_finish(stack, UNWIND_ROOT_C_THREAD);
                return STEP_ENDED;
        }
        return push_created(process, ancestor.gopc, stack);
}

/* The list of ancestors ends without their beginning: it is cut where it is as long as it may be. */
static void push_cut(const struct unwind_process *process, const struct ancestry_key *key, size_t n, struct unwind_stack *stack) {
        if (n < process->max_ancestors) {
                stack_fail(stack, UNWIND_NO_ANCESTRY, "the ancestry of goroutine %llu ends after %llu",
                           (unsigned long long) key->goid, (unsigned long long) n);
                return;
        }
        stack->truncated = true;
        stack_finish(stack, UNWIND_ROOT_NONE);
}

/* Pushes the ancestors from one on. What comes behind the first few of them is taken as it was remembered, or remembered now. */
static void push_generations(struct unwind_process *process, const struct ancestry_key *key, struct bytes records, size_t index,
                             size_t n, struct unwind_stack *stack) {
        while (index < n && index >= MAX_LINEAGES)
                if (push_generation(process, records, index++, n, stack) != STEP_GO_ON)
                        return;
        if (index == n) {
                push_cut(process, key, n, stack);
                return;
        }
        if (push_generation(process, records, index, n, stack) != STEP_GO_ON)
                return;
        const uint8_t *lineage = records.ptr + index * ANCESTOR_BYTES + LINEAGE_AT;
        size_t key_bytes = lineage_bytes(n - index), first = stack->n_frames;
        if (replay(process->ancestry, lineage, key_bytes, stack))
                return;
        bool truncated = stack->truncated;
        stack->truncated = false;
        push_generations(process, key, records, index + 1, n, stack);
        /* Whether a list may be cut depends on its length, which only the lineage of the nearest tells. */
        if (stack->end == UNWIND_TOP && (index == 0 || stack->root != UNWIND_ROOT_NONE))
                remember(process->ancestry, lineage, key_bytes, stack, first);
        stack->truncated = stack->truncated || truncated;
}

/* Pushes the list of ancestors, the nearest first. */
static void push_ancestors(struct unwind_process *process, const struct ancestry_key *key, struct unwind_stack *stack) {
        uint64_t list[3]; /* the slice header */
        uint8_t buffer[MAX_ANCESTORS * ANCESTOR_BYTES];
        struct jail_error err;

        if (memory_read(process->memory, key->ancestors_vaddr, list, sizeof(list), &err) < 0) {
                stack_fail(stack, UNWIND_BAD_READ, "%.120s", err.msg);
                return;
        }
        uint64_t n = list[1];
        if (n == 0 || n > MAX_ANCESTORS) {
                stack_fail(stack, UNWIND_NO_ANCESTRY, "goroutine %llu has %llu ancestors", (unsigned long long) key->goid,
                           (unsigned long long) n);
                return;
        }
        if (memory_read(process->memory, list[0], buffer, n * ANCESTOR_BYTES, &err) < 0) {
                stack_fail(stack, UNWIND_BAD_READ, "%.120s", err.msg);
                return;
        }
        struct bytes records = { buffer, n * ANCESTOR_BYTES };
        struct ancestor nearest = { 0 };
        (void) parse_ancestor(records, 0, &nearest);
        if (process->layout->g.parent_goid != GO_LAYOUT_ABSENT && nearest.goid != key->parent_goid) {
                stack_fail(stack, UNWIND_NO_ANCESTRY, "goroutine %llu was created by %llu, not by %llu",
                           (unsigned long long) key->goid, (unsigned long long) key->parent_goid,
                           (unsigned long long) nearest.goid);
                return;
        }
        push_generations(process, key, records, 0, n, stack);
}

void ancestry_append(struct unwind_process *process, const struct ancestry_key *key, enum code_role first,
                     struct unwind_stack *stack) {
        size_t n_own = stack->n_frames;
        if (first == CODE_RUNTIME_MAIN) { /* rt0_go created it; nothing can be before that */
                stack->ancestry_serial = MAIN_SERIAL;
                stack_finish(stack, UNWIND_ROOT_MAIN);
                return;
        }
        const struct cached *remembered = replay(process->ancestry, key, sizeof(*key), stack);
        if (remembered) {
                stack->ancestry_serial = remembered->serial;
                return;
        }
        if (first == CODE_CGOCALLBACK && key->gopc == 0 && key->ancestors_vaddr == 0) { /* src/runtime/proc.go, oneNewExtraM */
                stack->c_thread = true;
                stack_finish(stack, UNWIND_ROOT_C_THREAD);
                return;
        }
        if (push_created(process, key->gopc, stack) == STEP_GO_ON) {
                if (key->ancestors_vaddr == 0)
                        stack_fail(stack, UNWIND_NO_ANCESTRY, "goroutine %llu has no ancestors", (unsigned long long) key->goid);
                else
                        push_ancestors(process, key, stack);
        }
        if (stack->end == UNWIND_TOP)
                remember(process->ancestry, key, sizeof(*key), stack, n_own);
}
