/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/run_options.h"

#include <string.h>

enum {
        OPTION_GO_MOD = OPTION_FIRST,
        OPTION_MODULE,
        OPTION_POLICY,
        OPTION_FOREGROUND,
        OPTION_VIA,
        OPTION_PERMISSIVE,
        OPTION_DECIDE_ALL,
        OPTION_CHILDREN,
        OPTION_CHILD_ENV,
        OPTION_FAIL_ON_DENY,
        OPTION_REPORT,
        OPTION_STATS,
        OPTION_ANCESTORS,
        OPTION_INCOMPLETE,
        OPTION_C_THREAD,
        OPTION_UNATTRIBUTED,
        OPTION_TRUNCATED,
        OPTION_ALLOW_OUTER_LISTENER,
        OPTION_ALLOW_CGI,
        OPTION_COLOR,
};

enum { MAX_ANCESTORS = 10000 };

static const struct option options_table[] = {
        { "go-mod", required_argument, NULL, OPTION_GO_MOD },
        { "module", required_argument, NULL, OPTION_MODULE },
        { "policy", required_argument, NULL, OPTION_POLICY },
        { "foreground", no_argument, NULL, OPTION_FOREGROUND },
        { "via", no_argument, NULL, OPTION_VIA },
        { "permissive", no_argument, NULL, OPTION_PERMISSIVE },
        { "decide-all", no_argument, NULL, OPTION_DECIDE_ALL },
        { "children", required_argument, NULL, OPTION_CHILDREN },
        { "child-env", required_argument, NULL, OPTION_CHILD_ENV },
        { "fail-on-deny", optional_argument, NULL, OPTION_FAIL_ON_DENY },
        { "report", required_argument, NULL, OPTION_REPORT },
        { "stats", no_argument, NULL, OPTION_STATS },
        { "ancestors", required_argument, NULL, OPTION_ANCESTORS },
        { "incomplete", required_argument, NULL, OPTION_INCOMPLETE },
        { "c-thread", required_argument, NULL, OPTION_C_THREAD },
        { "unattributed", required_argument, NULL, OPTION_UNATTRIBUTED },
        { "truncated", required_argument, NULL, OPTION_TRUNCATED },
        { "allow-cgi", no_argument, NULL, OPTION_ALLOW_CGI },
        { "allow-outer-listener", no_argument, NULL, OPTION_ALLOW_OUTER_LISTENER },
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

/* The options that change what is decided. */
static enum option_result parse_verdict(const struct command *command, int key, const char *value,
                                        struct jail_supervisor_options *supervisor) {
        switch (key) {
        case OPTION_PERMISSIVE: supervisor->permissive = true; return OPTION_OK;
        case OPTION_DECIDE_ALL: supervisor->decide_all = true; return OPTION_OK;
        case OPTION_ALLOW_CGI: supervisor->cgi_allow = true; return OPTION_OK;
        case OPTION_CHILDREN: return option_choice(command, "children", value, "trust", "deny", &supervisor->deny_children);
        case OPTION_CHILD_ENV: return option_choice(command, "child-env", value, "report", "strict", &supervisor->strict_child_env);
        case OPTION_INCOMPLETE: return option_choice(command, "incomplete", value, "deny", "allow", &supervisor->incomplete_allow);
        case OPTION_C_THREAD: return option_choice(command, "c-thread", value, "deny", "allow", &supervisor->c_thread_allow);
        case OPTION_UNATTRIBUTED:
                return option_choice(command, "unattributed", value, "deny", "allow", &supervisor->unattributed_allow);
        case OPTION_TRUNCATED: return option_choice(command, "truncated", value, "allow", "deny", &supervisor->truncated_deny);
        default: return OPTION_ERROR;
        }
}

static enum option_result parse_one(const struct command *command, int key, char *value, struct run_options *options) {
        switch (key) {
        case OPTION_HELP: return OPTION_SHOW_HELP;
        case OPTION_GO_MOD: options->policy.go_mod = value; return OPTION_OK;
        case OPTION_MODULE: return policy_option_add(command, &options->policy, "module", value);
        case OPTION_POLICY: return policy_option_add(command, &options->policy, "policy", value);
        case OPTION_FOREGROUND: options->supervisor.foreground = true; return OPTION_OK;
        case OPTION_VIA: options->supervisor.via = true; return OPTION_OK;
        case OPTION_FAIL_ON_DENY: return parse_fail_on_deny(command, value, options);
        case OPTION_REPORT: options->report = value; return OPTION_OK;
        case OPTION_STATS: options->supervisor.stats = true; return OPTION_OK;
        case OPTION_ANCESTORS: return option_number(command, "ancestors", value, 1, MAX_ANCESTORS, &options->supervisor.ancestors);
        case OPTION_ALLOW_OUTER_LISTENER: options->supervisor.allow_outer_listener = true; return OPTION_OK;
        case OPTION_COLOR: return parse_color(command, value, &options->color);
        case 'v': options->verbose = true; return OPTION_OK;
        case 'q': options->quiet++; return OPTION_OK;
        default: return parse_verdict(command, key, value, &options->supervisor);
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
