/* SPDX-License-Identifier: Apache-2.0 */
/*
 * .gopclntab and runtime.moduledata of one Go image: functions, their names, source files and lines, stack pointer deltas and
 * inline trees. Everything is read on demand from the mapped file. Addresses are link-time addresses ("vaddr"). Formats: Go's
 * src/runtime/symtab.go, src/runtime/symtabinl.go, src/cmd/link/internal/ld/pcln.go, src/internal/abi/symtab.go.
 */
#ifndef GOBIN_PCLNTAB_H
#define GOBIN_PCLNTAB_H

#include "base/bytes.h"
#include "base/effort.h"
#include "gobin/elf_file.h"
#include "gobin/go_layout.h"

#include <jail/error.h>
#include <stdbool.h>
#include <stdint.h>

struct pclntab {
        const struct go_layout *layout;
        uint64_t vaddr;                   /* of runtime.pclntab */
        uint64_t text_vaddr, etext_vaddr; /* Go text is the half-open range [text, etext) */
        uint32_t n_functions, n_files;
        struct bytes funcnames, cutab, filetab, pctab, functab; /* functab: the sorted index, then the _func records */
        struct bytes gofunc;                                    /* from runtime.gofunc on: what funcdata offsets point into */
        unsigned pc_quantum;
        struct bytes tables;     /* all of .gopclntab; empty for tables that come without an image */
        struct bytes text;       /* the code, from text_vaddr to etext_vaddr; empty for tables that come without an image */
        const struct arch *arch; /* of the code */
        struct bytes mapping;    /* of the whole file, which can be read again; empty for tables that come without an image */
        struct effort *effort;   /* borrowed, or NULL: what every look at the tables takes; when it is spent, they seem damaged */
};

/* One function of the table; cheap to copy. */
struct go_func {
        uint32_t index;       /* in the sorted table: an identity within the image */
        uint64_t entry_vaddr; /* the function is the half-open range [entry, end) */
        uint64_t end_vaddr;
        struct bytes record; /* its _func and what follows it */
        struct str name;     /* as in the symbol table; borrowed from the file */
};

/* One logical frame at a pc: the function itself or a call inlined into it. */
struct go_inline_frame {
        struct str name;
        struct str file; /* empty when the table names none */
        uint32_t line;   /* 0 when unknown */
        bool inlined;    /* not the outermost */
};

#define PCLNTAB_MAX_INLINE_DEPTH 256

/*
 * Finds and checks the tables of a Go image. Errors: JAIL_ENOTFOUND (no .gopclntab: not a Go program, or its sections were
 * removed), JAIL_EUNSUPPORTED (a shared or plugin build: more than one module), JAIL_EFORMAT (damaged; msg says what disagrees).
 */
int pclntab_open(struct pclntab *tab, const struct elf_file *file, const struct go_layout *layout,
                 struct jail_error *err) JAIL_MUST_USE;

/* The function that holds vaddr. False when vaddr is outside Go text or the table is damaged there. O(log n). */
bool pclntab_find(const struct pclntab *tab, uint64_t vaddr, struct go_func *ret_func);

/* The function number index of the sorted table, index < n_functions. False when its record is damaged. */
bool pclntab_function(const struct pclntab *tab, uint32_t index, struct go_func *ret_func);

/* How a step from a frame to its caller goes. */
enum go_spdelta {
        GO_SPDELTA_OK,
        GO_SPDELTA_NONE, /* the function has no pcsp table */
        GO_SPDELTA_DAMAGED,
};

/* Bytes from sp to the return address's slot at vaddr, which lies in func; may be negative (a popped return address). */
enum go_spdelta pclntab_spdelta(const struct pclntab *tab, const struct go_func *func, uint64_t vaddr, int32_t *ret_delta_bytes);

/* abi.FuncFlag bits: TOPFRAME 1, SPWRITE 2, ASM 4. */
enum { GO_FUNC_TOPFRAME = 1, GO_FUNC_SPWRITE = 2, GO_FUNC_ASM = 4 };
uint8_t pclntab_flags(const struct pclntab *tab, const struct go_func *func);

/*
 * _func.cuOffset: the same for all functions of one compilation unit. False when damaged. By index it looks at no name, which a
 * large binary has megabytes of.
 */
bool pclntab_unit(const struct go_func *func, uint32_t *ret_unit);
bool pclntab_unit_at(const struct pclntab *tab, uint32_t index, uint32_t *ret_unit);

/*
 * The first function from index `first` on (the last one) whose name is exactly `name`. Linear in the functions before (behind) it:
 * the linker places the runtime first and package main last.
 */
bool pclntab_find_named(const struct pclntab *tab, struct str name, uint32_t first, struct go_func *ret_func);
bool pclntab_find_named_last(const struct pclntab *tab, struct str name, struct go_func *ret_func);

/*
 * The logical frames at vaddr, innermost first, outermost (func itself) last: at most max of them into frames. Returns how many, or
 * -1 when the inline tree is damaged or deeper than max.
 */
int pclntab_expand(const struct pclntab *tab, const struct go_func *func, uint64_t vaddr, struct go_inline_frame *frames, int max);

/* Where pclntab_next_inlined() is; all zero at first. */
struct go_inline_cursor {
        uint64_t offset, pc_bytes;
        uint32_t value;
        bool begun;
};

/*
 * The next call that is inlined somewhere in func, of any depth; the same may come several times. False at the end, and where the
 * tables are damaged.
 */
bool pclntab_next_inlined(const struct pclntab *tab, const struct go_func *func, struct go_inline_cursor *cursor,
                          struct str *ret_name);

/*
 * Lets go of the memory that reading has mapped so far, when this process has much of it; what is read again is mapped again. To be
 * called now and then where much of a large binary is looked at once. Nothing that was returned becomes void.
 */
void pclntab_release(const struct pclntab *tab);

/* The same for a loop over functions, at every 2048th. */
static inline void pclntab_release_behind(const struct pclntab *tab, uint32_t index) {
        if (index % 2048 == 0)
                pclntab_release(tab);
}

/*
 * Lets go of all that reading has mapped, however little that is: when everything has been looked at, and little of it will be
 * again. Cost: 250 µs for 7 MiB.
 */
void pclntab_release_all(const struct pclntab *tab);

/*
 * Maps a part of what will be read, tables and code, so that reading need not wait for it; *at, 0 at first, says how far that went.
 * False when there is no more to do, and for large binaries, of which little is read. Cost: about 20 µs.
 */
bool pclntab_populate(const struct pclntab *tab, size_t *at);

/* The source file and line at vaddr in func (of the innermost logical frame). An empty file when the table names none; false when
 * damaged. */
bool pclntab_file_line(const struct pclntab *tab, const struct go_func *func, uint64_t vaddr, struct str *ret_file,
                       uint32_t *ret_line);

/* All names, one after the other, each NUL-terminated: functions and inlined functions. */
static inline struct bytes pclntab_names(const struct pclntab *tab) {
        return tab->funcnames;
}

#endif
