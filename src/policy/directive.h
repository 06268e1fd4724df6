/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The directives in the comments of go.mod: gomodjail:confined, gomodjail:unconfined, jail:callbacks, jail:quiet CLASS. The
 * language is described in docs/policy.md; the first two mean what they mean to gomodjail (its docs/syntax.md).
 */
#ifndef POLICY_DIRECTIVE_H
#define POLICY_DIRECTIVE_H

#include "policy/position.h"

#include <jail/error.h>
#include <stdbool.h>
#include <stdint.h>

enum directive_confinement {
        DIRECTIVE_CONFINEMENT_UNSET,
        DIRECTIVE_CONFINEMENT_CONFINED,
        DIRECTIVE_CONFINEMENT_UNCONFINED,
};

/* What the comments at one place say. All zeroes says nothing. */
struct directive_set {
        enum directive_confinement confinement;
        unsigned confinement_line; /* where it is said first, 1-based; 0 when unset */
        bool callbacks;
        uint32_t quiet_classes;     /* bit 1 << enum jail_class */
        struct position first;      /* of the first directive; first.line is 0 when there is none */
        struct str first_directive; /* its word, borrowed from the comment */
};

/* Whether no directive was found. */
bool directive_set_empty(const struct directive_set *set);

/*
 * Adds the directives of one comment to *set. comment is its text after the //, which starts at `at`. Words are separated by
 * blanks,
 * `;`, `,` or another `//`; words that are neither directives nor look like one are prose. Errors: JAIL_ESYNTAX: an unknown or
 * misspelt directive, a bad class, or a contradiction with what *set says already; *set is then of no use. Linear.
 */
int directive_set_scan(struct directive_set *set, struct position at, struct str comment, struct jail_error *err) JAIL_MUST_USE;

#endif
