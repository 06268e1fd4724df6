/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cleanup.h"
#include "gobin/module_set.h"

#include <jail/image.h>
#include <stdlib.h>

static void cleanup_module_set(struct module_set **set) {
        module_set_free(*set);
}

/* Marks the modules of which a call is inlined into a function of another. */
static void mark_inlined(const struct jail_image *image, const struct module_set *set, uint8_t *inlined) {
        struct go_func func;
        for (uint32_t i = 0; i < image->tab.n_functions; i++) {
                struct go_inline_cursor cursor = { 0 };
                struct str name;
                if (!pclntab_function(&image->tab, i, &func))
                        continue;
                module_id host = module_set_by_symbol(set, func.name);
                for (struct str last = { 0 }; pclntab_next_inlined(&image->tab, &func, &cursor, &name); last = name) {
                        if (name.ptr == last.ptr)
                                continue;
                        module_id id = module_set_by_symbol(set, name);
                        if (id != host)
                                inlined[id] = 1;
                }
        }
}

int jail_image_links(const struct jail_image *image, const struct jail_policy *policy, struct jail_image_link **ret_links,
                     size_t *ret_n, struct jail_error *err) {
        CLEANUP(cleanup_module_set) struct module_set *set = NULL;
        int r = module_set_new(image, policy, &set, err);
        if (r < 0)
                return r;

        size_t n_modules = module_set_count(set), n = 0;
        CLEANUP_FREE uint8_t *linked = calloc(n_modules, 1);
        CLEANUP_FREE uint8_t *inlined = calloc(n_modules, 1);
        CLEANUP_FREE struct jail_image_link *links = calloc(n_modules, sizeof(*links));
        if (!linked || !inlined || !links)
                return jail_error_set(err, JAIL_ENOMEM, 0, "out of memory");
        module_set_linked(set, linked);
        mark_inlined(image, set, inlined);
        for (module_id id = MODULE_FIRST; id < n_modules; id++) {
                const struct module *module = module_set_get(set, id);
                if (!linked[id] && module->policy == jail_policy_default(policy))
                        continue;
                /* The views of a module set are of terminated strings: those of the policy and of the build info. */
                links[n++] = (struct jail_image_link){
                        .path = module->path.ptr,
                        .version = module->version.len > 0 ? module->version.ptr : "",
                        .policy = module->policy,
                        .linked = linked[id] != 0,
                        .inlined = inlined[id] != 0,
                };
        }
        *ret_links = STEAL(links);
        *ret_n = n;
        return 0;
}
