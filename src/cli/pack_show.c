/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/pack_show.h"

#include "base/cleanup.h"
#include "base/text.h"
#include "cli/check_table.h"
#include "cli/message.h"
#include "pack/packed_program.h"
#include "pack/parts.h"
#include "report/relaxed.h"
#include "supervise/packed_policy.h"

#include <inttypes.h>
#include <jail/image.h>

enum { MAX_SHOWN_BYTES = 4096 };

static void add_sha256(struct text *text, const uint8_t *sum) {
        for (size_t i = 0; i < PACKED_SHA256_BYTES; i++)
                text_printf(text, "%02x", sum[i]);
}

/* The options as they would be given to `jail pack`. */
static void add_options(struct text *text, const struct packed *packed) {
        struct jail_supervisor_options options = { 0 };
        char buffer[256];
        struct text relaxed;
        packed_policy_apply(packed, &options);
        text_init(&relaxed, buffer, sizeof(buffer));
        relaxed_add(&relaxed, &options);
        text_printf(text, "options     --ancestors=%" PRIu32, packed->ancestors);
        text_add(text, options.deny_children ? STR(" --children=deny") : STR(""));
        text_add(text, options.strict_child_env ? STR(" --child-env=strict") : STR(""));
        text_add(text, STR("\nrelaxed by  "));
        text_add(text, options.permissive ? STR("--permissive ") : STR(""));
        text_add(text, (struct str){ relaxed.ptr, relaxed.len });
        text_add(text, relaxed.len == 0 && !options.permissive ? STR("nothing\n") : STR("\n"));
}

static void add_head(struct text *text, const struct packed_program *program, const uint8_t *identity) {
        const struct packed *packed = &program->packed;
        struct bytes version = packed->parts[PACKED_VERSION], supervisor = parts_supervisor();
        bool same =
                supervisor.len == program->supervisor.len && memcmp(supervisor.ptr, program->supervisor.ptr, supervisor.len) == 0;
        text_add(text, STR("packed by   jail "));
        text_add_escaped(text, (struct str){ (const char *) version.ptr, version.len });
        text_printf(text, "\nprogram     sha256 ");
        add_sha256(text, packed->original_sha256);
        text_printf(text, ", %" PRIu64 " bytes\nsupervisor  sha256 ", packed->original_bytes);
        add_sha256(text, packed->supervisor_sha256);
        text_printf(text, ", %zu bytes, %s\nstub        sha256 ", program->supervisor.len,
                    same ? "the one of this jail" : "not the one of this jail");
        add_sha256(text, packed->stub_sha256);
        text_printf(text, ", %zu bytes\npolicy      sha256 ", program->stub.len);
        add_sha256(text, identity);
        text_add(text, STR("\n"));
        add_options(text, packed);
        text_add(text, STR("\n"));
}

static int show(const char *path, struct packed_program *program, struct jail_error *err) {
        char buffer[MAX_SHOWN_BYTES];
        struct text head;
        struct jail_policy *policy = NULL;
        struct jail_image *image = NULL;
        CLEANUP_FREE char *table = NULL;
        uint8_t identity[JAIL_POLICY_IDENTITY_SIZE];
        text_init(&head, buffer, sizeof(buffer));

        const struct bytes *encoded = &program->packed.parts[PACKED_POLICY];
        int r = jail_policy_decode(encoded->ptr, encoded->len, &policy, err);
        if (r == 0)
                r = jail_policy_identity(policy, identity, err);
        if (r == 0)
                r = jail_image_open(path, &image, err);
        if (r == 0)
                r = check_table_text(policy, image, path, &table, err);
        if (r == 0) {
                add_head(&head, program, identity);
                if (message_stdout(head.ptr).code != 0 || message_stdout(table).code != 0)
                        r = jail_error_set(err, JAIL_ESYS, 0, "not everything could be shown");
        }
        jail_image_free(image);
        jail_policy_free(policy);
        return r;
}

struct cli_exit pack_show(const char *path) {
        struct packed_program program;
        struct jail_error err = { 0 };
        int r = packed_program_open(&program, path, &err);
        if (r == 0) {
                r = show(path, &program, &err);
                packed_program_close(&program);
        }
        return r == 0 ? (struct cli_exit){ .code = 0 } : message_fail("pack: %s", err.msg);
}

struct cli_exit pack_verify(const char *path) {
        struct packed_program program;
        struct jail_error err = { 0 };
        int r = packed_program_open(&program, path, &err);
        if (r < 0)
                return message_fail("pack: %s", err.msg);
        r = packed_program_verify(&program, &err);
        packed_program_close(&program);
        if (r < 0)
                return message_fail("pack: %s: %s", path, err.msg);
        char buffer[MAX_SHOWN_BYTES];
        struct text line;
        text_init(&line, buffer, sizeof(buffer));
        text_add_escaped(&line, str_from(path));
        text_add(&line, STR(": as it was packed\n"));
        return message_stdout(line.ptr);
}
