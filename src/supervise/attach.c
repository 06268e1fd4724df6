/* SPDX-License-Identifier: Apache-2.0 */
#include "supervise/attach.h"

#include "base/array.h"
#include "base/cleanup.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_TASKS 4096 /* of a launcher, that has one unless something preloaded made more */

struct task_list {
        pid_t *tids;
        size_t n, capacity;
};

static void cleanup_list(struct task_list *list) {
        free(list->tids);
}

static void cleanup_dir(DIR **dir) {
        if (*dir)
                closedir(*dir);
}

/* Who traces a task: 0 for nobody, or when that cannot be seen. */
static pid_t tracer_of(pid_t tid) {
        char path[48], line[256];
        pid_t tracer = 0;
        snprintf(path, sizeof(path), "/proc/%d/status", tid);
        CLEANUP_FCLOSE FILE *file = fopen(path, "re");
        while (file && fgets(line, sizeof(line), file))
                if (sscanf(line, "TracerPid: %d", &tracer) == 1)
                        break;
        return tracer;
}

static int refused_by_tracer(pid_t tracer, int error_number, struct jail_error *err) {
        return jail_error_set(err, JAIL_ESYS, error_number,
                              "cannot supervise the program: process %d (a debugger, strace, another jail?) traces it already",
                              tracer);
}

static int refused(pid_t tid, int error_number, struct jail_error *err) {
        pid_t tracer = tracer_of(tid);
        if (tracer != 0)
                return refused_by_tracer(tracer, error_number, err);
        return jail_error_set(
                err, JAIL_ESYS, error_number,
                "cannot supervise the program: this system forbids ptrace (Yama's ptrace_scope, or a container's rules)");
}

int attach_check_untraced(struct jail_error *err) {
        pid_t tracer = tracer_of(getpid());
        return tracer != 0 ? refused_by_tracer(tracer, 0, err) : 0;
}

static bool holds(const struct task_list *list, pid_t tid) {
        for (size_t i = 0; i < list->n; i++)
                if (list->tids[i] == tid)
                        return true;
        return false;
}

static int attach_task(const struct backend *backend, pid_t tid, struct task_list *list, struct jail_error *err) {
        int r = ARRAY_RESERVE(list->tids, &list->capacity, list->n, MAX_TASKS, err);
        if (r < 0)
                return r;
        r = backend->attach(tid);
        if (r == -ESRCH || (r < 0 && tracer_of(tid) == getpid()))
                return 0; /* ended, or born of a thread that is attached: its birth will be reported */
        if (r < 0)
                return refused(tid, -r, err);
        list->tids[list->n++] = tid;
        return 0;
}

/* One pass over the tasks that are not attached yet. */
static int attach_pass(const struct backend *backend, pid_t pid, struct task_list *list, struct jail_error *err) {
        char path[48];
        snprintf(path, sizeof(path), "/proc/%d/task", pid);
        __attribute__((cleanup(cleanup_dir))) DIR *dir = opendir(path);
        if (!dir && errno == ENOENT && access("/proc/self", F_OK) < 0)
                return holds(list, pid) ? 0 : attach_task(backend, pid, list, err); /* no /proc: only this task can be known of */
        if (!dir)
                return jail_error_set(err, JAIL_ESYS, errno, "cannot supervise the program: %s", path);
        for (const struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
                pid_t tid = (pid_t) strtol(entry->d_name, NULL, 10);
                if (tid <= 0 || holds(list, tid))
                        continue;
                int r = attach_task(backend, tid, list, err);
                if (r < 0)
                        return r;
        }
        return 0;
}

/* As many as /proc/PID/task has links above a directory's two (proc_task_getattr, fs/proc/base.c); 0 when that cannot be seen. */
static size_t count_tasks(pid_t pid) {
        char path[48];
        struct stat st;
        snprintf(path, sizeof(path), "/proc/%d/task", pid);
        return stat(path, &st) == 0 && st.st_nlink > 2 ? (size_t) st.st_nlink - 2 : 0;
}

int attach_process(const struct backend *backend, pid_t pid, pid_t **ret_tids, size_t *ret_n_tids, struct jail_error *err) {
        __attribute__((cleanup(cleanup_list))) struct task_list list = { 0 };
        size_t n_before = 0;
        /* The usual launcher has one thread, and what that makes when it is attached is attached. */
        int r = attach_task(backend, pid, &list, err);
        /* A thread that was not attached yet may have made another meanwhile: again, until a pass finds nothing new. */
        bool more = r == 0 && !(list.n == 1 && count_tasks(pid) == 1);
        while (r == 0 && more) {
                n_before = list.n;
                r = attach_pass(backend, pid, &list, err);
                more = list.n > n_before;
        }
        if (r < 0)
                return r;
        if (list.n == 0)
                return jail_error_set(err, JAIL_ESYS, ESRCH, "cannot supervise process %d", pid);
        *ret_tids = STEAL(list.tids);
        *ret_n_tids = list.n;
        return 0;
}
