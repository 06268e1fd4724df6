/* SPDX-License-Identifier: Apache-2.0 */
/* The statements of go.mod: module, go, toolchain, godebug, require, exclude, replace, retract, tool, ignore. */
#ifndef POLICY_GOMOD_STATEMENT_H
#define POLICY_GOMOD_STATEMENT_H

#include "policy/gomod.h"
#include "policy/gomod_lexer.h"

#include <stdbool.h>
#include <stddef.h>

struct gomod_verb;

/* One statement: a line of its own or a line of a block. Everything is borrowed for the call. */
struct gomod_statement {
        const struct gomod_verb *verb;
        const struct gomod_token *args; /* what follows the verb */
        size_t n_args;
        struct position at;                /* of the statement's first token */
        const struct directive_set *line;  /* the directives above and beside it */
        const struct directive_set *block; /* those of the block around it, or NULL */
};

/* The verb of that name, or NULL. Static. */
const struct gomod_verb *gomod_verb_find(struct str name);

const char *gomod_verb_name(const struct gomod_verb *verb);

/* Whether `verb ( … )` is allowed. */
bool gomod_verb_has_blocks(const struct gomod_verb *verb);

/* Whether directives mean something at such a statement or block. */
bool gomod_verb_takes_directives(const struct gomod_verb *verb);

/*
 * Checks the statement and adds what it says to *gomod. Errors: JAIL_ESYNTAX, JAIL_ELIMIT (msg begins with file:line:column),
 * JAIL_ENOMEM.
 */
int gomod_statement_apply(struct gomod *gomod, const struct gomod_statement *statement, struct jail_error *err) JAIL_MUST_USE;

#endif
