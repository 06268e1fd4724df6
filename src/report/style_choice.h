/* SPDX-License-Identifier: Apache-2.0 */
/* How stderr is to be written to, by the environment (LC_ALL, LC_CTYPE, LANG, NO_COLOR, TERM) and by what stderr is. */
#ifndef REPORT_STYLE_CHOICE_H
#define REPORT_STYLE_CHOICE_H

#include "report/style.h"

enum style_color_choice { STYLE_COLOR_AUTO, STYLE_COLOR_ALWAYS, STYLE_COLOR_NEVER };

struct style style_choose(enum style_color_choice color);

/* "auto", "always" or "never"; false for anything else. */
bool style_choice_parse(const char *word, enum style_color_choice *ret_color);

#endif
