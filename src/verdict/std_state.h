/* SPDX-License-Identifier: Apache-2.0 */
/*
 * State that the standard library reads once and remembers for everybody (docs/threat-model.md, "std-state"): a fixed table of
 * initialisers, and of the only targets that they may have.
 */
#ifndef VERDICT_STD_STATE_H
#define VERDICT_STD_STATE_H

#include "base/str.h"
#include "operation/operation.h"

#include <stdbool.h>
#include <sys/types.h>

struct std_state;

/* The table's entry for a function, by its symbol; NULL when it is no initialiser. */
const struct std_state *std_state_find(struct str function);

/* Whether it is the C library, called by the standard library, that makes the entry's calls. */
bool std_state_in_c(const struct std_state *entry);

/*
 * Whether the operation, by process pid, is one of the entry's: opening one of its fixed targets for reading, or what its probe
 * does. Needs the operation's targets. A path below one of its directories has no empty, "." or ".." component.
 */
bool std_state_allows(const struct std_state *entry, const struct operation *operation, pid_t pid);

#endif
