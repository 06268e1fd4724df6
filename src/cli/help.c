/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "cli/command.h"
#include "cli/message.h"

#include <string.h>

/* jail help, jail help COMMAND, jail --help. */
static struct cli_exit help(const struct command *self, int argc, char *argv[]) {
        if (argc > 2)
                return message_fail("help: unexpected argument %s", argv[2]);
        if (argc == 2 && strcmp(argv[1], "--help") != 0 && strcmp(argv[1], "-h") != 0) {
                const struct command *command = command_find(argv[1]);
                return command ? message_stdout(command->help) : command_unknown(argv[1]);
        }

        char buffer[4096];
        struct text text;
        text_init(&text, buffer, sizeof(buffer));
        text_add(&text, str_from(self->help));
        text_add(&text, STR("\nCommands:\n"));
        for (const struct command *const *command = command_table; *command; command++)
                text_printf(&text, "  %-9s %s\n", (*command)->name, (*command)->summary);
        text_add(&text, STR("\njail COMMAND --help says more, jail(1) everything.\n"));
        return message_stdout(text.ptr);
}

static const char help_text[] = "Usage: jail COMMAND [OPTION]...\n"
                                "\n"
                                "Runs Go programs in which each module may do only what go.mod grants it.\n"
                                "\n"
                                "    jail run -- ./prog            run it under the go.mod found here\n"
                                "    jail run --permissive ./prog  see what would be denied\n"
                                "    jail check ./prog             see which modules are confined\n";

const struct command command_help = {
        .name = "help",
        .summary = "show this, or the help of a command",
        .help = help_text,
        .run = help,
};
