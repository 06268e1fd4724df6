/* SPDX-License-Identifier: Apache-2.0 */
/* A reader over one block of bytes that stands at a fixed address; for tests and for windows that were read before. */
#ifndef MEMORY_BUFFER_H
#define MEMORY_BUFFER_H

#include "base/bytes.h"
#include "memory/reader.h"

struct memory_buffer {
        struct memory_reader reader; /* pass &buffer.reader on */
        struct bytes bytes;          /* borrowed */
        uint64_t vaddr;              /* the address of the first byte */
};

void memory_buffer_init(struct memory_buffer *buffer, uint64_t vaddr, struct bytes bytes);

#endif
