/* SPDX-License-Identifier: Apache-2.0 */
/* Telling misspelt directives from prose: a directive with a typo must never pass as an ordinary comment. */
#ifndef POLICY_DIRECTIVE_GUESS_H
#define POLICY_DIRECTIVE_GUESS_H

#include "base/str.h"

#include <stdbool.h>

/* A word of a comment and what follows it there. */
struct directive_context {
        struct str word;
        struct str next; /* the next word before a separator; empty when there is none */
        bool pair;       /* word and next are all that stands between two separators */
};

/*
 * The directive that the word, which is none, was probably meant to be ("gomodjail:confined"), or NULL when it looks like prose.
 * Static string. *ret_with_next tells whether the next word is part of it: "gomodjail: confined". Cheap for words of prose: most
 * are told apart by their length.
 */
const char *directive_guess(const struct directive_context *context, bool *ret_with_next);

/* The directive nearest to a word that is known to be in one of the namespaces, or NULL when none is near. Static string. */
const char *directive_guess_nearest(const struct directive_context *context);

/* The class nearest to word, or NULL when none is near. Static string. */
const char *directive_guess_class(struct str word);

#endif
