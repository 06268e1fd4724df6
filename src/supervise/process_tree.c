/* SPDX-License-Identifier: Apache-2.0 */
#include "supervise/process_tree.h"

#include "supervise/hold.h"
#include "supervise/initial_stack.h"
#include "supervise/kinship.h"
#include "supervise/note.h"

#include <errno.h>
#include <linux/kcmp.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include <utlist.h>

/* A stray's parent reports it within microseconds, unless it was killed. */
#define STRAY_PATIENCE_NS UINT64_C(100000000)

/* Of the children of a killed task, at most so many, newest last, are looked at. */
#define MAX_UNREPORTED 4096

static uint64_t now_ns(void) {
        struct timespec now;
        clock_gettime(CLOCK_MONOTONIC, &now);
        return (uint64_t) now.tv_sec * 1000000000U + (uint64_t) now.tv_nsec;
}

int process_tree_begin(struct process_tree *tree, const pid_t *tids, size_t n_tids, struct jail_error *err) {
        struct task_space *space = task_space_new();
        struct task_process *process = NULL;
        if (!space)
                return jail_error_set(err, JAIL_ENOMEM, 0, "out of memory");
        space->launching = true;
        tree->last_tid = tree->program_pid;
        int r = task_table_add_process(&tree->table, tree->program_pid, space, &process, err);
        if (r < 0) {
                task_space_free(space);
                return r;
        }
        for (size_t i = 0; i < n_tids; i++) {
                struct task *task = NULL;
                r = task_table_add(&tree->table, tids[i], process, &task, err);
                if (r < 0)
                        return r;
                task->state = TASK_RUNNING;
                task->full = true; /* attach() */
        }
        return 0;
}

void process_tree_set_full(struct process_tree *tree, struct task *task, bool full) {
        if (task->full != full && tree->backend->set_detail(task->tid, full ? BACKEND_FULL : BACKEND_LEAN) == 0)
                task->full = full;
}

/* --- births ------------------------------------------------------------------------------------------------------------------ */

/* Whether tid is a thread of process pid; a zombie still is. */
static bool is_thread_of(pid_t pid, pid_t tid) {
        return tgkill(pid, tid, 0) == 0 || errno != ESRCH;
}

/*
 * Whether a new process shares its parent's memory. The event does not tell: it depends on CLONE_VM, which clone3 takes from memory
 * that may have changed since. Where the kernel does not let us compare, a vfork is taken at its word.
 */
static bool shares_memory(pid_t parent_tid, pid_t child_tid, enum wait_event_kind kind) {
        long difference = syscall(SYS_kcmp, parent_tid, child_tid, KCMP_VM, 0L, 0L);
        if (difference >= 0)
                return difference == 0;
        return kind == WAIT_EVENT_VFORK;
}

/* The space of a child with memory of its own: a copy of what its parent runs. NULL when memory ran out. */
static struct task_space *copy_space(struct process_tree *tree, const struct task_space *parent, pid_t child_pid) {
        struct task_space *space = task_space_new();
        if (!space)
                return NULL;
        space->launching = parent->launching;
        space->trusted = parent->trusted;
        if (!parent->judged)
                return space;
        space->judged = judge_fork(tree->judge, parent->judged, child_pid);
        if (!space->judged) {
                task_space_free(space);
                return NULL;
        }
        return space;
}

static int add_child_process(struct process_tree *tree, const struct task *parent, pid_t child_pid, enum wait_event_kind kind,
                             struct task_process **ret_process, struct jail_error *err) {
        bool shared = shares_memory(parent->tid, child_pid, kind);
        struct task_space *space = shared ? parent->process->space : copy_space(tree, parent->process->space, child_pid);
        if (!space)
                return jail_error_set(err, JAIL_ENOMEM, 0, "out of memory: process %d", child_pid);
        int r = task_table_add_process(&tree->table, child_pid, space, ret_process, err);
        if (r < 0) {
                if (!shared)
                        task_space_free(space);
                return r;
        }
        /* A copy of the memory holds the parent's threads as they were: the runtime in it still has the parent's id. */
        bool inherited = parent->process->stack_tid && parent->tid == parent->process->pid;
        (*ret_process)->stack_tid = inherited ? parent->process->stack_tid : parent->tid;
        return 0;
}

/*
 * A thread that executes a program takes its leader's id. Its own is free then, and may be a new task's before the exec is
 * reported.
 */
static bool is_outlived(const struct task *task) {
        return task->state != TASK_STARTING && !is_thread_of(task->process->pid, task->tid);
}

void process_tree_check_identity(struct process_tree *tree, struct task **task, int status) {
        if (wait_event_classify(status).kind != WAIT_EVENT_TRAP || !(*task)->process || !is_outlived(*task))
                return;
        task_table_remove(&tree->table, *task);
        *task = NULL;
}

