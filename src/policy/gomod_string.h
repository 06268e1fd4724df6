/* SPDX-License-Identifier: Apache-2.0 */
/* The values of go.mod's words and strings. Escapes: https://go.dev/ref/spec#String_literals. */
#ifndef POLICY_GOMOD_STRING_H
#define POLICY_GOMOD_STRING_H

#include "policy/gomod_lexer.h"
#include "policy/string_pool.h"

/*
 * The value of a word or string token: a word stands for itself and must hold no quote, "…" has Go's escapes, `…` is raw.
 * *ret_value is borrowed from pool, terminated, and holds no NUL. at.line and at.file name the place, token->column the column.
 * Errors: JAIL_ESYNTAX, JAIL_ENOMEM. Linear.
 */
int gomod_string_value(const struct gomod_token *token, struct position at, struct string_pool *pool, struct str *ret_value,
                       struct jail_error *err) JAIL_MUST_USE;

#endif
