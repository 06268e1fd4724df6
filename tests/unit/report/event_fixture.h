/* SPDX-License-Identifier: Apache-2.0 */
/* Events, and a policy that they refer to. */
#ifndef UNIT_REPORT_EVENT_FIXTURE_H
#define UNIT_REPORT_EVENT_FIXTURE_H

#include "base/str.h"

#include <jail/event.h>

/* example.com/app requires evil (confined, line 7), lib (indirect, line 8), callbacks (line 9), single (12) and above (15). */
extern const char event_fixture_go_mod[];

/* Its policy; free with jail_policy_free(). Fails the test when it cannot be parsed. */
struct jail_policy *event_fixture_policy(const struct jail_policy_override *overrides, size_t n_overrides);

/* evil reads /root/.ssh/id_rsa. The frames are static: five of them, the third is to blame. */
struct jail_event event_fixture_denied(void);

/* A frame of function in module, at line 14 of file. */
struct jail_event_frame event_fixture_frame(const char *function, const char *file, const char *module);

#endif
