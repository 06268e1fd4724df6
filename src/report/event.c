/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <jail/event.h>

static const char *const reason_names[JAIL_REASON_COUNT] = {
        [JAIL_REASON_ALLOWED] = "allowed",
        [JAIL_REASON_LOADER] = "loader",
        [JAIL_REASON_INCOMPLETE] = "incomplete",
        [JAIL_REASON_UNKNOWN_CODE] = "unknown-code",
        [JAIL_REASON_C_THREAD] = "c-thread",
        [JAIL_REASON_STD_STATE] = "std-state",
        [JAIL_REASON_CONFINED] = "confined",
        [JAIL_REASON_UNATTRIBUTED] = "unattributed",
        [JAIL_REASON_TRUNCATED] = "truncated",
        [JAIL_REASON_LISTENER] = "listener",
        [JAIL_REASON_CHILDREN] = "children",
        [JAIL_REASON_CHILD_ENV] = "child-env",
        [JAIL_REASON_CGI] = "cgi",
        [JAIL_REASON_UNSUPPORTED] = "unsupported",
};

const char *jail_reason_name(enum jail_reason reason) {
        assert((unsigned) reason < JAIL_REASON_COUNT);
        return reason_names[reason];
}
