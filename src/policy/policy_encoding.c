/* SPDX-License-Identifier: Apache-2.0 */
/* The layout is described in docs/policy.md. Everything is little-endian; a string is its length (u32) and its bytes. */
#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/digest.h"
#include "policy/module_path.h"
#include "policy/policy_internal.h"

#include <assert.h>
#include <endian.h>
#include <stdlib.h>
#include <string.h>

#define ENCODING_MAGIC            "jailpol"
#define ENCODING_VERSION          1
#define ENCODING_HEADER_BYTES     12 /* magic, version, length of the grants */
#define ENCODING_STRING_MAX_BYTES ((size_t) 64 << 10)
#define ENCODING_MODULE_MIN_BYTES                                                                                                  \
        15 /* of the grants: no module is smaller, which bounds the count before anything is allocated                             \
            */

#define FLAG_CONFINED  UINT8_C(1)
#define FLAG_CALLBACKS UINT8_C(2)
#define FLAG_REPLACED  UINT8_C(4)

/* Writes to bytes, or only counts when bytes is NULL. */
struct writer {
        uint8_t *bytes;
        size_t len;
};

static void write_bytes(struct writer *writer, const void *bytes, size_t len) {
        if (writer->bytes && len > 0)
                memcpy(writer->bytes + writer->len, bytes, len);
        writer->len += len;
}

static void write_u8(struct writer *writer, uint8_t value) {
        write_bytes(writer, &value, sizeof(value));
}

static void write_u32(struct writer *writer, uint32_t value) {
        value = htole32(value);
        write_bytes(writer, &value, sizeof(value));
}

static void write_string(struct writer *writer, const char *string) {
        size_t len = strlen(string);
        write_u32(writer, (uint32_t) len);
        write_bytes(writer, string, len);
}

static uint8_t module_flags(const struct jail_policy_module *module) {
        return (uint8_t) ((module->confined ? FLAG_CONFINED : 0) | (module->callbacks ? FLAG_CALLBACKS : 0) |
                          (module->replace_path ? FLAG_REPLACED : 0));
}

static void write_grant(struct writer *writer, const struct jail_policy_module *module) {
        write_u8(writer, module_flags(module));
        write_u32(writer, module->quiet_classes);
}

static void write_grants(struct writer *writer, const struct jail_policy *policy) {
        write_string(writer, policy->main_module);
        write_grant(writer, &policy->defaults);
        write_u32(writer, (uint32_t) policy->n_modules);
        for (size_t i = 0; i < policy->n_modules; i++) {
                const struct jail_policy_module *module = &policy->modules[i];
                write_grant(writer, module);
                write_string(writer, module->path);
                write_string(writer, module->version);
                if (module->replace_path) {
                        write_string(writer, module->replace_path);
                        write_string(writer, module->replace_version);
                }
        }
}

static void write_header(struct writer *writer, size_t grants_len) {
        write_bytes(writer, ENCODING_MAGIC, strlen(ENCODING_MAGIC));
        write_u8(writer, ENCODING_VERSION);
        write_u32(writer, (uint32_t) grants_len);
}

static void write_origin(struct writer *writer, const struct jail_policy_module *module) {
        write_u8(writer, (uint8_t) module->origin);
        write_u32(writer, module->origin_line);
        write_u32(writer, module->require_line);
}

static void write_layout(struct writer *writer, const struct jail_policy *policy) {
        write_string(writer, policy->file);
        write_origin(writer, &policy->defaults);
        for (size_t i = 0; i < policy->n_modules; i++)
                write_origin(writer, &policy->modules[i]);
}

/* *ret_identified_len is the length of what the identity covers: header and grants. */
static int encode(const struct jail_policy *policy, uint8_t **ret_bytes, size_t *ret_len, size_t *ret_identified_len,
                  struct jail_error *err) {
        struct writer size = { 0 };
        write_grants(&size, policy);
        size_t grants_len = size.len;
        write_layout(&size, policy);
        size_t len = ENCODING_HEADER_BYTES + size.len;
        if (len > UINT32_MAX)
                return jail_error_set(err, JAIL_ELIMIT, 0, "the policy is too large to be encoded");

        struct writer writer = { .bytes = malloc(len) };
        if (!writer.bytes)
                return jail_error_set(err, JAIL_ENOMEM, 0, "out of memory");
        write_header(&writer, grants_len);
        write_grants(&writer, policy);
        write_layout(&writer, policy);
        assert(writer.len == len);
        *ret_bytes = writer.bytes;
        *ret_len = len;
        *ret_identified_len = ENCODING_HEADER_BYTES + grants_len;
        return 0;
}

