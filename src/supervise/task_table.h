/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who is being supervised: tasks (threads), the processes that they belong to, and the address spaces that processes run in.
 * Threads share a process; a vfork child, or any other child that shares memory, is a process of its own in its parent's space.
 */
#ifndef SUPERVISE_TASK_TABLE_H
#define SUPERVISE_TASK_TABLE_H

#include "base/hash.h"
#include "supervise/judge.h"

#include <jail/error.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum task_state {
        TASK_NEW,      /* has stopped for the first time, but nobody has told yet whose child it is; its event is kept */
        TASK_STARTING, /* its parent has reported it; it has not run and will stop before it does */
        TASK_RUNNING,
        TASK_STOPPED,   /* at a stop that is being handled, or whose event is kept */
        TASK_LISTENING, /* in a group stop; will report when it is continued */
        TASK_HELD,      /* interrupted for another task's sake (hold.h) */
};

/* An address space and what runs in it. */
struct task_space {
        struct judge_process *judged; /* owned; NULL while launching */
        size_t n_processes;
        bool launching;     /* still the launcher, which is jail's own code: its calls are not judged */
        bool trusted;       /* JUDGE_IMAGE_TRUSTED */
        bool entry_pending; /* a packed program whose entry stub has not asked yet to be set going (entry.h) */
};

struct task_process {
        pid_t pid;
        struct task_space *space; /* shared, counted in n_processes */
        struct task *tasks;       /* list: next_in_process */
        size_t n_tasks;
        pid_t stack_tid; /* until exec: the thread of the parent on whose stack, or on a copy of it, the first task began; or 0 */
        UT_hash_handle hh;
};

struct task {
        pid_t tid;
        enum task_state state;
        struct task_process *process; /* NULL for TASK_NEW */
        struct task *next_in_process, *prev_in_process;
        bool c_made;        /* a thread of C's own (judge_is_c_thread), or a child of one */
        bool in_vfork;      /* waits in the kernel for its vfork child, until it reports the end of that wait */
        bool exiting;       /* has reported that it is about to exit */
        bool full;          /* BACKEND_FULL */
        bool clone_follows; /* judge_answer.clone_follows, and it has not stopped since */
        bool in_exec;       /* was let go on into an exec, and has not stopped since */
        bool has_kept;      /* an event that is kept until its turn comes */
        int kept_status;
        struct task *next_kept, *prev_kept;
        uint64_t since_ns; /* TASK_NEW: when it was seen, CLOCK_MONOTONIC; UINT64_MAX once it was killed */
        UT_hash_handle hh;
};

/* An all-zero table is empty. */
struct task_table {
        struct task *tasks;             /* by tid */
        struct task_process *processes; /* by pid */
        struct task *kept;              /* queue of the tasks with a kept event, oldest first */
        size_t n_new;                   /* tasks that are TASK_NEW */
};

void task_table_clear(struct task_table *table);

/* NULL when unknown. Borrowed until the task or process is removed. */
struct task *task_table_find(const struct task_table *table, pid_t tid);
struct task_process *task_table_find_process(const struct task_table *table, pid_t pid);

/* Adds a task that belongs to no process yet, as TASK_NEW. tid must not be in the table. Errors: JAIL_ENOMEM. */
int task_table_add_stray(struct task_table *table, pid_t tid, struct task **ret_task, struct jail_error *err) JAIL_MUST_USE;

/*
 * Puts task tid into a process: makes it (TASK_STARTING) when it is not in the table, or takes the stray. Errors: JAIL_ENOMEM, and
 * then the table is as before.
 */
int task_table_add(struct task_table *table, pid_t tid, struct task_process *process, struct task **ret_task,
                   struct jail_error *err) JAIL_MUST_USE;

/*
 * Makes process pid, still without tasks, in space, which it counts into. A process that has that pid already has ended unseen and
 * goes first. Errors: JAIL_ENOMEM; space is not changed then.
 */
int task_table_add_process(struct task_table *table, pid_t pid, struct task_space *space, struct task_process **ret_process,
                           struct jail_error *err) JAIL_MUST_USE;

/* Removes a task, and with its last task the process. NULL is fine. */
void task_table_remove(struct task_table *table, struct task *task);

/* Removes a process with all its tasks. */
void task_table_remove_process(struct task_table *table, struct task_process *process);

/* Removes every task of a process but `survivor`. */
void task_table_remove_others(struct task_table *table, struct task *survivor);

/* Moves a process to another space, which it counts into; the former one loses it. */
void task_process_enter(struct task_process *process, struct task_space *space);

/* A space that nobody is in yet, or NULL when memory ran out. It is freed with its last process, or by task_space_free(). */
struct task_space *task_space_new(void);
void task_space_free(struct task_space *space);

/* Keeps an event of task for later; the task counts as stopped. A task has at most one: it does not run meanwhile. */
void task_keep(struct task_table *table, struct task *task, int status);

/* Forgets the kept event of a task, if it has one. */
void task_drop_kept(struct task_table *table, struct task *task);

/* Takes the oldest kept event: false when there is none. */
bool task_take_kept(struct task_table *table, struct task **ret_task, int *ret_status);

#endif
