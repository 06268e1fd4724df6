/* SPDX-License-Identifier: Apache-2.0 */
#include "supervise/stop_loop.h"

#include "supervise/entry.h"
#include "supervise/hold.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

/* How often it is asked for the call that begins the program before it is slept for: each takes about a microsecond. */
#define START_TRIES 200

/* While a stray waits for its parent's report, waiting does not block for longer than that. */
#define STRAY_POLL_NS 1000000L

/* SIGURG is what a Go program sends itself by the thousand. */
static bool is_noted(int signal_number) {
        return signal_number != SIGURG && signal_number > 0 && signal_number < _NSIG;
}

static void resume(struct process_tree *tree, struct task *task, int signal_number) {
        task->state = TASK_RUNNING;
        (void) tree->backend->resume(task->tid, signal_number); /* -ESRCH: its end will be reported */
}

/* --- calls ------------------------------------------------------------------------------------------------------------------- */

/* The call is not made. A task that cannot be made to skip it must not go on. */
static void deny(struct process_tree *tree, struct task *task, int error_number) {
        int r = tree->backend->deny(task->tid, error_number != 0 ? error_number : EPERM);
        if (r < 0 && r != -ESRCH)
                kill(task->process->pid, SIGKILL);
        resume(tree, task, 0);
}

/* Before a judged call is made. Who is killed while it makes a process must say so, or nobody would know whose that is. */
static void begin_call(struct process_tree *tree, struct task *task, const struct judge_answer *answer) {
        if (answer->begins == JUDGE_BEGINS_PROCESS)
                process_tree_set_full(tree, task, true);
        task->in_exec = answer->begins == JUDGE_BEGINS_IMAGE;
}

/* A call that is decided, and made, with everybody else held who could change its arguments. */
static void judge_alone(struct process_tree *tree, struct task *task, struct judge_stop *stop) {
        struct judge_answer answer = { .verdict = JUDGE_DENY, .error_number = EPERM };
        stop->alone = true;
        if (hold_begin(tree->backend, &tree->table, task))
                judge_stop(tree->judge, task->process->space->judged, stop, true, &answer);
        else
                judge_not_alone(tree->judge, task->process->space->judged, stop, &answer);
        if (answer.verdict == JUDGE_ALLOW) {
                begin_call(tree, task, &answer);
                hold_call(tree->backend, &tree->table, task);
        } else {
                deny(tree, task, answer.error_number);
        }
        hold_end(tree->backend, &tree->table, task);
}

static void judge_call(struct process_tree *tree, struct task *task, struct judge_stop *stop) {
        struct judge_answer answer = { .verdict = JUDGE_DENY, .error_number = EPERM };
        judge_stop(tree->judge, task->process->space->judged, stop, false, &answer);
        switch (answer.verdict) {
        case JUDGE_ALLOW:
                begin_call(tree, task, &answer);
                resume(tree, task, 0);
                break;
        case JUDGE_ALLOW_ALONE: judge_alone(tree, task, stop); break;
        case JUDGE_DENY:
                task->clone_follows = answer.clone_follows;
                deny(tree, task, answer.error_number);
                break;
        }
}

static struct judge_stop stop_of(const struct task *task) {
        const struct task_process *process = task->process;
        bool inherited = process->stack_tid && task->tid == process->pid;
        /* A task that is stopped makes no other. */
        bool alone = process->n_tasks == 1 && process->space->n_processes == 1;
        return (struct judge_stop){
                .pid = process->pid,
                .tid = task->tid,
                .c_made = task->c_made,
                .stack_tid = inherited ? process->stack_tid : task->tid,
                .alone = alone,
        };
}

/* Whether the call could be read; if not, it was killed, most likely. */
static bool read_call(const struct process_tree *tree, const struct task *task, struct judge_stop *stop) {
        if (tree->backend->read_registers(task->tid, stop) < 0)
                return false;
        return judge_is_native_call(task->process->space->judged, stop) || tree->backend->read_entry(task->tid, stop) == 0;
}

