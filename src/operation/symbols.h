/* SPDX-License-Identifier: Apache-2.0 */
/* The names of the kernel's constants, for showing a call. Values without a name are shown as numbers. */
#ifndef OPERATION_SYMBOLS_H
#define OPERATION_SYMBOLS_H

#include "base/text.h"

#include <stdint.h>

/* Sets of bits: NAME|NAME|0x…; "0" for none. Bits that concern the descriptor alone are left out of open flags and socket types. */
void symbols_add_open_flags(struct text *text, uint64_t flags);
void symbols_add_at_flags(struct text *text, uint64_t flags);
void symbols_add_clone_flags(struct text *text, uint64_t flags); /* the exit signal, in the low byte, comes last */
void symbols_add_prot(struct text *text, uint64_t prot);
void symbols_add_map_flags(struct text *text, uint64_t flags);
void symbols_add_socket_type(struct text *text, uint64_t type);

/* One of a list. */
void symbols_add_signal(struct text *text, uint64_t number);
void symbols_add_socket_family(struct text *text, uint64_t family);
void symbols_add_fcntl_command(struct text *text, uint64_t command);
void symbols_add_prctl_option(struct text *text, uint64_t option);

#endif
