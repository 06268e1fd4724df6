/* SPDX-License-Identifier: Apache-2.0 */
#include "supervise/hold.h"

#include "supervise/wait_event.h"

#include <errno.h>
#include <stdint.h>
#include <time.h>
#include <utlist.h>

#define BOUND_NS         UINT64_C(1000000000)
#define FIRST_PAUSE_NS   10000L
#define LONGEST_PAUSE_NS 1000000L

static uint64_t now_ns(void) {
        struct timespec now;
        clock_gettime(CLOCK_MONOTONIC, &now);
        return (uint64_t) now.tv_sec * 1000000000U + (uint64_t) now.tv_nsec;
}

/* Waits for the next event of one task until deadline_ns. Returns 0, -ETIMEDOUT, or -ECHILD when there is no such task any more. */
static int wait_until(const struct backend *backend, pid_t tid, uint64_t deadline_ns, int *ret_status) {
        struct timespec pause = { .tv_nsec = FIRST_PAUSE_NS };
        for (;;) {
                pid_t got = 0;
                int r = backend->wait(tid, false, &got, ret_status);
                if (r < 0 && r != -EINTR)
                        return r;
                if (r == 0 && got != 0)
                        return 0;
                if (now_ns() >= deadline_ns)
                        return -ETIMEDOUT;
                nanosleep(&pause, NULL);
                if (pause.tv_nsec < LONGEST_PAUSE_NS)
                        pause.tv_nsec *= 2;
        }
}

/* Only a running task must be stopped: one that waits for its vfork child does so in the kernel, until it reports the end of that.
 */
static bool must_stop(const struct task *task, const struct task *caller) {
        return task != caller && task->state == TASK_RUNNING && !task->in_vfork;
}

static bool wait_for_stop(const struct backend *backend, struct task_table *table, struct task *task, uint64_t deadline_ns) {
        int status = 0;
        int r = wait_until(backend, task->tid, deadline_ns, &status);
        if (r == -ETIMEDOUT)
                return false;
        if (r < 0) {
                /* Gone without a word: a thread's exec has given it another id, and it will report that. Its memory is not ours. */
                return true;
        }
        if (wait_event_classify(status).kind == WAIT_EVENT_TRAP)
                task->state = TASK_HELD;
        else
                task_keep(table, task, status);
        return true;
}

bool hold_begin(const struct backend *backend, struct task_table *table, struct task *caller) {
        const struct task_space *space = caller->process->space;
        uint64_t deadline_ns = now_ns() + BOUND_NS;
        bool all_stopped = true;

        /* All are interrupted first, so that they stop at the same time. */
        for (struct task_process *process = table->processes; process; process = process->hh.next) {
                struct task *task = NULL;
                if (process->space != space)
                        continue;
                DL_FOREACH2(process->tasks, task, next_in_process) {
                        if (must_stop(task, caller))
                                (void) backend->interrupt(task->tid); /* -ESRCH: its end is what the wait below finds */
                }
        }
        for (struct task_process *process = table->processes; process; process = process->hh.next) {
                struct task *task = NULL;
                if (process->space != space)
                        continue;
                DL_FOREACH2(process->tasks, task, next_in_process) {
                        if (must_stop(task, caller) && !wait_for_stop(backend, table, task, deadline_ns))
                                all_stopped = false;
                }
        }
        return all_stopped;
}

void hold_call(const struct backend *backend, struct task_table *table, struct task *caller) {
        int status = 0;
        caller->state = TASK_RUNNING;
        if (backend->resume_to_call_end(caller->tid) < 0)
                return; /* killed: its end will be reported */
        if (wait_until(backend, caller->tid, now_ns() + BOUND_NS, &status) < 0)
                return; /* it blocks, and has copied its arguments long since; the stop at its end means nothing to anybody */
        if (wait_event_classify(status).kind == WAIT_EVENT_CALL_END)
                (void) backend->resume(caller->tid, 0);
        else
                task_keep(table, caller, status);
}

void hold_end(const struct backend *backend, struct task_table *table, struct task *caller) {
        for (struct task_process *process = table->processes; process; process = process->hh.next) {
                struct task *task = NULL;
                if (process->space != caller->process->space)
                        continue;
                DL_FOREACH2(process->tasks, task, next_in_process) {
                        if (task->state != TASK_HELD)
                                continue;
                        task->state = TASK_RUNNING;
                        (void) backend->resume(task->tid, 0);
                }
        }
}
