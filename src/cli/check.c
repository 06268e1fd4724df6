/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cleanup.h"
#include "cli/check_table.h"
#include "cli/command.h"
#include "cli/message.h"
#include "cli/policy_option.h"

#include <jail/image.h>
#include <jail/supervisor.h>
#include <string.h>

enum { OPTION_GO_MOD = OPTION_FIRST, OPTION_MODULE, OPTION_POLICY, OPTION_JSON };

static const struct option options_table[] = {
        { "go-mod", required_argument, NULL, OPTION_GO_MOD }, { "module", required_argument, NULL, OPTION_MODULE },
        { "policy", required_argument, NULL, OPTION_POLICY }, { "json", no_argument, NULL, OPTION_JSON },
        { "help", no_argument, NULL, OPTION_HELP },           { NULL, 0, NULL, 0 },
};

struct check_options {
        struct policy_option policy;
        bool json;
        const char *program; /* NULL: go.mod alone */
};

static enum option_result parse_one(const struct command *command, int key, char *value, struct check_options *options) {
        switch (key) {
        case OPTION_HELP: return OPTION_SHOW_HELP;
        case OPTION_GO_MOD: options->policy.go_mod = value; return OPTION_OK;
        case OPTION_MODULE: return policy_option_add(command, &options->policy, "module", value);
        case OPTION_POLICY: return policy_option_add(command, &options->policy, "policy", value);
        case OPTION_JSON: options->json = true; return OPTION_OK;
        default: return OPTION_ERROR;
        }
}

static enum option_result parse(const struct command *command, int argc, char *argv[], struct check_options *ret_options) {
        *ret_options = (struct check_options){ 0 };
        option_begin();
        int key;
        while ((key = getopt_long(argc, argv, ":h", options_table, NULL)) != -1) {
                if (key == '?' || key == ':')
                        return option_complain(command, options_table, key, argv);
                enum option_result result = parse_one(command, key, optarg, ret_options);
                if (result != OPTION_OK)
                        return result;
        }
        if (argc - optind > 1)
                return option_fail(command, "unexpected argument %s: one program can be checked", argv[optind + 1]);
        ret_options->program = argv[optind];
        return OPTION_OK;
}

/* A go.mod of another program says nothing about this one. */
static int check_main_module(const struct jail_policy *policy, const struct jail_image *image, const char *program,
                             struct jail_error *err) {
        const char *of_image = jail_image_main_module(image)->path;
        const char *of_policy = jail_policy_main_module(policy);
        if (of_image[0] == '\0' || strcmp(of_image, of_policy) == 0)
                return 0;
        return jail_error_set(err, JAIL_EINVAL, 0, "%s is a program of module %s, but %s is that of module %s", program, of_image,
                              jail_policy_file(policy), of_policy);
}

static struct cli_exit check_with_options(const struct check_options *options) {
        struct jail_error err = { 0 };
        struct jail_policy *policy = NULL;
        struct jail_image *image = NULL;
        struct str go_mod = { NULL, 0 };
        CLEANUP_FREE char *table = NULL;

        int r = policy_option_load(&options->policy, &policy, &go_mod, &err);
        free((void *) go_mod.ptr);
        if (r == 0 && options->program)
                r = jail_image_open(options->program, &image, &err);
        if (r == 0 && image)
                r = check_main_module(policy, image, options->program, &err);
        if (r == 0)
                r = options->json ? check_table_json(policy, image, options->program, &table, &err)
                                  : check_table_text(policy, image, options->program, &table, &err);
        jail_image_free(image);
        jail_policy_free(policy);
        return r == 0 ? message_stdout(table) : message_fail("%s", err.msg);
}

static struct cli_exit check(const struct command *command, int argc, char *argv[]) {
        struct check_options options;
        struct cli_exit exit;
        switch (parse(command, argc, argv, &options)) {
        case OPTION_OK: exit = check_with_options(&options); break;
        case OPTION_SHOW_HELP: exit = message_stdout(command->help); break;
        case OPTION_ERROR:
        default: exit = (struct cli_exit){ .code = JAIL_EXIT_FAILURE }; break;
        }
        policy_option_clear(&options.policy);
        return exit;
}

static const char help[] = "Usage: jail check [OPTION]... [PROG]\n"
                           "\n"
                           "Reads go.mod as jail run does and shows for every module whether it is\n"
                           "confined, the line that says so, and whether PROG contains it. Warns of\n"
                           "confined modules with assembly, C code, //go:linkname or //line to elsewhere,\n"
                           "where their sources are at hand, and names the build flags that help.\n"
                           "\n"
                           "      --go-mod=FILE  the go.mod to read; otherwise it is looked for in the\n"
                           "                     working directory and the ones above it\n"
                           "      --module=MODULE=confined|unconfined\n"
                           "                     overrides go.mod for a module (--policy is the same)\n"
                           "      --json         one JSON object instead of the table\n"
                           "  -h, --help         show this\n"
                           "\n"
                           "Exit status: 0, or 125 if go.mod or PROG has an error.\n";

const struct command command_check = {
        .name = "check",
        .summary = "show what go.mod confines, and whether a program contains it",
        .help = help,
        .run = check,
};
