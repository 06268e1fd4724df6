/* SPDX-License-Identifier: Apache-2.0 */
/* Finding the program, by the rules of execvp(3). */
#ifndef SUPERVISE_PROGRAM_PATH_H
#define SUPERVISE_PROGRAM_PATH_H

#include <jail/error.h>

/*
 * Finds the file that name stands for: name itself when it has a slash, else the first of that name in search_path (NULL: the
 * default of execvp) that can be executed. *ret_path is owned by the caller (free). On failure *ret_exit_code is what env(1) and
 * the shell say: 127 not found, 126 found but not executable. Errors: JAIL_ENOTFOUND, JAIL_ESYS, JAIL_ENOMEM.
 */
int program_path_find(const char *name, const char *search_path, char **ret_path, int *ret_exit_code,
                      struct jail_error *err) JAIL_MUST_USE;

/* The exit code for an execve(2) that failed with error_number. */
int program_path_exit_code(int error_number);

#endif
