/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/gomod_lexer.h"

#include "base/array.h"
#include "policy/utf8.h"

#include <limits.h>
#include <stdint.h>
#include <stdlib.h>

void gomod_lexer_init(struct gomod_lexer *lexer, const char *file, struct str text) {
        *lexer = (struct gomod_lexer){ .file = file, .rest = text };
}

void gomod_lexer_free(struct gomod_lexer *lexer) {
        free(lexer->line.tokens);
        *lexer = (struct gomod_lexer){ 0 };
}

struct position gomod_lexer_position(const struct gomod_lexer *lexer, unsigned column) {
        return (struct position){ lexer->file, lexer->line.number, column };
}

bool gomod_token_is(const struct gomod_token *token, char c) {
        return token->kind == GOMOD_TOKEN_PUNCT && token->text.ptr[0] == c;
}

static bool rune_is_punct(uint32_t rune) {
        return rune == '(' || rune == ')' || rune == '[' || rune == ']' || rune == '{' || rune == '}' || rune == ',';
}

/*
 * Whether a word may hold the rune: what the go command calls printable and no space. Go's Unicode tables are not repeated here;
 * what matters is that no control, space or invisible format character is part of a word.
 */
static bool rune_is_word(uint32_t rune) {
        if (rune < 0x80)
                return rune > ' ' && rune < 0x7f && !rune_is_punct(rune);
        bool space = rune == 0xa0 || rune == 0x1680 || (rune >= 0x2000 && rune <= 0x200a) || rune == 0x2028 || rune == 0x2029 ||
                     rune == 0x202f || rune == 0x205f || rune == 0x3000;
        bool format = rune == 0xad || rune == 0x61c || rune == 0x180e || (rune >= 0x200b && rune <= 0x200f) ||
                      (rune >= 0x202a && rune <= 0x202e) || (rune >= 0x2060 && rune <= 0x206f) || rune == 0xfeff ||
                      (rune >= 0xfff9 && rune <= 0xfffb) || (rune >= 0xe0000 && rune <= 0xe007f);
        return rune >= 0xa0 && !space && !format;
}

/* A line under the lexer: what is left of it, and the column of its first rune. */
struct cursor {
        struct str rest;
        unsigned column;
};

static void cursor_advance(struct cursor *cursor, size_t len_bytes) {
        cursor->column += (unsigned) utf8_count(str_head(cursor->rest, len_bytes));
        cursor->rest = str_from_offset(cursor->rest, len_bytes);
}

static int scan_block_comment(const struct gomod_lexer *lexer, unsigned column, struct jail_error *err) {
        return position_error(err, JAIL_ESYNTAX, gomod_lexer_position(lexer, column),
                              "go.mod files must use // comments (not /* */ comments)");
}

/* The length of the word at the start of the cursor, which is at a rune that starts one. */
static int scan_word(const struct gomod_lexer *lexer, const struct cursor *cursor, size_t *ret_len, struct jail_error *err) {
        struct str rest = cursor->rest;
        size_t len = 0;
        while (len < rest.len) {
                struct str here = str_from_offset(rest, len);
                uint32_t rune;
                size_t rune_len = utf8_decode(here, &rune);
                bool malformed = rune == UTF8_REPLACEMENT && rune_len == 1, block_comment = str_starts(here, STR("/*"));
                if (malformed || block_comment) {
                        unsigned column = cursor->column + (unsigned) utf8_count(str_head(rest, len));
                        return block_comment
                                       ? scan_block_comment(lexer, column, err)
                                       : position_error(err, JAIL_ESYNTAX, gomod_lexer_position(lexer, column), "invalid UTF-8");
                }
                if (!rune_is_word(rune) || str_starts(here, STR("//")))
                        break;
                len += rune_len;
        }
        if (len == 0) {
                uint32_t rune;
                size_t rune_len = utf8_decode(rest, &rune);
                return position_error(err, JAIL_ESYNTAX, gomod_lexer_position(lexer, cursor->column), "unexpected character %s",
                                      position_quote(str_head(rest, rune_len)).text);
        }
        *ret_len = len;
        return 0;
}

