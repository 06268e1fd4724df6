/* SPDX-License-Identifier: Apache-2.0 */
/* Notes: what the supervisor has to say that is not about a call. */
#ifndef SUPERVISE_NOTE_H
#define SUPERVISE_NOTE_H

#include <jail/supervisor.h>
#include <sys/types.h>

/* Makes a JAIL_EVENT_NOTE about process pid (0: none) with the formatted message. */
void note_send(const struct jail_supervisor_options *options, pid_t pid, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

#endif
