/* SPDX-License-Identifier: Apache-2.0 */
#include "supervise/launch.h"

#include "base/cleanup.h"
#include "supervise/handshake.h"
#include "supervise/program_path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#define SHELL "/bin/sh"

void launch_block_signals(sigset_t *ret_mask) {
        sigset_t all;
        sigfillset(&all);
        sigprocmask(SIG_SETMASK, &all, ret_mask);
}

static int install_filter(const struct filter_program *filter, struct jail_error *err) {
        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
                return jail_error_set(err, JAIL_ESYS, errno, "no_new_privs");
        int r = filter_install(filter);
        if (r > 0)
                return jail_error_set(err, JAIL_ESYS, 0, "the seccomp filter does not apply to thread %d", r);
        if (r < 0)
                return jail_error_set(err, JAIL_ESYS, -r, "cannot install the seccomp filter");
        return 0;
}

int launch_meet(int fd, pid_t supervisor, const struct filter_program *filter, struct jail_error *err) {
        /* An executable that its user may not read makes its process undumpable, and that would forbid the seizing. */
        prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
        /* Yama (ptrace_scope 1) lets only ancestors trace, unless they are named. Without Yama it fails, and is not needed. */
        bool named = prctl(PR_SET_PTRACER, (unsigned long) supervisor, 0, 0, 0) == 0;
        int r = handshake_send(fd, HANDSHAKE_GO, err);
        /* While the supervisor seizes this process: no call from here to its answer is one that stops. */
        if (r == 0)
                r = install_filter(filter, err);
        if (r == 0)
                r = handshake_receive(fd, HANDSHAKE_READY, NULL, err);
        if (named)
                prctl(PR_SET_PTRACER, 0, 0, 0, 0);
        return r;
}

/* A file without a known format is a shell script, says execvp(3). Returns on failure only, with errno. */
static void execute_by_shell(const struct launch_plan *plan) {
        size_t n = 0;
        while (plan->argv[n])
                n++;
        /* SHELL path argv[1] … NULL; an empty argv is no different from one of length 1 */
        CLEANUP_FREE char **argv = calloc(n + 3, sizeof(*argv));
        if (!argv)
                return;
        argv[0] = (char *) (uintptr_t) SHELL;
        argv[1] = (char *) (uintptr_t) plan->path;
        for (size_t i = 1; i < n; i++)
                argv[i + 1] = plan->argv[i];
        execve(SHELL, argv, plan->environment);
}

int launch_execute(const struct launch_plan *plan, const sigset_t *mask, int *ret_exit_code, struct jail_error *err) {
        *ret_exit_code = JAIL_EXIT_FAILURE;
        if (plan->options->report_fd >= 0)
                (void) fcntl(plan->options->report_fd, F_SETFD, FD_CLOEXEC);
        sigprocmask(SIG_SETMASK, mask, NULL);
        execve(plan->path, plan->argv, plan->environment);
        if (errno == ENOEXEC)
                execute_by_shell(plan);
        int error_number = errno;
        *ret_exit_code = program_path_exit_code(error_number);
        return jail_error_set(err, JAIL_ESYS, error_number, "%s", plan->argv[0]);
}
