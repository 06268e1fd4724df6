/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The entry stub: freestanding code that a packed program begins with. It runs before anything of the program, with nothing but the
 * initial stack, and has one task: to be seized by the supervisor that it starts, and to ask it to be set going (entry_call.h).
 */
#ifndef PACK_STUB_H
#define PACK_STUB_H

#include <stddef.h>
#include <stdint.h>

#define STUB_MAGIC         UINT64_C(0x6275747363617020) /* " pacstub" */
#define STUB_GODEBUG_NAME  "GODEBUG="
#define STUB_GODEBUG_BYTES 40
#define STUB_PAGE_BYTES    4096

/*
 * One loaded segment of the supervisor: file_bytes at offset of .jail.supervisor belong at vaddr. One that is not to be written to
 * has pages of its own in the file, and nothing behind them in memory.
 */
struct stub_segment {
        uint64_t offset, vaddr;
        uint64_t file_bytes, memory_bytes; /* 0 bytes of memory: no segment */
        uint64_t protection;               /* PROT_… */
};

#define STUB_MAX_SEGMENTS 4

/* What it takes to load the supervisor, which is position-independent and static. Addresses are as it was linked: from 0 on. */
struct stub_image {
        uint64_t span_bytes; /* of all of them in memory, in whole pages */
        uint64_t entry_vaddr;
        uint64_t headers_vaddr, n_headers; /* its program headers, as they are loaded */
        struct stub_segment segments[STUB_MAX_SEGMENTS];
};

/* The stub begins with this; offsets are from its beginning. The packer fills in everything from sections_offset on. */
struct stub_parameters {
        uint64_t magic;
        uint64_t entry_offset;    /* where the program begins */
        uint64_t call_offset;     /* where the call of entry_call.h returns to */
        uint64_t sections_offset; /* .jail.supervisor, and right behind it .jail.policy */
        uint64_t sections_bytes;
        uint64_t filter_offset;
        uint64_t filter_instructions;
        uint64_t checksum;                /* stub_checksum() of both sections */
        uint64_t own_checksum;            /* stub_checksum() of the stub itself, from behind this field to its end */
        char godebug[STUB_GODEBUG_BYTES]; /* "GODEBUG=…", what an environment that has none is to have; a multiple of 8 bytes */
        uint64_t policy_offset;           /* from .jail.supervisor */
        struct stub_image supervisor;
};

static inline uint64_t stub_checksum_step(uint64_t lane, uint64_t word) {
        uint64_t product = (lane ^ word) * UINT64_C(0x9e3779b97f4a7c15); /* odd */
        return product << 29 | product >> 35;
}

/*
 * Of len bytes, a multiple of 32, at an address that is a multiple of 8. Any change within one word changes it: each step maps the
 * sum so far one to one. Against damage, not against forgery.
 */
static inline uint64_t stub_checksum(const void *bytes, size_t len) {
        const uint64_t *words = bytes, *end = words + len / 32 * 4;
        /* One by one: compiled for size, a loop over them takes three times as long. */
        uint64_t lane0 = 1, lane1 = 2, lane2 = 3, lane3 = 4;
        for (; words < end; words += 4) {
                lane0 = stub_checksum_step(lane0, words[0]);
                lane1 = stub_checksum_step(lane1, words[1]);
                lane2 = stub_checksum_step(lane2, words[2]);
                lane3 = stub_checksum_step(lane3, words[3]);
        }
        uint64_t sum = stub_checksum_step(len, lane0);
        sum = stub_checksum_step(sum, lane1);
        sum = stub_checksum_step(sum, lane2);
        return stub_checksum_step(sum, lane3);
}

#endif
