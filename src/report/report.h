/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The report: receives the events of a run and writes each distinct one as text for people and as a line of JSON. Everything that
 * it needs is allocated when it is made; an entry is out before report_event() returns.
 */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include "base/str.h"
#include "report/style.h"

#include <jail/event.h>

struct report;

struct report_options {
        int text_fd;                      /* for people, or -1; borrowed */
        int json_fd;                      /* for programs, or -1; borrowed */
        const char *json_name;            /* what --report named, for messages; may be NULL */
        struct style style;               /* decided by the caller at start: the supervisor's environment is empty */
        unsigned quiet;                   /* 1: no notes and no summary as text; 2: no denials as text, either */
        bool verbose;                     /* quiet denials and details, too */
        bool permissive;                  /* the run denies nothing: say so, and what would have to change */
        bool via;                         /* say at the end when no image of the policy was run */
        const char *relaxed;              /* options that relax the verdict, separated by spaces; may be NULL */
        const struct jail_policy *policy; /* borrowed until report_free(); may be NULL */
        struct str go_mod;                /* the text of go.mod, for its `// indirect`; borrowed likewise; may be empty */
};

/* Whether anything is said of images that are trusted. */
static inline bool report_tells_trusted(const struct report_options *options) {
        return options->verbose || options->json_fd >= 0;
}

/* *ret_report is owned by the caller (report_free). Errors: JAIL_ENOMEM. */
int report_new(const struct report_options *options, struct report **ret_report, struct jail_error *err) JAIL_MUST_USE;

/* NULL is fine. Closes nothing. */
void report_free(struct report *report);

/* A jail_event_fn: report is the struct report. Never fails; what could not be written to json_fd is said once on text_fd. */
void report_event(const struct jail_event *event, void *report);

/* The most distinct denials that are told apart; further ones are only counted. */
#define REPORT_MAX_DISTINCT 4096
/* How many of these may come from one place in a module. */
#define REPORT_MAX_OF_SITE 1024

/* The most targets shown as text for one call site, unless verbose. */
#define REPORT_MAX_TARGETS_SHOWN 8

#endif
