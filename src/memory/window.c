/* SPDX-License-Identifier: Apache-2.0 */
#include "memory/window.h"

#include <endian.h>
#include <string.h>

void memory_window_init(struct memory_window *window, struct memory_reader *reader) {
        window->reader = reader;
        window->vaddr = 0;
        window->len_bytes = 0;
}

static int fetch(struct memory_window *window, uint64_t vaddr, size_t len_bytes, struct jail_error *err) {
        struct memory_range range = { .vaddr = vaddr, .buffer = window->bytes, .len_bytes = len_bytes };
        window->len_bytes = 0;
        int r = window->reader->readv(window->reader, &range, 1, err);
        if (r < 0)
                return r;
        window->vaddr = vaddr;
        window->len_bytes = range.got_bytes;
        return 0;
}

int memory_window_fill(struct memory_window *window, uint64_t vaddr, size_t len_bytes, struct jail_error *err) {
        return fetch(window, vaddr, len_bytes < MEMORY_WINDOW_FIRST_BYTES ? len_bytes : MEMORY_WINDOW_FIRST_BYTES, err);
}

int memory_window_u64(struct memory_window *window, uint64_t vaddr, uint64_t *ret_value, struct jail_error *err) {
        uint64_t offset = vaddr - window->vaddr, value;
        if (offset > window->len_bytes || window->len_bytes - offset < sizeof(value)) {
                int r = fetch(window, vaddr, MEMORY_WINDOW_BYTES, err);
                if (r < 0)
                        return r;
                offset = 0;
                if (window->len_bytes < sizeof(value))
                        return jail_error_set(err, JAIL_EREAD, 0, "cannot read the stack at 0x%llx", (unsigned long long) vaddr);
        }
        memcpy(&value, window->bytes + offset, sizeof(value));
        *ret_value = le64toh(value);
        return 0;
}
