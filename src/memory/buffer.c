/* SPDX-License-Identifier: Apache-2.0 */
#include "memory/buffer.h"

#include <string.h>

static int buffer_readv(struct memory_reader *reader, struct memory_range *ranges, size_t n, struct jail_error *err) {
        const struct memory_buffer *buffer = (const struct memory_buffer *) reader;
        (void) err;

        for (size_t i = 0; i < n; i++) {
                uint64_t offset = ranges[i].vaddr - buffer->vaddr; /* wraps to a large value below the block */
                size_t room = offset < buffer->bytes.len ? buffer->bytes.len - (size_t) offset : 0;
                size_t len = ranges[i].len_bytes < room ? ranges[i].len_bytes : room;
                if (len > 0)
                        memcpy(ranges[i].buffer, buffer->bytes.ptr + offset, len);
                ranges[i].got_bytes = len;
        }
        return 0;
}

void memory_buffer_init(struct memory_buffer *buffer, uint64_t vaddr, struct bytes bytes) {
        *buffer = (struct memory_buffer){ .reader.readv = buffer_readv, .bytes = bytes, .vaddr = vaddr };
}
