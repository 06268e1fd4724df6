/* SPDX-License-Identifier: Apache-2.0 */
/* What was probably meant: the candidate that is nearest to a misspelt word. */
#ifndef CLI_SUGGEST_H
#define CLI_SUGGEST_H

#include <stddef.h>

struct suggest {
        const char *word, *best; /* borrowed; best is NULL while nothing is near enough */
        size_t best_distance;
};

void suggest_init(struct suggest *suggest, const char *word);

/* Offers a candidate: it becomes the best one when it begins with the word or takes fewer edits than any before it. */
void suggest_add(struct suggest *suggest, const char *candidate);

#endif