int jail_policy_encode(const struct jail_policy *policy, uint8_t **ret_bytes, size_t *ret_len, struct jail_error *err) {
        size_t identified_len = 0;
        return encode(policy, ret_bytes, ret_len, &identified_len, err);
}

int jail_policy_identity(const struct jail_policy *policy, uint8_t ret_identity[JAIL_POLICY_IDENTITY_SIZE],
                         struct jail_error *err) {
        CLEANUP_FREE uint8_t *bytes = NULL;
        size_t len = 0, identified_len = 0;
        int r = encode(policy, &bytes, &len, &identified_len, err);
        if (r < 0)
                return r;
        digest_sha256((struct bytes){ bytes, identified_len }, ret_identity);
        return 0;
}

/* Reads hostile bytes in order; the first failure sticks, and everything after it reads as zero. */
struct cursor {
        struct bytes bytes;
        uint64_t offset;
        bool failed;
};

static uint8_t read_u8(struct cursor *cursor) {
        uint8_t value = 0;
        if (!cursor->failed && bytes_u8(cursor->bytes, cursor->offset, &value))
                cursor->offset += sizeof(value);
        else
                cursor->failed = true;
        return value;
}

static uint32_t read_u32(struct cursor *cursor) {
        uint32_t value = 0;
        if (!cursor->failed && bytes_u32(cursor->bytes, cursor->offset, &value))
                cursor->offset += sizeof(value);
        else
                cursor->failed = true;
        return value;
}

/* A view of the string, empty on failure. */
static struct str read_string(struct cursor *cursor) {
        uint32_t len = read_u32(cursor);
        struct bytes slice = { NULL, 0 };
        if (cursor->failed || len > ENCODING_STRING_MAX_BYTES || !bytes_slice(cursor->bytes, cursor->offset, len, &slice) ||
            (len > 0 && memchr(slice.ptr, '\0', len))) {
                cursor->failed = true;
                return (struct str){ 0 };
        }
        cursor->offset += len;
        return (struct str){ (const char *) slice.ptr, slice.len };
}

/* Copies what read_string() found. */
static int read_pooled(struct cursor *cursor, struct jail_policy *policy, const char **ret_string, struct jail_error *err) {
        struct str string = read_string(cursor);
        return string_pool_add(&policy->strings, string, ret_string, err);
}

static void read_grant(struct cursor *cursor, struct jail_policy_module *module, bool *ret_replaced) {
        uint8_t flags = read_u8(cursor);
        uint32_t quiet_classes = read_u32(cursor);
        if (flags & ~(FLAG_CONFINED | FLAG_CALLBACKS | FLAG_REPLACED) || quiet_classes >> JAIL_CLASS_COUNT != 0)
                cursor->failed = true;
        module->confined = flags & FLAG_CONFINED;
        module->callbacks = flags & FLAG_CALLBACKS;
        module->quiet_classes = quiet_classes;
        *ret_replaced = flags & FLAG_REPLACED;
}

static bool path_ok(const char *path) {
        const char *reason;
        return module_path_check(str_from(path), &reason);
}

static int read_module(struct cursor *cursor, struct jail_policy *policy, struct jail_error *err) {
        struct jail_policy_module module = { 0 };
        bool replaced;
        read_grant(cursor, &module, &replaced);
        int r = read_pooled(cursor, policy, &module.path, err);
        if (r < 0)
                return r;
        r = read_pooled(cursor, policy, &module.version, err);
        if (r < 0)
                return r;
        if (replaced) {
                r = read_pooled(cursor, policy, &module.replace_path, err);
                if (r < 0)
                        return r;
                r = read_pooled(cursor, policy, &module.replace_version, err);
                if (r < 0)
                        return r;
        }
        const struct jail_policy_module *before = policy->n_modules > 0 ? &policy->modules[policy->n_modules - 1] : NULL;
        bool version_ok = module.version[0] == '\0' || module_version_canonical(str_from(module.version));
        bool sorted = !before || strcmp(before->path, module.path) < 0;
        bool replace_ok = !replaced || module.replace_path[0] != '\0';
        if (!path_ok(module.path) || !version_ok || !sorted || !replace_ok)
                cursor->failed = true;
        policy->modules[policy->n_modules++] = module;
        return 0;
}

