/* SPDX-License-Identifier: Apache-2.0 */
/* Packing: from a program, a policy and options to the bytes of the packed program. Deterministic. */
#ifndef PACK_PACKER_H
#define PACK_PACKER_H

#include "base/bytes.h"

#include <jail/error.h>
#include <jail/policy.h>
#include <jail/supervisor.h>

/*
 * Packs original, an ELF executable that is not packed yet. *ret_bytes is owned by the caller (free). Errors: as
 * elf_layout_begin(); JAIL_ENOMEM, JAIL_ELIMIT.
 */
int packer_pack(struct bytes original, const struct jail_policy *policy, const struct jail_supervisor_options *options,
                uint8_t **ret_bytes, size_t *ret_len, struct jail_error *err) JAIL_MUST_USE;

#endif
