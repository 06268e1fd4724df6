/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The entry stub: freestanding code that a packed program begins with. It runs before anything of the program, with nothing but the
 * initial stack, and has one task: to be seized by the supervisor that it starts, and to ask it to be set going (entry_call.h).
 */
#ifndef PACK_STUB_H
#define PACK_STUB_H

#include <stddef.h>
#include <stdint.h>

#define STUB_MAGIC UINT64_C(0x6275747363617020) /* " pacstub" */

/* The stub begins with this; offsets are from its beginning. The packer fills in everything from sections_offset on. */
struct stub_parameters {
        uint64_t magic;
        uint64_t entry_offset;    /* where the program begins */
        uint64_t call_offset;     /* where the call of entry_call.h returns to */
        uint64_t sections_offset; /* .jail.supervisor, and right behind it .jail.policy */
        uint64_t sections_bytes;
        uint64_t filter_offset;
        uint64_t filter_instructions;
        uint64_t checksum; /* stub_checksum() of both sections */
};

/*
 * Of len bytes, a multiple of 32, at an address that is a multiple of 8. Any change within one word changes it: each step maps the
 * sum so far one to one. Against damage, not against forgery.
 */
static inline uint64_t stub_checksum(const void *bytes, size_t len) {
        const uint64_t *words = bytes, factor = UINT64_C(0x9e3779b97f4a7c15); /* odd */
        uint64_t lane[4] = { 1, 2, 3, 4 };
        for (size_t i = 0; i + 4 <= len / 8; i += 4)
                for (size_t j = 0; j < 4; j++) {
                        uint64_t product = (lane[j] ^ words[i + j]) * factor;
                        lane[j] = product << 29 | product >> 35;
                }
        uint64_t sum = len;
        for (size_t j = 0; j < 4; j++)
                sum = (sum ^ lane[j]) * factor;
        return sum;
}

#endif
