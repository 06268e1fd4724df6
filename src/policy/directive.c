/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/directive.h"

#include "base/text.h"
#include "policy/directive_guess.h"
#include "policy/utf8.h"

#include <jail/class.h>
#include <string.h>

#define CONFINED   "gomodjail:confined"
#define UNCONFINED "gomodjail:unconfined"
#define CALLBACKS  "jail:callbacks"
#define QUIET      "jail:quiet"

bool directive_set_empty(const struct directive_set *set) {
        return set->first.line == 0;
}

/* The words of a comment. A segment is what stands between two separators. */
struct words {
        struct str rest;
        unsigned column;
        struct str word; /* empty at the end */
        unsigned word_column;
        bool starts_segment;
};

static bool is_blank(char c) {
        return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f';
}

/* The length of the separator at offset of s, or 0. A // that follows a colon is part of a URL. */
static size_t separator_len(struct str s, size_t offset) {
        char c = s.ptr[offset];
        if (c == ';' || c == ',')
                return 1;
        bool slashes = c == '/' && offset + 1 < s.len && s.ptr[offset + 1] == '/';
        return slashes && (offset == 0 || s.ptr[offset - 1] != ':') ? 2 : 0;
}

static struct str words_take(struct words *words, size_t len) {
        struct str taken = str_head(words->rest, len);
        words->rest = str_from_offset(words->rest, len);
        words->column += (unsigned) utf8_count(taken);
        return taken;
}

static bool words_next(struct words *words) {
        size_t len;
        words->word = (struct str){ 0 };
        words->starts_segment = words->column == words->word_column; /* true only before the first word */
        for (;;) {
                if (words->rest.len == 0)
                        return false;
                len = separator_len(words->rest, 0);
                if (len == 0 && !is_blank(words->rest.ptr[0]))
                        break;
                words->starts_segment = words->starts_segment || len > 0;
                words_take(words, len > 0 ? len : 1);
        }
        for (len = 1; len < words->rest.len && !is_blank(words->rest.ptr[len]) && separator_len(words->rest, len) == 0;)
                len++;
        words->word_column = words->column;
        words->word = words_take(words, len);
        return true;
}

/* The word after the current one, or an empty one when a separator or the end comes first. */
static struct words words_peek(const struct words *words) {
        struct words next = *words;
        if (!words_next(&next) || next.starts_segment)
                next.word = (struct str){ 0 };
        return next;
}

static struct directive_context words_context(const struct words *words) {
        struct words next = words_peek(words);
        struct directive_context context = { .word = words->word, .next = next.word };
        if (str_equal(next.word, STR(":")) || str_equal(next.word, STR("="))) { /* "gomodjail : confined" */
                next = words_peek(&next);
                if (next.word.len > 0)
                        context.next.len = (size_t) (next.word.ptr + next.word.len - context.next.ptr);
        }
        context.pair = words->starts_segment && next.word.len > 0 && words_peek(&next).word.len == 0;
        return context;
}

/* The word for a message, or both words when the next one belongs to it. */
static struct position_quote context_quote(const struct directive_context *context, bool with_next) {
        struct str shown = context->word;
        if (with_next && context->next.len > 0)
                shown.len = (size_t) (context->next.ptr + context->next.len - shown.ptr);
        return position_quote(shown);
}

static int error_unknown(struct position at, const struct words *words, const char *note, struct jail_error *err) {
        struct directive_context context = words_context(words);
        struct position_quote quote = context_quote(&context, words->word.ptr[words->word.len - 1] == ':');
        const char *meant = directive_guess_nearest(&context);
        if (!meant)
                return position_error(err, JAIL_ESYNTAX, at, "unknown directive %s%s; known are %s, %s, %s and %s CLASS",
                                      quote.text, note, CONFINED, UNCONFINED, CALLBACKS, QUIET);
        return position_error(err, JAIL_ESYNTAX, at, "unknown directive %s%s; did you mean \"%s\"?", quote.text, note, meant);
}

static void add_classes(struct text *text) {
        for (int i = 0; i < JAIL_CLASS_COUNT; i++)
                text_printf(text, "%s%s", i == 0 ? "" : ", ", jail_class_name((enum jail_class) i));
}

