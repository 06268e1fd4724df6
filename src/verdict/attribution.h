/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Attribution: which modules the logical frames at a program counter belong to, remembered beside the code table. Three witnesses
 * speak for each frame, the symbol, the source file and the compilation unit (docs/architecture.md, "Witnesses"); each counts.
 */
#ifndef VERDICT_ATTRIBUTION_H
#define VERDICT_ATTRIBUTION_H

#include "gobin/module_set.h"
#include "unwind/code.h"

#include <stdbool.h>

/* One logical frame's witnesses. */
struct attributed_frame {
        module_id symbol;
        module_id file;
        module_id unit; /* a module that the compilation unit, or a closure's host, names beside the symbol's; else MODULE_NONE */
        bool forged;    /* these say that the symbol is not what it seems, and not whose it is */
};

struct attribution;

/* set and code are borrowed until attribution_free(). Errors: JAIL_ENOMEM. */
int attribution_new(struct module_set *set, struct code_table *code, struct attribution **ret_attribution,
                    struct jail_error *err) JAIL_MUST_USE;
void attribution_free(struct attribution *attribution);

/*
 * Does a small part (about 20 µs) of what the first questions take, for a caller that has nothing else to do. True when there is
 * more.
 */
bool attribution_prepare(struct attribution *attribution);

/* Forgets everything; to be called when the code table was trimmed. */
void attribution_clear(struct attribution *attribution);

/*
 * The witnesses of code's logical frames: code->n_frames of them, innermost first. NULL when memory ran out, or the effort that the
 * question may take (base/effort.h): nothing is remembered of them then. Borrowed until
 * attribution_clear(). O(1) when seen before.
 */
const struct attributed_frame *attribution_find(struct attribution *attribution, const struct code_point *code);

const struct module_set *attribution_modules(const struct attribution *attribution);

/* Whether the effort for the present question is spent. */
bool attribution_is_spent(const struct attribution *attribution);

/*
 * Whether a confined module has cgo: names of its own such as _Cfunc_malloc. Looks at all names the first time; true when these are
 * too many.
 */
bool attribution_confined_cgo(struct attribution *attribution);

#endif
