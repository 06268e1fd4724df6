/* SPDX-License-Identifier: Apache-2.0 */
/* The line that would allow what was denied: a requirement in go.mod, or an option where go.mod cannot say it. */
#ifndef REPORT_GRANT_LINE_H
#define REPORT_GRANT_LINE_H

#include "base/str.h"
#include "base/text.h"

#include <jail/event.h>

/*
 * Adds the requirement of module that unconfines it, to put in the place of its line in go.mod:
 * "example.com/evil v1.2.3 // gomodjail:unconfined"; `require` and `// indirect` are kept from the line that go_mod (the whole
 * file, may be empty) has. Returns the number of that line. Where no line of go.mod speaks of the module, or the command line
 * overrides it, adds "--module=example.com/evil=unconfined" and returns 0. policy may be NULL.
 */
unsigned grant_line_add_module(struct text *text, const struct jail_policy *policy, struct str go_mod, struct str module);

/*
 * The line of go.mod with a directive above the module's requirement, which would contradict the one that grant_line_add_module()
 * puts beside it, and has to go; 0 for none.
 */
unsigned grant_line_to_remove(const struct jail_policy *policy, struct str module);

/* Adds the option that relaxes a reason other than confined: "--incomplete=allow". Adds nothing when there is none. */
void grant_line_add_option(struct text *text, enum jail_reason reason);

#endif
