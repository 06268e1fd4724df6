/* SPDX-License-Identifier: Apache-2.0 */
#include "unwind/code.h"

#include <stdlib.h>
#include <string.h>

#define MAX_POINTS  (1u << 18)
#define MAX_FRAMES  (1u << 19) /* that all points have together */
#define FIRST_SLOTS 1024u

/* After so many new points the memory of the tables that they were read from is let go of. */
#define RELEASE_INTERVAL 16

struct code_table {
        const struct pclntab *tab;
        struct code_point **slots; /* open addressing by vaddr and exact; a power of two; at most half full */
        size_t n_slots;
        size_t n_points, n_frames;
        uint32_t generation;
};

static const struct {
        struct str name;
        enum code_role role;
} roles[] = {
        { { "runtime.goexit", 14 }, CODE_GOEXIT },
        { { "runtime.rt0_go", 14 }, CODE_RT0 },
        { { "_rt0_amd64_linux", 16 }, CODE_RT0 },
        { { "_rt0_amd64", 10 }, CODE_RT0 },
        { { "runtime.mstart", 14 }, CODE_MSTART },
        { { "runtime.mcall", 13 }, CODE_MCALL },
        { { "runtime.morestack", 17 }, CODE_MORESTACK },
        { { "runtime.systemstack", 19 }, CODE_SYSTEMSTACK },
        { { "runtime.systemstack_switch", 26 }, CODE_SWITCH },
        { { "runtime.cgocall", 15 }, CODE_CGOCALL },
        { { "runtime.sigtramp", 16 }, CODE_SIGTRAMP },
        { { "runtime.cgoSigtramp", 19 }, CODE_SIGTRAMP },
        { { "runtime.sigpanic", 16 }, CODE_INJECTED },
        { { "runtime.sigpanic0", 17 }, CODE_INJECTED },
        { { "runtime.asyncPreempt", 20 }, CODE_INJECTED },
        { { "runtime.debugCallV2", 19 }, CODE_INJECTED },
        { { "runtime.main", 12 }, CODE_RUNTIME_MAIN },
        { { "runtime.cgocallback", 19 }, CODE_CGOCALLBACK },
        { { "runtime.runfinq", 15 }, CODE_SERVICE },       /* up to Go 1.24 */
        { { "runtime.runFinalizers", 21 }, CODE_SERVICE }, /* from Go 1.25 on */
        { { "runtime.runCleanups", 19 }, CODE_SERVICE },
        { { "time.goFunc", 11 }, CODE_SERVICE },
};

static enum code_role role_of(struct str name) {
        for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++)
                if (str_equal(name, roles[i].name))
                        return roles[i].role;
        return CODE_ORDINARY;
}

int code_table_new(const struct pclntab *tab, struct code_table **ret_table, struct jail_error *err) {
        struct code_table *table = calloc(1, sizeof(*table));
        if (table)
                table->slots = calloc(FIRST_SLOTS, sizeof(struct code_point *));
        if (!table || !table->slots) {
                code_table_free(table);
                return jail_error_set(err, JAIL_ENOMEM, 0, "out of memory");
        }
        table->tab = tab;
        table->n_slots = FIRST_SLOTS;
        *ret_table = table;
        return 0;
}

static void free_points(struct code_table *table) {
        for (size_t i = 0; i < table->n_slots; i++)
                if (table->slots[i]) {
                        free(table->slots[i]->frames);
                        free(table->slots[i]);
                        table->slots[i] = NULL;
                }
        table->n_points = table->n_frames = 0;
}

void code_table_free(struct code_table *table) {
        if (!table)
                return;
        if (table->slots)
                free_points(table);
        free(table->slots);
        free(table);
}

static struct code_point **find_slot(struct code_point **slots, size_t n_slots, uint64_t vaddr, bool exact) {
        uint64_t hash = (vaddr * 2 + exact) * UINT64_C(0x9e3779b97f4a7c15); /* Fibonacci hashing: 2^64 / golden ratio */
        for (size_t i = (size_t) (hash >> 32);; i++) {
                struct code_point **slot = &slots[i & (n_slots - 1)];
                if (!*slot || ((*slot)->vaddr == vaddr && (*slot)->exact == exact))
                        return slot;
        }
}

