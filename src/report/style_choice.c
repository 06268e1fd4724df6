/* SPDX-License-Identifier: Apache-2.0 */
#include "report/style_choice.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* As setlocale(3) chooses the character encoding; asking the C library would need the locale's files, which a static jail lacks. */
static bool speaks_utf8(void) {
        static const char *const variables[] = { "LC_ALL", "LC_CTYPE", "LANG" };
        for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++) {
                const char *value = getenv(variables[i]);
                if (value && value[0])
                        return strcasestr(value, "UTF-8") || strcasestr(value, "utf8");
        }
        return false;
}

static bool wants_color(void) {
        const char *no_color = getenv("NO_COLOR");
        const char *term = getenv("TERM");
        return (!no_color || !no_color[0]) && term && strcmp(term, "dumb") != 0 && isatty(STDERR_FILENO);
}

struct style style_choose(enum style_color_choice color) {
        return (struct style){
                .utf8 = speaks_utf8(),
                .color = color == STYLE_COLOR_ALWAYS || (color == STYLE_COLOR_AUTO && wants_color()),
        };
}

bool style_choice_parse(const char *word, enum style_color_choice *ret_color) {
        static const char *const words[] = {
                [STYLE_COLOR_AUTO] = "auto",
                [STYLE_COLOR_ALWAYS] = "always",
                [STYLE_COLOR_NEVER] = "never",
        };
        for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
                if (strcmp(word, words[i]) == 0) {
                        *ret_color = (enum style_color_choice) i;
                        return true;
                }
        }
        return false;
}
