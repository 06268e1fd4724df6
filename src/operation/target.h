/* SPDX-License-Identifier: Apache-2.0 */
/* Reading one target of an operation from the program's memory. Everything there is hostile: bounded, never trusted. */
#ifndef OPERATION_TARGET_H
#define OPERATION_TARGET_H

#include "operation/operation.h"

/*
 * Each fills the fields of *target that its kind has, from the argument whose value is vaddr; arg, kind and dirfd are the caller's.
 * What cannot be read is marked unreadable.
 */

/* A NUL-terminated path or name. */
void target_read_string(struct operation_target *target, struct memory_reader *reader, uint64_t vaddr);

/* A NULL-terminated vector of strings: at most 32, each cut at 256 bytes. NULL is an empty vector, as in Linux. */
void target_read_argv(struct operation_target *target, struct memory_reader *reader, uint64_t vaddr);

/* A socket address of len bytes, as the program claims. */
void target_read_sockaddr(struct operation_target *target, struct memory_reader *reader, uint64_t vaddr, uint64_t len);

/* The address that a struct msghdr names; absent when it names none. */
void target_read_msghdr(struct operation_target *target, struct memory_reader *reader, uint64_t vaddr);

#endif
