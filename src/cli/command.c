/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/command.h"

#include "cli/message.h"
#include "cli/suggest.h"

#include <string.h>

const struct command *const command_table[] = {
        &command_run, &command_check, &command_pack, &command_unpack, &command_doctor, &command_version, &command_help, NULL,
};

const struct command *command_find(const char *name) {
        for (const struct command *const *command = command_table; *command; command++) {
                if (strcmp((*command)->name, name) == 0)
                        return *command;
        }
        return NULL;
}

struct cli_exit command_unknown(const char *name) {
        struct suggest suggest;
        suggest_init(&suggest, name);
        for (const struct command *const *command = command_table; *command; command++)
                suggest_add(&suggest, (*command)->name);
        if (suggest.best)
                return message_fail("unknown command %s; did you mean jail %s?", name, suggest.best);
        return message_fail("unknown command %s (jail help lists them)", name);
}

struct cli_exit cli_main(int argc, char *argv[]) {
        if (argc < 2)
                return message_fail("which command? jail run, check, pack, unpack, doctor, version or help");
        const char *name = argv[1];
        if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
                name = "help";
        else if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0)
                name = "version";
        else if (name[0] == '-')
                return message_fail("unknown option %s: options come after a command, as in jail run %s", name, name);

        const struct command *command = command_find(name);
        if (!command)
                return command_unknown(name);
        return command->run(command, argc - 1, argv + 1);
}
