/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/position.h"

#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>

int position_error(struct jail_error *err, enum jail_error_code code, struct position at, const char *format, ...) {
        char msg[JAIL_ERROR_MSG_SIZE];
        va_list args;
        va_start(args, format);
        int len = vsnprintf(msg, sizeof(msg), format, args);
        va_end(args);
        return jail_error_set(err, code, 0, "%s:%u:%u: %s", at.file, at.line, at.column, len < 0 ? "" : msg);
}

struct position_quote position_quote(struct str s) {
        struct position_quote quote;
        struct text text;

        text_init(&text, quote.text, sizeof(quote.text) - 4); /* room for the closing quote or the dots */
        text_add(&text, STR("\""));
        text_add_escaped(&text, s);
        bool cut = text.cut;
        text.size = sizeof(quote.text);
        text_add(&text, cut ? STR("…") : STR("\""));
        return quote;
}
