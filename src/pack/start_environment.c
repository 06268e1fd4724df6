/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/start_environment.h"

#include <stdlib.h>
#include <string.h>

#define MAX_FLAG_BYTES 32

static bool take_flag(const char *flag, struct start_environment *environment) {
        static const char color[] = "--color=";
        if (strcmp(flag, "-v") == 0)
                environment->verbose = true;
        else if (strcmp(flag, "-q") == 0)
                environment->quiet++;
        else if (strcmp(flag, "--stats") == 0)
                environment->stats = true;
        else if (strcmp(flag, "--color") == 0)
                environment->color = STYLE_COLOR_ALWAYS;
        else if (strncmp(flag, color, strlen(color)) == 0)
                return style_choice_parse(flag + strlen(color), &environment->color);
        else
                return false;
        return true;
}

int start_environment_read(struct start_environment *ret_environment, struct jail_error *err) {
        struct start_environment environment = { .color = STYLE_COLOR_AUTO, .report = secure_getenv("JAIL_REPORT") };
        const char *flags = secure_getenv("JAIL_FLAGS");
        while (flags && *flags) {
                char flag[MAX_FLAG_BYTES] = "";
                size_t len = strcspn(flags, " ");
                if (len < sizeof(flag))
                        memcpy(flag, flags, len);
                if (len > 0 && !take_flag(flag, &environment))
                        return jail_error_set(err, JAIL_EINVAL, 0, "JAIL_FLAGS: expected -v, -q, --stats or --color=WHEN");
                flags += len + (flags[len] == ' ');
        }
        if (environment.report && environment.report[0] == '\0')
                return jail_error_set(err, JAIL_EINVAL, 0, "JAIL_REPORT: expected a file name, and it is empty");
        if (environment.report && strncmp(environment.report, "fd:", strlen("fd:")) == 0)
                return jail_error_set(err, JAIL_EINVAL, 0,
                                      "JAIL_REPORT: expected a file name: a descriptor would stay open in the program");
        *ret_environment = environment;
        return 0;
}