/* jail:quiet takes exactly one class, the next word. */
static int scan_quiet(struct directive_set *set, struct position at, struct words *words, struct jail_error *err) {
        char buffer[256];
        struct text classes;
        struct words argument = words_peek(words);
        enum jail_class cls;

        text_init(&classes, buffer, sizeof(buffer));
        add_classes(&classes);
        if (argument.word.len == 0)
                return position_error(err, JAIL_ESYNTAX, at, "\"" QUIET "\" needs a class: %s", buffer);
        at.column = argument.word_column;
        if (jail_class_parse(argument.word.ptr, argument.word.len, &cls) < 0) {
                const char *nearest = directive_guess_class(argument.word);
                return position_error(err, JAIL_ESYNTAX, at, "unknown class %s after \"" QUIET "\"%s%s%s (classes: %s)",
                                      position_quote(argument.word).text, nearest ? "; did you mean \"" : "",
                                      nearest ? nearest : "", nearest ? "\"?" : "", buffer);
        }
        *words = argument;

        struct words more = *words; /* looks past a comma: "jail:quiet fs.read, fs.write" says a second class, too */
        if (words_next(&more) && jail_class_parse(more.word.ptr, more.word.len, &(enum jail_class){ 0 }) == 0) {
                at.column = more.word_column;
                return position_error(err, JAIL_ESYNTAX, at, "\"" QUIET "\" takes one class; write \"" QUIET " %.*s\", too",
                                      STR_ARG(more.word));
        }
        set->quiet_classes |= UINT32_C(1) << cls;
        return 0;
}

static int set_confinement(struct directive_set *set, struct position at, enum directive_confinement confinement,
                           struct jail_error *err) {
        bool confined = confinement == DIRECTIVE_CONFINEMENT_CONFINED;
        if (set->confinement == DIRECTIVE_CONFINEMENT_UNSET) {
                set->confinement = confinement;
                set->confinement_line = at.line;
        } else if (set->confinement != confinement) {
                return position_error(err, JAIL_ESYNTAX, at, "\"%s\" contradicts \"%s\" (line %u), which applies here, too",
                                      confined ? CONFINED : UNCONFINED, confined ? UNCONFINED : CONFINED, set->confinement_line);
        }
        return 0;
}

/* The namespace (its colon included) that the word is in, whatever its case; 0 when none. */
static size_t namespace_len(struct str word) {
        static const char *const namespaces[] = { "gomodjail:", "jail:" };
        for (size_t i = 0; i < sizeof(namespaces) / sizeof(namespaces[0]); i++) {
                size_t len = strlen(namespaces[i]);
                if (word.len >= len && strncasecmp(word.ptr, namespaces[i], len) == 0)
                        return len;
        }
        return 0;
}

/* A word that is no directive: an error when it is in a namespace or looks like a misspelt directive, else prose. */
static int scan_other(struct position at, const struct words *words, struct jail_error *err) {
        struct directive_context context = words_context(words);
        bool with_next = false;
        size_t len = namespace_len(words->word);
        bool jail = len == strlen("jail:");
        bool prose = jail && words->word.len == len && !words->starts_segment; /* "welcome to jail: have fun" */
        if (len > 0 && !prose)
                return error_unknown(at, words, jail && words->word.len > len ? " (a newer jail may know it)" : "", err);

        const char *meant = directive_guess(&context, &with_next);
        if (meant)
                return position_error(err, JAIL_ESYNTAX, at, "%s is no directive; did you mean \"%s\"?",
                                      context_quote(&context, with_next).text, meant);
        return 0;
}

int directive_set_scan(struct directive_set *set, struct position at, struct str comment, struct jail_error *err) {
        struct words words = { .rest = comment, .column = at.column, .word_column = at.column };
        while (words_next(&words)) {
                struct str word = words.word;
                bool known = true;
                int r = 0;
                at.column = words.word_column;
                if (str_equal(word, STR(CONFINED))) {
                        r = set_confinement(set, at, DIRECTIVE_CONFINEMENT_CONFINED, err);
                } else if (str_equal(word, STR(UNCONFINED))) {
                        r = set_confinement(set, at, DIRECTIVE_CONFINEMENT_UNCONFINED, err);
                } else if (str_equal(word, STR(CALLBACKS))) {
                        set->callbacks = true;
                } else if (str_equal(word, STR(QUIET))) {
                        r = scan_quiet(set, at, &words, err);
                } else {
                        known = false;
                        r = scan_other(at, &words, err);
                }
                if (r < 0)
                        return r;
                if (known && directive_set_empty(set)) {
                        set->first = at;
                        set->first_directive = word;
                }
        }
        return 0;
}
