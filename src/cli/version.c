/* SPDX-License-Identifier: Apache-2.0 */
#include "base/digest.h"
#include "cli/command.h"
#include "cli/message.h"
#include "cli/option.h"
#include "pack/parts.h"

#include <jail/image.h>
#include <jail/version.h>
#include <jansson.h>
#include <stdio.h>

#ifdef JAIL_LINKED_STATICALLY
#define LINKED "static"
#else
#define LINKED "dynamic"
#endif

static const struct option options_table[] = {
        { "help", no_argument, NULL, OPTION_HELP },
        { NULL, 0, NULL, 0 },
};

/* The supervisor that goes into packed programs, as hexadecimal digits in buffer. */
static const char *supervisor_sha256(char *buffer, size_t size) {
        uint8_t sum[DIGEST_SHA256_BYTES];
        digest_sha256(parts_supervisor(), sum);
        for (size_t i = 0; i < sizeof(sum); i++)
                snprintf(buffer + 2 * i, size - 2 * i, "%02x", sum[i]);
        return buffer;
}

static struct cli_exit version(const struct command *command, int argc, char *argv[]) {
        option_begin();
        int key = getopt_long(argc, argv, "+:h", options_table, NULL);
        if (key == OPTION_HELP)
                return message_stdout(command->help);
        if (key != -1) {
                option_complain(command, options_table, key, argv);
                return (struct cli_exit){ .code = 125 };
        }
        if (optind < argc)
                return message_fail("version: unexpected argument %s", argv[optind]);

        char text[512], sum[65];
        snprintf(text, sizeof(text),
                 "jail %s\n"
                 "go       %s\n"
                 "backend  ptrace, amd64\n"
                 "linked   %s, jansson %s\n"
                 "packs    %s (sha256 of the supervisor)\n",
                 JAIL_VERSION, jail_image_supported_versions(), LINKED, jansson_version_str(), supervisor_sha256(sum, sizeof(sum)));
        return message_stdout(text);
}

static const char help[] = "Usage: jail version\n"
                           "\n"
                           "Prints the version, the Go versions that it knows, and what it is built with.\n";

const struct command command_version = {
        .name = "version",
        .summary = "print the version and what it is built with",
        .help = help,
        .run = version,
};
