/* SPDX-License-Identifier: Apache-2.0 */
/* Makes the program's filter at build time, from the table of system calls. */
#include "base/cleanup.h"
#include "supervise/filter.h"
#include "supervise/filter_source.h"

#include <linux/audit.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

static int allow_row(scmp_filter_ctx ctx, const struct syscall_desc *desc, struct jail_error *err) {
        switch (desc->rule) {
        case SYSCALL_STOP: return 0;
        case SYSCALL_ALLOW: return filter_source_allow(ctx, desc->number, desc->name, NULL, 0, err);
        case SYSCALL_ALLOW_IF:
                return filter_source_allow(ctx, desc->number, desc->name, desc->alternatives, desc->n_alternatives, err);
        }
        return jail_error_set(err, JAIL_EFORMAT, 0, "%s has no rule", desc->name);
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
static int append_tail(struct filter_source *source, struct jail_error *err) {
        struct sock_filter *longer = realloc(source->instructions, (source->n + TAIL_LENGTH) * sizeof(*longer));
        if (!longer)
                return jail_error_set(err, JAIL_ENOMEM, 0, "memory ran out while making the filter");
        for (size_t i = 0; i < source->n; i++)
                if (longer[i].code == (BPF_RET | BPF_K) && longer[i].k == (SECCOMP_RET_TRACE | FILTER_TRACE_DATA))
                        longer[i] = (struct sock_filter) BPF_STMT(BPF_JMP | BPF_JA, (uint32_t) (source->n - i - 1));
        memcpy(longer + source->n, stop_tail, sizeof(stop_tail));
        source->instructions = longer;
        source->n += TAIL_LENGTH;
        return 0;
}

static int make(struct filter_source *ret_source, struct jail_error *err) {
        const uint32_t stop = SCMP_ACT_TRACE(FILTER_TRACE_DATA);
        CLEANUP(filter_source_release) scmp_filter_ctx ctx = seccomp_init(stop);
        if (!ctx)
                return jail_error_set(err, JAIL_ENOMEM, 0, "memory ran out while making the filter");

        int r = seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, stop); /* i386 and x32 */
        if (r < 0)
                return filter_source_failed(err, r, "SCMP_FLTATR_ACT_BADARCH");
        r = seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2); /* a binary tree over the numbers: about 9 comparisons per call */
        if (r < 0)
                return filter_source_failed(err, r, "SCMP_FLTATR_CTL_OPTIMIZE");
        for (size_t i = 0; i < syscall_count(); i++) {
                r = allow_row(ctx, syscall_at(i), err);
                if (r < 0)
                        return r;
        }
        r = filter_source_read(ctx, ret_source, err);
        return r == 0 ? append_tail(ret_source, err) : r;
}

/* filter_generate FILE */
int main(int argc, char *argv[]) {
        struct filter_source source = { 0 };
        struct jail_error err;
        if (argc != 2)
                return 2;
        int r = make(&source, &err);
        if (r == 0)
                r = filter_source_write(&source, argv[1], "filter_program", &err);
        free(source.instructions);
        if (r < 0)
                fprintf(stderr, "filter_generate: %s\n", err.msg);
        return r < 0 ? 1 : 0;
}