static bool grow(struct code_table *table) {
        struct code_point **larger = calloc(table->n_slots * 2, sizeof(struct code_point *));
        if (!larger)
                return false;
        for (size_t i = 0; i < table->n_slots; i++)
                if (table->slots[i])
                        *find_slot(larger, table->n_slots * 2, table->slots[i]->vaddr, table->slots[i]->exact) = table->slots[i];
        free(table->slots);
        table->slots = larger;
        table->n_slots *= 2;
        return true;
}

/*
 * What stands in front of vaddr. Bytes that can be read as a direct and as an indirect call are the direct one if that leads to a
 * function's entry.
 */
static enum code_before read_before(const struct pclntab *tab, const struct go_func *func, uint64_t vaddr,
                                    uint64_t *ret_called_vaddr) {
        struct bytes before;
        struct go_func called;
        bool direct;
        int64_t displacement;
        uint64_t end = vaddr - tab->text_vaddr, start = func->entry_vaddr - tab->text_vaddr;
        if (tab->text.len == 0)
                return CODE_BEFORE_UNKNOWN;
        if (end - start > 8)
                start = end - 8;
        if (!bytes_slice(tab->text, start, end - start, &before))
                return CODE_BEFORE_OTHER;
        if (tab->arch->ends_in_syscall(before))
                return CODE_BEFORE_SYSCALL;
        if (!tab->arch->ends_in_call(before, &direct, &displacement))
                return CODE_BEFORE_OTHER;
        if (!direct)
                return CODE_BEFORE_CALL;
        *ret_called_vaddr = vaddr + (uint64_t) displacement;
        bool at_entry = pclntab_find(tab, *ret_called_vaddr, &called) && called.entry_vaddr == *ret_called_vaddr;
        return !at_entry && tab->arch->ends_in_indirect_call(before) ? CODE_BEFORE_CALL : CODE_BEFORE_DIRECT_CALL;
}

/*
 * Decodes what the tables say of vaddr. As the runtime does (src/runtime/traceback.go, symPC), a return address stands for the call
 * in front of it, unless it is the function's first instruction.
 */
static bool decode(const struct pclntab *tab, struct code_point *point) {
        struct go_inline_frame frames[PCLNTAB_MAX_INLINE_DEPTH];
        if (!pclntab_find(tab, point->vaddr, &point->func))
                return false;
        uint64_t symbolic = point->exact || point->vaddr == point->func.entry_vaddr ? point->vaddr : point->vaddr - 1;
        int n = pclntab_expand(tab, &point->func, symbolic, frames, PCLNTAB_MAX_INLINE_DEPTH);
        if (n < 0)
                return false;
        point->frames = malloc((size_t) n * sizeof(frames[0]));
        if (!point->frames)
                return false;
        memcpy(point->frames, frames, (size_t) n * sizeof(frames[0]));
        point->n_frames = (uint16_t) n;
        point->role = role_of(point->func.name);
        point->flags = pclntab_flags(tab, &point->func);
        point->before = read_before(tab, &point->func, point->vaddr, &point->called_vaddr);
        point->step = pclntab_spdelta(tab, &point->func, point->vaddr, &point->delta_bytes);
        return true;
}

const struct code_point *code_table_find(struct code_table *table, uint64_t vaddr, bool exact) {
        struct code_point **slot = find_slot(table->slots, table->n_slots, vaddr, exact);
        if (*slot)
                return *slot;

        struct code_point *point = calloc(1, sizeof(*point));
        if (!point)
                return NULL;
        point->vaddr = vaddr;
        point->exact = exact;
        point->index = (uint32_t) table->n_points;
        if (!decode(table->tab, point) || effort_is_spent(table->tab->effort) ||
            (table->n_points + 1 > table->n_slots / 2 && !grow(table))) {
                free(point->frames);
                free(point);
                return NULL;
        }
        *find_slot(table->slots, table->n_slots, vaddr, exact) = point;
        table->n_frames += point->n_frames;
        if (++table->n_points % RELEASE_INTERVAL == 0)
                pclntab_release(table->tab);
        return point;
}

size_t code_table_count(const struct code_table *table) {
        return table->n_points;
}

uint32_t code_table_trim(struct code_table *table) {
        if (table->n_points > MAX_POINTS || table->n_frames > MAX_FRAMES) {
                free_points(table);
                table->generation++;
        }
        return table->generation;
}

const struct pclntab *code_table_pclntab(const struct code_table *table) {
        return table->tab;
}
