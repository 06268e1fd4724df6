/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/packed_program.h"

#include "base/cleanup.h"
#include "base/digest.h"
#include "pack/stub.h"

#include <string.h>

int packed_program_open(struct packed_program *program, const char *path, struct jail_error *err) {
        struct packed_program opened = { 0 };
        struct jail_error why = { 0 };
        struct elf_section stub, supervisor, policy;
        bool is_packed = false;
        int r = elf_file_open(&opened.file, path, err);
        if (r < 0)
                return r;
        r = packed_find(&opened.file, &is_packed, &opened.packed, &why);
        if (r < 0)
                r = jail_error_set(err, why.code, 0, "%s: %s", path, why.msg);
        else if (!is_packed)
                r = jail_error_set(err, JAIL_EINVAL, 0, "%s is not packed", path);
        else if (!elf_file_section(&opened.file, PACKED_SECTION_STUB, &stub) ||
                 !elf_file_section(&opened.file, PACKED_SECTION_SUPERVISOR, &supervisor) ||
                 !elf_file_section(&opened.file, PACKED_SECTION_POLICY, &policy))
                r = jail_error_set(err, JAIL_EFORMAT, 0, "%s: a section is gone", path);
        if (r < 0) {
                elf_file_close(&opened.file);
                return r;
        }
        opened.stub = stub.bytes;
        opened.supervisor = supervisor.bytes;
        opened.policy = policy.bytes;
        *program = opened;
        return 0;
}

void packed_program_close(struct packed_program *program) {
        elf_file_close(&program->file);
}

static bool has_sha256(struct bytes bytes, const uint8_t *expected) {
        uint8_t sum[PACKED_SHA256_BYTES];
        digest_sha256(bytes, sum);
        return memcmp(sum, expected, sizeof(sum)) == 0;
}

static int changed(struct jail_error *err, const char *what) {
        return jail_error_set(err, JAIL_EFORMAT, 0, "%s was changed since it was packed", what);
}

/* The file's own sum is made with it, and the stub's checksum, zero. */
static int verify_file(const struct packed_program *program, struct jail_error *err) {
        struct bytes file = program->file.bytes;
        CLEANUP_FREE uint8_t *copy = malloc(file.len);
        if (!copy)
                return jail_error_set(err, JAIL_ENOMEM, 0, "out of memory");
        memcpy(copy, file.ptr, file.len);
        memset(copy + (program->policy.ptr - file.ptr) + PACKED_FILE_SHA256_OFFSET, 0, PACKED_SHA256_BYTES);
        memset(copy + (program->stub.ptr - file.ptr) + PACKED_STUB_CHECKSUM_OFFSET, 0, PACKED_STUB_CHECKSUM_BYTES);
        return has_sha256((struct bytes){ copy, file.len }, program->packed.file_sha256) ? 0 : changed(err, "the file");
}

static int verify_checksum(const struct packed_program *program, struct jail_error *err) {
        uint64_t checksum;
        size_t len = program->supervisor.len + program->policy.len;
        if (program->supervisor.ptr + program->supervisor.len != program->policy.ptr || len % 32 != 0 ||
            (uintptr_t) program->supervisor.ptr % 8 != 0 || !bytes_u64(program->stub, PACKED_STUB_CHECKSUM_OFFSET, &checksum) ||
            stub_checksum(program->supervisor.ptr, len) != checksum)
                return changed(err, "the stub, the supervisor or the policy");
        return 0;
}

int packed_program_verify(const struct packed_program *program, struct jail_error *err) {
        if (!has_sha256(program->supervisor, program->packed.supervisor_sha256))
                return changed(err, "the supervisor");
        CLEANUP_FREE uint8_t *original = NULL;
        size_t len = 0;
        int r = packed_program_original(program, &original, &len, err);
        if (r == 0)
                r = verify_checksum(program, err);
        if (r == 0)
                r = verify_file(program, err);
        return r;
}

int packed_program_original(const struct packed_program *program, uint8_t **ret_bytes, size_t *ret_len, struct jail_error *err) {
        const struct bytes *head = &program->packed.parts[PACKED_HEAD];
        struct bytes old;
        if (!bytes_slice(program->file.bytes, 0, program->packed.original_bytes, &old) || head->len > old.len)
                return changed(err, "the program");
        CLEANUP_FREE uint8_t *bytes = malloc(old.len);
        if (!bytes)
                return jail_error_set(err, JAIL_ENOMEM, 0, "out of memory");
        memcpy(bytes, head->ptr, head->len);
        memcpy(bytes + head->len, old.ptr + head->len, old.len - head->len);
        if (!has_sha256((struct bytes){ bytes, old.len }, program->packed.original_sha256))
                return changed(err, "the program");
        *ret_bytes = STEAL(bytes);
        *ret_len = old.len;
        return 0;
}
