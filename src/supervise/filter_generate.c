/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes the filter as C source, at build time: libseccomp takes a millisecond to make it from the table, which every start would
 * pay, and the same table gives the same filter each time.
 */
#include "base/cleanup.h"
#include "supervise/filter.h"
#include "syscalls/table.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

struct instructions {
        struct sock_filter *all; /* owned */
        size_t n;
};

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
static int read_program(scmp_filter_ctx ctx, struct instructions *ret_instructions, struct jail_error *err) {
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

        ret_instructions->n = (size_t) len / sizeof(struct sock_filter);
        ret_instructions->all = STEAL(instructions);
        return 0;
}

#define X32_SYSCALL_BIT  0x40000000
#define I386_SYS_seccomp 354 /* arch/x86/entry/syscalls/syscall_32.tbl */
#define LOAD(field)      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))

/*
 * What libseccomp would stop first passes here, where a filter with a new listener is told apart (seccomp(2)); libseccomp cannot
 * say this of two architectures in one filter. Both arguments are of 32 bits.
 */
static const struct sock_filter stop_tail[] = {
        LOAD(arch),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_I386, 0, 2),
        LOAD(nr),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, I386_SYS_seccomp, 3, 8),
        LOAD(nr),
        BPF_STMT(BPF_ALU | BPF_AND | BPF_K, ~X32_SYSCALL_BIT),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_seccomp, 0, 5),
        LOAD(args[0]),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SECCOMP_SET_MODE_FILTER, 0, 3),
        LOAD(args[1]),
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, SECCOMP_FILTER_FLAG_NEW_LISTENER, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP | FILTER_TRAP_DATA),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE | FILTER_TRACE_DATA),
};
#define TAIL_LENGTH (sizeof(stop_tail) / sizeof(stop_tail[0]))

/* Every stop jumps to the tail instead. */
static int append_tail(struct instructions *instructions, struct jail_error *err) {
        struct sock_filter *longer = realloc(instructions->all, (instructions->n + TAIL_LENGTH) * sizeof(*longer));
        if (!longer)
                return jail_error_set(err, JAIL_ENOMEM, 0, "memory ran out while making the filter");
        for (size_t i = 0; i < instructions->n; i++)
                if (longer[i].code == (BPF_RET | BPF_K) && longer[i].k == (SECCOMP_RET_TRACE | FILTER_TRACE_DATA))
                        longer[i] = (struct sock_filter) BPF_STMT(BPF_JMP | BPF_JA, (uint32_t) (instructions->n - i - 1));
        memcpy(longer + instructions->n, stop_tail, sizeof(stop_tail));
        instructions->all = longer;
        instructions->n += TAIL_LENGTH;
        return 0;
}

static int make(struct instructions *ret_instructions, struct jail_error *err) {
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
        r = read_program(ctx, ret_instructions, err);
        return r == 0 ? append_tail(ret_instructions, err) : r;
}

static void print(FILE *file, const struct instructions *instructions) {
        fprintf(file, "/* Made by src/supervise/filter_generate.c. */\n"
                      "#include \"supervise/filter.h\"\n\n"
                      "static const struct sock_filter instructions[] = {\n");
        for (size_t i = 0; i < instructions->n; i++) {
                const struct sock_filter *one = &instructions->all[i];
                fprintf(file, "        { 0x%02x, %u, %u, 0x%08x },\n", one->code, one->jt, one->jf, one->k);
        }
        fprintf(file,
                "};\n\n"
                "const struct filter_program filter_program = { instructions, sizeof(instructions) / sizeof(instructions[0]) };\n");
}

/* filter_generate FILE */
int main(int argc, char *argv[]) {
        struct instructions instructions = { 0 };
        struct jail_error err;
        if (argc != 2)
                return 2;
        if (make(&instructions, &err) < 0) {
                free(instructions.all);
                fprintf(stderr, "filter_generate: %s\n", err.msg);
                return 1;
        }
        FILE *file = fopen(argv[1], "we");
        if (file)
                print(file, &instructions);
        free(instructions.all);
        if (!file || fclose(file) != 0) {
                perror(argv[1]);
                return 1;
        }
        return 0;
}
