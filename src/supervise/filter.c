/* SPDX-License-Identifier: Apache-2.0 */
#include "supervise/filter.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

int filter_install(const struct filter_program *program) {
        struct sock_fprog fprog = { .len = (unsigned short) program->n_instructions,
                                    .filter = (struct sock_filter *) (uintptr_t) program->instructions };

        long r = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &fprog);
        return r < 0 ? -errno : (int) r;
}
