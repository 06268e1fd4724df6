/* SPDX-License-Identifier: Apache-2.0 */
#include "report/blamed.h"

#include "base/array.h"
#include "base/cleanup.h"
#include "base/str.h"

#include <string.h>

enum { MAX_MODULES = 4096 };

static void add_module(struct blamed *blamed, const char *module) {
        for (size_t i = 0; i < blamed->n_modules; i++) {
                if (strcmp(blamed->modules[i], module) == 0)
                        return;
        }
        CLEANUP_FREE char *copy = strdup(module);
        if (!copy || ARRAY_RESERVE(blamed->modules, &blamed->capacity, blamed->n_modules, MAX_MODULES, NULL) < 0) {
                blamed->cut = true;
                return;
        }
        blamed->modules[blamed->n_modules++] = STEAL(copy);
}

static bool is_main(const struct jail_policy *policy, const char *module) {
        return strcmp(module, jail_policy_main_module(policy)) == 0;
}

/* Whether a frame of the module counts; below_main: a frame of the main module is between it and the call. */
static bool counts(const struct jail_policy *policy, const char *module, bool below_main) {
        if (!module || module[0] == '\0' || strcmp(module, "std") == 0 || is_main(policy, module))
                return false;
        const struct jail_policy_module *entry = jail_policy_module_find(policy, module, strlen(module));
        if (!entry)
                entry = jail_policy_default(policy);
        return entry->confined && !(entry->callbacks && below_main);
}

void blamed_add(struct blamed *blamed, const struct jail_event *event, const struct jail_policy *policy) {
        if (event->module && event->module[0])
                add_module(blamed, event->module);
        else
                blamed->reasons |= UINT64_C(1) << event->reason;
        if (!policy)
                return;

        bool below_main = false;
        for (size_t i = 0; i < event->n_frames; i++) {
                const struct jail_event_frame *frame = &event->frames[i];
                if (counts(policy, frame->module, below_main))
                        add_module(blamed, frame->module);
                if (counts(policy, frame->file_module, below_main))
                        add_module(blamed, frame->file_module);
                if (frame->module && is_main(policy, frame->module) && (!frame->file_module || !frame->file_module[0]))
                        below_main = true;
        }
}

void blamed_clear(struct blamed *blamed) {
        for (size_t i = 0; i < blamed->n_modules; i++)
                free(blamed->modules[i]);
        free(blamed->modules);
        *blamed = (struct blamed){ 0 };
}
