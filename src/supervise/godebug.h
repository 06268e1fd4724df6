/* SPDX-License-Identifier: Apache-2.0 */
/* The environment that the program gets: its own, with the Go runtime told to keep the ancestry of goroutines. */
#ifndef SUPERVISE_GODEBUG_H
#define SUPERVISE_GODEBUG_H

#include <jail/error.h>
#include <stddef.h>
#include <stdint.h>

/* tracebackancestors unless the caller says otherwise: real programs needed up to 21. */
#define GODEBUG_DEFAULT_ANCESTORS 64

/* The number of ancestors that a value of GODEBUG makes the runtime keep; 0 when it does not name tracebackancestors. */
uint32_t godebug_ancestors(const char *value);

/*
 * Writes the amended value of GODEBUG: value (NULL or "" when unset) with everything that is in it, and
 * tracebackancestors=ancestors unless the value itself asks for as many or more. The last setting of a name counts
 * (runtime/runtime1.go, parsegodebug). Errors: JAIL_ELIMIT when size bytes do not hold it.
 */
int godebug_merge(const char *value, unsigned ancestors, char *buffer, size_t size, struct jail_error *err) JAIL_MUST_USE;

/*
 * A copy of environment with GODEBUG amended (added when missing). The array and the amended entry are owned by the caller, in one
 * block: free(*ret_environment); the other strings are borrowed. Errors: JAIL_ENOMEM, JAIL_ELIMIT.
 */
int godebug_amend(char *const *environment, unsigned ancestors, char ***ret_environment, struct jail_error *err) JAIL_MUST_USE;

#endif