/*
 * The launcher is let go on, to execute the program. On a machine whose idle CPUs look busy, as virtual ones do that halt, the
 * kernel may have put it on this process's CPU.
 */
static void on_launch(struct process_tree *tree, const struct task *task) {
        if (!task->process->space->launching || tree->program_executed)
                return;
        tree->program_executed = true;
        placement_part(&tree->placement, task->tid);
}

static void on_call(struct process_tree *tree, struct task *task) {
        const struct task_space *space = task->process->space;
        bool judged = !space->launching && !space->trusted;
        bool awaits_entry = space->launching ? tree->packed : space->entry_pending;
        if (!judged && !awaits_entry) {
                resume(tree, task, 0);
                on_launch(tree, task);
                return;
        }
        struct judge_stop stop = stop_of(task);
        bool readable = (space->judged || !judged) && read_call(tree, task, &stop);
        if (readable && awaits_entry && entry_answer(tree, task, &stop))
                return;
        if (!judged)
                resume(tree, task, 0);
        else if (readable)
                judge_call(tree, task, &stop);
        else
                deny(tree, task, EPERM);
}

/* The filter has trapped a call: the one that would install a filter with a listener. False when it was something else. */
static bool on_trap(struct process_tree *tree, struct task *task) {
        struct judge_stop stop = stop_of(task);
        if (tree->backend->read_trap(task->tid, &stop) < 0)
                return false;
        if (task->process->space->judged)
                judge_listener(tree->judge, task->process->space->judged, &stop);
        deny(tree, task, EBUSY);
        return true;
}

/* --- everything else --------------------------------------------------------------------------------------------------------- */

static uint64_t now_ns(void) {
        struct timespec now;
        clock_gettime(CLOCK_MONOTONIC, &now);
        return (uint64_t) now.tv_sec * 1000000000U + (uint64_t) now.tv_nsec;
}

static void on_signal(struct process_tree *tree, struct task *task, int signal_number) {
        pid_t sender = 0;
        if (signal_number == SIGSYS && on_trap(tree, task))
                return;
        if (tree->record && task->process->pid == tree->program_pid && is_noted(signal_number) &&
            tree->backend->signal_sender(task->tid, &sender) == 0 && sender != 0) {
                if (atomic_exchange(&tree->record->signals[signal_number].sender, sender) != sender)
                        atomic_store(&tree->record->signals[signal_number].n, 0);
                atomic_store(&tree->record->signals[signal_number].time_ns, now_ns());
                atomic_fetch_add(&tree->record->signals[signal_number].n, 1);
        }
        resume(tree, task, signal_number);
}

static int dispatch(struct process_tree *tree, struct task *task, int status, struct jail_error *err) {
        struct wait_event event = wait_event_classify(status);
        bool refused = false;
        int r = 0;

        task->state = TASK_STOPPED;
        task->in_exec = false;
        task->clone_follows = task->clone_follows && event.kind == WAIT_EVENT_CLONE;
        switch (event.kind) {
        case WAIT_EVENT_SECCOMP:
                tree->last_tid = task->tid;
                on_call(tree, task);
                if (tree->prepared) /* else both run at the same time */
                        placement_follow(&tree->placement, tree->last_tid);
                return 0;
        case WAIT_EVENT_SIGNAL: on_signal(tree, task, event.signal); return 0;
        case WAIT_EVENT_GROUP_STOP:
                task->state = TASK_LISTENING;
                (void) tree->backend->listen(task->tid);
                return 0;
        case WAIT_EVENT_CLONE:
        case WAIT_EVENT_FORK:
        case WAIT_EVENT_VFORK: r = process_tree_birth(tree, task, event.kind, err); break;
        case WAIT_EVENT_EXEC: r = process_tree_exec(tree, task, &refused, err); break;
        case WAIT_EVENT_EXITING: r = process_tree_exiting(tree, task, err); break;
        case WAIT_EVENT_GONE: process_tree_gone(tree, task, status); return 0;
        case WAIT_EVENT_VFORK_DONE: task->in_vfork = false; break;
        case WAIT_EVENT_TRAP: process_tree_begun(tree, task); break;
        case WAIT_EVENT_CALL_END:
        case WAIT_EVENT_UNKNOWN: break;
        }
        if (r == 0)
                resume(tree, task, 0);
        if (event.kind == WAIT_EVENT_EXEC && !tree->prepared)
                placement_part(&tree->placement, tree->last_tid = task->tid);
        return r;
}

