/* SPDX-License-Identifier: Apache-2.0 */
#include "supervise/detached.h"

#include "base/cleanup.h"
#include "supervise/handshake.h"
#include "supervise/quiet_child.h"
#include "supervise/supervisor_process.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <unistd.h>

/*
 * Whether orphans among the descendants of this process become its children: then a supervisor that is one would be a child that
 * the program knows nothing of, and that does not end before it.
 */
static bool adopts_orphans(void) {
        int subreaper = 0;
        return getpid() == 1 || (prctl(PR_GET_CHILD_SUBREAPER, &subreaper) == 0 && subreaper != 0);
}

/*
 * Starts the supervisor: as an orphan, the child in between ending at once; where that cannot be, as a quiet child, which wait(2)
 * does not find. Returns the pid of the child, *ret_orphan telling which of the two it is, or -1.
 */
static pid_t start_supervisor(const struct launch_plan *plan, const int fds[2], bool *ret_orphan) {
        *ret_orphan = !adopts_orphans();
        pid_t child = quiet_child_start();
        if (child != 0)
                return child;
        close(fds[0]);
        if (!*ret_orphan)
                supervisor_process_run(plan, fds[1], NULL, -1);
        pid_t supervisor = fork();
        if (supervisor == 0)
                supervisor_process_run(plan, fds[1], NULL, -1);
        _exit(supervisor < 0 ? JAIL_EXIT_FAILURE : 0);
}

int detached_run(const struct launch_plan *plan, int *ret_exit_code, struct jail_error *err) {
        int fds[2] = { -1, -1 };
        bool orphan = false;
        sigset_t mask;
        int r = handshake_open(fds, err);
        *ret_exit_code = JAIL_EXIT_FAILURE;
        if (r < 0)
                return r;

        /* A signal that arrives from here on waits until the program is there to get it, or its launcher, supervised, to die of it.
         */
        launch_block_signals(&mask);
        pid_t child = start_supervisor(plan, fds, &orphan);
        int error_number = errno;
        close(fds[1]);
        if (child < 0)
                r = jail_error_set(err, JAIL_ESYS, error_number, "cannot start the supervisor");
        else
                r = launch_meet(fds[0], orphan ? child : 0, err);
        if (r == 0)
                r = launch_execute(plan, &mask, ret_exit_code, err);
        sigprocmask(SIG_SETMASK, &mask, NULL);
        close(fds[0]);
        return r;
}
