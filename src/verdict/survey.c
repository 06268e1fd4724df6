/* SPDX-License-Identifier: Apache-2.0 */
#include "verdict/survey.h"

#include <stdlib.h>

#define N_ENTRIES 512u /* a power of two */

struct entry {
        uint64_t chain_serial, ancestry_serial; /* 0: empty */
        struct survey survey;
};

struct survey_cache {
        struct entry entries[N_ENTRIES];
};

int survey_cache_new(struct survey_cache **ret_cache, struct jail_error *err) {
        struct survey_cache *cache = calloc(1, sizeof(*cache));
        if (!cache)
                return jail_error_set(err, JAIL_ENOMEM, 0, "out of memory");
        *ret_cache = cache;
        return 0;
}

void survey_cache_free(struct survey_cache *cache) {
        free(cache);
}

static bool is_std(const struct attributed_frame *frame) {
        return frame->symbol == MODULE_STD && (frame->file == MODULE_STD || frame->file == MODULE_NONE) &&
               frame->unit == MODULE_NONE && !frame->forged;
}

static bool is_main(const struct attributed_frame *frame) {
        return frame->symbol == MODULE_MAIN && frame->file == MODULE_MAIN && frame->unit == MODULE_NONE && !frame->forged;
}

/* jail:callbacks: frames of such a module do not count when the main module's work lies between them and the call. */
static bool counts(const struct module *module, const struct survey *survey) {
        return module->policy && module->policy->confined && !(module->policy->callbacks && survey->main_seen);
}

static void survey_witness(struct survey *survey, const struct module_set *set, module_id id, size_t frame, size_t logical) {
        if (id == MODULE_NONE || id == MODULE_STD)
                return;
        survey->names_module = true;
        if (survey->confined || !counts(module_set_get(set, id), survey))
                return;
        survey->confined = true;
        survey->blamed = id;
        survey->blamed_frame = frame;
        survey->blamed_inline = logical;
}

/* C code is the standard library's only where an entry says so. */
static const struct std_state *find_std_state(struct str function, bool c_yet) {
        const struct std_state *entry = std_state_find(function);
        return entry && (!c_yet || std_state_in_c(entry)) ? entry : NULL;
}

/* net/http/cgi runs programs for whoever asks over the network, with an environment that the request writes. */
static bool is_cgi(struct str function) {
        return str_starts(function, STR("net/http/cgi."));
}

static int survey_frames(struct attribution *attribution, const struct unwind_stack *stack, struct survey *survey) {
        const struct module_set *set = attribution_modules(attribution);
        survey->std_only_yet = true;

        for (size_t i = 0; i < stack->n_frames; i++) {
                if (!stack->frames[i].code) {
                        survey->c_yet = true;
                        continue;
                }
                const struct attributed_frame *frames = attribution_find(attribution, stack->frames[i].code);
                if (!frames)
                        return JAIL_ENOMEM;
                uint16_t n = survey_logical_frames(&stack->frames[i]);
                for (uint16_t j = 0; j < n; j++) {
                        survey_witness(survey, set, frames[j].symbol, i, j);
                        survey_witness(survey, set, frames[j].file, i, j);
                        survey_witness(survey, set, frames[j].unit, i, j);
                        if (frames[j].forged && !survey->forged)
                                survey->forged = stack->frames[i].code;
                        survey->std_only_yet = survey->std_only_yet && is_std(&frames[j]);
                        if (survey->std_only_yet && !survey->std_state && stack->frames[i].kind == UNWIND_OWN)
                                survey->std_state = find_std_state(stack->frames[i].code->frames[j].name, survey->c_yet);
                        survey->cgi = survey->cgi || is_cgi(stack->frames[i].code->frames[j].name);
                        if (is_main(&frames[j]))
                                survey->main_seen = true;
                }
        }
        return 0;
}

int survey_stack(struct attribution *attribution, struct survey_cache *cache, const struct unwind_stack *stack,
                 struct survey *ret_survey) {
        struct entry *entry = NULL;
        if (cache && stack->chain_serial != 0 && stack->ancestry_serial != 0) {
                entry = &cache->entries[(stack->chain_serial + stack->ancestry_serial * 31) & (N_ENTRIES - 1)];
                if (entry->chain_serial == stack->chain_serial && entry->ancestry_serial == stack->ancestry_serial) {
                        *ret_survey = entry->survey;
                        return 0;
                }
        }
        *ret_survey = (struct survey){ 0 };
        int r = survey_frames(attribution, stack, ret_survey);
        if (r == 0 && entry)
                *entry = (struct entry){ stack->chain_serial, stack->ancestry_serial, *ret_survey };
        return r;
}
