/* SPDX-License-Identifier: Apache-2.0 */
/* Events as JSON Lines; docs/report.md describes every field. */
#ifndef REPORT_JSON_REPORT_H
#define REPORT_JSON_REPORT_H

#include "base/str.h"

#include <jail/event.h>
#include <stddef.h>
#include <stdint.h>

/* What every file that jail reports to begins with. */
#define JSON_REPORT_PREFIX "{\"v\":1,\"event\":"

#define JSON_REPORT_MAX_LINE_BYTES (256 * 1024)

/* What an event does not say of itself. */
struct json_context {
        uint32_t id;                      /* of a denial: 1, 2, …; repetitions refer to it */
        bool permissive;                  /* the run denies nothing */
        const char *relaxed;              /* the options that relax the verdict, separated by spaces; "" for none */
        size_t n_distinct;                /* for the summary */
        const struct jail_policy *policy; /* may be NULL */
        const uint8_t *policy_identity;   /* JAIL_POLICY_IDENTITY_SIZE bytes; NULL without a policy */
        struct str go_mod;                /* the text of go.mod, may be empty */
};

/*
 * The event as one line with its '\n', ASCII or UTF-8 without control characters, at most JSON_REPORT_MAX_LINE_BYTES: a stack that
 * is too long loses frames in its middle. Owned by the caller (free); NULL when memory ran out.
 */
char *json_report_event(const struct jail_event *event, const struct json_context *context);

/* The statistics of a summary, and how often a denial happened in all. As above. */
char *json_report_stats(const struct jail_event *event);
char *json_report_repeated(const struct jail_event *summary, uint32_t id, uint64_t count);

#endif
