/* SPDX-License-Identifier: Apache-2.0 */
/* Events as text for people. Every function adds whole lines; the first begins with "jail: ", the others are indented below it. */
#ifndef REPORT_TEXT_REPORT_H
#define REPORT_TEXT_REPORT_H

#include "base/str.h"
#include "base/text.h"
#include "report/style.h"

#include <jail/event.h>

/* One denial. policy may be NULL, go_mod (the text of go.mod, for its `// indirect`) may be empty. */
void text_report_denied(struct text *text, const struct style *style, const struct jail_event *event,
                        const struct jail_policy *policy, struct str go_mod);

/* A note, or an image that an exec brought: one line. */
void text_report_note(struct text *text, const struct style *style, const struct jail_event *event);
void text_report_image(struct text *text, const struct style *style, const struct jail_event *event);

/* The counts. n_distinct entries were made; more says that it could not be counted further. */
void text_report_summary(struct text *text, const struct style *style, const struct jail_event *event, size_t n_distinct, bool more,
                         bool permissive);

/* The tables of --stats. */
void text_report_stats(struct text *text, const struct style *style, const struct jail_stats *stats);

#endif
