/* SPDX-License-Identifier: Apache-2.0 */
/* The command line: `jail SUBCOMMAND …`. */
#ifndef CLI_CLI_H
#define CLI_CLI_H

/* How the process should end. */
struct cli_exit {
        int code;
        int signal; /* other than 0: by this signal, as the program did that jail stood in front of; code is for when that fails */
};

struct cli_exit cli_main(int argc, char *argv[]);

#endif
