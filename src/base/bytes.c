/* SPDX-License-Identifier: Apache-2.0 */
#include "base/bytes.h"

#include <endian.h>
#include <string.h>

static bool bytes_copy(struct bytes b, uint64_t offset, void *ret_value, size_t len) {
        if (offset > b.len || b.len - offset < len)
                return false;
        memcpy(ret_value, b.ptr + offset, len);
        return true;
}

bool bytes_slice(struct bytes b, uint64_t offset, uint64_t len, struct bytes *ret_slice) {
        if (offset > b.len || b.len - offset < len)
                return false;
        *ret_slice = (struct bytes){ b.ptr ? b.ptr + offset : NULL, (size_t) len };
        return true;
}

bool bytes_from(struct bytes b, uint64_t offset, struct bytes *ret_slice) {
        return offset <= b.len && bytes_slice(b, offset, b.len - offset, ret_slice);
}

bool bytes_u8(struct bytes b, uint64_t offset, uint8_t *ret_value) {
        return bytes_copy(b, offset, ret_value, sizeof(*ret_value));
}

bool bytes_u16(struct bytes b, uint64_t offset, uint16_t *ret_value) {
        uint16_t value;
        if (!bytes_copy(b, offset, &value, sizeof(value)))
                return false;
        *ret_value = le16toh(value);
        return true;
}

bool bytes_u32(struct bytes b, uint64_t offset, uint32_t *ret_value) {
        uint32_t value;
        if (!bytes_copy(b, offset, &value, sizeof(value)))
                return false;
        *ret_value = le32toh(value);
        return true;
}

bool bytes_i32(struct bytes b, uint64_t offset, int32_t *ret_value) {
        uint32_t value;
        if (!bytes_u32(b, offset, &value))
                return false;
        *ret_value = (int32_t) value;
        return true;
}

bool bytes_u64(struct bytes b, uint64_t offset, uint64_t *ret_value) {
        uint64_t value;
        if (!bytes_copy(b, offset, &value, sizeof(value)))
                return false;
        *ret_value = le64toh(value);
        return true;
}

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
