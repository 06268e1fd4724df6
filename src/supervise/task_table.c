/* SPDX-License-Identifier: Apache-2.0 */
#include "supervise/task_table.h"

#include <stdlib.h>
#include <utlist.h>

struct task *task_table_find(const struct task_table *table, pid_t tid) {
        struct task *task = NULL;
        HASH_FIND_INT(table->tasks, &tid, task);
        return task;
}

struct task_process *task_table_find_process(const struct task_table *table, pid_t pid) {
        struct task_process *process = NULL;
        HASH_FIND_INT(table->processes, &pid, process);
        return process;
}

struct task_space *task_space_new(void) {
        return calloc(1, sizeof(struct task_space));
}

void task_space_free(struct task_space *space) {
        if (!space)
                return;
        judge_process_free(space->judged);
        free(space);
}

void task_process_enter(struct task_process *process, struct task_space *space) {
        struct task_space *former = process->space;
        space->n_processes++;
        process->space = space;
        if (former && --former->n_processes == 0)
                task_space_free(former);
}

static int no_memory(pid_t tid, struct jail_error *err) {
        return jail_error_set(err, JAIL_ENOMEM, 0, "out of memory: task %d", tid);
}

/* A task that is in no process yet. */
static int add_task(struct task_table *table, pid_t tid, enum task_state state, struct task **ret_task, struct jail_error *err) {
        struct task *task = calloc(1, sizeof(*task));
        if (!task)
                return no_memory(tid, err);
        task->tid = tid;
        task->state = state;
        HASH_ADD_INT(table->tasks, tid, task);
        if (!task->hh.tbl) {
                free(task);
                return no_memory(tid, err);
        }
        *ret_task = task;
        return 0;
}

int task_table_add_stray(struct task_table *table, pid_t tid, struct task **ret_task, struct jail_error *err) {
        int r = add_task(table, tid, TASK_NEW, ret_task, err);
        if (r == 0)
                table->n_new++;
        return r;
}

int task_table_add(struct task_table *table, pid_t tid, struct task_process *process, struct task **ret_task,
                   struct jail_error *err) {
        struct task *task = task_table_find(table, tid);
        if (task && task->process) { /* a task that ended unseen had that id */
                task_table_remove(table, task);
                task = NULL;
        }
        if (!task) {
                int r = add_task(table, tid, TASK_STARTING, &task, err);
                if (r < 0)
                        return r;
        } else if (task->state == TASK_NEW) {
                table->n_new--;
                task->state = TASK_STOPPED;
        }
        task->process = process;
        DL_APPEND2(process->tasks, task, prev_in_process, next_in_process);
        process->n_tasks++;
        *ret_task = task;
        return 0;
}

/* Takes a task out of the table and frees it; its process still lists it. */
static void forget_task(struct task_table *table, struct task *task) {
        if (task->state == TASK_NEW)
                table->n_new--;
        task_drop_kept(table, task);
        HASH_DEL(table->tasks, task);
        free(task);
}

void task_table_remove_process(struct task_table *table, struct task_process *process) {
        struct task *task = NULL, *next = NULL;
        HASH_DEL(table->processes, process);
        DL_FOREACH_SAFE2(process->tasks, task, next, next_in_process) {
                forget_task(table, task);
        }
        if (--process->space->n_processes == 0)
                task_space_free(process->space);
        free(process);
}

int task_table_add_process(struct task_table *table, pid_t pid, struct task_space *space, struct task_process **ret_process,
                           struct jail_error *err) {
        struct task_process *former = task_table_find_process(table, pid);
        struct task_process *process = calloc(1, sizeof(*process));
        if (!process)
                return no_memory(pid, err);
        if (former)
                task_table_remove_process(table, former);
        process->pid = pid;
        process->space = space;
        HASH_ADD_INT(table->processes, pid, process);
        if (!process->hh.tbl) {
                free(process);
                return no_memory(pid, err);
        }
        space->n_processes++;
        *ret_process = process;
        return 0;
}

void task_table_remove(struct task_table *table, struct task *task) {
        if (!task)
                return;
        struct task_process *process = task->process;
        if (process) {
                DL_DELETE2(process->tasks, task, prev_in_process, next_in_process);
                process->n_tasks--;
        }
        forget_task(table, task);
        if (process && process->n_tasks == 0)
                task_table_remove_process(table, process);
}

void task_table_remove_others(struct task_table *table, struct task *survivor) {
        struct task *task = NULL, *next = NULL;
        DL_FOREACH_SAFE2(survivor->process->tasks, task, next, next_in_process) {
                if (task != survivor)
                        task_table_remove(table, task);
        }
}

void task_keep(struct task_table *table, struct task *task, int status) {
        if (task->state != TASK_NEW)
                task->state = TASK_STOPPED;
        task->kept_status = status;
        if (task->has_kept)
                return;
        task->has_kept = true;
        DL_APPEND2(table->kept, task, prev_kept, next_kept);
}

void task_drop_kept(struct task_table *table, struct task *task) {
        if (task->has_kept)
                DL_DELETE2(table->kept, task, prev_kept, next_kept);
        task->has_kept = false;
}

bool task_take_kept(struct task_table *table, struct task **ret_task, int *ret_status) {
        struct task *task = table->kept;
        while (task && !task->process) /* a stray's event waits until its parent is known */
                task = task->next_kept;
        if (!task)
                return false;
        DL_DELETE2(table->kept, task, prev_kept, next_kept);
        task->has_kept = false;
        *ret_task = task;
        *ret_status = task->kept_status;
        return true;
}

void task_table_clear(struct task_table *table) {
        struct task *task = NULL, *next = NULL;
        HASH_ITER(hh, table->tasks, task, next) {
                task_table_remove(table, task);
        }
        *table = (struct task_table){ 0 };
}
