/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/packer.h"

#include "base/cleanup.h"
#include "base/digest.h"
#include "gobin/packed.h"
#include "pack/elf_layout.h"
#include "pack/parts.h"
#include "pack/stub.h"
#include "pack/supervisor_layout.h"
#include "supervise/filter.h"
#include "supervise/godebug.h"
#include "supervise/packed_policy.h"

#include <assert.h>
#include <jail/version.h>
#include <string.h>

#define CHECKSUM_UNIT 32 /* what stub_checksum() takes a multiple of */

_Static_assert(offsetof(struct stub_parameters, checksum) == PACKED_STUB_CHECKSUM_OFFSET, "the format says where it is");

/* What goes into .jail.policy. */
struct content {
        struct bytes parts[PACKED_PARTS];
        uint64_t offsets[PACKED_PARTS];
        uint64_t len_bytes;
};

static uint64_t align_up(uint64_t value, uint64_t alignment) {
        return (value + alignment - 1) / alignment * alignment;
}

static void content_place(struct content *content) {
        uint64_t at = align_up(PACKED_HEADER_BYTES, 8);
        for (size_t i = 0; i < PACKED_PARTS; i++) {
                content->offsets[i] = at;
                at = align_up(at + content->parts[i].len, 8);
        }
        content->len_bytes = align_up(at + PACKED_TRAILER_BYTES, CHECKSUM_UNIT);
}

static void put_u32(uint8_t *to, uint32_t value) {
        for (size_t i = 0; i < 4; i++)
                to[i] = (uint8_t) (value >> 8 * i);
}

static void put_u64(uint8_t *to, uint64_t value) {
        for (size_t i = 0; i < 8; i++)
                to[i] = (uint8_t) (value >> 8 * i);
}

/* Everything of .jail.policy but for the SHA-256 of the file. */
static void write_content(const struct content *content, const struct packed *packed, uint8_t *to) {
        memcpy(to, PACKED_MAGIC, PACKED_MAGIC_BYTES);
        put_u32(to + 8, PACKED_FORMAT);
        put_u32(to + 12, packed->ancestors);
        const uint64_t numbers[] = { packed->options,    packed->original_bytes, packed->original_entry_vaddr,
                                     packed->stub_vaddr, packed->stub_bytes,     packed->call_vaddr };
        for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
                put_u64(to + 16 + 8 * i, numbers[i]);
        const uint8_t *const sums[] = { packed->file_sha256, packed->original_sha256, packed->supervisor_sha256,
                                        packed->stub_sha256 };
        for (size_t i = 0; i < sizeof(sums) / sizeof(sums[0]); i++)
                memcpy(to + PACKED_FILE_SHA256_OFFSET + i * PACKED_SHA256_BYTES, sums[i], PACKED_SHA256_BYTES);
        uint8_t *table = to + PACKED_HEADER_BYTES - 16 * PACKED_PARTS;
        for (size_t i = 0; i < PACKED_PARTS; i++) {
                put_u64(table + 16 * i, content->offsets[i]);
                put_u64(table + 16 * i + 8, content->parts[i].len);
                memcpy(to + content->offsets[i], content->parts[i].ptr, content->parts[i].len);
        }
        put_u64(to + content->len_bytes - PACKED_TRAILER_BYTES, content->len_bytes);
        memcpy(to + content->len_bytes - PACKED_MAGIC_BYTES, PACKED_MAGIC, PACKED_MAGIC_BYTES);
}

static int write_stub(const struct elf_layout *layout, const struct content *content, uint8_t *out, uint64_t *ret_entry_vaddr,
                      struct packed *packed, struct jail_error *err) {
        struct bytes stub = parts_stub();
        struct stub_parameters parameters;
        char godebug[STUB_GODEBUG_BYTES] = STUB_GODEBUG_NAME;
        const size_t name_bytes = strlen(STUB_GODEBUG_NAME);
        int r = godebug_merge(NULL, packed->ancestors, godebug + name_bytes, sizeof(godebug) - name_bytes, err);
        memcpy(&parameters, stub.ptr, sizeof(parameters));
        if (r == 0)
                r = supervisor_layout_read(parts_supervisor(), &parameters.supervisor, err);
        if (r < 0)
                return r;
        memcpy(out + layout->stub_offset, stub.ptr, stub.len);
        parameters.sections_offset = layout->supervisor_offset - layout->stub_offset;
        parameters.sections_bytes = layout->sizes.supervisor_bytes + layout->sizes.policy_bytes;
        parameters.filter_offset = layout->policy_offset - layout->stub_offset + content->offsets[PACKED_FILTER];
        parameters.filter_instructions = content->parts[PACKED_FILTER].len / sizeof(struct sock_filter);
        parameters.policy_offset = layout->policy_offset - layout->supervisor_offset;
        parameters.checksum = 0;
        memcpy(parameters.godebug, godebug, sizeof(godebug));
        memcpy(out + layout->stub_offset, &parameters, sizeof(parameters));
        const size_t own_end = offsetof(struct stub_parameters, own_checksum) + sizeof(parameters.own_checksum);
        put_u64(out + layout->stub_offset + offsetof(struct stub_parameters, own_checksum),
                stub_checksum(out + layout->stub_offset + own_end, stub.len - own_end));
        *ret_entry_vaddr = layout->stub_vaddr + parameters.entry_offset;
        packed->stub_vaddr = layout->stub_vaddr;
        packed->stub_bytes = stub.len;
        packed->call_vaddr = layout->stub_vaddr + parameters.call_offset;
        return packed_stub_sha256((struct bytes){ out + layout->stub_offset, stub.len }, packed->stub_sha256, err);
}

