/* SPDX-License-Identifier: Apache-2.0 */
/* A stopped thread of an imaginary Go program: its tables, registers, stacks, g, m and ancestors, put into memory by hand. */
#ifndef TESTS_GO_PROCESS_H
#define TESTS_GO_PROCESS_H

#include "gobin/go_tables.h"
#include "unwind/ancestry.h"
#include "unwind/goroutine.h"
#include "unwind/unwind.h"

enum {
        PROCESS_TID = 4711,
        PROCESS_MAX_REGIONS = 8,
        PROCESS_STACK_BYTES = 0x4000,
};

/* Where things stand. */
#define PROCESS_BIAS         UINT64_C(0x555000000000)
#define PROCESS_STACK        UINT64_C(0xc000100000) /* of the goroutine */
#define PROCESS_G0_STACK     UINT64_C(0x7ffe00000000)
#define PROCESS_SIGNAL_STACK UINT64_C(0xc000200000)
#define PROCESS_HEAP         UINT64_C(0xc000300000) /* ancestors */
#define PROCESS_OBJECTS      UINT64_C(0xc000000000) /* what follows, and thread-local storage */
#define PROCESS_G            (PROCESS_OBJECTS + 0x000)
#define PROCESS_G0           (PROCESS_OBJECTS + 0x400)
#define PROCESS_GSIGNAL      (PROCESS_OBJECTS + 0x800)
#define PROCESS_M            (PROCESS_OBJECTS + 0xc00)
#define PROCESS_TLS          (PROCESS_OBJECTS + 0xf00)
#define PROCESS_C_TEXT       UINT64_C(0x7f1000000000)
#define PROCESS_LOADER_TEXT  UINT64_C(0x7f2000000000)

struct process_region {
        uint64_t vaddr;
        size_t len;
        uint8_t *bytes;
};

/* Several ranges of memory; what is between them cannot be read. */
struct process_memory {
        struct memory_reader reader;
        struct process_region regions[PROCESS_MAX_REGIONS];
        size_t n_regions;
        unsigned n_reads, n_heap_reads; /* calls, and those of them that touch the heap */
        unsigned fail_at;               /* the call that fails, 1 being the first; 0: none */
};

struct go_process {
        struct go_tables tables;
        struct pclntab tab;
        struct process_memory memory;
        struct unwind_process process;
        struct unwind_thread thread;
        struct unwind_stack stack;
        struct arch_regs regs;
        uint64_t cursor; /* where the stack pointer is while frames are put */
        size_t heap_used;
        uint8_t stack_bytes[PROCESS_STACK_BYTES], g0_bytes[PROCESS_STACK_BYTES], signal_bytes[PROCESS_STACK_BYTES];
        uint8_t heap_bytes[0x4000], object_bytes[0x1000];
        char shown[8192];
};

/* A process of go1.MINOR in which g runs on m, its stopped thread, with `regs` on g's stack. Free it with process_clear(). */
void process_init(struct go_process *process, unsigned minor);
void process_clear(struct go_process *process);

/* The run-time address at an offset of a function. */
uint64_t process_pc(const struct go_process *process, const char *function, uint32_t offset);

/* A word of memory. */
void process_put(struct go_process *process, uint64_t vaddr, uint64_t value);
uint64_t process_get(const struct go_process *process, uint64_t vaddr);

/* The thread runs on g's stack: its register and its thread-local storage say so. */
void process_on(struct go_process *process, uint64_t g_vaddr);

/* The thread runs C code: thread-local storage has g0, and the register means nothing. */
void process_in_c(struct go_process *process);

/* Makes a region unreadable. */
void process_unmap(struct go_process *process, uint64_t vaddr);

/* Fields of the structs, by the offset in the layout. */
#define PROCESS_PUT_G(p, g_vaddr, field, value) process_put(p, (g_vaddr) + (uint64_t) (p)->process.layout->g.field, value)
#define PROCESS_PUT_M(p, field, value)          process_put(p, PROCESS_M + (uint64_t) (p)->process.layout->m.field, value)

/*
 * The thread stopped in a function, at an offset, with its stack pointer at sp; each process_return() is one frame: it puts the
 * return address where the function's table says, delta_bytes above the stack pointer.
 */
void process_stop(struct go_process *process, const char *function, uint32_t offset, uint64_t sp);
void process_return(struct go_process *process, int32_t delta_bytes, const char *function, uint32_t offset);

/* The usual end: runtime.main called main.main, or a goroutine's first function. */
void process_return_from_main(struct go_process *process, int32_t delta_bytes);

/*
 * The same as process_return() with frame pointers: the function's is saved below its return address, and *fp_slot, 0 at first, is
 * where the one before it is expected.
 */
void process_return_framed(struct go_process *process, uint64_t *fp_slot, int32_t delta_bytes, const char *function,
                           uint32_t offset);

/* A whole stack so: Syscall6, syscall.openat, os.ReadFile, main.main, runtime.main, runtime.goexit. The stack pointer is at sp. */
void process_stop_whole(struct go_process *process, uint64_t sp);

/* Puts a word, or words, on the heap; returns their address. */
uint64_t process_heap(struct go_process *process, const uint64_t *words, size_t n);

/* One ancestor. */
struct process_ancestor {
        uint64_t goid, gopc;
        uint64_t pcs[128];
        size_t n_pcs;
        uint64_t pcs_vaddr; /* where they stand already, or 0 */
};

/* Puts the ancestor's pcs on the heap now; so it may be the ancestor of several goroutines, as the runtime shares them. */
void process_put_pcs(struct go_process *process, struct process_ancestor *ancestor);

/* g's ancestors, and the `go` statement that created it; its parent's goid is that of the first. */
void process_ancestors(struct go_process *process, uint64_t gopc, const struct process_ancestor *ancestors, size_t n);

/*
 * Walks, and shows the stack: logical frames from the innermost on, by their short names; (F) is inlined, go:F the `go` statement,
 * ^F an ancestor's, C foreign. Then "=" and the root, or "!" and the end. Borrowed.
 */
const char *process_walk(struct go_process *process);

/* Fails the test when the walk shows something else. */
#define ASSERT_WALK(process, want) assert_string_equal(process_walk(process), want)

#endif
