/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 of bytes that are all there. */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include "base/bytes.h"

#define DIGEST_SHA256_BYTES 32

void digest_sha256(struct bytes bytes, uint8_t ret_sha256[DIGEST_SHA256_BYTES]);

#endif
