/* SPDX-License-Identifier: Apache-2.0 */
/* What a packed program was packed with, against what a supervisor does. */
#ifndef SUPERVISE_PACKED_POLICY_H
#define SUPERVISE_PACKED_POLICY_H

#include "gobin/packed.h"

#include <jail/policy.h>
#include <jail/supervisor.h>

/* The options that a verdict depends on, as enum packed_option, and back. */
uint64_t packed_policy_options(const struct jail_supervisor_options *options);
void packed_policy_apply(const struct packed *packed, struct jail_supervisor_options *options);

/* Whether two packed programs have the same policy, with the same options. Cost: to compare the policies' bytes. */
bool packed_policy_is(const struct packed *a, const struct packed *b);

/*
 * Whether a supervisor with this policy and these options honours what was packed: every module that is confined there is confined
 * here, and nothing is allowed that was not when it was packed. Errors: JAIL_EINVAL (it does not), JAIL_EFORMAT, JAIL_EUNSUPPORTED
 * (the packed policy cannot be read), JAIL_ELIMIT, JAIL_ENOMEM.
 */
int packed_policy_check(const struct packed *packed, const struct jail_policy *policy,
                        const struct jail_supervisor_options *options, struct jail_error *err) JAIL_MUST_USE;

#endif
