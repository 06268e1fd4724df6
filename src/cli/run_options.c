/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/run_options.h"

#include "cli/decision_option.h"

enum {
        OPTION_FOREGROUND = DECISION_OPTION_END,
        OPTION_VIA,
        OPTION_DECIDE_ALL,
        OPTION_FAIL_ON_DENY,
        OPTION_REPORT,
        OPTION_STATS,
        OPTION_COLOR,
};

static const struct option options_table[] = {
        DECISION_OPTION_ROWS,
        { "foreground", no_argument, NULL, OPTION_FOREGROUND },
        { "via", no_argument, NULL, OPTION_VIA },
        { "decide-all", no_argument, NULL, OPTION_DECIDE_ALL },
        { "fail-on-deny", optional_argument, NULL, OPTION_FAIL_ON_DENY },
        { "report", required_argument, NULL, OPTION_REPORT },
        { "stats", no_argument, NULL, OPTION_STATS },
        { "color", required_argument, NULL, OPTION_COLOR },
        { "verbose", no_argument, NULL, 'v' },
        { "quiet", no_argument, NULL, 'q' },
        { "help", no_argument, NULL, OPTION_HELP },
        { NULL, 0, NULL, 0 },
};

static enum option_result parse_color(const struct command *command, const char *value, enum style_color_choice *ret_color) {
        if (!style_choice_parse(value, ret_color))
                return option_fail(command, "--color=%s: expected auto, always or never", value);
        return OPTION_OK;
}

static enum option_result parse_fail_on_deny(const struct command *command, const char *value, struct run_options *options) {
        options->deny_code = 1;
        options->supervisor.foreground = true; /* only a parent can turn the program's status into another */
        return value ? option_number(command, "fail-on-deny", value, 1, 255, &options->deny_code) : OPTION_OK;
}

static enum option_result parse_one(const struct command *command, int key, char *value, struct run_options *options) {
        switch (key) {
        case OPTION_HELP: return OPTION_SHOW_HELP;
        case OPTION_FOREGROUND: options->supervisor.foreground = true; return OPTION_OK;
        case OPTION_VIA: options->supervisor.via = true; return OPTION_OK;
        case OPTION_FAIL_ON_DENY: return parse_fail_on_deny(command, value, options);
        case OPTION_REPORT: options->report = value; return OPTION_OK;
        case OPTION_STATS: options->supervisor.stats = true; return OPTION_OK;
        case OPTION_DECIDE_ALL: options->supervisor.decide_all = true; return OPTION_OK;
        case OPTION_COLOR: return parse_color(command, value, &options->color);
        case 'v': options->verbose = true; return OPTION_OK;
        case 'q': options->quiet++; return OPTION_OK;
        default: return decision_option_parse(command, key, value, &options->policy, &options->supervisor);
        }
}

enum option_result run_options_parse(const struct command *command, int argc, char *argv[], struct run_options *ret_options) {
        *ret_options = (struct run_options){ .supervisor = { .report_fd = -1 } };
        option_begin();
        int key;
        while ((key = getopt_long(argc, argv, "+:hvq", options_table, NULL)) != -1) {
                if (key == '?' || key == ':')
                        return option_complain(command, options_table, key, argv);
                enum option_result result = parse_one(command, key, optarg, ret_options);
                if (result != OPTION_OK)
                        return result;
        }
        if (optind >= argc)
                return option_fail(command, "which program? jail run [OPTION]... [--] PROG [ARG]...");
        ret_options->program = argv + optind;
        return OPTION_OK;
}

void run_options_clear(struct run_options *options) {
        policy_option_clear(&options->policy);
}
