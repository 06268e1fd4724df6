/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines, blocks, and which statement a comment belongs to. A comment above a statement belongs to it when nothing, not even a blank
 * line, is between them. Inside a block, gomodjail lets a blank line pass; here the directive would be an error that says so, since
 * it may have been meant for the whole block.
 */
#include "policy/gomod.h"
#include "policy/gomod_lexer.h"
#include "policy/gomod_statement.h"

struct parser {
        struct gomod *gomod;
        struct gomod_lexer lexer;
        struct directive_set above; /* of the whole-line comments just before the current line */
        bool in_block;
        struct position block_at;
        const struct gomod_verb *block_verb;
        struct directive_set block; /* above and beside the line that opens the block */
        bool block_empty;
};

static int error_applies_to_nothing(const struct directive_set *set, const char *why, struct jail_error *err) {
        return position_error(err, JAIL_ESYNTAX, set->first, "%s applies to nothing: %s", position_quote(set->first_directive).text,
                              why);
}

/* A blank line, or the end of something, follows the comments above. */
static int parser_detach(struct parser *parser, const char *why, struct jail_error *err) {
        if (!directive_set_empty(&parser->above))
                return error_applies_to_nothing(&parser->above, why, err);
        return 0;
}

/* Takes the directives above and beside the current line. */
static int parser_take_directives(struct parser *parser, struct directive_set *ret_set, struct jail_error *err) {
        const struct gomod_line *line = &parser->lexer.line;
        struct directive_set set = parser->above;
        parser->above = (struct directive_set){ 0 };
        if (line->has_comment) {
                struct position at = gomod_lexer_position(&parser->lexer, line->comment_column);
                int r = directive_set_scan(&set, at, line->comment, err);
                if (r < 0)
                        return r;
        }
        *ret_set = set;
        return 0;
}

static int parser_check_place(const struct gomod_verb *verb, const struct directive_set *set, struct jail_error *err) {
        if (gomod_verb_takes_directives(verb) || directive_set_empty(set))
                return 0;
        return position_error(err, JAIL_ESYNTAX, set->first,
                              "%s has no meaning at \"%s\"; directives belong to the module line and to requirements",
                              position_quote(set->first_directive).text, gomod_verb_name(verb));
}

static struct position line_start(const struct parser *parser) {
        return gomod_lexer_position(&parser->lexer, parser->lexer.line.tokens[0].column);
}

static int parser_find_verb(const struct parser *parser, const struct gomod_verb **ret_verb, struct jail_error *err) {
        struct str name = parser->lexer.line.tokens[0].text;
        const struct gomod_verb *verb = gomod_verb_find(name);
        if (!verb)
                return position_error(err, JAIL_ESYNTAX, line_start(parser), "unknown statement %s", position_quote(name).text);
        *ret_verb = verb;
        return 0;
}

static int parser_open_block(struct parser *parser, const struct directive_set *set, size_t n_words, bool closed,
                             struct jail_error *err) {
        const struct gomod_verb *verb = NULL;
        int r = parser_find_verb(parser, &verb, err);
        if (r < 0)
                return r;
        if (n_words > 1 || !gomod_verb_has_blocks(verb))
                return position_error(err, JAIL_ESYNTAX, line_start(parser), "unknown block type %s%s",
                                      position_quote(parser->lexer.line.tokens[0].text).text, n_words > 1 ? " with arguments" : "");
        r = parser_check_place(verb, set, err);
        if (r < 0)
                return r;
        if (closed)
                return directive_set_empty(set) ? 0 : error_applies_to_nothing(set, "the block is empty", err);
        parser->in_block = true;
        parser->block_at = line_start(parser);
        parser->block_verb = verb;
        parser->block = *set;
        parser->block_empty = true;
        return 0;
}

