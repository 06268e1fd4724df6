/* SPDX-License-Identifier: Apache-2.0 */
/* Just enough UTF-8 for a text file: one rune at a time, and columns. */
#ifndef POLICY_UTF8_H
#define POLICY_UTF8_H

#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What an ill-formed byte decodes to, as in Go. */
#define UTF8_REPLACEMENT 0xfffdU

/*
 * Decodes the first rune of s, which must not be empty, and returns its length in bytes. Ill-formed, overlong and surrogate
 * sequences give UTF8_REPLACEMENT and length 1 (RFC 3629; Go's utf8.DecodeRune).
 */
size_t utf8_decode(struct str s, uint32_t *ret_rune);

/* Appends the encoding of rune to buffer, which has room for 4 bytes; returns its length, or 0 for what is no Unicode scalar value.
 */
size_t utf8_write(uint32_t rune, char buffer[4]);

/* How many runes s has; an ill-formed byte counts as one. This is how the go command counts columns. Linear. */
size_t utf8_count(struct str s);

/* Whether s is well-formed throughout. Linear. */
bool utf8_valid(struct str s);

#endif
