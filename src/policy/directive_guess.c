/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/directive_guess.h"

#include <jail/class.h>
#include <stddef.h>

/* The longest letters that can still be near a directive. */
#define LETTERS_MAX 24

/* The letters and digits of a word, in lower case: what is left of it when case and punctuation do not count. */
struct letters {
        char text[LETTERS_MAX];
        size_t len;
        bool cut;
};

static void letters_add(struct letters *letters, struct str word) {
        for (size_t i = 0; i < word.len && !letters->cut; i++) {
                char c = word.ptr[i];
                if (c >= 'A' && c <= 'Z')
                        c = (char) (c - 'A' + 'a');
                if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9'))
                        continue;
                if (letters->len == sizeof(letters->text))
                        letters->cut = true;
                else
                        letters->text[letters->len++] = c;
        }
}

static size_t smaller(size_t a, size_t b) {
        return a < b ? a : b;
}

/* Levenshtein distance, or anything above limit when it is above limit; b is at most LETTERS_MAX long. */
static size_t edit_distance(struct str a, struct str b, size_t limit) {
        size_t row[LETTERS_MAX + 1];
        if (a.len > b.len + limit || b.len > a.len + limit || b.len > LETTERS_MAX)
                return limit + 1;
        for (size_t j = 0; j <= b.len; j++)
                row[j] = j;
        for (size_t i = 0; i < a.len; i++) {
                size_t diagonal = row[0];
                row[0] = i + 1;
                for (size_t j = 0; j < b.len; j++) {
                        size_t substituted = diagonal + (a.ptr[i] != b.ptr[j]);
                        diagonal = row[j + 1];
                        row[j + 1] = smaller(substituted, smaller(row[j], row[j + 1]) + 1);
                }
        }
        return row[b.len];
}

/* What people write when they mean a directive. */
static const struct spelling {
        const char *letters;
        const char *meant;
        size_t max_distance;
        bool needs_mark; /* without a : or = it is an English phrase */
} spellings[] = {
        { "gomodjailconfined", "gomodjail:confined", 3, false }, { "gomodjailunconfined", "gomodjail:unconfined", 3, false },
        { "gomodjailcallbacks", "jail:callbacks", 3, false },    { "gomodjailquiet", "jail:quiet", 2, false },
        { "jailconfined", "gomodjail:confined", 1, true },       { "jailunconfined", "gomodjail:unconfined", 2, true },
        { "jailcallbacks", "jail:callbacks", 2, true },          { "jailquiet", "jail:quiet", 1, true },
        { "gomodjail", "gomodjail:confined", 1, true },
};

/* Beyond this distance a suggestion would be a random word. */
#define NEAREST_MAX_DISTANCE 3

static const char *spelling_nearest(struct letters letters, bool mark, size_t more_distance) {
        const char *meant = NULL;
        size_t best = NEAREST_MAX_DISTANCE + 1;
        if (letters.cut)
                return NULL;
        for (size_t i = 0; i < sizeof(spellings) / sizeof(spellings[0]) && best > 0; i++) {
                const struct spelling *spelling = &spellings[i];
                size_t limit = smaller(spelling->max_distance + more_distance, best - 1);
                if (spelling->needs_mark && !mark)
                        continue;
                size_t distance = edit_distance((struct str){ letters.text, letters.len }, str_from(spelling->letters), limit);
                if (distance <= limit && distance < best) {
                        best = distance;
                        meant = spelling->meant;
                }
        }
        return meant;
}

static struct letters letters_of(struct str word, struct str next) {
        struct letters letters = { .len = 0 };
        letters_add(&letters, word);
        letters_add(&letters, next);
        return letters;
}

static bool is_mark(char c) {
        return c == ':' || c == '=' || (c & 0x80); /* non-ASCII: a full-width colon */
}

static bool has_mark(struct str word) {
        for (size_t i = 0; i < word.len; i++)
                if (is_mark(word.ptr[i]))
                        return true;
        return false;
}

/* Whether the word holds a directive with something around it, in whatever case: "(gomodjail:confined)", "x/gomodjail:confined". */
static const char *directive_inside(struct str word) {
        static const char *const directives[] = { "gomodjail:confined", "gomodjail:unconfined", "jail:callbacks", "jail:quiet" };
        for (size_t i = 0; i < sizeof(directives) / sizeof(directives[0]); i++) {
                size_t len = strlen(directives[i]);
                for (size_t start = 0; start + len <= word.len; start++)
                        if (strncasecmp(word.ptr + start, directives[i], len) == 0)
                                return directives[i];
        }
        return NULL;
}

const char *directive_guess(const struct directive_context *context) {
        struct str word = context->word, next = context->next;
        bool mark = has_mark(word);
        const char *meant = mark ? directive_inside(word) : NULL;
        if (meant)
                return meant;

        /* "gomodjail: confined", "gomodjail :confined", and "gomodjail confined" where nothing else is said */
        bool split = next.len > 0 && (is_mark(word.ptr[word.len - 1]) || is_mark(next.ptr[0]) || context->pair);
        struct letters alone = letters_of(word, (struct str){ 0 });
        bool names_jail = alone.len >= 4 && !alone.cut && memcmp(alone.text + alone.len - 4, "jail", 4) == 0;
        if (split && names_jail) {
                meant = spelling_nearest(letters_of(word, next), true, 0);
                if (meant)
                        return meant;
        }
        return spelling_nearest(alone, mark, 0);
}

const char *directive_guess_nearest(const struct directive_context *context) {
        bool open = context->word.ptr[context->word.len - 1] == ':'; /* what follows the blank belongs to it */
        return spelling_nearest(letters_of(context->word, open ? context->next : (struct str){ 0 }), true, 2);
}

const char *directive_guess_class(struct str word) {
        const char *nearest = NULL;
        size_t best = 3;
        for (int i = 0; i < JAIL_CLASS_COUNT && best > 0; i++) {
                const char *name = jail_class_name((enum jail_class) i);
                size_t distance = edit_distance(word, str_from(name), best - 1);
                if (distance < best) {
                        best = distance;
                        nearest = name;
                }
        }
        return nearest;
}
