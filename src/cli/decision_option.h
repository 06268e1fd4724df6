/* SPDX-License-Identifier: Apache-2.0 */
/* The options that `jail run` and `jail pack` share: which policy holds, and how doubt and children are decided. */
#ifndef CLI_DECISION_OPTION_H
#define CLI_DECISION_OPTION_H

#include "cli/policy_option.h"

#include <jail/supervisor.h>

/* What getopt_long(3) returns for them; the subcommand's own options are numbered from DECISION_OPTION_END. */
enum {
        OPTION_GO_MOD = OPTION_FIRST,
        OPTION_MODULE,
        OPTION_POLICY,
        OPTION_PERMISSIVE,
        OPTION_CHILDREN,
        OPTION_CHILD_ENV,
        OPTION_ANCESTORS,
        OPTION_INCOMPLETE,
        OPTION_C_THREAD,
        OPTION_UNATTRIBUTED,
        OPTION_TRUNCATED,
        OPTION_ALLOW_CGI,
        OPTION_ALLOW_OUTER_LISTENER,
        DECISION_OPTION_END,
};

/* Their rows of a table for getopt_long(3), which wants all of a subcommand's in one. */
/* clang-format off */
#define DECISION_OPTION_ROWS \
        { "go-mod", required_argument, NULL, OPTION_GO_MOD }, \
        { "module", required_argument, NULL, OPTION_MODULE }, \
        { "policy", required_argument, NULL, OPTION_POLICY }, \
        { "permissive", no_argument, NULL, OPTION_PERMISSIVE }, \
        { "children", required_argument, NULL, OPTION_CHILDREN }, \
        { "child-env", required_argument, NULL, OPTION_CHILD_ENV }, \
        { "ancestors", required_argument, NULL, OPTION_ANCESTORS }, \
        { "incomplete", required_argument, NULL, OPTION_INCOMPLETE }, \
        { "c-thread", required_argument, NULL, OPTION_C_THREAD }, \
        { "unattributed", required_argument, NULL, OPTION_UNATTRIBUTED }, \
        { "truncated", required_argument, NULL, OPTION_TRUNCATED }, \
        { "allow-cgi", no_argument, NULL, OPTION_ALLOW_CGI }, \
        { "allow-outer-listener", no_argument, NULL, OPTION_ALLOW_OUTER_LISTENER }
/* clang-format on */

/* Takes one of them, with its value in argv; OPTION_ERROR, with a message, when the value is none. */
enum option_result decision_option_parse(const struct command *command, int key, char *value, struct policy_option *policy,
                                         struct jail_supervisor_options *supervisor);

#endif
