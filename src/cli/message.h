/* SPDX-License-Identifier: Apache-2.0 */
/* What the command line says on stderr: one line, "jail: …", without control characters. */
#ifndef CLI_MESSAGE_H
#define CLI_MESSAGE_H

#include "cli/cli.h"

#include <stdbool.h>
#include <stdio.h>

/* STDERR_FILENO, or -1 when the process was started without one: another file may have the number then. */
int message_fd(void);

void message_print(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same, and the exit code of jail's own failures. */
struct cli_exit message_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Writes the text to stdout; an error becomes a message and exit code 125. */
struct cli_exit message_stdout(const char *text);

/* Prints text, what is no plain character of it escaped, at least width columns wide and at most 1024 bytes of it. */
void message_print_escaped(FILE *out, const char *text, int width);

#endif
