/* SPDX-License-Identifier: Apache-2.0 */
/* The subcommands. Each lives in its own file and ends in one of these rows. */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include "cli/cli.h"

#include <stddef.h>

struct command {
        const char *name;
        const char *summary; /* for `jail help` */
        const char *help;    /* for `jail NAME --help`: whole lines of at most 80 columns */
        /* argv[0] is the subcommand's name. */
        struct cli_exit (*run)(const struct command *command, int argc, char *argv[]);
};

extern const struct command command_run;
extern const struct command command_check;
extern const struct command command_pack;
extern const struct command command_unpack;
extern const struct command command_doctor;
extern const struct command command_version;
extern const struct command command_help;

/* All of them, ended by NULL. */
extern const struct command *const command_table[];

/* NULL when there is none of that name. */
const struct command *command_find(const char *name);

/* The error for a name that command_find() does not know. */
struct cli_exit command_unknown(const char *name);

#endif
