/* SPDX-License-Identifier: Apache-2.0 */
/* From what a go.mod says, line by line, to one entry per module. */
#ifndef POLICY_POLICY_BUILD_H
#define POLICY_POLICY_BUILD_H

#include "policy/gomod.h"
#include "policy/policy_internal.h"

/*
 * Fills the empty *policy. gomod, file_name and overrides are borrowed for the call. Errors: JAIL_ESYNTAX (one module under two
 * policies, conflicting replacements, a directive that confines the main module), JAIL_EINVAL (an override of the main module, or
 * of what is no module path), JAIL_ELIMIT (more than POLICY_MODULES_MAX), JAIL_ENOMEM. O(n log n) in the modules.
 */
int policy_build(struct jail_policy *policy, const struct gomod *gomod, const char *file_name,
                 const struct jail_policy_override *overrides, size_t n_overrides, struct jail_error *err) JAIL_MUST_USE;

#endif