static int read_grants(struct cursor *cursor, struct jail_policy *policy, struct jail_error *err) {
        bool replaced;
        int r = read_pooled(cursor, policy, &policy->main_module, err);
        if (r < 0)
                return r;
        read_grant(cursor, &policy->defaults, &replaced);
        uint32_t n_modules = read_u32(cursor);
        if (cursor->failed || replaced || !path_ok(policy->main_module)) {
                cursor->failed = true;
                return 0;
        }
        if (n_modules > POLICY_MODULES_MAX)
                return jail_error_set(err, JAIL_ELIMIT, 0, "encoded policy: more than %zu modules", POLICY_MODULES_MAX);
        if (n_modules > cursor->bytes.len / ENCODING_MODULE_MIN_BYTES) {
                cursor->failed = true;
                return 0;
        }
        policy->modules = calloc((size_t) n_modules + 1, sizeof(*policy->modules));
        if (!policy->modules)
                return jail_error_set(err, JAIL_ENOMEM, 0, "out of memory");
        for (uint32_t i = 0; i < n_modules && !cursor->failed; i++) {
                r = read_module(cursor, policy, err);
                if (r < 0)
                        return r;
        }
        return 0;
}

/* The origin of a grant must be one that can give it. */
static void read_origin(struct cursor *cursor, struct jail_policy_module *module, bool defaults) {
        uint8_t origin = read_u8(cursor);
        module->origin_line = read_u32(cursor);
        module->require_line = read_u32(cursor);
        bool lined = origin == JAIL_POLICY_ORIGIN_MODULE || origin == JAIL_POLICY_ORIGIN_BLOCK || origin == JAIL_POLICY_ORIGIN_LINE;
        bool known = lined || origin == JAIL_POLICY_ORIGIN_NONE || origin == JAIL_POLICY_ORIGIN_OVERRIDE;
        bool of_default = origin == JAIL_POLICY_ORIGIN_NONE || origin == JAIL_POLICY_ORIGIN_MODULE;
        bool unsaid = origin == JAIL_POLICY_ORIGIN_NONE && module->confined;
        if (!known || unsaid || lined != (module->origin_line > 0) || (defaults && (!of_default || module->require_line > 0)))
                cursor->failed = true;
        else
                module->origin = (enum jail_policy_origin) origin;
}

static int read_layout(struct cursor *cursor, struct jail_policy *policy, struct jail_error *err) {
        int r = read_pooled(cursor, policy, &policy->file, err);
        if (r < 0)
                return r;
        read_origin(cursor, &policy->defaults, true);
        for (size_t i = 0; i < policy->n_modules; i++)
                read_origin(cursor, &policy->modules[i], false);
        return 0;
}

static int decode_header(struct bytes all, struct bytes *ret_grants, struct bytes *ret_layout, struct jail_error *err) {
        struct bytes magic;
        uint8_t version;
        uint32_t grants_len;
        if (!bytes_slice(all, 0, strlen(ENCODING_MAGIC), &magic) || memcmp(magic.ptr, ENCODING_MAGIC, magic.len) != 0)
                return jail_error_set(err, JAIL_EFORMAT, 0, "no encoded policy");
        if (!bytes_u8(all, magic.len, &version))
                return jail_error_set(err, JAIL_EFORMAT, 0, "encoded policy: truncated");
        if (version != ENCODING_VERSION)
                return jail_error_set(err, JAIL_EUNSUPPORTED, 0, "encoded policy: version %u is unknown (this jail knows %u)",
                                      version, ENCODING_VERSION);
        if (!bytes_u32(all, magic.len + 1, &grants_len) || !bytes_slice(all, ENCODING_HEADER_BYTES, grants_len, ret_grants) ||
            !bytes_from(all, ENCODING_HEADER_BYTES + (uint64_t) grants_len, ret_layout))
                return jail_error_set(err, JAIL_EFORMAT, 0, "encoded policy: truncated");
        return 0;
}

static int error_malformed(const char *section, const struct cursor *cursor, struct jail_error *err) {
        return jail_error_set(err, JAIL_EFORMAT, 0, "encoded policy: malformed %s at offset %llu", section,
                              (unsigned long long) cursor->offset);
}

int jail_policy_decode(const uint8_t *bytes, size_t len, struct jail_policy **ret_policy, struct jail_error *err) {
        CLEANUP(policy_cleanup) struct jail_policy *policy = NULL;
        struct cursor grants = { 0 }, layout = { 0 };
        int r = decode_header((struct bytes){ bytes, len }, &grants.bytes, &layout.bytes, err);
        if (r < 0)
                return r;
        r = policy_new(&policy, err);
        if (r < 0)
                return r;

        r = read_grants(&grants, policy, err);
        if (r < 0)
                return r;
        if (grants.failed || grants.offset != grants.bytes.len)
                return error_malformed("grants", &grants, err);
        r = read_layout(&layout, policy, err);
        if (r < 0)
                return r;
        if (layout.failed || layout.offset != layout.bytes.len)
                return error_malformed("layout", &layout, err);
        *ret_policy = STEAL(policy);
        return 0;
}
