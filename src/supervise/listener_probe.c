/* SPDX-License-Identifier: Apache-2.0 */
#include "supervise/listener_probe.h"

#include "supervise/quiet_child.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* In the child: the errno of an attempt to install a listener, 0 when it worked. */
static int try_listener(void) {
        struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
        const struct sock_fprog program = { .len = 1, .filter = &allow };
        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
                return errno;
        if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program) < 0)
                return errno;
        return 0;
}

bool listener_may_be(void) {
        return prctl(PR_GET_SECCOMP, 0, 0, 0, 0) != 0;
}

int listener_probe(bool *ret_listener, struct jail_error *err) {
        if (!listener_may_be()) {
                *ret_listener = false;
                return 0;
        }
        int status = 0;
        pid_t child = quiet_child_start();
        if (child == 0)
                _exit(try_listener());
        if (child < 0 || quiet_child_wait(child, &status) < 0)
                return jail_error_set(err, JAIL_ESYS, errno, "cannot look for a seccomp listener");
        int error_number = WIFEXITED(status) ? WEXITSTATUS(status) : ECHILD;
        if (error_number != 0 && error_number != EBUSY && error_number != EINVAL) /* EINVAL: a kernel without listeners */
                return jail_error_set(err, JAIL_ESYS, error_number, "cannot look for a seccomp listener");
        *ret_listener = error_number == EBUSY;
        return 0;
}

int listener_refuse(const char *option, struct jail_error *err) {
        bool listener = false;
        int r = listener_probe(&listener, err);
        if (r == 0 && listener)
                return jail_error_set(err, JAIL_EUNSUPPORTED, 0,
                                      "a seccomp listener is in force here (a container's?), and could hide calls from jail: "
                                      "see %s",
                                      option);
        return r;
}
