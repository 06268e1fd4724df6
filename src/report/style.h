/* SPDX-License-Identifier: Apache-2.0 */
/* How text entries look: colours, arrows, and bytes from the program made harmless. */
#ifndef REPORT_STYLE_H
#define REPORT_STYLE_H

#include "base/str.h"
#include "base/text.h"

#include <stdbool.h>

struct style {
        bool color; /* ANSI colours */
        bool utf8;  /* the terminal shows UTF-8: false turns every other byte into an escape */
};

enum style_color {
        STYLE_DENIED, /* red */
        STYLE_NOTICE, /* yellow */
        STYLE_NAME,   /* bold */
        STYLE_LABEL,  /* dim */
};

void style_begin(struct text *text, const struct style *style, enum style_color color);
void style_end(struct text *text, const struct style *style);

/* Adds bytes that came from the program, escaped as text_add_escaped() does. */
void style_add_raw(struct text *text, const struct style *style, struct str raw);

/*
 * Adds text that whoever made the event has escaped already. What is not harmless in it nevertheless (control characters, bytes
 * that are no UTF-8) becomes an escape, so that no mistake elsewhere lets the program forge a line.
 */
void style_add_escaped(struct text *text, const struct style *style, struct str escaped);

/*
 * Adds a function's symbol in the short form that people say: the package's last path element (with the one before it when it is a
 * major version), no type arguments: "example.com/evil/v2.(*T).Add[go.shape.int]" gives "evil/v2.(*T).Add[...]".
 */
void style_add_symbol(struct text *text, const struct style *style, struct str symbol);

/* Adds a file name's last two components, without the version of a module's directory: "evil/evil.go". */
void style_add_file(struct text *text, const struct style *style, struct str file);

#endif