/* parent has made child_tid. */
static int adopt(struct process_tree *tree, struct task *parent, pid_t child_tid, enum wait_event_kind kind,
                 struct jail_error *err) {
        struct task *child = task_table_find(&tree->table, child_tid);
        struct task_process *process = parent->process;
        if (child && child->process) {
                if (!is_outlived(child))
                        return 0; /* settled already */
                task_table_remove(&tree->table, child);
                child = NULL;
        }
        if (!child && !tree->backend->is_attached(child_tid))
                return 0; /* its end came first */
        if (!is_thread_of(process->pid, child_tid)) {
                int r = add_child_process(tree, parent, child_tid, kind, &process, err);
                if (r < 0)
                        return r;
        }
        return task_table_add(&tree->table, child_tid, process, &child, err);
}

/* What is remembered of a new task: whether it may run C code without a goroutine. Who made it still stands where it did so. */
static bool is_c_thread(struct process_tree *tree, const struct task *maker, const struct task *child) {
        const struct task_space *space = maker->process->space;
        struct judge_stop stop = {
                .pid = maker->process->pid,
                .tid = maker->tid,
                .stack_tid = maker->tid,
                .c_made = maker->c_made,
        };
        if (child->process != maker->process)
                return maker->c_made;
        if (maker->clone_follows)
                return false; /* the same stack was looked at a moment ago */
        if (space->launching || space->trusted || !space->judged || tree->backend->read_registers(maker->tid, &stop) < 0)
                return false;
        return judge_is_c_thread(tree->judge, space->judged, &stop);
}

int process_tree_birth(struct process_tree *tree, struct task *parent, enum wait_event_kind kind, struct jail_error *err) {
        unsigned long child_tid = 0;
        if (tree->backend->event_message(parent->tid, &child_tid) < 0)
                return 0; /* killed just now: the child is a stray */
        if (kind == WAIT_EVENT_VFORK)
                parent->in_vfork = true;
        int r = adopt(tree, parent, (pid_t) child_tid, kind, err);
        struct task *child = task_table_find(&tree->table, (pid_t) child_tid);
        if (r == 0 && child && child->process) {
                child->c_made = is_c_thread(tree, parent, child);
                child->full = parent->full;
        }
        parent->clone_follows = false;
        return r;
}

/* Whether what is running there is judged, and so every call that begins something is known. */
static bool is_judged(const struct task_space *space) {
        return space->judged && !space->launching && !space->trusted;
}

void process_tree_begun(struct process_tree *tree, struct task *task) {
        const struct task *first = task_table_find(&tree->table, task->process->pid);
        /* That the program ends, its first thread says, while there is one; that a process may be left unreported is seen to when
         * it is made. */
        if (task != first && first && !first->exiting && is_judged(task->process->space))
                process_tree_set_full(tree, task, false);
}

/* --- strays ------------------------------------------------------------------------------------------------------------------ */

int process_tree_stray(struct process_tree *tree, pid_t tid, int status, struct jail_error *err) {
        struct task *task = task_table_find(&tree->table, tid);
        enum wait_event_kind kind = wait_event_classify(status).kind;
        if (kind == WAIT_EVENT_EXITING) { /* killed before it ever ran: for its end it needs no parent */
                if (task)
                        task_drop_kept(&tree->table, task);
                (void) tree->backend->resume(tid, 0);
                return 0;
        }
        task_table_remove(&tree->table, task); /* its first event is superseded */
        if (kind == WAIT_EVENT_GONE)
                return 0;
        int r = task_table_add_stray(&tree->table, tid, &task, err);
        if (r < 0)
                return r;
        task->since_ns = now_ns();
        task_keep(&tree->table, task, status);
        return 0;
}

/* Nobody can tell any more whose child it is, but its image may be one that runs as it likes. */
static int settle_orphan(struct process_tree *tree, struct task *stray, struct jail_error *err) {
        struct task_process *process = NULL;
        struct task_space *space = task_space_new();
        if (!space)
                return jail_error_set(err, JAIL_ENOMEM, 0, "out of memory: process %d", stray->tid);
        space->trusted = judge_exec(tree->judge, stray->tid, false, &space->judged) == JUDGE_IMAGE_TRUSTED;
        if (!space->trusted) {
                task_space_free(space);
                note_send(tree->options, stray->tid,
                          "process %d was killed: its parent was, before it could tell what it had begun", stray->tid);
                kill(stray->tid, SIGKILL);
                stray->since_ns = UINT64_MAX; /* its end will be reported */
                return 0;
        }
        int r = task_table_add_process(&tree->table, stray->tid, space, &process, err);
        if (r < 0) {
                task_space_free(space);
                return r;
        }
        return task_table_add(&tree->table, stray->tid, process, &stray, err);
}

