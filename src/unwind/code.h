/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a program counter means, remembered by program counter: function, step to the caller, role in the runtime, logical frames.
 * The table belongs to one image and is shared by all processes that run it.
 */
#ifndef UNWIND_CODE_H
#define UNWIND_CODE_H

#include "gobin/pclntab.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The functions of the runtime at which a walk does something else than step to the caller. */
enum code_role {
        CODE_ORDINARY,
        CODE_GOEXIT,       /* runtime.goexit: the end of a goroutine's own frames */
        CODE_RT0,          /* runtime.rt0_go, _rt0_…: program start, on g0 */
        CODE_MSTART,       /* runtime.mstart: the start of a thread, on g0 */
        CODE_MCALL,        /* runtime.mcall: switched to g0 for good */
        CODE_MORESTACK,    /* runtime.morestack: likewise */
        CODE_SWITCH,       /* runtime.systemstack_switch: where a goroutine waits for the system stack */
        CODE_CGOCALL,      /* runtime.cgocall: where one waits for C */
        CODE_SYSTEMSTACK,  /* runtime.systemstack: on g0 on behalf of m.curg */
        CODE_SIGTRAMP,     /* runtime.sigtramp, runtime.cgoSigtramp: entered by a signal */
        CODE_INJECTED,     /* runtime.sigpanic, asyncPreempt: the return address is the interrupted instruction itself */
        CODE_RUNTIME_MAIN, /* runtime.main: the main goroutine's first function */
        CODE_CGOCALLBACK,  /* runtime.cgocallback: the first function of a C thread's goroutine */
        CODE_SERVICE,      /* a goroutine that works for everybody: finalizers, cleanups, timers */
};

/* The instruction in front of a pc, by the bytes of the image's file: memory is the program's to write. */
enum code_before {
        CODE_BEFORE_UNKNOWN, /* the tables came without code */
        CODE_BEFORE_OTHER,
        CODE_BEFORE_SYSCALL,
        CODE_BEFORE_CALL,        /* of a function that a register or memory says */
        CODE_BEFORE_DIRECT_CALL, /* of the function at called_vaddr */
};

struct code_point {
        uint64_t vaddr; /* link-time address */
        bool exact;     /* the instruction at vaddr itself, not the call in front of it */
        uint32_t index; /* dense, from 0: for tables beside this one */
        struct go_func func;
        enum code_role role;
        uint8_t flags; /* GO_FUNC_… */
        enum go_spdelta step;
        int32_t delta_bytes; /* step OK: from sp to the return address's slot */
        enum code_before before;
        uint64_t called_vaddr; /* before DIRECT_CALL: where it leads */
        uint16_t n_frames;     /* logical frames, innermost first; at least 1 */
        struct go_inline_frame *frames;
};

struct code_table;

/* tab is borrowed until code_table_free(). Errors: JAIL_ENOMEM. */
int code_table_new(const struct pclntab *tab, struct code_table **ret_table, struct jail_error *err) JAIL_MUST_USE;
void code_table_free(struct code_table *table);

/*
 * The meaning of vaddr, a link-time address; exact as in struct code_point. NULL when vaddr is not in Go text, the tables are
 * damaged there or memory ran out. The result lives until code_table_trim() empties the table. O(1) when seen before.
 */
const struct code_point *code_table_find(struct code_table *table, uint64_t vaddr, bool exact);

/* The number of points: indexes are the half-open range [0, count). */
size_t code_table_count(const struct code_table *table);

/*
 * Empties the table when it holds more than is sensible: every code_point and index is void then. Returns the table's generation,
 * which changes each time: whoever keeps code points compares it.
 */
uint32_t code_table_trim(struct code_table *table);

const struct pclntab *code_table_pclntab(const struct code_table *table);

#endif
