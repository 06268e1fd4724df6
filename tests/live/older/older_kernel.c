/* SPDX-License-Identifier: Apache-2.0 */
/*
 * older_kernel PROG [ARG...]: executes PROG with what the kernel got after Linux 5.3 refused as that one would: system calls from
 * 436 on, and the requests, commands, options and flags of older ones that jail uses or a program can hand them on to. What newer
 * kernels do in another way without saying so, it cannot take back.
 */
#include <errno.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "supervise/mapping.h"

#define FIRST_NEW_CALL         436 /* close_range, Linux 5.9; 434 and 435 are of 5.3 */
#define AFTER_NEW_CALLS        500
#define FIRST_NEW_REQUEST      0x420f /* PTRACE_GET_RSEQ_CONFIGURATION, 5.13 */
#define FIRST_NEW_OPTION       57     /* PR_SET_IO_FLUSHER, 5.6 */
#define FIRST_NEW_ADVICE       20     /* MADV_COLD, 5.4 */
#define KNOWN_TO_SECCOMP_FLAGS 15     /* SECCOMP_FILTER_FLAG_NEW_LISTENER and below, 5.0 */
#define KNOWN_TO_MEMFD_CREATE  7      /* MFD_HUGETLB and below; and sizes from bit 26 on */
#define MEMFD_SIZES            (UINT64_C(63) << 26)
#define WAITID_PIDFD           3 /* P_PIDFD, 5.4 */

static const struct refusal {
        int number;
        int error;
        unsigned argument;
        enum scmp_compare compare;
        uint64_t value, datum; /* SCMP_CMP_MASKED_EQ: the mask and what the masked argument is */
} refusals[] = {
        { SYS_ioctl, ENOTTY, 1, SCMP_CMP_EQ, MAPPING_QUERY, 0 }, /* 6.11 */
        { SYS_ptrace, EIO, 0, SCMP_CMP_GE, FIRST_NEW_REQUEST, 0 },    { SYS_prctl, EINVAL, 0, SCMP_CMP_GE, FIRST_NEW_OPTION, 0 },
        { SYS_madvise, EINVAL, 2, SCMP_CMP_GE, FIRST_NEW_ADVICE, 0 }, { SYS_waitid, EINVAL, 0, SCMP_CMP_EQ, WAITID_PIDFD, 0 },
};

static int refuse(scmp_filter_ctx ctx, const struct refusal *refusal) {
        const struct scmp_arg_cmp compare = { refusal->argument, refusal->compare, refusal->value, refusal->datum };
        return seccomp_rule_add_array(ctx, SCMP_ACT_ERRNO((uint32_t) refusal->error), refusal->number, 1, &compare);
}

/* One rule for each flag that it does not know. */
static int refuse_flags(scmp_filter_ctx ctx, int number, unsigned argument, uint64_t known) {
        int r = 0;
        for (unsigned bit = 0; bit < 32 && r == 0; bit++)
                if (!(known >> bit & 1)) {
                        const struct refusal refusal = {
                                number, EINVAL, argument, SCMP_CMP_MASKED_EQ, UINT64_C(1) << bit, UINT64_C(1) << bit
                        };
                        r = refuse(ctx, &refusal);
                }
        return r;
}

int main(int argc, char **argv) {
        if (argc < 2) {
                fprintf(stderr, "usage: older_kernel PROG [ARG...]\n");
                return 2;
        }
        scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);
        int r = ctx ? 0 : -ENOMEM;
        for (int number = FIRST_NEW_CALL; number < AFTER_NEW_CALLS && r == 0; number++)
                r = seccomp_rule_add(ctx, SCMP_ACT_ERRNO(ENOSYS), number, 0);
        for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]) && r == 0; i++)
                r = refuse(ctx, &refusals[i]);
        if (r == 0)
                r = refuse_flags(ctx, SYS_seccomp, 1, KNOWN_TO_SECCOMP_FLAGS);
        if (r == 0)
                r = refuse_flags(ctx, SYS_memfd_create, 1, KNOWN_TO_MEMFD_CREATE | MEMFD_SIZES);
        if (r == 0)
                r = seccomp_attr_set(ctx, SCMP_FLTATR_CTL_NNP, geteuid() != 0);
        if (r == 0)
                r = seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ALLOW);
        if (r == 0)
                r = seccomp_load(ctx);
        if (r < 0) {
                fprintf(stderr, "older_kernel: %s\n", strerror(-r));
                return 2;
        }
        execvp(argv[1], argv + 1);
        fprintf(stderr, "older_kernel: %s: %s\n", argv[1], strerror(errno));
        return 2;
}