/* The thread of kin whose child it is; the first when the kernel does not tell. */
static struct task *find_maker(struct task_process *kin, pid_t child_pid) {
        pid_t children[MAX_UNREPORTED];
        struct task *task = NULL;
        DL_FOREACH2(kin->tasks, task, next_in_process) {
                size_t n = kinship_children(kin->pid, task->tid, children, MAX_UNREPORTED);
                for (size_t i = 0; i < n; i++)
                        if (children[i] == child_pid)
                                return task;
        }
        return kin->tasks;
}

static int settle_stray(struct process_tree *tree, struct task *stray, struct jail_error *err) {
        pid_t pid = 0, parent_pid = 0;
        if (kinship_read(stray->tid, &pid, &parent_pid) < 0)
                return 0; /* gone: its end will be reported */
        struct task_process *kin = task_table_find_process(&tree->table, pid == stray->tid ? parent_pid : pid);
        if (kin && !kin->space->trusted) /* CLONE_PARENT makes children that are not their parent's work: trust is not inherited */
                return adopt(tree, find_maker(kin, stray->tid), stray->tid, WAIT_EVENT_FORK, err);
        return settle_orphan(tree, stray, err);
}

int process_tree_settle_strays(struct process_tree *tree, struct jail_error *err) {
        uint64_t now = now_ns();
        struct task *task = tree->table.tasks;
        while (task) {
                struct task *next = task->hh.next;
                if (task->state == TASK_NEW && now >= task->since_ns && now - task->since_ns >= STRAY_PATIENCE_NS) {
                        int r = settle_stray(tree, task, err);
                        if (r < 0)
                                return r;
                }
                task = next;
        }
        return 0;
}

/* --- execs ------------------------------------------------------------------------------------------------------------------- */

bool process_tree_keep_ancestry(struct process_tree *tree, const struct task *task, struct task_space *space, uint64_t *sp) {
        struct jail_error err = { 0 };
        struct initial_stack stack = { 0 };
        int r = initial_stack_make(judge_process_memory(space->judged), *sp, tree->options->ancestors, &stack, &err);
        if (r == 0 && stack.bytes && (r = tree->backend->write_memory(task->tid, stack.vaddr, stack.bytes, stack.len_bytes)) < 0)
                (void) jail_error_set(&err, JAIL_ESYS, -r, "its initial stack cannot be changed");
        if (r == 0) {
                judge_process_set_ancestors(space->judged, stack.ancestors);
                *sp = stack.vaddr;
        } else {
                judge_exec_failed(tree->judge, space->judged, task->process->pid, err.msg);
        }
        initial_stack_clear(&stack);
        return r == 0;
}

/* The same for an image that was executed just now. */
static bool keep_ancestry(struct process_tree *tree, const struct task *task, struct task_space *space) {
        struct judge_stop stop = { 0 };
        int r = tree->backend->read_registers(task->tid, &stop);
        if (r == -ESRCH)
                return true; /* killed at this very moment: there is nothing left to run, or to refuse */
        if (r < 0) {
                judge_exec_failed(tree->judge, space->judged, task->process->pid, "its registers cannot be read");
                return false;
        }
        uint64_t sp = stop.regs.sp;
        if (!process_tree_keep_ancestry(tree, task, space, &sp))
                return false;
        if (sp == stop.regs.sp || (r = tree->backend->set_stack_pointer(task->tid, sp)) == 0 || r == -ESRCH)
                return true;
        judge_exec_failed(tree->judge, space->judged, task->process->pid, "its stack pointer cannot be set");
        return false;
}

int process_tree_exec(struct process_tree *tree, struct task *task, bool *ret_refused, struct jail_error *err) {
        struct task_process *process = task->process;
        bool is_program = process->pid == tree->program_pid;
        struct task_space *space = task_space_new();
        if (!space)
                return jail_error_set(err, JAIL_ENOMEM, 0, "out of memory: process %d", process->pid);

        /* The thread that called exec has taken the leader's id over, and all others have ended. */
        if (process->n_tasks > 1)
                task->full = !is_program; /* it reports what that thread did: to be set */
        task_table_remove_others(&tree->table, task);
        task->c_made = task->in_vfork = task->exiting = false;
        process->stack_tid = 0;

        enum judge_image image = judge_exec(tree->judge, process->pid, is_program && !tree->program_started, &space->judged);
        if (image == JUDGE_IMAGE_SUPERVISED && !keep_ancestry(tree, task, space))
                image = JUDGE_IMAGE_REFUSED;
        bool was_supervised = !process->space->trusted && !process->space->launching;
        if (image == JUDGE_IMAGE_TRUSTED && was_supervised && !judge_child_environment(tree->judge, space->judged, process->pid))
                image = JUDGE_IMAGE_REFUSED;
        space->trusted = image == JUDGE_IMAGE_TRUSTED;
        space->entry_pending = image != JUDGE_IMAGE_REFUSED && judge_process_awaits_entry(space->judged);
        task_process_enter(process, space);
        tree->prepared = tree->prepared && image != JUDGE_IMAGE_SUPERVISED;
        if (is_program) {
                tree->program_started = true;
                tree->program_ended = false; /* a thread that called exit_group came too late */
        }
        *ret_refused = image == JUDGE_IMAGE_REFUSED;
        if (*ret_refused)
                kill(process->pid, SIGKILL);
        else
                process_tree_set_full(tree, task, is_program);
        return 0;
}

