/* SPDX-License-Identifier: Apache-2.0 */
#include "gobin/packed.h"

#include <sha2.h>
#include <string.h>

#define MAX_ANCESTORS 10000

static int damaged(struct jail_error *err, const char *what) {
        return jail_error_set(err, JAIL_EFORMAT, 0, "what jail packed into it is damaged: %s", what);
}

static bool copy_sha256(struct bytes bytes, uint64_t index, uint8_t *ret_sha256) {
        struct bytes sum;
        if (!bytes_slice(bytes, PACKED_FILE_SHA256_OFFSET + index * PACKED_SHA256_BYTES, PACKED_SHA256_BYTES, &sum))
                return false;
        memcpy(ret_sha256, sum.ptr, PACKED_SHA256_BYTES);
        return true;
}

static bool read_numbers(struct bytes bytes, struct packed *packed) {
        return bytes_u32(bytes, 12, &packed->ancestors) && bytes_u64(bytes, 16, &packed->options) &&
               bytes_u64(bytes, 24, &packed->original_bytes) && bytes_u64(bytes, 32, &packed->original_entry_vaddr) &&
               bytes_u64(bytes, 40, &packed->stub_vaddr) && bytes_u64(bytes, 48, &packed->stub_bytes) &&
               bytes_u64(bytes, 56, &packed->call_vaddr);
}

static bool read_parts(struct bytes bytes, struct packed *packed) {
        for (uint64_t i = 0; i < PACKED_PARTS; i++) {
                uint64_t at = PACKED_HEADER_BYTES - 16 * PACKED_PARTS + 16 * i, offset, len;
                if (!bytes_u64(bytes, at, &offset) || !bytes_u64(bytes, at + 8, &len) || offset % 8 != 0 ||
                    offset < PACKED_HEADER_BYTES || !bytes_slice(bytes, offset, len, &packed->parts[i]))
                        return false;
        }
        return true;
}

int packed_parse(struct bytes bytes, struct packed *ret_packed, struct jail_error *err) {
        struct packed packed = { .len_bytes = bytes.len };
        struct bytes magic;
        uint32_t format;
        uint64_t len;
        if (!bytes_slice(bytes, 0, PACKED_MAGIC_BYTES, &magic) || memcmp(magic.ptr, PACKED_MAGIC, PACKED_MAGIC_BYTES) != 0 ||
            !bytes_u32(bytes, PACKED_MAGIC_BYTES, &format))
                return damaged(err, "it does not begin as it should");
        if (format != PACKED_FORMAT)
                return jail_error_set(err, JAIL_EUNSUPPORTED, 0,
                                      "it was packed by another version of jail (format %u; this one knows %u)", format,
                                      PACKED_FORMAT);
        if (bytes.len < PACKED_HEADER_BYTES + PACKED_TRAILER_BYTES || !bytes_u64(bytes, bytes.len - PACKED_TRAILER_BYTES, &len) ||
            len != bytes.len || memcmp(bytes.ptr + bytes.len - PACKED_MAGIC_BYTES, PACKED_MAGIC, PACKED_MAGIC_BYTES) != 0)
                return damaged(err, "it does not end as it should");
        if (!read_numbers(bytes, &packed) || !copy_sha256(bytes, 0, packed.file_sha256) ||
            !copy_sha256(bytes, 1, packed.original_sha256) || !copy_sha256(bytes, 2, packed.supervisor_sha256) ||
            !copy_sha256(bytes, 3, packed.stub_sha256) || !read_parts(bytes, &packed))
                return damaged(err, "a part lies outside");
        if (packed.options & ~(uint64_t) PACKED_ALL_OPTIONS || packed.ancestors > MAX_ANCESTORS)
                return damaged(err, "unknown options");
        *ret_packed = packed;
        return 0;
}

int packed_parse_end(struct bytes bytes, struct packed *ret_packed, struct bytes *ret_before, struct jail_error *err) {
        struct bytes own;
        uint64_t len = 0;
        if (bytes.len < PACKED_TRAILER_BYTES || !bytes_u64(bytes, bytes.len - PACKED_TRAILER_BYTES, &len) || len > bytes.len ||
            !bytes_from(bytes, bytes.len - len, &own))
                return damaged(err, "it does not end as it should");
        int r = packed_parse(own, ret_packed, err);
        if (r == 0)
                *ret_before = (struct bytes){ bytes.ptr, bytes.len - (size_t) len };
        return r;
}

int packed_find(const struct elf_file *file, bool *ret_is_packed, struct packed *ret_packed, struct jail_error *err) {
        struct elf_section stub, supervisor, policy;
        bool has_stub = elf_file_section(file, PACKED_SECTION_STUB, &stub);
        bool has_supervisor = elf_file_section(file, PACKED_SECTION_SUPERVISOR, &supervisor);
        bool has_policy = elf_file_section(file, PACKED_SECTION_POLICY, &policy);
        *ret_is_packed = false;
        if (!has_stub && !has_supervisor && !has_policy)
                return 0;
        if (!has_stub || !has_supervisor || !has_policy)
                return damaged(err, "one of its sections is missing");

        struct packed packed;
        uint8_t sha256[PACKED_SHA256_BYTES];
        int r = packed_parse(policy.bytes, &packed, err);
        if (r < 0)
                return r;
        if (stub.vaddr != packed.stub_vaddr || stub.bytes.len != packed.stub_bytes)
                return damaged(err, "the stub is not where it was put");
        r = packed_stub_sha256(stub.bytes, sha256, err);
        if (r < 0)
                return r;
        if (memcmp(sha256, packed.stub_sha256, sizeof(sha256)) != 0)
                return damaged(err, "the stub was changed");
        *ret_packed = packed;
        *ret_is_packed = true;
        return 0;
}

int packed_stub_sha256(struct bytes stub, uint8_t ret_sha256[PACKED_SHA256_BYTES], struct jail_error *err) {
        static const uint8_t zero[PACKED_STUB_CHECKSUM_BYTES];
        struct bytes before, after;
        SHA2_CTX sha;
        if (!bytes_slice(stub, 0, PACKED_STUB_CHECKSUM_OFFSET, &before) ||
            !bytes_from(stub, PACKED_STUB_CHECKSUM_OFFSET + PACKED_STUB_CHECKSUM_BYTES, &after))
                return damaged(err, "the stub is too short");
        SHA256Init(&sha);
        SHA256Update(&sha, before.ptr, before.len);
        SHA256Update(&sha, zero, sizeof(zero));
        SHA256Update(&sha, after.ptr, after.len);
        SHA256Final(ret_sha256, &sha);
        return 0;
}
