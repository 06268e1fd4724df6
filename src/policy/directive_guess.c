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

/* Whether something in the word is no English punctuation: a colon, or a dot or slash that does not end it. */
static bool has_mark(struct str word) {
        for (size_t i = 0; i < word.len; i++) {
                char c = word.ptr[i];
                if (is_mark(c) || (i + 1 < word.len && (c == '.' || c == '/' || c == '_')))
                        return true;
        }
        return false;
}

/* "gomodjail:", "go:modjail": a namespace and nothing in it. */
static bool is_bare_namespace(const struct letters *letters) {
        return !letters->cut && edit_distance((struct str){ letters->text, letters->len }, STR("gomodjail"), 1) <= 1;
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

/* Whether the letters name jail or gomodjail, so that what follows a blank may belong to them. */
static bool is_namespace(const struct letters *letters) {
        struct str text = { letters->text, letters->len };
        return !letters->cut && (str_equal(text, STR("jail")) || edit_distance(text, STR("gomodjail"), 2) <= 2);
}

const char *directive_guess(const struct directive_context *context, bool *ret_with_next) {
        struct str word = context->word, next = context->next;
        bool mark = has_mark(word);
        const char *meant = mark ? directive_inside(word) : NULL;
        *ret_with_next = false;
        if (meant)
                return meant;

        /* "gomodjail: confined", "gomodjail :confined", and "gomodjail confined" where nothing else is said */
        struct letters alone = letters_of(word, (struct str){ 0 });
        bool next_marked = next.len > 0 && is_mark(next.ptr[0]);
        bool split = next.len > 0 && (is_mark(word.ptr[word.len - 1]) || next_marked || context->pair);
        if (split && is_namespace(&alone)) {
                meant = spelling_nearest(letters_of(word, next), true, 0);
                if (!meant && next_marked && is_bare_namespace(&alone))
                        meant = "gomodjail:confined";
                *ret_with_next = meant;
                if (meant)
                        return meant;
        }
        return mark && is_bare_namespace(&alone) ? "gomodjail:confined" : spelling_nearest(alone, mark, 0);
}

const char *directive_guess_nearest(const struct directive_context *context) {
        bool open = is_mark(context->word.ptr[context->word.len - 1]);
        struct letters letters = letters_of(context->word, open ? context->next : (struct str){ 0 });
        const char *meant = spelling_nearest(letters, true, 2);
        letters = letters_of(context->word, (struct str){ 0 });
        return !meant && is_bare_namespace(&letters) ? "gomodjail:confined" : meant;
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