/* --- ends -------------------------------------------------------------------------------------------------------------------- */

/* The last words, before anybody learns that the program has ended. Afterwards stderr is let go of: who reads it waits for its end,
 * and descendants may live on. */
static void end_program(struct process_tree *tree, int wait_status) {
        if (tree->program_ended)
                return;
        tree->program_ended = true;
        if (tree->program_started) /* else its exec failed, and the launcher has said so */
                judge_summary(tree->judge, wait_status);
        if (tree->record) {
                tree->record->n_denied = judge_denied(tree->judge);
                tree->record->policy_image_seen = judge_policy_image_seen(tree->judge);
                atomic_store(&tree->record->complete, true);
        }
        (void) dup2(STDIN_FILENO, STDERR_FILENO); /* /dev/null: background.h */
}

static bool has_others(const struct task *task, bool in_exec) {
        for (const struct task *other = task->process->tasks; other; other = other->next_in_process)
                if (other != task && !other->exiting && (!in_exec || other->in_exec))
                        return true;
        return false;
}

/*
 * Whether the whole process ends with this task's exit. Where another thread executes a program, all others exit as of a group's
 * exit with status 0: it is none if somebody is in an exec; and where calls are not judged, only who has called exit_group can
 * say that it is one.
 */
static bool ends_process(const struct task *task, enum backend_exit how, unsigned long wait_status) {
        if (how == BACKEND_EXIT_THREAD)
                return !has_others(task, false);
        if (how == BACKEND_EXIT_GROUP || wait_status != 0)
                return true;
        return is_judged(task->process->space) && !has_others(task, true);
}

/* The first thread exits, and the process goes on: from now on each of the others is to say that it exits. */
static void ask_others(struct process_tree *tree, struct task *task) {
        struct task *other = NULL;
        (void) hold_begin(tree->backend, &tree->table, task);
        DL_FOREACH2(task->process->tasks, other, next_in_process) {
                if (other->state == TASK_HELD || other->state == TASK_STOPPED)
                        process_tree_set_full(tree, other, true);
        }
        hold_end(tree->backend, &tree->table, task);
}

/* A task that was killed while it made a process does not report that process, which lives on all the same. */
static int adopt_unreported(struct process_tree *tree, struct task *task, struct jail_error *err) {
        pid_t children[MAX_UNREPORTED];
        size_t n = kinship_children(task->process->pid, task->tid, children, MAX_UNREPORTED);
        for (size_t i = 0; i < n; i++) {
                const struct task *child = task_table_find(&tree->table, children[i]);
                if ((child && child->process) || children[i] == getpid()) /* this process may be a child of the program's */
                        continue;
                int r = adopt(tree, task, children[i], WAIT_EVENT_FORK, err);
                if (r < 0)
                        return r;
        }
        return 0;
}

int process_tree_exiting(struct process_tree *tree, struct task *task, struct jail_error *err) {
        enum backend_exit how = BACKEND_EXIT_OTHER;
        unsigned long wait_status = 0;
        task->exiting = true;
        (void) tree->backend->exit_kind(task->tid, &how);
        if (task->process->pid == tree->program_pid && !tree->program_ended &&
            tree->backend->event_message(task->tid, &wait_status) == 0) {
                if (ends_process(task, how, wait_status))
                        end_program(tree, (int) wait_status);
                else if (how == BACKEND_EXIT_THREAD && task->tid == tree->program_pid)
                        ask_others(tree, task);
        }
        return how == BACKEND_EXIT_IN_BIRTH ? adopt_unreported(tree, task, err) : 0;
}

void process_tree_gone(struct process_tree *tree, struct task *task, int status) {
        struct task_process *process = task->process;
        if (task->tid == tree->program_pid)
                end_program(tree, status); /* it was killed without a word before */
        if (task->tid == process->pid) {
                /* It is the last to be reported. A thread that was killed in its exec has the leader's id, and its own stays
                 * behind. */
                task_table_remove_process(&tree->table, process);
                return;
        }
        judge_thread_gone(process->space->judged, task->tid);
        task_table_remove(&tree->table, task);
}

void process_tree_end(struct process_tree *tree) {
        end_program(tree, 0);
        task_table_clear(&tree->table);
}
