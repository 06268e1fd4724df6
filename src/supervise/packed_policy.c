/* SPDX-License-Identifier: Apache-2.0 */
#include "supervise/packed_policy.h"

#include "base/cleanup.h"
#include "supervise/godebug.h"

#include <string.h>

/* Options that allow more; the others allow less. */
#define RELAXING                                                                                                                   \
        ((uint64_t) (PACKED_PERMISSIVE | PACKED_ALLOW_OUTER_LISTENER | PACKED_INCOMPLETE_ALLOW | PACKED_C_THREAD_ALLOW |           \
                     PACKED_UNATTRIBUTED_ALLOW | PACKED_TRUNCATED_ALLOW | PACKED_CGI_ALLOW))

uint64_t packed_policy_options(const struct jail_supervisor_options *options) {
        return (options->permissive ? PACKED_PERMISSIVE : 0U) | (options->deny_children ? PACKED_DENY_CHILDREN : 0U) |
               (options->strict_child_env ? PACKED_STRICT_CHILD_ENV : 0U) |
               (options->allow_outer_listener ? PACKED_ALLOW_OUTER_LISTENER : 0U) |
               (options->incomplete_allow ? PACKED_INCOMPLETE_ALLOW : 0U) | (options->c_thread_allow ? PACKED_C_THREAD_ALLOW : 0U) |
               (options->unattributed_allow ? PACKED_UNATTRIBUTED_ALLOW : 0U) |
               (options->truncated_allow ? PACKED_TRUNCATED_ALLOW : 0U) | (options->cgi_allow ? PACKED_CGI_ALLOW : 0U);
}

void packed_policy_apply(const struct packed *packed, struct jail_supervisor_options *options) {
        options->permissive = packed->options & PACKED_PERMISSIVE;
        options->deny_children = packed->options & PACKED_DENY_CHILDREN;
        options->strict_child_env = packed->options & PACKED_STRICT_CHILD_ENV;
        options->allow_outer_listener = packed->options & PACKED_ALLOW_OUTER_LISTENER;
        options->incomplete_allow = packed->options & PACKED_INCOMPLETE_ALLOW;
        options->c_thread_allow = packed->options & PACKED_C_THREAD_ALLOW;
        options->unattributed_allow = packed->options & PACKED_UNATTRIBUTED_ALLOW;
        options->truncated_allow = packed->options & PACKED_TRUNCATED_ALLOW;
        options->cgi_allow = packed->options & PACKED_CGI_ALLOW;
        options->ancestors = packed->ancestors;
}

static unsigned ancestors(unsigned wanted) {
        return wanted != 0 ? wanted : GODEBUG_DEFAULT_ANCESTORS;
}

static void cleanup_policy(struct jail_policy **policy) {
        jail_policy_free(*policy);
}

static bool same_text(const char *a, const char *b) {
        return a == b || (a && b && strcmp(a, b) == 0);
}

static const struct jail_policy_module *module_of(const struct jail_policy *policy, const char *path) {
        const struct jail_policy_module *module = jail_policy_module_find(policy, path, strlen(path));
        return module ? module : jail_policy_default(policy);
}

/* What a confined module's code is known by must be the same, too: its replacement says where its files are. */
static bool holds(const struct jail_policy_module *wanted, const struct jail_policy_module *now) {
        if (!wanted->confined)
                return true;
        return now->confined && (wanted->callbacks || !now->callbacks) && same_text(wanted->replace_path, now->replace_path) &&
               same_text(wanted->replace_version, now->replace_version);
}

/* Whether `now` confines at least what `wanted` does: its modules, those that only `now` names, and those that nobody names. */
static bool is_as_strict(const struct jail_policy *wanted, const struct jail_policy *now) {
        if (strcmp(jail_policy_main_module(wanted), jail_policy_main_module(now)) != 0 ||
            !holds(jail_policy_default(wanted), jail_policy_default(now)))
                return false;
        for (size_t i = 0; i < jail_policy_module_count(wanted); i++) {
                const struct jail_policy_module *module = jail_policy_module_at(wanted, i);
                if (!holds(module, module_of(now, module->path)))
                        return false;
        }
        for (size_t i = 0; i < jail_policy_module_count(now); i++) {
                const struct jail_policy_module *module = jail_policy_module_at(now, i);
                if (!jail_policy_module_find(wanted, module->path, strlen(module->path)) &&
                    !holds(jail_policy_default(wanted), module))
                        return false;
        }
        return true;
}

bool packed_policy_is(const struct packed *a, const struct packed *b) {
        struct bytes x = a->parts[PACKED_POLICY], y = b->parts[PACKED_POLICY];
        return a->options == b->options && a->ancestors == b->ancestors && x.len == y.len && x.len > 0 &&
               memcmp(x.ptr, y.ptr, x.len) == 0;
}

int packed_policy_check(const struct packed *packed, const struct jail_policy *policy,
                        const struct jail_supervisor_options *options, struct jail_error *err) {
        CLEANUP(cleanup_policy) struct jail_policy *wanted = NULL;
        const struct bytes *encoded = &packed->parts[PACKED_POLICY];
        int r = jail_policy_decode(encoded->ptr, encoded->len, &wanted, err);
        if (r < 0)
                return r;
        if (!is_as_strict(wanted, policy))
                return jail_error_set(err, JAIL_EINVAL, 0,
                                      "it was packed with a policy that confines more than the one that it would run under (see "
                                      "jail pack --show)");
        uint64_t now = packed_policy_options(options);
        if ((now & RELAXING & ~packed->options) || (packed->options & ~RELAXING & ~now) ||
            ancestors(options->ancestors) < ancestors(packed->ancestors))
                return jail_error_set(err, JAIL_EINVAL, 0,
                                      "it was packed with stricter options than the ones that it would run under (see jail pack "
                                      "--show)");
        return 0;
}
