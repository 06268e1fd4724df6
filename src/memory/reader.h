/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading an address space that is not ours: a live process, a core file, an ELF file, a buffer. The unwinder and the operations
 * see only this interface.
 */
#ifndef MEMORY_READER_H
#define MEMORY_READER_H

#include <jail/error.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One range of a vectored read. */
struct memory_range {
        uint64_t vaddr;
        void *buffer;
        size_t len_bytes;
        size_t got_bytes; /* output: how many bytes from vaddr on were read; fewer than len_bytes where the mapping ends */
};

struct memory_reader {
        /*
         * Reads n ranges at once and sets got_bytes of each; a range that cannot be read has 0, which is no error. Errors:
         * JAIL_EREAD (the process is gone, or a page's fault was not served in time). One system call for a live process.
         */
        int (*readv)(struct memory_reader *reader, struct memory_range *ranges, size_t n, struct jail_error *err) JAIL_MUST_USE;
};

/* Reads exactly len_bytes. Errors: JAIL_EREAD, with the address in msg. */
int memory_read(struct memory_reader *reader, uint64_t vaddr, void *buffer, size_t len_bytes, struct jail_error *err) JAIL_MUST_USE;

/* Reads a little-endian 64-bit word. Errors as memory_read(). */
int memory_read_u64(struct memory_reader *reader, uint64_t vaddr, uint64_t *ret_value, struct jail_error *err) JAIL_MUST_USE;

/*
 * Reads a NUL-terminated string into buffer (size bytes, always terminated on success). *ret_len is its length without the
 * terminator; when it does not fit, the first size - 1 bytes are kept and *ret_len is size - 1 and *ret_cut true. Errors:
 * JAIL_EREAD when a byte before the terminator cannot be read.
 */
int memory_read_string(struct memory_reader *reader, uint64_t vaddr, char *buffer, size_t size, size_t *ret_len, bool *ret_cut,
                       struct jail_error *err) JAIL_MUST_USE;

#endif
