/* SPDX-License-Identifier: Apache-2.0 */
#include "gobin/pclntab.h"

#include "base/resident.h"

#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* runtime._func, the fields that stand at the same offset in all versions (src/runtime/runtime2.go). */
enum {
        FUNC_ENTRY_OFF = 0,
        FUNC_NAME_OFF = 4,
        FUNC_PCSP = 16,
        FUNC_PCFILE = 20,
        FUNC_PCLN = 24,
        FUNC_NPCDATA = 28,
        FUNC_CU_OFFSET = 32,
};

#define PCDATA_INL_TREE_INDEX 2
#define FUNCDATA_INL_TREE     3
#define FUNCTAB_ENTRY_BYTES   8
#define MAX_NAME_BYTES        (64 << 10)
#define MAX_PATH_BYTES        (16 << 10)
#define NO_FUNCDATA           UINT32_MAX

#define POPULATE_BYTES (128u << 10)

/* What may be in memory of this process, so that with what is looked at between two releases it stays below 12 MiB. */
#define RELEASE_ABOVE_BYTES ((size_t) 9 << 20)

#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22 /* since Linux 5.14; before, it fails and does nothing */
#endif

bool pclntab_function(const struct pclntab *tab, uint32_t index, struct go_func *ret_func) {
        uint32_t entry_off, end_off, record_off;
        int32_t name_off;
        struct go_func func = { .index = index };
        uint64_t at = (uint64_t) index * FUNCTAB_ENTRY_BYTES;

        if (index >= tab->n_functions || !bytes_u32(tab->functab, at, &entry_off) ||
            !bytes_u32(tab->functab, at + 4, &record_off) || !bytes_u32(tab->functab, at + FUNCTAB_ENTRY_BYTES, &end_off) ||
            !bytes_from(tab->functab, record_off, &func.record) || !bytes_i32(func.record, FUNC_NAME_OFF, &name_off) ||
            name_off < 0 || !bytes_cstring(tab->funcnames, (uint64_t) name_off, MAX_NAME_BYTES, &func.name) ||
            !effort_spend(tab->effort, EFFORT_ENTRY + func.name.len))
                return false;
        uint32_t own_entry_off;
        if (!bytes_u32(func.record, FUNC_ENTRY_OFF, &own_entry_off) || own_entry_off != entry_off || end_off <= entry_off)
                return false;
        func.entry_vaddr = tab->text_vaddr + entry_off;
        func.end_vaddr = tab->text_vaddr + end_off;
        *ret_func = func;
        return true;
}

bool pclntab_unit_at(const struct pclntab *tab, uint32_t index, uint32_t *ret_unit) {
        uint32_t record_off;
        struct bytes record;
        return index < tab->n_functions && effort_spend(tab->effort, EFFORT_LOOK) &&
               bytes_u32(tab->functab, (uint64_t) index * FUNCTAB_ENTRY_BYTES + 4, &record_off) &&
               bytes_from(tab->functab, record_off, &record) && bytes_u32(record, FUNC_CU_OFFSET, ret_unit);
}

/* Without a look at other functions' names: a large binary has megabytes of them. */
static bool is_named(const struct pclntab *tab, uint32_t index, struct str name) {
        uint32_t record_off, name_off;
        struct bytes record, candidate;
        return effort_spend(tab->effort, EFFORT_LOOK) &&
               bytes_u32(tab->functab, (uint64_t) index * FUNCTAB_ENTRY_BYTES + 4, &record_off) &&
               bytes_from(tab->functab, record_off, &record) && bytes_u32(record, FUNC_NAME_OFF, &name_off) &&
               bytes_slice(tab->funcnames, name_off, name.len + 1, &candidate) && memcmp(candidate.ptr, name.ptr, name.len) == 0 &&
               candidate.ptr[name.len] == '\0';
}

bool pclntab_find_named(const struct pclntab *tab, struct str name, uint32_t first, struct go_func *ret_func) {
        for (uint32_t i = first; i < tab->n_functions; i++)
                if (is_named(tab, i, name) && pclntab_function(tab, i, ret_func))
                        return true;
        return false;
}

bool pclntab_find_named_last(const struct pclntab *tab, struct str name, struct go_func *ret_func) {
        for (uint32_t i = tab->n_functions; i-- > 0;)
                if (is_named(tab, i, name) && pclntab_function(tab, i, ret_func))
                        return true;
        return false;
}