static int parser_close_block(struct parser *parser, const struct directive_set *set, struct jail_error *err) {
        if (parser->lexer.line.n_tokens > 1)
                return position_error(err, JAIL_ESYNTAX, gomod_lexer_position(&parser->lexer, parser->lexer.line.tokens[1].column),
                                      "expected the end of the line after \")\"");
        if (!directive_set_empty(set))
                return error_applies_to_nothing(set, "a directive for a block stands above or beside its first line", err);
        if (parser->block_empty && !directive_set_empty(&parser->block))
                return error_applies_to_nothing(&parser->block, "the block is empty", err);
        parser->in_block = false;
        return 0;
}

static int parser_block_line(struct parser *parser, const struct directive_set *set, struct jail_error *err) {
        const struct gomod_line *line = &parser->lexer.line;
        if (gomod_token_is(&line->tokens[0], ')'))
                return parser_close_block(parser, set, err);
        parser->block_empty = false;
        int r = parser_check_place(parser->block_verb, set, err);
        if (r < 0)
                return r;
        return gomod_statement_apply(parser->gomod,
                                     &(struct gomod_statement){
                                             .verb = parser->block_verb,
                                             .args = line->tokens,
                                             .n_args = line->n_tokens,
                                             .at = line_start(parser),
                                             .line = set,
                                             .block = &parser->block,
                                     },
                                     err);
}

static int parser_top_line(struct parser *parser, const struct directive_set *set, struct jail_error *err) {
        const struct gomod_line *line = &parser->lexer.line;
        size_t n = line->n_tokens;
        if (n >= 2 && gomod_token_is(&line->tokens[n - 1], '('))
                return parser_open_block(parser, set, n - 1, false, err);
        if (n >= 3 && gomod_token_is(&line->tokens[n - 2], '(') && gomod_token_is(&line->tokens[n - 1], ')'))
                return parser_open_block(parser, set, n - 2, true, err);

        const struct gomod_verb *verb = NULL;
        int r = parser_find_verb(parser, &verb, err);
        if (r < 0)
                return r;
        r = parser_check_place(verb, set, err);
        if (r < 0)
                return r;
        return gomod_statement_apply(parser->gomod,
                                     &(struct gomod_statement){
                                             .verb = verb,
                                             .args = line->tokens + 1,
                                             .n_args = n - 1,
                                             .at = line_start(parser),
                                             .line = set,
                                     },
                                     err);
}

static int parser_line(struct parser *parser, struct jail_error *err) {
        const struct gomod_line *line = &parser->lexer.line;
        if (line->n_tokens == 0 && !line->has_comment)
                return parser_detach(parser, "a blank line follows its comment", err);
        if (line->n_tokens == 0)
                return directive_set_scan(&parser->above, gomod_lexer_position(&parser->lexer, line->comment_column), line->comment,
                                          err);
        struct directive_set set = { 0 };
        int r = parser_take_directives(parser, &set, err);
        if (r < 0)
                return r;
        return parser->in_block ? parser_block_line(parser, &set, err) : parser_top_line(parser, &set, err);
}

static int parser_end(struct parser *parser, struct jail_error *err) {
        int r = parser_detach(parser, "no line follows its comment", err);
        if (r < 0)
                return r;
        if (parser->in_block)
                return position_error(err, JAIL_ESYNTAX, parser->block_at, "the block that starts here is not closed");
        if (!parser->gomod->module_path.ptr)
                return position_error(err, JAIL_ESYNTAX, (struct position){ parser->lexer.file, 1, 1 }, "no module line");
        return 0;
}

static int parser_run(struct parser *parser, struct jail_error *err) {
        for (bool end = false;;) {
                int r = gomod_lexer_next(&parser->lexer, &end, err);
                if (r < 0)
                        return r;
                if (end)
                        return parser_end(parser, err);
                r = parser_line(parser, err);
                if (r < 0)
                        return r;
        }
}

int gomod_parse(struct str text, const char *file_name, struct gomod *ret_gomod, struct jail_error *err) {
        struct gomod gomod = { 0 };
        struct parser parser = { .gomod = &gomod };
        gomod_lexer_init(&parser.lexer, file_name, text);
        int r = parser_run(&parser, err);
        gomod_lexer_free(&parser.lexer);
        if (r < 0) {
                gomod_free(&gomod);
                return r;
        }
        *ret_gomod = gomod;
        return 0;
}
