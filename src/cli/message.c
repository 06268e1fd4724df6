/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/message.h"

#include "base/text.h"
#include "report/output.h"
#include "report/style_choice.h"

#include <errno.h>
#include <fcntl.h>
#include <jail/supervisor.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { MAX_LINE_BYTES = 4096 };

int message_fd(void) {
        return fcntl(STDERR_FILENO, F_GETFD) < 0 ? -1 : STDERR_FILENO;
}

static void print(const char *format, va_list args) __attribute__((format(printf, 1, 0)));
static void print(const char *format, va_list args) {
        char raw[MAX_LINE_BYTES], line[4 * MAX_LINE_BYTES + 8];
        struct text text;
        text_init(&text, line, sizeof(line));
        vsnprintf(raw, sizeof(raw), format, args);

        struct style style = style_choose(STYLE_COLOR_NEVER);
        text_add(&text, STR("jail: "));
        style_add_escaped(&text, &style, str_from(raw));
        text_add(&text, STR("\n"));
        output_write(&(struct output){ .fd = message_fd() }, (struct str){ text.ptr, text.len });
}

void message_print(const char *format, ...) {
        va_list args;
        va_start(args, format);
        print(format, args);
        va_end(args);
}

struct cli_exit message_fail(const char *format, ...) {
        va_list args;
        va_start(args, format);
        print(format, args);
        va_end(args);
        return (struct cli_exit){ .code = JAIL_EXIT_FAILURE };
}

struct cli_exit message_stdout(const char *text) {
        struct output out = { .fd = STDOUT_FILENO };
        if (!output_write(&out, str_from(text)))
                return message_fail("stdout: %s", strerror(out.first_errno));
        return (struct cli_exit){ .code = 0 };
}

void message_print_escaped(FILE *out, const char *text, int width) {
        char buffer[4 * 1024 + 8];
        struct text escaped;
        text_init(&escaped, buffer, sizeof(buffer));
        struct style style = style_choose(STYLE_COLOR_NEVER);
        style_add_raw(&escaped, &style, str_head(str_from(text), 1024));
        fprintf(out, "%-*s", width, escaped.ptr);
}
