/* SPDX-License-Identifier: Apache-2.0 */
/* What the logical frames of a stack say together: whom they name, and what the rows of the verdict ask of them. */
#ifndef VERDICT_SURVEY_H
#define VERDICT_SURVEY_H

#include "unwind/unwind.h"
#include "verdict/attribution.h"
#include "verdict/std_state.h"

#include <stdbool.h>

struct survey {
        bool names_module; /* a frame of the main or of any other module */
        bool confined;     /* a frame whose module is not granted */
        module_id blamed;
        size_t blamed_frame, blamed_inline;
        bool std_only_yet;                 /* every frame so far is the standard library's by both witnesses, or C code */
        bool c_yet;                        /* one of them is C code */
        const struct std_state *std_state; /* an initialiser below which everything is std */
        bool main_seen;                    /* a frame of the main module, by both witnesses, was passed */
        const struct code_point *forged;   /* a frame that is not from where its symbol says */
        bool cgi;                          /* a frame of net/http/cgi */
};

/* How many logical frames of a stack's frame count: all but for an ancestor, of which only the innermost does. */
static inline uint16_t survey_logical_frames(const struct unwind_frame *frame) {
        if (!frame->code)
                return 0;
        return frame->kind == UNWIND_ANCESTOR ? 1 : frame->code->n_frames;
}

/* Surveys of stacks whose frames were remembered whole (unwind/chain.h): the same frames say the same. */
struct survey_cache;

/* Errors: JAIL_ENOMEM. One cache per image. */
int survey_cache_new(struct survey_cache **ret_cache, struct jail_error *err) JAIL_MUST_USE;
void survey_cache_free(struct survey_cache *cache);

/*
 * Surveys a stack. cache may be NULL. Errors: JAIL_ENOMEM. Cost: linear in the frames, no allocation for frames that were seen
 * before; constant when the stack is in the cache.
 */
int survey_stack(struct attribution *attribution, struct survey_cache *cache, const struct unwind_stack *stack,
                 struct survey *ret_survey) JAIL_MUST_USE;

#endif
