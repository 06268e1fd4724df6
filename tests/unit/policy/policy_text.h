/* SPDX-License-Identifier: Apache-2.0 */
/* A policy as a text that a test can be compared with, and a go.mod that has one of everything. */
#ifndef TESTS_POLICY_TEXT_H
#define TESTS_POLICY_TEXT_H

#include <jail/policy.h>

/*
 * `main PATH` and `default …`, then one line per module: PATH VERSION [=> PATH VERSION] confined|unconfined [callbacks] [quiet
 * CLASS…] ORIGIN[:LINE] [require:LINE]. An empty version reads `-`. Owned by the caller.
 */
char *policy_text(const struct jail_policy *policy);

/* Every form of the grammar and every directive. */
extern const char policy_rich_go_mod[];

#endif
