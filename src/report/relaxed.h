/* SPDX-License-Identifier: Apache-2.0 */
/* The options that relax the verdict: that is never done silently. */
#ifndef REPORT_RELAXED_H
#define REPORT_RELAXED_H

#include "base/text.h"

#include <jail/supervisor.h>

/* Adds those that are given, as on the command line and separated by spaces. --permissive has words of its own. */
void relaxed_add(struct text *text, const struct jail_supervisor_options *options);

#endif
