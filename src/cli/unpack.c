/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cleanup.h"
#include "cli/command.h"
#include "cli/message.h"
#include "cli/option.h"
#include "pack/new_file.h"
#include "pack/packed_program.h"

#include <errno.h>
#include <jail/supervisor.h>
#include <string.h>
#include <sys/stat.h>

static const struct option options_table[] = {
        { "output", required_argument, NULL, 'o' },
        { "help", no_argument, NULL, OPTION_HELP },
        { NULL, 0, NULL, 0 },
};

/* PROG.jail gives PROG; anything else needs -o. */
static int choose_output(const char *input, char **ret_output, struct jail_error *err) {
        static const char ending[] = ".jail";
        size_t len = strlen(input);
        if (len <= strlen(ending) || strcmp(input + len - strlen(ending), ending) != 0 || input[len - strlen(ending) - 1] == '/')
                return jail_error_set(err, JAIL_EINVAL, 0, "-o must say which file to make of %s", input);
        *ret_output = strndup(input, len - strlen(ending));
        return *ret_output ? 0 : jail_error_set(err, JAIL_ENOMEM, 0, "out of memory");
}

static int unpack_file(const char *input, const char *output, struct jail_error *err) {
        struct packed_program program;
        struct jail_error why = { 0 };
        struct stat in, out;
        CLEANUP_FREE uint8_t *bytes = NULL;
        size_t len = 0;
        int r = packed_program_open(&program, input, err);
        if (r < 0)
                return r;
        r = packed_program_original(&program, &bytes, &len, &why);
        packed_program_close(&program);
        if (r < 0)
                return jail_error_set(err, why.code, 0, "%s: %s", input, why.msg);
        if (stat(input, &in) < 0)
                return jail_error_set(err, JAIL_ESYS, errno, "%s", input);
        if (stat(output, &out) == 0 && in.st_dev == out.st_dev && in.st_ino == out.st_ino)
                return jail_error_set(err, JAIL_EINVAL, 0, "%s is the packed program itself: -o must name another file", output);
        return new_file_write(output, in.st_mode, (struct bytes){ bytes, len }, err);
}

static struct cli_exit unpack(const struct command *command, int argc, char *argv[]) {
        struct jail_error err = { 0 };
        CLEANUP_FREE char *chosen = NULL;
        const char *output = NULL;
        option_begin();
        int key;
        while ((key = getopt_long(argc, argv, ":ho:", options_table, NULL)) != -1) {
                if (key == OPTION_HELP)
                        return message_stdout(command->help);
                if (key != 'o') {
                        option_complain(command, options_table, key, argv);
                        return (struct cli_exit){ .code = JAIL_EXIT_FAILURE };
                }
                output = optarg;
        }
        if (argc - optind != 1)
                return message_fail("unpack: which packed program? jail unpack [-o OUT] FILE");
        int r = output ? 0 : choose_output(argv[optind], &chosen, &err);
        if (r == 0)
                r = unpack_file(argv[optind], output ? output : chosen, &err);
        return r == 0 ? (struct cli_exit){ .code = 0 } : message_fail("unpack: %s", err.msg);
}

static const char help[] = "Usage: jail unpack [-o OUT] FILE\n"
                           "\n"
                           "Makes the program again that jail pack made FILE of, bit for bit.\n"
                           "\n"
                           "  -o, --output=OUT  the file to make; otherwise FILE without its ending .jail\n"
                           "  -h, --help        show this\n"
                           "\n"
                           "Exit status: 0, or 125: FILE is not packed, or was changed since.\n";

const struct command command_unpack = {
        .name = "unpack",
        .summary = "give back the program that was packed",
        .help = help,
        .run = unpack,
};
