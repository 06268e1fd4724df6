/* SPDX-License-Identifier: Apache-2.0 */
#include "report/relaxed.h"

void relaxed_add(struct text *text, const struct jail_supervisor_options *options) {
        const struct {
                bool given;
                const char *option;
        } rows[] = {
                { options->incomplete_allow, "--incomplete=allow" },
                { options->c_thread_allow, "--c-thread=allow" },
                { options->unattributed_allow, "--unattributed=allow" },
                { options->truncated_allow, "--truncated=allow" },
                { options->cgi_allow, "--allow-cgi" },
                { options->allow_outer_listener, "--allow-outer-listener" },
        };
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                if (rows[i].given)
                        text_printf(text, "%s%s", text->len > 0 ? " " : "", rows[i].option);
        }
}
