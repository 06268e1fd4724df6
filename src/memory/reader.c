/* SPDX-License-Identifier: Apache-2.0 */
#include "memory/reader.h"

#include <endian.h>
#include <string.h>

int memory_read(struct memory_reader *reader, uint64_t vaddr, void *buffer, size_t len_bytes, struct jail_error *err) {
        struct memory_range range = { .vaddr = vaddr, .buffer = buffer, .len_bytes = len_bytes };
        int r = reader->readv(reader, &range, 1, err);
        if (r < 0)
                return r;
        if (range.got_bytes != len_bytes)
                return jail_error_set(err, JAIL_EREAD, 0, "cannot read %zu bytes at 0x%llx", len_bytes, (unsigned long long) vaddr);
        return 0;
}

int memory_read_u64(struct memory_reader *reader, uint64_t vaddr, uint64_t *ret_value, struct jail_error *err) {
        uint64_t value;
        int r = memory_read(reader, vaddr, &value, sizeof(value), err);
        if (r < 0)
                return r;
        *ret_value = le64toh(value);
        return 0;
}

int memory_read_string(struct memory_reader *reader, uint64_t vaddr, char *buffer, size_t size, size_t *ret_len, bool *ret_cut,
                       struct jail_error *err) {
        const size_t chunk_bytes = 256; /* most paths fit; a chunk never crosses into the next page more often than needed */
        size_t len = 0;

        while (len < size) {
                size_t want = size - len < chunk_bytes ? size - len : chunk_bytes;
                struct memory_range range = { .vaddr = vaddr + len, .buffer = buffer + len, .len_bytes = want };
                int r = reader->readv(reader, &range, 1, err);
                if (r < 0)
                        return r;
                const char *end = memchr(buffer + len, '\0', range.got_bytes);
                if (end) {
                        *ret_len = (size_t) (end - buffer);
                        *ret_cut = false;
                        return 0;
                }
                if (range.got_bytes < want)
                        return jail_error_set(err, JAIL_EREAD, 0, "cannot read the string at 0x%llx", (unsigned long long) vaddr);
                len += want;
        }
        buffer[size - 1] = '\0';
        *ret_len = size - 1;
        *ret_cut = true;
        return 0;
}
