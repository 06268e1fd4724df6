/* SPDX-License-Identifier: Apache-2.0 */
#include "verdict/attribution.h"

#include "gobin/closure_host.h"
#include "gobin/symbol_name.h"
#include "gobin/unit_table.h"

#include <stdlib.h>

struct attribution {
        struct module_set *set;
        struct code_table *code;
        struct unit_table *units;           /* made when the first frame is attributed */
        struct attributed_frame **by_index; /* by code_point.index */
        size_t capacity;
        bool cgo_known, confined_cgo;
};

int attribution_new(struct module_set *set, struct code_table *code, struct attribution **ret_attribution, struct jail_error *err) {
        struct attribution *attribution = calloc(1, sizeof(*attribution));
        if (!attribution)
                return jail_error_set(err, JAIL_ENOMEM, 0, "out of memory");
        attribution->set = set;
        attribution->code = code;
        *ret_attribution = attribution;
        return 0;
}

void attribution_clear(struct attribution *attribution) {
        for (size_t i = 0; i < attribution->capacity; i++) {
                free(attribution->by_index[i]);
                attribution->by_index[i] = NULL;
        }
}

void attribution_free(struct attribution *attribution) {
        if (!attribution)
                return;
        attribution_clear(attribution);
        unit_table_free(attribution->units);
        free(attribution->by_index);
        free(attribution);
}

static bool make_room(struct attribution *attribution, uint32_t index) {
        if (index < attribution->capacity)
                return true;
        size_t capacity = attribution->capacity < 256 ? 256 : attribution->capacity;
        while (capacity <= index)
                capacity *= 2;
        struct attributed_frame **larger = realloc(attribution->by_index, capacity * sizeof(*larger));
        if (!larger)
                return false;
        for (size_t i = attribution->capacity; i < capacity; i++)
                larger[i] = NULL;
        attribution->by_index = larger;
        attribution->capacity = capacity;
        return true;
}

static bool make_units(struct attribution *attribution) {
        return attribution->units ||
               unit_table_new(code_table_pclntab(attribution->code), attribution->set, &attribution->units, NULL) == 0;
}

bool attribution_prepare(struct attribution *attribution) {
        return make_units(attribution) && unit_table_prepare(attribution->units, NULL) == 1;
}

/* Only the function itself has a unit: what was inlined into it is the host's there. */
static bool ask_unit(struct attribution *attribution, const struct code_point *code, struct attributed_frame *frame) {
        if (!make_units(attribution))
                return false;
        frame->forged = unit_table_ask(attribution->units, &code->func, frame->symbol, &frame->unit) == UNIT_FORGED;
        return true;
}

/* A closure may belong to a function that was inlined, be it a function itself or inlined, too. */
static void ask_closure(struct attribution *attribution, const struct code_point *code, uint16_t index,
                        struct attributed_frame *frame) {
        module_id module = MODULE_NONE;
        switch (closure_host_ask(code_table_pclntab(attribution->code), attribution->set, &code->func, code->frames[index].name,
                                 frame->symbol, &module)) {
        case CLOSURE_AGREES: break;
        case CLOSURE_NAMES: frame->unit = frame->unit == MODULE_NONE ? module : frame->unit; break;
        case CLOSURE_FORGED: frame->forged = frame->forged || index + 1 == code->n_frames; break; /* inlined, it has no trace */
        }
}

static bool attribute(struct attribution *attribution, const struct code_point *code, struct attributed_frame *frames) {
        for (uint16_t i = 0; i < code->n_frames; i++) {
                frames[i].symbol = module_set_by_symbol(attribution->set, code->frames[i].name);
                if (module_set_by_file(attribution->set, code->frames[i].file, &frames[i].file, NULL) < 0)
                        return false;
        }
        if (!ask_unit(attribution, code, &frames[code->n_frames - 1]))
                return false;
        for (uint16_t i = 0; i < code->n_frames; i++)
                ask_closure(attribution, code, i, &frames[i]);
        return true;
}

const struct attributed_frame *attribution_find(struct attribution *attribution, const struct code_point *code) {
        if (!make_room(attribution, code->index))
                return NULL;
        struct attributed_frame **slot = &attribution->by_index[code->index];
        if (!*slot) {
                struct attributed_frame *frames = calloc(code->n_frames, sizeof(*frames));
                if (!frames || !attribute(attribution, code, frames) || attribution_is_spent(attribution)) {
                        free(frames);
                        return NULL;
                }
                *slot = frames;
        }
        return *slot;
}

const struct module_set *attribution_modules(const struct attribution *attribution) {
        return attribution->set;
}

bool attribution_is_spent(const struct attribution *attribution) {
        return effort_is_spent(code_table_pclntab(attribution->code)->effort);
}

/* cmd/cgo names what it makes _Cfunc_…, _cgo_… and _cgoexp_… within the package. */
static bool is_cgo_name(struct str name) {
        struct str local = symbol_name_local(name);
        return str_starts(local, STR("_Cfunc_")) || str_starts(local, STR("_cgo")) || str_starts(local, STR("_C2func_"));
}

bool attribution_confined_cgo(struct attribution *attribution) {
        if (attribution->cgo_known)
                return attribution->confined_cgo;
        struct effort *effort = code_table_pclntab(attribution->code)->effort;
        struct bytes names = pclntab_names(code_table_pclntab(attribution->code));
        uint32_t n = 0;
        for (uint64_t at = 0; at < names.len;) {
                struct str name;
                if (!bytes_cstring(names, at, names.len, &name))
                        break;
                at += name.len + 1;
                if (!effort_spend(effort, EFFORT_ENTRY + name.len))
                        return true;
                pclntab_release_behind(code_table_pclntab(attribution->code), ++n);
                if (!is_cgo_name(name))
                        continue;
                const struct module *module = module_set_get(attribution->set, module_set_by_symbol(attribution->set, name));
                if (module->policy && module->policy->confined)
                        attribution->confined_cgo = true;
        }
        pclntab_release(code_table_pclntab(attribution->code));
        attribution->cgo_known = true;
        return attribution->confined_cgo;
}
