/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The logical stack of a stopped thread (docs/architecture.md, "The logical stack"): its goroutine's frames, the goroutine that
 * waits for a system or C stack, then the goroutines that created it. Frames are listed physically; each one's code point has the
 * inlined calls. Incomplete is a value: the walk returns what it saw and why it ended.
 */
#ifndef UNWIND_UNWIND_H
#define UNWIND_UNWIND_H

#include "arch/arch.h"
#include "gobin/go_layout.h"
#include "memory/window.h"
#include "unwind/code.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum unwind_frame_kind {
        UNWIND_OWN,      /* of the thread that stopped, or of the goroutine that waits for it */
        UNWIND_FOREIGN,  /* known foreign code (C): code is NULL */
        UNWIND_CREATED,  /* the `go` statement that created the goroutine: what follows is its creator */
        UNWIND_ANCESTOR, /* of an ancestor, as the runtime kept it: only the innermost logical frame counts */
};

struct unwind_frame {
        enum unwind_frame_kind kind;
        uint64_t pc;                   /* run-time address */
        const struct code_point *code; /* borrowed from the code table; NULL for UNWIND_FOREIGN */
};

/* Why the walk ended. Only UNWIND_TOP is complete. */
enum unwind_end {
        UNWIND_TOP,          /* at a known root */
        UNWIND_LIMIT,        /* more frames than are looked at */
        UNWIND_BAD_READ,     /* memory could not be read */
        UNWIND_UNKNOWN_CODE, /* a pc in no known text */
        UNWIND_CYCLE,        /* the stack pointer did not grow */
        UNWIND_NO_STEP,      /* a function without the means to step to its caller */
        UNWIND_BAD_CALL,     /* a return address that no call of that function left */
        UNWIND_BAD_G,        /* the goroutine does not agree with the thread or the stack */
        UNWIND_NO_ANCESTRY,  /* ancestors are missing where there must be some */
        UNWIND_NO_EFFORT,    /* left of what one stop may take (base/effort.h) */
        UNWIND_NO_MEMORY,    /* ours, not the program's */
};

/* Where a complete walk ended. */
enum unwind_root {
        UNWIND_ROOT_NONE,
        UNWIND_ROOT_MAIN,   /* runtime.main */
        UNWIND_ROOT_RT0,    /* rt0_go on g0 */
        UNWIND_ROOT_SIGNAL, /* sigtramp on the signal stack */
        UNWIND_ROOT_MSTART,
        UNWIND_ROOT_MCALL,
        UNWIND_ROOT_MORESTACK,
        UNWIND_ROOT_SERVICE,  /* a goroutine that works for everybody */
        UNWIND_ROOT_C_THREAD, /* C frames, and no goroutine */
        UNWIND_ROOT_START,    /* C frames, before the Go runtime of this process ran */
};

#define UNWIND_MAX_FRAMES          20000
#define UNWIND_MAX_ANCESTOR_FRAMES 100 /* the largest go_layout.ancestor_frames */

struct unwind_stack {
        struct unwind_frame *frames; /* owned; innermost first */
        size_t n_frames, capacity;
        enum unwind_end end;
        enum unwind_root root;
        /* The remembered chain of own frames and ancestry that the frames are, all of them; 0 where they were not remembered. */
        uint64_t chain_serial, ancestry_serial;
        bool truncated;   /* the runtime kept only part of the ancestry */
        bool foreign;     /* holds foreign frames */
        bool on_g0;       /* began on a system stack, and stayed there */
        bool c_thread;    /* the thread has no goroutine, or one that C entered: root C_THREAD, and not by an ancestor */
        char detail[160]; /* for end other than UNWIND_TOP: what was the matter */
};

/* What the pc is when it is not in the image's Go text. */
enum unwind_text {
        UNWIND_TEXT_UNKNOWN, /* anonymous, written after mapping, or outside every mapping */
        UNWIND_TEXT_C,       /* file-backed text of the image's C code or of a library */
        UNWIND_TEXT_LOADER,  /* of the dynamic loader */
};

struct ancestry_cache;
struct chain_table;

/* The process that the thread belongs to. */
struct unwind_process {
        struct code_table *code;
        const struct go_layout *layout;
        const struct arch *arch;
        uint64_t bias;                    /* run-time address = link-time address + bias */
        uint64_t text_vaddr, etext_vaddr; /* link-time range of Go text */
        struct memory_reader *memory;     /* borrowed */
        struct ancestry_cache *ancestry;  /* borrowed */
        struct chain_table *chains;       /* borrowed; NULL: nothing is remembered of whole stacks */
        unsigned max_ancestors;           /* tracebackancestors in force */
        bool started;                     /* Go code was seen to run */
        bool tls_known;
        int64_t tls_offset;                                    /* g = *(tls + tls_offset) */
        enum unwind_text (*classify)(void *data, uint64_t pc); /* asked for pcs outside Go text */
        void *classify_data;
};

/*
 * What is remembered of one thread between stops, all zero at first: the goroutine that its m was last seen to run, as m said
 * itself. While the same goroutine says that it runs there, m is not asked again.
 */
struct unwind_thread {
        uint64_t m_vaddr, g0_vaddr, gsignal_vaddr;
        uint64_t g_vaddr, goid; /* g_vaddr 0: none */
};

/*
 * Walks the stack of a thread that stopped with regs. stack_tid is the thread whose Go stack it is (the parent's for a vfork
 * child). stack is reused from call to call and only grows; release it with unwind_stack_clear(). Never fails: stack->end tells.
 */
void unwind_walk(struct unwind_process *process, struct unwind_thread *thread, const struct arch_regs *regs, pid_t stack_tid,
                 struct unwind_stack *stack);

void unwind_stack_clear(struct unwind_stack *stack);

/* The word for an end, for messages: "unreadable memory", … Static string. */
const char *unwind_end_name(enum unwind_end end);

#endif
