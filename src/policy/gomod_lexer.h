/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lexer of go.mod: one line at a time, since no token of that grammar spans lines.
 * Grammar: https://go.dev/ref/mod#go-mod-file-lexical; behaviour: golang.org/x/mod/modfile/read.go.
 */
#ifndef POLICY_GOMOD_LEXER_H
#define POLICY_GOMOD_LEXER_H

#include "policy/position.h"

#include <stdbool.h>
#include <stddef.h>

/* The longest line, its newline not counted. */
#define GOMOD_LEXER_LINE_MAX_BYTES ((size_t) 64 << 10)

enum gomod_token_kind {
        GOMOD_TOKEN_WORD,   /* an unquoted word */
        GOMOD_TOKEN_STRING, /* "…" or `…`, quotes included; gomod_string_value() decodes it */
        GOMOD_TOKEN_PUNCT,  /* one of ( ) [ ] { } , */
};

struct gomod_token {
        enum gomod_token_kind kind;
        struct str text; /* borrowed from the file's text */
        unsigned column;
};

/* One line of the file. No tokens and no comment: a blank line. No tokens and a comment: a whole-line comment. */
struct gomod_line {
        unsigned number; /* 1-based */
        struct gomod_token *tokens;
        size_t n_tokens;
        bool has_comment;
        struct str comment;      /* what follows the //, without the newline; borrowed from the file's text */
        unsigned comment_column; /* of its first character after the // */
};

struct gomod_lexer {
        const char *file;
        struct str rest;
        struct gomod_line line; /* the current line; its token array is reused */
        size_t capacity;
};

/* text and file are borrowed until gomod_lexer_free(). */
void gomod_lexer_init(struct gomod_lexer *lexer, const char *file, struct str text);
void gomod_lexer_free(struct gomod_lexer *lexer);

/* The place of column in the current line. */
struct position gomod_lexer_position(const struct gomod_lexer *lexer, unsigned column);

/*
 * Reads the next line into lexer->line, or sets *ret_end at the end of the file. Errors: JAIL_ESYNTAX, JAIL_ELIMIT (a line longer
 * than GOMOD_LEXER_LINE_MAX_BYTES), JAIL_ENOMEM. Linear in the line.
 */
int gomod_lexer_next(struct gomod_lexer *lexer, bool *ret_end, struct jail_error *err) JAIL_MUST_USE;

/* Whether the token is the punctuation character c. */
bool gomod_token_is(const struct gomod_token *token, char c);

#endif
