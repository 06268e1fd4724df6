/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/option.h"

#include "cli/message.h"
#include "cli/suggest.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void option_begin(void) {
        optind = 0; /* glibc: forget everything, and read the optstring's flags again */
        opterr = 0;
}

enum option_result option_fail(const struct command *command, const char *format, ...) {
        char text[2048];
        va_list args;
        va_start(args, format);
        vsnprintf(text, sizeof(text), format, args);
        va_end(args);
        message_print("%s: %s", command->name, text);
        return OPTION_ERROR;
}

/* The word of argv that getopt_long() complained about, cut at its '='. */
static void copy_name(char *ret_name, size_t size, const char *word) {
        size_t len = strcspn(word, "=");
        snprintf(ret_name, size, "%.*s", (int) (len < size ? len : size - 1), word);
}

static enum option_result complain_unknown(const struct command *command, const struct option *options, const char *word) {
        char name[128];
        copy_name(name, sizeof(name), word);
        struct suggest suggest;
        suggest_init(&suggest, name + strlen("--"));
        size_t n_begin_so = 0;
        for (const struct option *option = options; option->name; option++) {
                suggest_add(&suggest, option->name);
                n_begin_so += strncmp(option->name, suggest.word, strlen(suggest.word)) == 0;
        }
        if (n_begin_so > 1)
                return option_fail(command, "option %s is ambiguous (jail %s --help lists them)", name, command->name);
        if (suggest.best)
                return option_fail(command, "unknown option %s; did you mean --%s?", name, suggest.best);
        return option_fail(command, "unknown option %s (jail %s --help lists them)", name, command->name);
}

enum option_result option_complain(const struct command *command, const struct option *options, int getopt_result, char *argv[]) {
        const char *word = argv[optind - 1];
        if (getopt_result == ':')
                return option_fail(command, "option %s needs a value", word);
        if (optopt == 0)
                return complain_unknown(command, options, word);
        if (optopt >= OPTION_FIRST || strncmp(word, "--", 2) == 0) {
                char name[128];
                copy_name(name, sizeof(name), word);
                return option_fail(command, "option %s takes no value", name);
        }
        return option_fail(command, "unknown option -%c (jail %s --help lists them)", isprint(optopt) ? optopt : '?',
                           command->name);
}

enum option_result option_choice(const struct command *command, const char *option, const char *value, const char *first,
                                 const char *second, bool *ret_second) {
        bool is_second = strcmp(value, second) == 0;
        if (!is_second && strcmp(value, first) != 0)
                return option_fail(command, "--%s=%s: expected %s or %s", option, value, first, second);
        *ret_second = is_second;
        return OPTION_OK;
}

enum option_result option_number(const struct command *command, const char *option, const char *value, unsigned least,
                                 unsigned most, unsigned *ret_number) {
        char *end = NULL;
        errno = 0;
        unsigned long number = strtoul(value, &end, 10);
        if (!isdigit((unsigned char) value[0]) || *end != '\0' || errno != 0 || number < least || number > most)
                return option_fail(command, "--%s=%s: expected a number from %u to %u", option, value, least, most);
        *ret_number = (unsigned) number;
        return OPTION_OK;
}
