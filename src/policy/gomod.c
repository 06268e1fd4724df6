/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/gomod.h"

#include "base/array.h"

#include <stdlib.h>

void gomod_free(struct gomod *gomod) {
        free(gomod->requires);
        free(gomod->replaces);
        string_pool_free(&gomod->strings);
        *gomod = (struct gomod){ 0 };
}

struct gomod_grant gomod_grant_merge(const struct directive_set *line, const struct directive_set *block) {
        static const struct directive_set none;
        struct gomod_grant grant = { .origin = JAIL_POLICY_ORIGIN_NONE };
        line = line ? line : &none;
        block = block ? block : &none;

        if (line->confinement != DIRECTIVE_CONFINEMENT_UNSET) {
                grant.confinement = line->confinement;
                grant.origin = JAIL_POLICY_ORIGIN_LINE;
                grant.origin_line = line->confinement_line;
        } else if (block->confinement != DIRECTIVE_CONFINEMENT_UNSET) {
                grant.confinement = block->confinement;
                grant.origin = JAIL_POLICY_ORIGIN_BLOCK;
                grant.origin_line = block->confinement_line;
        }
        grant.callbacks = line->callbacks || block->callbacks;
        grant.quiet_classes = line->quiet_classes | block->quiet_classes;
        return grant;
}

int gomod_add_require(struct gomod *gomod, const struct gomod_require *require, struct jail_error *err) {
        int r = ARRAY_RESERVE(gomod->requires, &gomod->requires_capacity, gomod->n_requires, GOMOD_MODULES_MAX, err);
        if (r < 0)
                return r;
        gomod->requires[gomod->n_requires++] = *require;
        return 0;
}

int gomod_add_replace(struct gomod *gomod, const struct gomod_replace *replace, struct jail_error *err) {
        int r = ARRAY_RESERVE(gomod->replaces, &gomod->replaces_capacity, gomod->n_replaces, GOMOD_MODULES_MAX, err);
        if (r < 0)
                return r;
        gomod->replaces[gomod->n_replaces++] = *replace;
        return 0;
}
