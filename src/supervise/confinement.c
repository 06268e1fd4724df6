/* SPDX-License-Identifier: Apache-2.0 */
#include "supervise/confinement.h"

#include <errno.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef CAP_CHECKPOINT_RESTORE
#define CAP_CHECKPOINT_RESTORE 40 /* since Linux 5.9 */
#endif

#define BIT(capability) (UINT64_C(1) << (capability))

const uint64_t confinement_capabilities =
        BIT(CAP_SYS_PTRACE) | BIT(CAP_DAC_READ_SEARCH) | BIT(CAP_KILL) | BIT(CAP_CHECKPOINT_RESTORE);

/* capset(2): glibc has no function for it. */
static int drop_capabilities(struct jail_error *err) {
        struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
        struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { 0 };
        if (syscall(SYS_capget, &header, data) < 0)
                return jail_error_set(err, JAIL_ESYS, errno, "capget");
        for (size_t i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
                data[i].permitted &= (uint32_t) (confinement_capabilities >> 32 * i);
                data[i].effective = data[i].permitted;
                data[i].inheritable = 0;
        }
        if (syscall(SYS_capset, &header, data) < 0)
                return jail_error_set(err, JAIL_ESYS, errno, "the supervisor cannot give up its capabilities");
        return 0;
}

int confinement_enter(struct jail_error *err) {
        int r = drop_capabilities(err);
        if (r < 0)
                return r;
        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
                return jail_error_set(err, JAIL_ESYS, errno, "no_new_privs");
        r = filter_install(&confinement_program);
        if (r != 0) /* there is no other thread that it could fail for */
                return jail_error_set(err, JAIL_ESYS, r < 0 ? -r : 0, "cannot install the supervisor's own seccomp filter");
        return 0;
}
