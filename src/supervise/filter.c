/* SPDX-License-Identifier: Apache-2.0 */
#include "supervise/filter.h"

#include "base/cleanup.h"
#include "syscalls/table.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static void cleanup_seccomp(scmp_filter_ctx *ctx) {
        if (*ctx)
                seccomp_release(*ctx);
}

/* libseccomp returns negative errno values. */
static int seccomp_failed(struct jail_error *err, int result, const char *what) {
        if (result == -ENOMEM)
                return jail_error_set(err, JAIL_ENOMEM, 0, "memory ran out while making the filter");
        return jail_error_set(err, JAIL_ESYS, -result, "libseccomp: %s", what);
}

/* One rule that lets the call go on. Each alternative is a rule of its own: libseccomp allows when any of them matches. */
static int allow_alternative(scmp_filter_ctx ctx, int number, const struct syscall_alternative *alternative) {
        struct scmp_arg_cmp comparisons[SYSCALL_MAX_CONDITIONS];

        for (size_t i = 0; i < alternative->n_conditions; i++) {
                const struct syscall_condition *condition = &alternative->conditions[i];
                comparisons[i] = SCMP_CMP64(condition->index, SCMP_CMP_MASKED_EQ, condition->mask, condition->value);
        }
        return seccomp_rule_add_exact_array(ctx, SCMP_ACT_ALLOW, number, alternative->n_conditions, comparisons);
}

static int allow_row(scmp_filter_ctx ctx, const struct syscall_desc *desc, struct jail_error *err) {
        int r = 0;

        switch (desc->rule) {
        case SYSCALL_STOP: return 0;
        case SYSCALL_ALLOW: r = seccomp_rule_add_exact_array(ctx, SCMP_ACT_ALLOW, desc->number, 0, NULL); break;
        case SYSCALL_ALLOW_IF:
                for (size_t i = 0; i < desc->n_alternatives && r == 0; i++)
                        r = allow_alternative(ctx, desc->number, &desc->alternatives[i]);
                break;
        }
        return r == 0 ? 0 : seccomp_failed(err, r, desc->name);
}

/* libseccomp 2.5 exports to a file only. */
static int read_program(scmp_filter_ctx ctx, struct filter_program *ret_program, struct jail_error *err) {
        CLEANUP_CLOSE int fd = memfd_create("filter", MFD_CLOEXEC);
        if (fd < 0)
                return jail_error_set(err, JAIL_ESYS, errno, "memfd_create");
        int r = seccomp_export_bpf(ctx, fd);
        if (r < 0)
                return seccomp_failed(err, r, "seccomp_export_bpf");

        off_t len = lseek(fd, 0, SEEK_END);
        if (len <= 0 || (size_t) len % sizeof(struct sock_filter) != 0 || (size_t) len / sizeof(struct sock_filter) > BPF_MAXINSNS)
                return jail_error_set(err, JAIL_EFORMAT, 0, "libseccomp made a filter of %lld bytes", (long long) len);
        CLEANUP_FREE struct sock_filter *instructions = malloc((size_t) len);
        if (!instructions)
                return jail_error_set(err, JAIL_ENOMEM, 0, "memory ran out while making the filter");
        ssize_t got = pread(fd, instructions, (size_t) len, 0);
        if (got != len)
                return jail_error_set(err, JAIL_ESYS, got < 0 ? errno : 0, "reading the filter back");

        ret_program->n_instructions = (size_t) len / sizeof(struct sock_filter);
        ret_program->instructions = STEAL(instructions);
        return 0;
}

/* Turns every stop into a go-on, so that the same instructions run and nothing stops. */
static void remove_stops(struct filter_program *program) {
        for (size_t i = 0; i < program->n_instructions; i++) {
                struct sock_filter *instruction = &program->instructions[i];
                if (instruction->code == (BPF_RET | BPF_K) && instruction->k == (SECCOMP_RET_TRACE | FILTER_TRACE_DATA))
                        instruction->k = SECCOMP_RET_ALLOW;
        }
}

int filter_build(bool trace_none, struct filter_program *ret_program, struct jail_error *err) {
        const uint32_t stop = SCMP_ACT_TRACE(FILTER_TRACE_DATA);
        CLEANUP(cleanup_seccomp) scmp_filter_ctx ctx = seccomp_init(stop);
        if (!ctx)
                return jail_error_set(err, JAIL_ENOMEM, 0, "memory ran out while making the filter");

        int r = seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, stop); /* i386 and x32 */
        if (r < 0)
                return seccomp_failed(err, r, "SCMP_FLTATR_ACT_BADARCH");
        r = seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2); /* a binary tree over the numbers: about 9 comparisons per call */
        if (r < 0)
                return seccomp_failed(err, r, "SCMP_FLTATR_CTL_OPTIMIZE");
        for (size_t i = 0; i < syscall_count(); i++) {
                r = allow_row(ctx, syscall_at(i), err);
                if (r < 0)
                        return r;
        }

        struct filter_program program = { 0 };
        r = read_program(ctx, &program, err);
        if (r < 0)
                return r;
        if (trace_none)
                remove_stops(&program);
        *ret_program = program;
        return 0;
}

void filter_program_clear(struct filter_program *program) {
        free(program->instructions);
        *program = (struct filter_program){ 0 };
}

int filter_install(const struct filter_program *program) {
        struct sock_fprog fprog = { .len = (unsigned short) program->n_instructions, .filter = program->instructions };

        long r = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &fprog);
        return r < 0 ? -errno : (int) r;
}
