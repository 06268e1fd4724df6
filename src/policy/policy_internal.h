/* SPDX-License-Identifier: Apache-2.0 */
/* The policy object, for the files of this room. */
#ifndef POLICY_POLICY_INTERNAL_H
#define POLICY_POLICY_INTERNAL_H

#include "policy/string_pool.h"

#include <jail/policy.h>
#include <stddef.h>

/* The most modules that one policy may name: requirements, replacements and overrides together. */
#define POLICY_MODULES_MAX ((size_t) 100000)

struct jail_policy {
        struct string_pool strings; /* holds every string below */
        const char *main_module;
        const char *file;
        struct jail_policy_module defaults;
        struct jail_policy_module *modules; /* sorted bytewise by path, each path once */
        size_t n_modules;
};

/* An empty policy, owned by the caller (jail_policy_free). Errors: JAIL_ENOMEM. */
int policy_new(struct jail_policy **ret_policy, struct jail_error *err) JAIL_MUST_USE;

/* jail_policy_free() for a cleanup attribute. */
void policy_cleanup(struct jail_policy **policy);

#endif
