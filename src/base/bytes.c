/* SPDX-License-Identifier: Apache-2.0 */
#include "base/bytes.h"

#include <string.h>

bool bytes_cstring(struct bytes b, uint64_t offset, size_t max_len_bytes, struct str *ret_string) {
        if (offset >= b.len)
                return false;
        size_t room = b.len - (size_t) offset;
        if (room > max_len_bytes)
                room = max_len_bytes;
        const uint8_t *end = memchr(b.ptr + offset, '\0', room);
        if (!end)
                return false;
        *ret_string = (struct str){ (const char *) b.ptr + offset, (size_t) (end - (b.ptr + offset)) };
        return true;
}

bool bytes_uvarint64(struct bytes b, uint64_t *offset, uint64_t *ret_value) {
        uint64_t value = 0, at = *offset;
        for (unsigned shift = 0; shift < 64; shift += 7) {
                uint8_t byte;
                if (!bytes_u8(b, at++, &byte))
                        return false;
                uint64_t bits = byte & 0x7f;
                if (shift == 63 && bits > 1)
                        return false;
                value |= bits << shift;
                if (!(byte & 0x80)) {
                        *offset = at;
                        *ret_value = value;
                        return true;
                }
        }
        return false;
}

bool bytes_uvarint32(struct bytes b, uint64_t *offset, uint32_t *ret_value) {
        uint64_t value, at = *offset;
        if (!bytes_uvarint64(b, &at, &value) || value > UINT32_MAX || at - *offset > 5)
                return false;
        *offset = at;
        *ret_value = (uint32_t) value;
        return true;
}