/* The length of the quoted string at the start of the cursor, its quotes included. */
static int scan_string(const struct gomod_lexer *lexer, const struct cursor *cursor, size_t *ret_len, struct jail_error *err) {
        struct str rest = cursor->rest;
        char quote = rest.ptr[0];
        size_t len = 1;
        while (len < rest.len && rest.ptr[len] != quote)
                len += rest.ptr[len] == '\\' && quote == '"' ? 2 : 1;
        if (len >= rest.len)
                return position_error(err, JAIL_ESYNTAX, gomod_lexer_position(lexer, cursor->column),
                                      "string is not closed before the end of the line");
        len++;
        if (!utf8_valid(str_head(rest, len)))
                return position_error(err, JAIL_ESYNTAX, gomod_lexer_position(lexer, cursor->column), "invalid UTF-8 in string");
        *ret_len = len;
        return 0;
}

static int scan_token(struct gomod_lexer *lexer, struct cursor *cursor, struct jail_error *err) {
        char first = cursor->rest.ptr[0];
        struct gomod_token token = { .kind = GOMOD_TOKEN_WORD, .column = cursor->column };
        size_t len = 1;
        int r = 0;

        if (rune_is_punct((unsigned char) first)) {
                token.kind = GOMOD_TOKEN_PUNCT;
        } else if (first == '"' || first == '`') {
                token.kind = GOMOD_TOKEN_STRING;
                r = scan_string(lexer, cursor, &len, err);
        } else {
                r = scan_word(lexer, cursor, &len, err);
        }
        if (r < 0)
                return r;

        struct gomod_line *line = &lexer->line;
        r = ARRAY_RESERVE(line->tokens, &lexer->capacity, line->n_tokens, GOMOD_LEXER_LINE_MAX_BYTES, err);
        if (r < 0)
                return r;
        token.text = str_head(cursor->rest, len);
        line->tokens[line->n_tokens++] = token;
        cursor_advance(cursor, len);
        return 0;
}

/* Cuts the next line off the text; the newline and a carriage return before it are dropped. */
static int take_line(struct gomod_lexer *lexer, struct str *ret_line, struct jail_error *err) {
        ptrdiff_t newline = str_index(str_head(lexer->rest, GOMOD_LEXER_LINE_MAX_BYTES + 1), '\n');
        size_t len = newline < 0 ? lexer->rest.len : (size_t) newline;
        if (len > GOMOD_LEXER_LINE_MAX_BYTES)
                return position_error(err, JAIL_ELIMIT, gomod_lexer_position(lexer, 1), "line is longer than %zu bytes",
                                      GOMOD_LEXER_LINE_MAX_BYTES);
        struct str line = str_head(lexer->rest, len);
        lexer->rest = str_from_offset(lexer->rest, newline < 0 ? len : len + 1);
        if (newline >= 0 && str_ends(line, STR("\r")))
                line.len--;
        *ret_line = line;
        return 0;
}

int gomod_lexer_next(struct gomod_lexer *lexer, bool *ret_end, struct jail_error *err) {
        if (lexer->rest.len == 0) {
                *ret_end = true;
                return 0;
        }

        struct gomod_line *line = &lexer->line;
        *line = (struct gomod_line){ .number = line->number + 1, .tokens = line->tokens };
        struct cursor cursor = { .column = 1 };
        int r = take_line(lexer, &cursor.rest, err);
        if (r < 0)
                return r;

        while (cursor.rest.len > 0) {
                char first = cursor.rest.ptr[0];
                if (first == ' ' || first == '\t' || first == '\r') {
                        cursor_advance(&cursor, 1);
                } else if (str_starts(cursor.rest, STR("//"))) {
                        cursor_advance(&cursor, 2);
                        line->has_comment = true;
                        line->comment = cursor.rest;
                        line->comment_column = cursor.column;
                        break;
                } else {
                        r = scan_token(lexer, &cursor, err);
                        if (r < 0)
                                return r;
                }
        }
        *ret_end = false;
        return 0;
}
