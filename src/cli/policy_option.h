/* SPDX-License-Identifier: Apache-2.0 */
/* --go-mod and --module: which policy holds. */
#ifndef CLI_POLICY_OPTION_H
#define CLI_POLICY_OPTION_H

#include "base/str.h"
#include "cli/option.h"

#include <jail/policy.h>
#include <stddef.h>

struct policy_option {
        const char *go_mod;                     /* NULL: to be looked for */
        struct jail_policy_override *overrides; /* owned; their paths are in argv */
        size_t n_overrides, capacity;
};

void policy_option_clear(struct policy_option *option);

/* Adds one --module MODULE=confined|unconfined; name is the option's. Cuts value at its '='. */
enum option_result policy_option_add(const struct command *command, struct policy_option *option, const char *name, char *value);

/*
 * Finds and reads the policy. *ret_policy (jail_policy_free) and *ret_go_mod, the text of the file (free its ptr; empty when it is
 * not a regular file), are owned by the caller. Errors: those of jail_policy_find() and jail_policy_load().
 */
int policy_option_load(const struct policy_option *option, struct jail_policy **ret_policy, struct str *ret_go_mod,
                       struct jail_error *err) JAIL_MUST_USE;

#endif
