/* SPDX-License-Identifier: Apache-2.0 */
/* How the supervised processes come and go: births, execs and ends, and what each means for the image that a process runs. */
#ifndef SUPERVISE_PROCESS_TREE_H
#define SUPERVISE_PROCESS_TREE_H

#include "supervise/backend.h"
#include "supervise/placement.h"
#include "supervise/run_record.h"
#include "supervise/task_table.h"
#include "supervise/wait_event.h"

#include <jail/supervisor.h>
#include <stdbool.h>
#include <sys/types.h>

struct process_tree {
        const struct backend *backend;
        struct judge *judge;
        const struct jail_supervisor_options *options;
        struct run_record *record; /* NULL when nobody reads it */
        struct task_table table;
        pid_t program_pid;
        bool packed;           /* it runs already: its entry stub will ask to be set going (entry.h) */
        bool program_executed; /* its launcher was let through to */
        bool program_started;  /* its first image was executed */
        bool prepared;         /* judge_prepare() has nothing to do */
        bool program_ended;    /* the summary was made, and stderr let go of */
        struct placement placement;
        pid_t last_tid; /* of the task that has stopped at a call or an exec last */
};

/* The functions below return 0, or JAIL_ENOMEM: then the tree can no longer be supervised and must be killed. */

/* The program's launcher, all of whose tasks have been attached. */
int process_tree_begin(struct process_tree *tree, const pid_t *tids, size_t n_tids, struct jail_error *err) JAIL_MUST_USE;

/* Before an event of a task is handled: when it is the first of another task, which has got that id, *task is removed, and NULL. */
void process_tree_check_identity(struct process_tree *tree, struct task **task, int status);

/* An event of a task that is not in the table. */
int process_tree_stray(struct process_tree *tree, pid_t tid, int status, struct jail_error *err) JAIL_MUST_USE;

/* CLONE, FORK or VFORK of parent, which still waits to be resumed. */
int process_tree_birth(struct process_tree *tree, struct task *parent, enum wait_event_kind kind,
                       struct jail_error *err) JAIL_MUST_USE;

/* TRAP, a task's first event among others. */
void process_tree_begun(struct process_tree *tree, struct task *task);

/* At a stop of a task: BACKEND_FULL or BACKEND_LEAN, if it is not that already. */
void process_tree_set_full(struct process_tree *tree, struct task *task, bool full);

/* EXEC. *ret_refused: the image must not run, and was killed. */
int process_tree_exec(struct process_tree *tree, struct task *task, bool *ret_refused, struct jail_error *err) JAIL_MUST_USE;

/*
 * Goroutines keep their ancestry only when GODEBUG says so. The image of space, which task is about to begin with *sp, is given it
 * in a changed copy of its initial stack, which *sp is moved to. False when that cannot be done: the image must not run, and the
 * event was made.
 */
bool process_tree_keep_ancestry(struct process_tree *tree, const struct task *task, struct task_space *space, uint64_t *sp);

/* EXITING of a task, which still waits to be resumed. */
int process_tree_exiting(struct process_tree *tree, struct task *task, struct jail_error *err) JAIL_MUST_USE;

/* GONE: forgets the task. */
void process_tree_gone(struct process_tree *tree, struct task *task, int status);

/*
 * Finds a parent for strays that have waited so long that nobody will report them any more, since their parent was killed at that
 * very moment; one whose parent cannot be found is killed, unless its image is a trusted one.
 */
int process_tree_settle_strays(struct process_tree *tree, struct jail_error *err) JAIL_MUST_USE;

/* Nothing is left to supervise. */
void process_tree_end(struct process_tree *tree);

#endif
