/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/pack_options.h"

#include "base/text.h"
#include "cli/decision_option.h"
#include "report/relaxed.h"

enum {
        OPTION_FORCE = DECISION_OPTION_END,
        OPTION_SHOW,
        OPTION_VERIFY,
        OPTION_NEEDS_PARENT,
        OPTION_OF_A_RUN,
};

static const struct option options_table[] = {
        DECISION_OPTION_ROWS,
        { "output", required_argument, NULL, 'o' },
        { "force", no_argument, NULL, OPTION_FORCE },
        { "show", no_argument, NULL, OPTION_SHOW },
        { "verify", no_argument, NULL, OPTION_VERIFY },
        { "foreground", no_argument, NULL, OPTION_NEEDS_PARENT },
        { "fail-on-deny", optional_argument, NULL, OPTION_NEEDS_PARENT },
        { "via", no_argument, NULL, OPTION_NEEDS_PARENT },
        { "report", required_argument, NULL, OPTION_OF_A_RUN },
        { "stats", no_argument, NULL, OPTION_OF_A_RUN },
        { "verbose", no_argument, NULL, 'v' },
        { "quiet", no_argument, NULL, 'q' },
        { "color", required_argument, NULL, OPTION_OF_A_RUN },
        { "help", no_argument, NULL, OPTION_HELP },
        { NULL, 0, NULL, 0 },
};

static enum option_result parse_one(const struct command *command, int key, char *argv[], struct pack_options *options) {
        switch (key) {
        case OPTION_HELP: return OPTION_SHOW_HELP;
        case OPTION_FORCE: options->force = true; return OPTION_OK;
        case OPTION_SHOW: options->action = PACK_SHOW; return OPTION_OK;
        case OPTION_VERIFY: options->action = PACK_VERIFY; return OPTION_OK;
        case OPTION_NEEDS_PARENT:
                return option_fail(command, "%s needs jail in front of the program: a packed program has no parent of its own",
                                   argv[optind - 1]);
        case 'v':
        case 'q':
        case OPTION_OF_A_RUN:
                return option_fail(command, "%s belongs to a run: set JAIL_FLAGS or JAIL_REPORT when the packed program is started",
                                   argv[optind - 1]);
        case 'o': options->output = optarg; return OPTION_OK;
        default: return decision_option_parse(command, key, optarg, &options->policy, &options->supervisor);
        }
}

/* Options that allow more want --force. */
static enum option_result check_force(const struct command *command, const struct pack_options *options) {
        char buffer[256];
        struct text relaxed;
        text_init(&relaxed, buffer, sizeof(buffer));
        relaxed_add(&relaxed, &options->supervisor);
        bool allows_more = options->supervisor.permissive || relaxed.len > 0;
        if (options->action == PACK_MAKE && allows_more && !options->force)
                return option_fail(command, "options that allow more would hold for everybody who starts the packed program: they "
                                            "need --force");
        return OPTION_OK;
}

enum option_result pack_options_parse(const struct command *command, int argc, char *argv[], struct pack_options *ret_options) {
        *ret_options = (struct pack_options){ .supervisor = { .report_fd = -1 } };
        option_begin();
        int key;
        while ((key = getopt_long(argc, argv, ":ho:vq", options_table, NULL)) != -1) {
                if (key == '?' || key == ':')
                        return option_complain(command, options_table, key, argv);
                enum option_result result = parse_one(command, key, argv, ret_options);
                if (result != OPTION_OK)
                        return result;
        }
        if (optind >= argc)
                return option_fail(command, "which program? jail %s [OPTION]... PROG", command->name);
        if (argc - optind > 1)
                return option_fail(command, "unexpected argument %s: one program can be packed at a time", argv[optind + 1]);
        ret_options->program = argv[optind];
        return check_force(command, ret_options);
}

void pack_options_clear(struct pack_options *options) {
        policy_option_clear(&options->policy);
}
