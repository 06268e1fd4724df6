/* SPDX-License-Identifier: Apache-2.0 */
/* The options of `jail run`. */
#ifndef CLI_RUN_OPTIONS_H
#define CLI_RUN_OPTIONS_H

#include "cli/message.h"
#include "cli/policy_option.h"
#include "report/style_choice.h"

#include <jail/supervisor.h>

struct run_options {
        struct policy_option policy;
        struct jail_supervisor_options supervisor; /* without its callback and report_fd */
        unsigned deny_code;                        /* --fail-on-deny: the exit code; 0: not given */
        const char *report;                        /* --report, or NULL */
        enum style_color_choice color;
        bool verbose;
        unsigned quiet;
        char **program; /* argv of the program, NULL-terminated; never empty */
};

/* Parses argv; what is returned points into it. *ret_options is the caller's to clear (run_options_clear) whatever comes back. */
enum option_result run_options_parse(const struct command *command, int argc, char *argv[], struct run_options *ret_options);

void run_options_clear(struct run_options *options);

#endif
