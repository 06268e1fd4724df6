/* SPDX-License-Identifier: Apache-2.0 */
/* The verdict: a pure function of the operation, the logical stack and the policy. The rows are those of docs/threat-model.md. */
#ifndef VERDICT_DECISION_H
#define VERDICT_DECISION_H

#include "operation/operation.h"
#include "unwind/unwind.h"
#include "verdict/attribution.h"
#include "verdict/survey.h"

#include <jail/event.h>
#include <stdbool.h>

/* What relaxes the rows. */
struct decision_options {
        bool incomplete_allow;   /* row 2 */
        bool c_thread_allow;     /* row 4 */
        bool unattributed_allow; /* row 7 */
        bool truncated_allow;    /* the end of row 8: what is left of a truncated stack names only who is granted */
        bool cgi_allow;          /* net/http/cgi */
};

struct decision_input {
        struct operation *operation; /* its targets are read when a row needs them */
        const struct unwind_stack *stack;
        struct attribution *attribution;
        struct survey_cache *surveys; /* may be NULL */
        struct memory_reader *memory;
        const struct decision_options *options;
        enum unwind_text text; /* of the pc, for foreign code */
        pid_t pid;             /* the process itself, for signals that it sends to itself */
        bool c_made;           /* the thread was made by C code that no confined module called, see decision_is_c_thread() */
        bool told;             /* an allowed caller has told this thread to make this very call, as all threads do */
};

#define DECISION_NO_FRAME SIZE_MAX

struct decision {
        bool allow;
        bool alone;    /* allow only with every other task that shares the memory stopped (row 5) */
        bool by_stack; /* deny, whatever could have been read of the task beyond its stack, which was complete */
        enum jail_reason reason;
        module_id blamed;     /* CONFINED: the innermost module that is not granted; else MODULE_NONE */
        size_t blamed_frame;  /* index into stack->frames, or DECISION_NO_FRAME */
        size_t blamed_inline; /* index into its code's logical frames */
        char detail[200];     /* what was the matter, for reasons other than CONFINED; may be empty */
};

/*
 * Whether a thread is C's own, by the stack of who made it: C code that a goroutine called without any confined module, such a
 * thread itself (maker_is_c), or code that runs before the Go runtime does. A thread's memory can say that it has no goroutine;
 * this cannot be forged later.
 */
bool decision_is_c_thread(const struct unwind_stack *maker, struct attribution *attribution, bool maker_is_c);

/* Decides. Never fails: doubt denies. Cost: linear in the frames; no allocation for frames that were seen before. */
void decision_make(const struct decision_input *input, struct decision *ret_decision);

#endif
