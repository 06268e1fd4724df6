/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What `jail pack` put into a program: three loaded sections. .jail.stub is the code that the file begins with; .jail.supervisor is
 * the executable that supervises; .jail.policy, right behind it, says how, and is read here. Everything is little-endian:
 *
 *     "jailpack", u32 format, u32 ancestors
 *     u64 options, original size, original entry, stub address, stub length, address behind the stub's call (see call_vaddr)
 *     SHA-256 of the packed file, of the original, of the supervisor, of the stub
 *     per part: u64 offset (8-aligned), u64 length
 *     the parts
 *     u64 length of all this, "jailpack"
 *
 * The trailer lets the supervisor find the start in the copy of both sections that it is executed from.
 */
#ifndef GOBIN_PACKED_H
#define GOBIN_PACKED_H

#include "gobin/elf_file.h"

#define PACKED_SECTION_STUB       ".jail.stub"
#define PACKED_SECTION_SUPERVISOR ".jail.supervisor"
#define PACKED_SECTION_POLICY     ".jail.policy"

#define PACKED_FORMAT        1
#define PACKED_MAGIC         "jailpack"
#define PACKED_MAGIC_BYTES   8
#define PACKED_TRAILER_BYTES 16
#define PACKED_SHA256_BYTES  32

enum packed_part {
        PACKED_VERSION,       /* of the jail that packed, as text */
        PACKED_POLICY,        /* its canonical encoding (docs/policy.md) */
        PACKED_FILTER,        /* struct sock_filter: the seccomp filter */
        PACKED_HEAD,          /* the first bytes of the original, which the packed file has changed */
        PACKED_SECTION_NAMES, /* the section names of the packed file */
        PACKED_SECTIONS,      /* its section headers: with the names, what is not loaded but needed to find the Go tables */
        PACKED_PARTS
};

/* Where the fields stand that a writer has to fill in late, from the start of .jail.policy. */
#define PACKED_FILE_SHA256_OFFSET 64
#define PACKED_HEADER_BYTES       (PACKED_FILE_SHA256_OFFSET + 4 * PACKED_SHA256_BYTES + 16 * PACKED_PARTS)

/* What was decided at packing: enum bits of `options`. */
enum packed_option {
        PACKED_PERMISSIVE = 1 << 0,
        PACKED_DENY_CHILDREN = 1 << 1,
        PACKED_STRICT_CHILD_ENV = 1 << 2,
        PACKED_ALLOW_OUTER_LISTENER = 1 << 3,
        PACKED_INCOMPLETE_ALLOW = 1 << 4,
        PACKED_C_THREAD_ALLOW = 1 << 5,
        PACKED_UNATTRIBUTED_ALLOW = 1 << 6,
        PACKED_TRUNCATED_ALLOW = 1 << 7,
        PACKED_CGI_ALLOW = 1 << 8,
        PACKED_ALL_OPTIONS = (1 << 9) - 1,
};

struct packed {
        uint32_t ancestors;
        uint64_t options;
        uint64_t original_bytes, original_entry_vaddr;
        uint64_t stub_vaddr, stub_bytes;
        uint64_t call_vaddr; /* where the stub's call that asks to be set going returns to */
        uint8_t file_sha256[PACKED_SHA256_BYTES];
        uint8_t original_sha256[PACKED_SHA256_BYTES];
        uint8_t supervisor_sha256[PACKED_SHA256_BYTES];
        uint8_t stub_sha256[PACKED_SHA256_BYTES];
        struct bytes parts[PACKED_PARTS]; /* borrowed from what was parsed */
        size_t len_bytes;                 /* of the whole */
};

/* Parses the content of .jail.policy. Errors: JAIL_EUNSUPPORTED (another format), JAIL_EFORMAT. */
int packed_parse(struct bytes bytes, struct packed *ret_packed, struct jail_error *err) JAIL_MUST_USE;

/* The same at the end of bytes, found by its trailer; *ret_before is what stands before it. */
int packed_parse_end(struct bytes bytes, struct packed *ret_packed, struct bytes *ret_before, struct jail_error *err) JAIL_MUST_USE;

/*
 * Finds out whether a file is packed: *ret_is_packed. *ret_packed is borrowed from the file. Errors: as packed_parse(), when one of
 * the sections is there but not all of them are sound.
 */
int packed_find(const struct elf_file *file, bool *ret_is_packed, struct packed *ret_packed, struct jail_error *err) JAIL_MUST_USE;

/*
 * The SHA-256 of a stub: of its bytes, but for its checksum of the two other sections, which depends on this. Errors: JAIL_EFORMAT
 * (too short).
 */
int packed_stub_sha256(struct bytes stub, uint8_t ret_sha256[PACKED_SHA256_BYTES], struct jail_error *err) JAIL_MUST_USE;

/* The stub's checksum stands there. */
#define PACKED_STUB_CHECKSUM_OFFSET 56
#define PACKED_STUB_CHECKSUM_BYTES  8

#endif
