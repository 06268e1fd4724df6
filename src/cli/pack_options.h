/* SPDX-License-Identifier: Apache-2.0 */
/* The options of `jail pack`. */
#ifndef CLI_PACK_OPTIONS_H
#define CLI_PACK_OPTIONS_H

#include "cli/policy_option.h"

#include <jail/supervisor.h>

enum pack_action { PACK_MAKE, PACK_SHOW, PACK_VERIFY };

struct pack_options {
        enum pack_action action;
        struct policy_option policy;
        struct jail_supervisor_options supervisor; /* what the packed program will be run with */
        bool force;
        const char *output;  /* -o, or NULL */
        const char *program; /* or the packed file to look at */
};

/* Parses argv; what is returned points into it. *ret_options is the caller's to clear (pack_options_clear) whatever comes back. */
enum option_result pack_options_parse(const struct command *command, int argc, char *argv[], struct pack_options *ret_options);

void pack_options_clear(struct pack_options *options);

#endif
