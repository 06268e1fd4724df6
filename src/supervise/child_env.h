/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The environment that steers a trusted child: a fixed list of variables by which a program loads code, finds programs or takes
 * commands. A confined module can change them in memory, without a system call; what differs from the program's start is shown, or
 * refused (--child-env).
 */
#ifndef SUPERVISE_CHILD_ENV_H
#define SUPERVISE_CHILD_ENV_H

#include "base/str.h"

#include <jail/error.h>
#include <stdbool.h>

struct child_env;

/* Copies what of environment is on the list. Errors: JAIL_ENOMEM. */
int child_env_new(char *const *environment, struct child_env **ret_env, struct jail_error *err) JAIL_MUST_USE;
void child_env_free(struct child_env *env);

/* Whether a variable of this name is on the list. */
bool child_env_is_listed(struct str name);

/*
 * Whether entry, NAME=VALUE, is on the list and was not, with this value, in the environment at the start. *ret_name is its name, a
 * part of entry. A variable that is missing steers nothing and is no difference.
 */
bool child_env_differs(const struct child_env *env, struct str entry, struct str *ret_name);

/* Whether a variable is to be shown: each once, and no more of them than can be remembered. */
bool child_env_show(struct child_env *env, struct str name);

#endif
