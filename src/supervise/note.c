/* SPDX-License-Identifier: Apache-2.0 */
#include "supervise/note.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>

void note_send(const struct jail_supervisor_options *options, pid_t pid, const char *format, ...) {
        char message[JAIL_ERROR_MSG_SIZE];
        struct timespec now;
        va_list arguments;

        if (!options->on_event)
                return;
        va_start(arguments, format);
        vsnprintf(message, sizeof(message), format, arguments);
        va_end(arguments);
        clock_gettime(CLOCK_REALTIME, &now);

        const struct jail_event event = {
                .kind = JAIL_EVENT_NOTE,
                .time_ns = (uint64_t) now.tv_sec * 1000000000U + (uint64_t) now.tv_nsec,
                .pid = pid,
                .tid = pid,
                .image = "",
                .known = "",
                .syscall = "",
                .call = "",
                .target = "",
                .module = "",
                .version = "",
                .policy_file = "",
                .detail = "",
                .message = message,
                .go_version = "",
        };
        options->on_event(&event, options->on_event_data);
}
