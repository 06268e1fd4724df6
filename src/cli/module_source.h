/* SPDX-License-Identifier: Apache-2.0 */
/* Where the sources of a module are on this machine. */
#ifndef CLI_MODULE_SOURCE_H
#define CLI_MODULE_SOURCE_H

#include <jail/policy.h>

/*
 * The directory of the module's sources: its local replacement, the vendor directory beside go.mod, or the module cache. NULL when
 * none of them is there or memory ran out. Owned by the caller (free).
 */
char *module_source_find(const struct jail_policy *policy, const struct jail_policy_module *module, const char *version);

#endif
