/* SPDX-License-Identifier: Apache-2.0 */
#include "supervise/detached.h"

#include "base/cleanup.h"
#include "supervise/handshake.h"
#include "supervise/quiet_child.h"
#include "supervise/supervisor_process.h"

#include <errno.h>
#include <unistd.h>

/* Starts the supervisor as an orphan: the child in between ends at once. Returns that child's pid, or -1. */
static pid_t start_supervisor(const struct launch_plan *plan, const int fds[2]) {
        pid_t intermediate = quiet_child_start();
        if (intermediate != 0)
                return intermediate;
        close(fds[0]);
        pid_t supervisor = fork();
        if (supervisor == 0)
                supervisor_process_run(plan, fds[1], NULL, -1);
        _exit(supervisor < 0 ? JAIL_EXIT_FAILURE : 0);
}

int detached_run(const struct launch_plan *plan, int *ret_exit_code, struct jail_error *err) {
        int fds[2] = { -1, -1 };
        sigset_t mask;
        int r = handshake_open(fds, err);
        *ret_exit_code = JAIL_EXIT_FAILURE;
        if (r < 0)
                return r;

        /* A signal that arrives from here on waits until the program is there to get it, or its launcher, supervised, to die of it.
         */
        launch_block_signals(&mask);
        pid_t intermediate = start_supervisor(plan, fds);
        int error_number = errno;
        close(fds[1]);
        if (intermediate < 0)
                r = jail_error_set(err, JAIL_ESYS, error_number, "cannot start the supervisor");
        else
                r = launch_meet(fds[0], intermediate, err);
        if (r == 0)
                r = launch_execute(plan, &mask, ret_exit_code, err);
        sigprocmask(SIG_SETMASK, &mask, NULL);
        close(fds[0]);
        return r;
}
