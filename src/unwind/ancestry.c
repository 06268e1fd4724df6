/* SPDX-License-Identifier: Apache-2.0 */
#include "unwind/ancestry.h"

#include "base/bytes.h"
#include "base/hash.h"
#include "unwind/stack.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of goroutines, and of the frames of all of them: a lineage has thousands where every goroutine is made by another. */
#define MAX_CACHED        8192
#define MAX_CACHED_FRAMES 131072

/* runtime.ancestorInfo (src/runtime/runtime2.go): { pcs []uintptr; goid uint64; gopc uintptr }, the same in all versions. */
enum { ANCESTOR_PCS = 0, ANCESTOR_PCS_LEN = 8, ANCESTOR_GOID = 24, ANCESTOR_GOPC = 32, ANCESTOR_BYTES = 40 };
#define MAX_ANCESTORS 512

struct cached {
        struct ancestry_key key;
        struct unwind_frame *frames; /* owned */
        size_t n_frames;
        enum unwind_root root;
        bool truncated;
        uint64_t serial; /* of no other entry of this run; never 0 */
        UT_hash_handle hh;
};

#define MAIN_SERIAL 1 /* the main goroutine has no ancestors */
static uint64_t next_serial = MAIN_SERIAL + 1;

struct ancestry_cache {
        struct cached *entries;
        size_t n_frames; /* of all entries */
};

int ancestry_cache_new(struct ancestry_cache **ret_cache, struct jail_error *err) {
        struct ancestry_cache *cache = calloc(1, sizeof(*cache));
        if (!cache)
                return jail_error_set(err, JAIL_ENOMEM, 0, "out of memory");
        *ret_cache = cache;
        return 0;
}

void ancestry_cache_clear(struct ancestry_cache *cache) {
        struct cached *entry, *next;
        HASH_ITER(hh, cache->entries, entry, next) {
                HASH_DEL(cache->entries, entry);
                free(entry->frames);
                free(entry);
        }
        cache->n_frames = 0;
}

void ancestry_cache_free(struct ancestry_cache *cache) {
        if (!cache)
                return;
        ancestry_cache_clear(cache);
        free(cache);
}

/* Remembers the frames from first on. When memory is short nothing is remembered. */
static void remember(struct ancestry_cache *cache, const struct ancestry_key *key, const struct unwind_stack *stack, size_t first) {
        size_t n = stack->n_frames - first;
        if (HASH_COUNT(cache->entries) >= MAX_CACHED || cache->n_frames + n > MAX_CACHED_FRAMES)
                ancestry_cache_clear(cache);
        struct cached *entry = calloc(1, sizeof(*entry));
        if (entry && n > 0)
                entry->frames = malloc(n * sizeof(*entry->frames));
        if (!entry || (n > 0 && !entry->frames)) {
                free(entry);
                return;
        }
        if (n > 0)
                memcpy(entry->frames, stack->frames + first, n * sizeof(*entry->frames));
        entry->key = *key;
        entry->n_frames = n;
        entry->root = stack->root;
        entry->truncated = stack->truncated;
        entry->serial = next_serial++;
        HASH_ADD(hh, cache->entries, key, sizeof(entry->key), entry);
        if (!entry->hh.tbl) {
                free(entry->frames);
                free(entry);
                return;
        }
        cache->n_frames += n;
}

static bool replay(struct ancestry_cache *cache, const struct ancestry_key *key, struct unwind_stack *stack) {
        struct cached *entry;
        HASH_FIND(hh, cache->entries, key, sizeof(*key), entry);
        if (!entry)
                return false;
        for (size_t i = 0; i < entry->n_frames; i++)
                if (!stack_push(stack, entry->frames[i].kind, entry->frames[i].pc, entry->frames[i].code))
                        return true;
        stack->truncated = entry->truncated;
        stack->ancestry_serial = entry->serial;
        stack_finish(stack, entry->root);
        return true;
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

/* Pushes the list of ancestors, the nearest first. */
static void push_ancestors(struct unwind_process *process, const struct ancestry_key *key, struct unwind_stack *stack) {
        uint64_t list[3]; /* the slice header */
        uint8_t records[MAX_ANCESTORS * ANCESTOR_BYTES];
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
        if (memory_read(process->memory, list[0], records, n * ANCESTOR_BYTES, &err) < 0) {
                stack_fail(stack, UNWIND_BAD_READ, "%.120s", err.msg);
                return;
        }
        struct bytes all = { records, n * ANCESTOR_BYTES };
        for (size_t i = 0; i < n; i++) {
                struct ancestor ancestor = { 0 };
                enum code_role role;
                (void) parse_ancestor(all, i, &ancestor);
                if (i == 0 && process->layout->g.parent_goid != GO_LAYOUT_ABSENT && ancestor.goid != key->parent_goid) {
                        stack_fail(stack, UNWIND_NO_ANCESTRY, "goroutine %llu was created by %llu, not by %llu",
                                   (unsigned long long) key->goid, (unsigned long long) key->parent_goid,
                                   (unsigned long long) ancestor.goid);
                        return;
                }
                if (push_ancestor(process, &ancestor, stack, &role) != STEP_GO_ON)
                        return;
                if (role == CODE_RUNTIME_MAIN || ancestor.goid == 1) {
                        stack_finish(stack, UNWIND_ROOT_MAIN);
                        return;
                }
                if (role == CODE_CGOCALLBACK && ancestor.gopc == 0 && i + 1 == n) { /* of a C thread, as in ancestry_append() */
                        stack_finish(stack, UNWIND_ROOT_C_THREAD);
                        return;
                }
                if (push_created(process, ancestor.gopc, stack) != STEP_GO_ON)
                        return;
        }
        if (n < process->max_ancestors) {
                stack_fail(stack, UNWIND_NO_ANCESTRY, "the ancestry of goroutine %llu ends after %llu",
                           (unsigned long long) key->goid, (unsigned long long) n);
                return;
        }
        stack->truncated = true;
        stack_finish(stack, UNWIND_ROOT_NONE);
}

void ancestry_append(struct unwind_process *process, const struct ancestry_key *key, enum code_role first,
                     struct unwind_stack *stack) {
        size_t n_own = stack->n_frames;
        if (first == CODE_RUNTIME_MAIN) { /* rt0_go created it; nothing can be before that */
                stack->ancestry_serial = MAIN_SERIAL;
                stack_finish(stack, UNWIND_ROOT_MAIN);
                return;
        }
        if (replay(process->ancestry, key, stack))
                return;
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
                remember(process->ancestry, key, stack, n_own);
}