bool pclntab_find(const struct pclntab *tab, uint64_t vaddr, struct go_func *ret_func) {
        if (vaddr < tab->text_vaddr || vaddr >= tab->etext_vaddr || vaddr - tab->text_vaddr > UINT32_MAX)
                return false;
        uint32_t want = (uint32_t) (vaddr - tab->text_vaddr);

        /* The last entry whose offset is at most `want`. */
        uint32_t low = 0, high = tab->n_functions;
        while (low < high) {
                uint32_t middle = low + (high - low) / 2, entry_off;
                if (!bytes_u32(tab->functab, (uint64_t) middle * FUNCTAB_ENTRY_BYTES, &entry_off))
                        return false;
                if (entry_off <= want)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low > 0 && pclntab_function(tab, low - 1, ret_func) && vaddr < ret_func->end_vaddr;
}

/*
 * Looks up target in one pc-value table (src/runtime/symtab.go, pcvalue and step): pairs of a zigzag value delta and a pc delta,
 * ended by a value delta of 0 that is not the first. Returns false when damaged or when the table ends before target.
 */
static bool pc_value(const struct pclntab *tab, const struct go_func *func, uint32_t table_off, uint64_t target,
                     int32_t *ret_value) {
        uint64_t offset = table_off, pc = func->entry_vaddr;
        uint32_t value = UINT32_MAX; /* -1 */

        for (bool first = true;; first = false) {
                uint32_t delta, pc_delta;
                if (!effort_spend(tab->effort, 1) || !bytes_uvarint32(tab->pctab, &offset, &delta) || (delta == 0 && !first) ||
                    !bytes_uvarint32(tab->pctab, &offset, &pc_delta) || pc_delta == 0)
                        return false;
                value += (delta & 1) ? ~(delta >> 1) : delta >> 1;
                pc += (uint64_t) pc_delta * tab->pc_quantum;
                if (target < pc) {
                        *ret_value = (int32_t) value;
                        return true;
                }
                if (pc > func->end_vaddr)
                        return false;
        }
}

enum go_spdelta pclntab_spdelta(const struct pclntab *tab, const struct go_func *func, uint64_t vaddr, int32_t *ret_delta_bytes) {
        uint32_t table_off;
        if (!bytes_u32(func->record, FUNC_PCSP, &table_off))
                return GO_SPDELTA_DAMAGED;
        if (table_off == 0)
                return GO_SPDELTA_NONE;
        int32_t delta;
        if (!pc_value(tab, func, table_off, vaddr, &delta) || delta % 8 != 0)
                return GO_SPDELTA_DAMAGED;
        *ret_delta_bytes = delta;
        return GO_SPDELTA_OK;
}

uint8_t pclntab_flags(const struct pclntab *tab, const struct go_func *func) {
        uint8_t flags = 0;
        (void) bytes_u8(func->record, (uint64_t) tab->layout->func.flag, &flags);
        return flags;
}

bool pclntab_unit(const struct go_func *func, uint32_t *ret_unit) {
        return bytes_u32(func->record, FUNC_CU_OFFSET, ret_unit);
}

bool pclntab_file_line(const struct pclntab *tab, const struct go_func *func, uint64_t vaddr, struct str *ret_file,
                       uint32_t *ret_line) {
        uint32_t pcfile, pcln, unit, file_off;
        int32_t file_index, line = 0;
        struct str file = { 0 };

        if (!bytes_u32(func->record, FUNC_PCFILE, &pcfile) || !bytes_u32(func->record, FUNC_PCLN, &pcln) ||
            !pclntab_unit(func, &unit))
                return false;
        if (pcfile != 0) {
                if (!pc_value(tab, func, pcfile, vaddr, &file_index))
                        return false;
                if (file_index >= 0) {
                        if (!bytes_u32(tab->cutab, ((uint64_t) unit + (uint32_t) file_index) * 4, &file_off))
                                return false;
                        if (file_off != UINT32_MAX &&
                            (!bytes_cstring(tab->filetab, file_off, MAX_PATH_BYTES, &file) || !effort_spend(tab->effort, file.len)))
                                return false;
                }
        }
        if (pcln != 0 && !pc_value(tab, func, pcln, vaddr, &line))
                return false;
        *ret_file = file;
        *ret_line = line > 0 ? (uint32_t) line : 0;
        return true;
}

/* The pcdata table offset number `which` of func; 0 when it has none. */
static bool func_pcdata(const struct pclntab *tab, const struct go_func *func, uint32_t which, uint32_t *ret_table_off) {
        uint32_t n;
        if (!bytes_u32(func->record, FUNC_NPCDATA, &n))
                return false;
        if (which >= n) {
                *ret_table_off = 0;
                return true;
        }
        return bytes_u32(func->record, (uint64_t) tab->layout->func.size + (uint64_t) which * 4, ret_table_off);
}

/* The bytes of func's inline tree; false when damaged. *ret_has_tree is false when it has none. */
static bool func_inline_tree(const struct pclntab *tab, const struct go_func *func, struct bytes *ret_tree, bool *ret_has_tree) {
        uint32_t n_pcdata, funcdata_off;
        uint8_t n_funcdata;
        if (!bytes_u32(func->record, FUNC_NPCDATA, &n_pcdata) ||
            !bytes_u8(func->record, (uint64_t) tab->layout->func.nfuncdata, &n_funcdata))
                return false;
        *ret_tree = (struct bytes){ 0 };
        *ret_has_tree = false;
        if (FUNCDATA_INL_TREE >= n_funcdata)
                return true;
        uint64_t at = (uint64_t) tab->layout->func.size + (uint64_t) n_pcdata * 4 + FUNCDATA_INL_TREE * 4;
        if (!bytes_u32(func->record, at, &funcdata_off))
                return false;
        *ret_has_tree = funcdata_off != NO_FUNCDATA;
        return !*ret_has_tree || bytes_from(tab->gofunc, funcdata_off, ret_tree);
}

/* The record of the inline tree; false when damaged. */
static bool inlined_call(const struct pclntab *tab, struct bytes tree, int32_t index, struct str *ret_name,
                         int32_t *ret_parent_pc) {
        int32_t name_off;
        struct bytes record;
        uint64_t size = (uint64_t) tab->layout->inlined.size;
        return bytes_slice(tree, (uint64_t) index * size, size, &record) &&
               bytes_i32(record, (uint64_t) tab->layout->inlined.name, &name_off) && name_off >= 0 &&
               bytes_cstring(tab->funcnames, (uint64_t) name_off, MAX_NAME_BYTES, ret_name) &&
               effort_spend(tab->effort, EFFORT_ENTRY + ret_name->len) &&
               bytes_i32(record, (uint64_t) tab->layout->inlined.parent_pc, ret_parent_pc) && *ret_parent_pc >= 0;
}

bool pclntab_next_inlined(const struct pclntab *tab, const struct go_func *func, struct go_inline_cursor *cursor,
                          struct str *ret_name) {
        uint32_t table_off, delta, pc_delta;
        struct bytes tree;
        bool has_tree;
        int32_t parent_pc;
        if (!func_pcdata(tab, func, PCDATA_INL_TREE_INDEX, &table_off) || !func_inline_tree(tab, func, &tree, &has_tree) ||
            table_off == 0 || !has_tree)
                return false;
        if (!cursor->begun)
                *cursor = (struct go_inline_cursor){ .offset = table_off, .value = UINT32_MAX };
        while (effort_spend(tab->effort, 1) && bytes_uvarint32(tab->pctab, &cursor->offset, &delta) &&
               (delta != 0 || !cursor->begun) && bytes_uvarint32(tab->pctab, &cursor->offset, &pc_delta) && pc_delta != 0 &&
               cursor->pc_bytes < func->end_vaddr - func->entry_vaddr) {
                cursor->begun = true;
                cursor->value += (delta & 1) ? ~(delta >> 1) : delta >> 1;
                cursor->pc_bytes += (uint64_t) pc_delta * tab->pc_quantum;
                if ((int32_t) cursor->value >= 0)
                        return inlined_call(tab, tree, (int32_t) cursor->value, ret_name, &parent_pc);
        }
        return false;
}

int pclntab_expand(const struct pclntab *tab, const struct go_func *func, uint64_t vaddr, struct go_inline_frame *frames, int max) {
        uint32_t table_off;
        struct bytes tree;
        bool has_tree;
        int n = 0;

        if (!func_pcdata(tab, func, PCDATA_INL_TREE_INDEX, &table_off) || !func_inline_tree(tab, func, &tree, &has_tree))
                return -1;
        for (;;) {
                if (n == max || !effort_spend(tab->effort, EFFORT_FRAME))
                        return -1;
                struct go_inline_frame *frame = &frames[n++];
                *frame = (struct go_inline_frame){ .name = func->name };
                if (!pclntab_file_line(tab, func, vaddr, &frame->file, &frame->line))
                        return -1;

                int32_t tree_index = -1;
                if (table_off != 0 && has_tree && !pc_value(tab, func, table_off, vaddr, &tree_index))
                        return -1;
                if (tree_index < 0)
                        return n;

                int32_t parent_pc;
                if (!inlined_call(tab, tree, tree_index, &frame->name, &parent_pc) ||
                    (uint64_t) parent_pc >= func->end_vaddr - func->entry_vaddr)
                        return -1;
                frame->inlined = true;
                vaddr = func->entry_vaddr + (uint64_t) parent_pc;
        }
}

void pclntab_release_all(const struct pclntab *tab) {
        /* To map it again costs more than it is worth in a smaller one. */
        if (tab->mapping.len >= ELF_FILE_LARGE_BYTES)
                (void) madvise((void *) (uintptr_t) tab->mapping.ptr, tab->mapping.len, MADV_DONTNEED);
}

void pclntab_release(const struct pclntab *tab) {
        if (tab->mapping.len >= ELF_FILE_LARGE_BYTES && resident_bytes() > RELEASE_ABOVE_BYTES)
                pclntab_release_all(tab);
}

bool pclntab_populate(const struct pclntab *tab, size_t *at) {
        bool in_tables = *at < tab->tables.len;
        struct bytes region = in_tables ? tab->tables : tab->text;
        size_t offset = in_tables ? *at : *at - tab->tables.len;
        if (tab->mapping.len >= ELF_FILE_LARGE_BYTES || offset >= region.len)
                return false;
        size_t len = region.len - offset < POPULATE_BYTES ? region.len - offset : POPULATE_BYTES;
        uintptr_t start = (uintptr_t) region.ptr + offset, page = start & ~((uintptr_t) sysconf(_SC_PAGESIZE) - 1);
        (void) madvise((void *) page, len + (start - page), MADV_POPULATE_READ);
        *at += len;
        return true;
}
