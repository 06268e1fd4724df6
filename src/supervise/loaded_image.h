/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The file of a packed program where it cannot be opened: its user may execute but not read it, or there is no /proc. What the Go
 * tables need of it is loaded, and jail packed the section headers, so a file is put together from memory before the program has
 * run.
 */
#ifndef SUPERVISE_LOADED_IMAGE_H
#define SUPERVISE_LOADED_IMAGE_H

#include "gobin/packed.h"

#include <sys/types.h>

/*
 * Copies the loaded sections of process pid, whose entry stub stands at stub and waits, into a file in memory, each where the
 * packed file has it. *ret_fd is owned by the caller. Errors: JAIL_EREAD, JAIL_EFORMAT, JAIL_ESYS, JAIL_ENOMEM. Cost: linear in
 * what is loaded.
 */
int loaded_image_open(pid_t pid, const struct packed *packed, uint64_t stub, int *ret_fd, struct jail_error *err) JAIL_MUST_USE;

#endif
