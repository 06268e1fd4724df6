/* SPDX-License-Identifier: Apache-2.0 */
/* A bounded text under construction: writing past the end cuts it and remembers that. Never allocates. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>

struct text {
        char *ptr;   /* borrowed from the caller, always NUL-terminated once text_init() was called */
        size_t size; /* bytes at ptr, the terminator included; at least 1 */
        size_t len;  /* bytes written, the terminator not included */
        bool cut;
};

void text_init(struct text *text, char *buffer, size_t size);
void text_add(struct text *text, struct str s);
void text_printf(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

/*
 * Adds bytes that came from the program: printable ASCII and well-formed UTF-8 without control characters as they are; ", \ and
 * everything else as C escapes (\n, \x1b). What would change a terminal or forge a line cannot get through.
 */
void text_add_escaped(struct text *text, struct str s);

/*
 * The length of the well-formed UTF-8 sequence at the start of s, which is not empty, that is harmless on a terminal, or 0: no
 * overlong forms, no surrogates, no controls, no bidirectional or other invisible format characters (RFC 3629; Unicode Cf).
 */
size_t text_harmless_sequence(struct str s);

#endif
