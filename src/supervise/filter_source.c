/* SPDX-License-Identifier: Apache-2.0 */
#include "supervise/filter_source.h"

#include "base/cleanup.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

void filter_source_release(scmp_filter_ctx *ctx) {
        if (*ctx)
                seccomp_release(*ctx);
}

int filter_source_failed(struct jail_error *err, int result, const char *what) {
        if (result == -ENOMEM)
                return jail_error_set(err, JAIL_ENOMEM, 0, "memory ran out while making the filter");
        return jail_error_set(err, JAIL_ESYS, -result, "libseccomp: %s", what);
}

/* Each alternative is a rule of its own: libseccomp allows when any of them matches. */
static int allow_alternative(scmp_filter_ctx ctx, int number, const struct syscall_alternative *alternative) {
        struct scmp_arg_cmp comparisons[SYSCALL_MAX_CONDITIONS];

        for (size_t i = 0; i < alternative->n_conditions; i++) {
                const struct syscall_condition *condition = &alternative->conditions[i];
                comparisons[i] = SCMP_CMP64(condition->index, SCMP_CMP_MASKED_EQ, condition->mask, condition->value);
        }
        return seccomp_rule_add_exact_array(ctx, SCMP_ACT_ALLOW, number, alternative->n_conditions, comparisons);
}

int filter_source_allow(scmp_filter_ctx ctx, int number, const char *name, const struct syscall_alternative *alternatives,
                        size_t n_alternatives, struct jail_error *err) {
        int r = 0;
        if (n_alternatives == 0)
                r = seccomp_rule_add_exact_array(ctx, SCMP_ACT_ALLOW, number, 0, NULL);
        for (size_t i = 0; i < n_alternatives && r == 0; i++)
                r = allow_alternative(ctx, number, &alternatives[i]);
        return r == 0 ? 0 : filter_source_failed(err, r, name);
}

/* libseccomp 2.5 exports to a file only. */
int filter_source_read(scmp_filter_ctx ctx, struct filter_source *ret_source, struct jail_error *err) {
        CLEANUP_CLOSE int fd = memfd_create("filter", MFD_CLOEXEC);
        if (fd < 0)
                return jail_error_set(err, JAIL_ESYS, errno, "memfd_create");
        int r = seccomp_export_bpf(ctx, fd);
        if (r < 0)
                return filter_source_failed(err, r, "seccomp_export_bpf");

        off_t len = lseek(fd, 0, SEEK_END);
        if (len <= 0 || (size_t) len % sizeof(struct sock_filter) != 0 || (size_t) len / sizeof(struct sock_filter) > BPF_MAXINSNS)
                return jail_error_set(err, JAIL_EFORMAT, 0, "libseccomp made a filter of %lld bytes", (long long) len);
        CLEANUP_FREE struct sock_filter *instructions = malloc((size_t) len);
        if (!instructions)
                return jail_error_set(err, JAIL_ENOMEM, 0, "memory ran out while making the filter");
        ssize_t got = pread(fd, instructions, (size_t) len, 0);
        if (got != len)
                return jail_error_set(err, JAIL_ESYS, got < 0 ? errno : 0, "reading the filter back");

        ret_source->n = (size_t) len / sizeof(struct sock_filter);
        ret_source->instructions = STEAL(instructions);
        return 0;
}

static void print(FILE *file, const struct filter_source *source, const char *name) {
        fprintf(file, "/* Made at build time: src/supervise/filter_source.h. */\n"
                      "#include \"supervise/filter.h\"\n\n"
                      "static const struct sock_filter instructions[] = {\n");
        for (size_t i = 0; i < source->n; i++) {
                const struct sock_filter *one = &source->instructions[i];
                fprintf(file, "        { 0x%02x, %u, %u, 0x%08x },\n", one->code, one->jt, one->jf, one->k);
        }
        fprintf(file,
                "};\n\n"
                "extern const struct filter_program %s;\n"
                "const struct filter_program %s = { instructions, sizeof(instructions) / sizeof(instructions[0]) };\n",
                name, name);
}

int filter_source_write(const struct filter_source *source, const char *path, const char *name, struct jail_error *err) {
        FILE *file = fopen(path, "we");
        if (file)
                print(file, source, name);
        if (!file || fclose(file) != 0)
                return jail_error_set(err, JAIL_ESYS, errno, "%s", path);
        return 0;
}
