/* SPDX-License-Identifier: Apache-2.0 */
/* Denials that are known and harmless (docs/threat-model.md): denied and counted like others, but shown with -v only. */
#ifndef VERDICT_KNOWN_DENIALS_H
#define VERDICT_KNOWN_DENIALS_H

#include "base/str.h"

#include <jail/class.h>

/* The table's name for a denial that `function` of the module at module_path is to blame for, or NULL. */
const char *known_denial(struct str module_path, struct str function, enum jail_class cls);

#endif
