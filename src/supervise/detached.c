/* SPDX-License-Identifier: Apache-2.0 */
#include "supervise/detached.h"

#include "base/cleanup.h"
#include "supervise/handshake.h"
#include "supervise/quiet_child.h"
#include "supervise/supervisor_process.h"

#include <errno.h>
#include <sched.h>
#include <stdbool.h>
#include <sys/mman.h>
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

/* Of the supervisor; it is not the caller's, whose size is anybody's choice (ulimit -s). */
#define STACK_BYTES (1u << 20)
#define GUARD_BYTES 4096u

struct start {
        const struct launch_plan *plan;
        int fds[2]; /* the launcher's end, the supervisor's */
        char *stack;
        pid_t supervisor;
        int error_number;
};

_Noreturn static void run_supervisor(const struct start *start) {
        close(start->fds[0]);
        supervisor_process_run(start->plan, start->fds[1], NULL, -1);
}

/* What the child in between does, in its parent's memory. */
static int start_orphan(void *data) {
        struct start *start = data;
        start->supervisor = fork();
        if (start->supervisor == 0)
                run_supervisor(start);
        start->error_number = errno;
        if (start->supervisor > 0)
                supervisor_process_set_apart(start->supervisor);
        _exit(0);
}

/* As an orphan: the child in between ends at once. Like vfork(2) it borrows the memory until then, which is not copied twice. */
static int start_as_orphan(struct start *start) {
        int status = 0;
        start->stack =
                mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK | MAP_NORESERVE, -1, 0);
        if (start->stack == MAP_FAILED) {
                start->stack = NULL;
                return -errno;
        }
        if (mprotect(start->stack, GUARD_BYTES, PROT_NONE) < 0)
                return -errno;
        pid_t child = clone(start_orphan, start->stack + STACK_BYTES, CLONE_VM | CLONE_VFORK, start);
        if (child < 0)
                return -errno;
        (void) quiet_child_wait(child, &status);
        return start->supervisor < 0 ? -start->error_number : 0;
}

/* Where that cannot be: as a quiet child, which wait(2) does not find. */
static int start_as_child(struct start *start) {
        start->supervisor = quiet_child_start();
        if (start->supervisor == 0)
                run_supervisor(start);
        if (start->supervisor < 0)
                return -errno;
        supervisor_process_set_apart(start->supervisor);
        return 0;
}

int detached_run(const struct launch_plan *plan, int *ret_exit_code, struct jail_error *err) {
        struct start start = { .plan = plan };
        sigset_t mask;
        int r = handshake_open(start.fds, err);
        *ret_exit_code = JAIL_EXIT_FAILURE;
        if (r < 0)
                return r;

        /* A signal that arrives from here on waits until the program is there to get it, or its launcher, supervised, to die of it.
         */
        launch_block_signals(&mask);
        r = adopts_orphans() ? start_as_child(&start) : start_as_orphan(&start);
        close(start.fds[1]);
        if (r < 0)
                r = jail_error_set(err, JAIL_ESYS, -r, "cannot start the supervisor");
        else
                r = launch_meet(start.fds[0], start.supervisor, plan->filter, err);
        if (r == 0)
                r = launch_execute(plan, &mask, ret_exit_code, err);
        sigprocmask(SIG_SETMASK, &mask, NULL);
        close(start.fds[0]);
        if (start.stack)
                munmap(start.stack, STACK_BYTES);
        return r;
}
