/* SPDX-License-Identifier: Apache-2.0 */
#include "base/digest.h"

#include <sha2.h>

void digest_sha256(struct bytes bytes, uint8_t ret_sha256[DIGEST_SHA256_BYTES]) {
        SHA2_CTX sha;
        SHA256Init(&sha);
        SHA256Update(&sha, bytes.ptr, bytes.len);
        SHA256Final(ret_sha256, &sha);
}
