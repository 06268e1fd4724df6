/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a seccomp listener is in force for this process: one that outranks a tracer and can hide calls from it. */
#ifndef SUPERVISE_LISTENER_PROBE_H
#define SUPERVISE_LISTENER_PROBE_H

#include <jail/error.h>
#include <stdbool.h>

/* Whether any filter is in force for this process: without one there is no listener, nor another jail. Cost: one system call. */
bool listener_may_be(void);

/*
 * Asks the kernel, in a throw-away child: it refuses a second listener (EBUSY). Costs one system call when no filter is in force.
 * Errors: JAIL_ESYS (could not look).
 */
int listener_probe(bool *ret_listener, struct jail_error *err) JAIL_MUST_USE;

/* The same, as an error for the user that names the option to look at. Errors: JAIL_EUNSUPPORTED (there is one), JAIL_ESYS. */
int listener_refuse(const char *option, struct jail_error *err) JAIL_MUST_USE;

#endif
