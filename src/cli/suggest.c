/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/suggest.h"

#include <string.h>

enum { MAX_LENGTH = 63 };

static size_t least(size_t a, size_t b) {
        return a < b ? a : b;
}

/* The number of insertions, deletions, replacements and swaps of neighbours that turn a into b. */
static size_t edit_distance(const char *a, size_t len_a, const char *b, size_t len_b) {
        size_t rows[3][MAX_LENGTH + 2] = { 0 };
        size_t *before_last = rows[0], *last = rows[1], *row = rows[2];
        for (size_t j = 0; j <= len_b; j++)
                last[j] = j;
        for (size_t i = 1; i <= len_a; i++) {
                row[0] = i;
                for (size_t j = 1; j <= len_b; j++) {
                        row[j] = least(least(last[j] + 1, row[j - 1] + 1), last[j - 1] + (a[i - 1] != b[j - 1]));
                        if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                                row[j] = least(row[j], before_last[j - 2] + 1);
                }
                size_t *free_row = before_last;
                before_last = last;
                last = row;
                row = free_row;
        }
        return last[len_b];
}

void suggest_init(struct suggest *suggest, const char *word) {
        size_t len = strlen(word);
        *suggest = (struct suggest){ .word = word, .best_distance = len < 4 ? 2 : 3 };
}

void suggest_add(struct suggest *suggest, const char *candidate) {
        size_t len_word = strlen(suggest->word), len = strlen(candidate);
        if (len_word == 0 || len_word > MAX_LENGTH || len > MAX_LENGTH)
                return;
        size_t distance = edit_distance(suggest->word, len_word, candidate, len);
        if (len_word >= 3 && strncmp(candidate, suggest->word, len_word) == 0)
                distance = least(distance, 1);
        if (distance < suggest->best_distance) {
                suggest->best = candidate;
                suggest->best_distance = distance;
        }
}
