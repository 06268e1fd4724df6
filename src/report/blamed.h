/* SPDX-License-Identifier: Apache-2.0 */
/* The modules that would have to be unconfined for a run without denials: collected by --permissive. */
#ifndef REPORT_BLAMED_H
#define REPORT_BLAMED_H

#include <jail/event.h>
#include <stddef.h>
#include <stdint.h>

struct blamed {
        char **modules; /* paths, in the order of their first denial; owned */
        size_t n_modules, capacity;
        uint64_t reasons; /* bit 1 << enum jail_reason for each reason other than confined */
        bool cut;         /* memory or the bound ran out: modules are missing */
};

/*
 * Adds every module that the denial's stack shows to be confined, not only the one that was named: with that one unconfined the
 * next would be denied. policy may be NULL. Never fails: what does not fit sets cut.
 */
void blamed_add(struct blamed *blamed, const struct jail_event *event, const struct jail_policy *policy);

/* Frees the list and leaves it empty; an all-zero one is fine. */
void blamed_clear(struct blamed *blamed);

#endif
