/* SPDX-License-Identifier: Apache-2.0 */
/* What the option parsers of the subcommands share. */
#ifndef CLI_OPTION_H
#define CLI_OPTION_H

#include "cli/command.h"

#include <getopt.h>
#include <jail/error.h>
#include <stdbool.h>

/* Options without a letter are numbered from here. */
enum { OPTION_FIRST = 256, OPTION_HELP = 'h' };

/* What a parser came to. */
enum option_result {
        OPTION_OK,
        OPTION_SHOW_HELP, /* --help was given */
        OPTION_ERROR,     /* a message was printed */
};

/* Starts over; a subcommand's argv[0] is its name. */
void option_begin(void);

/* Prints what was wrong when getopt_long(3), called with "+:…" and these options, has returned '?' or ':'. */
enum option_result option_complain(const struct command *command, const struct option *options, int getopt_result, char *argv[]);

/* Prints "jail: COMMAND: …". */
enum option_result option_fail(const struct command *command, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Parses one of two words (--children=trust|deny); *ret_second tells which. */
enum option_result option_choice(const struct command *command, const char *option, const char *value, const char *first,
                                 const char *second, bool *ret_second);

/* Parses a decimal number from least to most. */
enum option_result option_number(const struct command *command, const char *option, const char *value, unsigned least,
                                 unsigned most, unsigned *ret_number);

#endif
