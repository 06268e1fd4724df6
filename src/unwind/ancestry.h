/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ancestors of a goroutine, which the runtime keeps when GODEBUG has tracebackancestors (src/runtime/proc.go, saveAncestors),
 * and what is remembered of them: they never change during a goroutine's life.
 */
#ifndef UNWIND_ANCESTRY_H
#define UNWIND_ANCESTRY_H

#include "unwind/unwind.h"

/* What identifies a goroutine, read in one read: one forged word makes another goroutine of it. */
struct ancestry_key {
        uint64_t g_vaddr;
        uint64_t goid;
        uint64_t parent_goid; /* 0 where the version lacks it */
        uint64_t gopc;
        uint64_t ancestors_vaddr;
};

struct ancestry_cache;

/* Errors: JAIL_ENOMEM. One cache per address space. */
int ancestry_cache_new(struct ancestry_cache **ret_cache, struct jail_error *err) JAIL_MUST_USE;
void ancestry_cache_free(struct ancestry_cache *cache);

/* Forgets everything; called when the code table was trimmed. */
void ancestry_cache_clear(struct ancestry_cache *cache);

/*
 * Appends the `go` statement and the ancestors of the goroutine to the stack, and sets its end, root and truncated. first is
 * the role of the goroutine's first function: runtime.main needs no ancestors, nor does runtime.cgocallback, by which C threads
 * enter.
 */
void ancestry_append(struct unwind_process *process, const struct ancestry_key *key, enum code_role first,
                     struct unwind_stack *stack);

#endif