/* The checksums that cover all the rest, from the widest on. */
static void seal(const struct elf_layout *layout, uint8_t *out) {
        digest_sha256((struct bytes){ out, layout->total_bytes }, out + layout->policy_offset + PACKED_FILE_SHA256_OFFSET);
        uint64_t checksum =
                stub_checksum(out + layout->supervisor_offset, layout->sizes.supervisor_bytes + layout->sizes.policy_bytes);
        put_u64(out + layout->stub_offset + PACKED_STUB_CHECKSUM_OFFSET, checksum);
}

static int assemble(const struct elf_layout *layout, struct content *content, const struct jail_supervisor_options *options,
                    uint8_t *out, struct jail_error *err) {
        struct bytes supervisor = parts_supervisor();
        struct packed packed = {
                .ancestors = options->ancestors ? options->ancestors : GODEBUG_DEFAULT_ANCESTORS,
                .options = packed_policy_options(options),
                .original_bytes = layout->original.len,
                .original_entry_vaddr = layout->header.e_entry,
        };
        uint64_t entry_vaddr = 0;
        memcpy(out, layout->original.ptr, layout->original.len);
        memcpy(out + layout->supervisor_offset, supervisor.ptr, supervisor.len);
        int r = write_stub(layout, content, out, &entry_vaddr, &packed, err);
        if (r < 0)
                return r;
        elf_layout_write(layout, entry_vaddr, out);
        content->parts[PACKED_SECTION_NAMES].ptr = out + layout->names_offset;
        content->parts[PACKED_SECTIONS].ptr = out + layout->sections_offset;
        digest_sha256(layout->original, packed.original_sha256);
        digest_sha256(supervisor, packed.supervisor_sha256);
        write_content(content, &packed, out + layout->policy_offset);
        seal(layout, out);
        return 0;
}

int packer_pack(struct bytes original, const struct jail_policy *policy, const struct jail_supervisor_options *options,
                uint8_t **ret_bytes, size_t *ret_len, struct jail_error *err) {
        CLEANUP_FREE uint8_t *encoded = NULL;
        size_t encoded_len = 0;
        struct elf_layout layout;
        int r = elf_layout_begin(original, &layout, err);
        if (r == 0)
                r = jail_policy_encode(policy, &encoded, &encoded_len, err);
        if (r < 0)
                return r;

        struct content content = { .parts = {
                                           [PACKED_VERSION] = { (const uint8_t *) JAIL_VERSION, strlen(JAIL_VERSION) },
                                           [PACKED_POLICY] = { encoded, encoded_len },
                                           [PACKED_FILTER] = { (const uint8_t *) filter_program.instructions,
                                                               filter_program.n_instructions * sizeof(struct sock_filter) },
                                           [PACKED_HEAD] = { original.ptr, layout.head_bytes },
                                           [PACKED_SECTION_NAMES] = { NULL, layout.names_bytes },
                                           [PACKED_SECTIONS] = { NULL, layout.sections_bytes },
                                   } };
        content_place(&content);
        assert(parts_supervisor().len % CHECKSUM_UNIT == 0);
        elf_layout_place(&layout, &(struct elf_layout_sizes){ parts_stub().len, parts_supervisor().len, content.len_bytes });
        CLEANUP_FREE uint8_t *out = calloc(1, layout.total_bytes);
        if (!out)
                return jail_error_set(err, JAIL_ENOMEM, 0, "out of memory");
        r = assemble(&layout, &content, options, out, err);
        if (r < 0)
                return r;
        *ret_bytes = STEAL(out);
        *ret_len = layout.total_bytes;
        return 0;
}
