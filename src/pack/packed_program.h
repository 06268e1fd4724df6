/* SPDX-License-Identifier: Apache-2.0 */
/* A packed program as a file: what is in it, whether it is as it was packed, and the original. */
#ifndef PACK_PACKED_PROGRAM_H
#define PACK_PACKED_PROGRAM_H

#include "gobin/packed.h"

struct packed_program {
        struct elf_file file; /* owned */
        struct packed packed; /* borrowed from file */
        struct bytes stub, supervisor, policy;
};

/* Opens a packed program. Errors: JAIL_EINVAL (it is not packed), as elf_file_open() and packed_find(). */
int packed_program_open(struct packed_program *program, const char *path, struct jail_error *err) JAIL_MUST_USE;
void packed_program_close(struct packed_program *program);

/*
 * Whether every byte is as it was packed, by the SHA-256 values in it. Errors: JAIL_EFORMAT (which part is not), JAIL_ENOMEM.
 */
int packed_program_verify(const struct packed_program *program, struct jail_error *err) JAIL_MUST_USE;

/* The program as it was before packing. *ret_bytes is owned by the caller (free). Errors: JAIL_EFORMAT (changed since),
 * JAIL_ENOMEM. */
int packed_program_original(const struct packed_program *program, uint8_t **ret_bytes, size_t *ret_len,
                            struct jail_error *err) JAIL_MUST_USE;

#endif