/*
 * A part of what the first stops will ask for, while nobody waits. Most of it on a CPU of its own only: the program would have to
 * wait for it.
 */
static void prepare(struct process_tree *tree) {
        const struct task *task = task_table_find(&tree->table, tree->last_tid);
        struct judge_process *judged = task && task->process ? task->process->space->judged : NULL;
        if (!tree->placement.apart)
                placement_part(&tree->placement, tree->last_tid);
        tree->prepared = !judge_prepare(tree->judge, judged, tree->placement.apart);
        if (tree->prepared)
                placement_follow(&tree->placement, tree->last_tid);
}

/* A launcher is about to ask for the program's execution, and an entry stub to be set going: both would have to wait. */
static bool awaits_start(const struct process_tree *tree) {
        return !tree->program_started && (tree->packed || !tree->program_executed);
}

/* The next event of anybody; *ret_tid is 0 when the kept ones may go on first. Returns 1, 0 when nothing is left to supervise, or
 * an error. */
static int next_event(struct process_tree *tree, pid_t *ret_tid, int *ret_status, struct jail_error *err) {
        const bool starting = awaits_start(tree);
        int tries_left = starting ? START_TRIES : 0;
        for (;;) {
                bool block = tree->table.n_new == 0 && (tree->prepared || (starting && tries_left == 0));
                int r = tree->backend->wait(-1, block, ret_tid, ret_status);
                if (r == -ECHILD)
                        return 0;
                if (r == -EINTR)
                        continue;
                if (r < 0)
                        return jail_error_set(err, JAIL_ESYS, -r, "cannot wait for the program");
                if (*ret_tid != 0)
                        return 1;
                if (tries_left > 0) {
                        tries_left--;
                        sched_yield();
                        continue;
                }
                if (!tree->prepared && !starting) {
                        prepare(tree);
                        continue;
                }
                nanosleep(&(struct timespec){ .tv_nsec = STRAY_POLL_NS }, NULL);
                r = process_tree_settle_strays(tree, err);
                return r < 0 ? r : 1; /* the events of those that were settled are kept */
        }
}

static void report_end(const struct process_tree *tree, int *ended_fd) {
        if (*ended_fd < 0 || !tree->program_ended || task_table_find_process(&tree->table, tree->program_pid))
                return;
        if (tree->table.tasks)
                (void) !write(*ended_fd, "", 1);
        *ended_fd = -1;
}

/* One event. Returns 1, 0 when nothing is left to supervise, or an error. */
static int step(struct process_tree *tree, struct jail_error *err) {
        struct task *task = NULL;
        pid_t tid = 0;
        int status = 0;
        int r = 1;

        if (!task_take_kept(&tree->table, &task, &status)) {
                r = next_event(tree, &tid, &status, err);
                if (r <= 0 || tid == 0)
                        return r;
                task = task_table_find(&tree->table, tid);
                if (task)
                        process_tree_check_identity(tree, &task, status);
        }
        if (task && task->process)
                r = dispatch(tree, task, status, err);
        else
                r = process_tree_stray(tree, tid, status, err);
        return r < 0 ? r : 1;
}

int stop_loop_start(struct process_tree *tree, struct jail_error *err) {
        int r = 1;
        while (r > 0 && awaits_start(tree))
                r = step(tree, err);
        return r < 0 ? r : 0;
}

int stop_loop_run(struct process_tree *tree, int ended_fd, struct jail_error *err) {
        int r;
        while ((r = step(tree, err)) > 0)
                report_end(tree, &ended_fd);
        if (r == 0)
                process_tree_end(tree);
        return r;
}
