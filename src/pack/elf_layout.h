/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Adding two loaded segments with three sections to an executable. Nothing of the original moves, but for what stands behind its
 * program headers where there is no room for two more: the name of the dynamic loader and notes. Everything new is appended.
 */
#ifndef PACK_ELF_LAYOUT_H
#define PACK_ELF_LAYOUT_H

#include "base/bytes.h"

#include <elf.h>
#include <jail/error.h>

#define ELF_LAYOUT_PAGE_BYTES 4096

/* What is to be added. */
struct elf_layout_sizes {
        uint64_t stub_bytes;       /* the first segment: text */
        uint64_t supervisor_bytes; /* the second one, read-only: two sections one behind the other; a multiple of 16 */
        uint64_t policy_bytes;
};

struct elf_layout {
        struct bytes original; /* borrowed */
        Elf64_Ehdr header;     /* as it will be */
        uint64_t n_segments;   /* of the original */
        uint64_t head_bytes;   /* how much of the original's beginning is changed: up to the end of the new program headers */

        /* [moved_offset, moved_offset + moved_bytes) of the original stands at moved_to as well; 0 bytes: nothing moves. */
        uint64_t moved_offset, moved_bytes, moved_to;

        uint64_t stub_offset, stub_vaddr;
        uint64_t supervisor_offset, supervisor_vaddr;
        uint64_t policy_offset;
        uint64_t segment_bytes; /* of the second segment */
        struct elf_layout_sizes sizes;

        uint64_t names_offset, names_bytes;       /* of the section names */
        uint64_t sections_offset, sections_bytes; /* of the section headers */
        uint64_t total_bytes;
};

/* The parts of the layout that do not depend on the sizes: how long section names and headers will be, and head_bytes. */

/*
 * Reads what the original is like: whether there is room for two more program headers, and what must move for it. Errors:
 * JAIL_EUNSUPPORTED (no way to add segments: why), JAIL_EFORMAT (its headers are damaged).
 */
int elf_layout_begin(struct bytes original, struct elf_layout *ret_layout, struct jail_error *err) JAIL_MUST_USE;

/* Gives everything its place. sizes.policy_bytes may depend on what elf_layout_begin() has found. */
void elf_layout_place(struct elf_layout *layout, const struct elf_layout_sizes *sizes);

/*
 * Writes the changed and added headers, and what moves, into out (layout->total_bytes, of which the caller has filled what is the
 * original's). entry_vaddr is the new entry point.
 */
void elf_layout_write(const struct elf_layout *layout, uint64_t entry_vaddr, uint8_t *out);

#endif
