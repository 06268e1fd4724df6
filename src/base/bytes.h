/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bounded little-endian reads over bytes that cannot be trusted. Nothing else in the tree indexes the bytes of a file or of a
 * process. Every function returns false, and leaves its output alone, when the read would leave the range [0, len).
 */
#ifndef BASE_BYTES_H
#define BASE_BYTES_H

#include "base/str.h"

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* A view of bytes that someone else owns. */
struct bytes {
        const uint8_t *ptr;
        size_t len;
};

/* These are what everything else consists of: hence inline. */
static inline bool bytes_copy(struct bytes b, uint64_t offset, void *ret_value, size_t len) {
        if (offset > b.len || b.len - offset < len)
                return false;
        memcpy(ret_value, b.ptr + offset, len);
        return true;
}

/* The half-open range [offset, offset + len). */
static inline bool bytes_slice(struct bytes b, uint64_t offset, uint64_t len, struct bytes *ret_slice) {
        if (offset > b.len || b.len - offset < len)
                return false;
        *ret_slice = (struct bytes){ b.ptr ? b.ptr + offset : NULL, (size_t) len };
        return true;
}

/* Everything from offset on; offset == len gives an empty slice. */
static inline bool bytes_from(struct bytes b, uint64_t offset, struct bytes *ret_slice) {
        return offset <= b.len && bytes_slice(b, offset, b.len - offset, ret_slice);
}

static inline bool bytes_u8(struct bytes b, uint64_t offset, uint8_t *ret_value) {
        return bytes_copy(b, offset, ret_value, sizeof(*ret_value));
}

static inline bool bytes_u16(struct bytes b, uint64_t offset, uint16_t *ret_value) {
        uint16_t value;
        if (!bytes_copy(b, offset, &value, sizeof(value)))
                return false;
        *ret_value = le16toh(value);
        return true;
}

static inline bool bytes_u32(struct bytes b, uint64_t offset, uint32_t *ret_value) {
        uint32_t value;
        if (!bytes_copy(b, offset, &value, sizeof(value)))
                return false;
        *ret_value = le32toh(value);
        return true;
}

static inline bool bytes_i32(struct bytes b, uint64_t offset, int32_t *ret_value) {
        uint32_t value;
        if (!bytes_u32(b, offset, &value))
                return false;
        *ret_value = (int32_t) value;
        return true;
}

static inline bool bytes_u64(struct bytes b, uint64_t offset, uint64_t *ret_value) {
        uint64_t value;
        if (!bytes_copy(b, offset, &value, sizeof(value)))
                return false;
        *ret_value = le64toh(value);
        return true;
}

/* A NUL-terminated string that starts at offset; its terminator must be within max_len_bytes and the range. */
bool bytes_cstring(struct bytes b, uint64_t offset, size_t max_len_bytes, struct str *ret_string);

/*
 * An unsigned base-128 varint of at most 32 bits (Go's runtime/symtab.go readvarint). *offset is moved past it. At most 5 bytes;
 * bits that do not fit are an error.
 */
bool bytes_uvarint32(struct bytes b, uint64_t *offset, uint32_t *ret_value);

/* The same for 64 bits (encoding/binary.Uvarint), at most 10 bytes. */
bool bytes_uvarint64(struct bytes b, uint64_t *offset, uint64_t *ret_value);

#endif
