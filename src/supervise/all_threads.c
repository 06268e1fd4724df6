/* SPDX-License-Identifier: Apache-2.0 */
#include "supervise/all_threads.h"

#include "base/array.h"
#include "verdict/exempt.h"

#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

/* Of the runtime (src/runtime/signal_unix.go, sigPerThreadSyscall) and of glibc (SIGSETXID). */
#define SIGNAL_PER_THREAD 33

void all_threads_clear(struct all_threads *all) {
        free(all->tids);
        *all = (struct all_threads){ 0 };
}

/* What glibc's and musl's setxid wrappers repeat. */
static bool changes_ids(long number) {
        switch (number) {
        case SYS_setuid:
        case SYS_setgid:
        case SYS_setreuid:
        case SYS_setregid:
        case SYS_setresuid:
        case SYS_setresgid:
        case SYS_setgroups: return true;
        default: return false;
        }
}

static size_t find(const struct all_threads *all, pid_t tid) {
        size_t i = 0;
        while (i < all->n_tids && all->tids[i] != tid)
                i++;
        return i;
}

/* C leaves in the registers behind a call's arguments whatever was there; Go passes six. */
static bool same_arguments(const struct all_threads *all, const struct operation *operation) {
        size_t n = all->by_go ? 6 : 0;
        while (n < 6 && operation->desc && operation->desc->args[n] != SYSCALL_ARG_NONE)
                n++;
        return memcmp(operation->args, all->args, n * sizeof(all->args[0])) == 0;
}

bool all_threads_expects(const struct all_threads *all, pid_t tid, const struct operation *operation) {
        if (operation->foreign_entry || find(all, tid) == all->n_tids)
                return false;
        if (!all->known)
                return changes_ids(operation->number);
        return operation->number == all->number && same_arguments(all, operation);
}

static void set_call(struct all_threads *all, const struct operation *operation) {
        all->known = true;
        all->number = operation->number;
        memcpy(all->args, operation->args, sizeof(all->args));
}

void all_threads_made(struct all_threads *all, pid_t tid, const struct operation *operation) {
        size_t i = find(all, tid);
        if (i == all->n_tids)
                return;
        all->tids[i] = all->tids[--all->n_tids];
        if (!all->known)
                set_call(all, operation);
}

/* Without memory for it the thread's call will be denied, and the runtime gives up. */
static void tell(struct all_threads *all, pid_t tid) {
        struct jail_error err;
        if (find(all, tid) == all->n_tids && ARRAY_RESERVE(all->tids, &all->capacity, all->n_tids, ALL_THREADS_MAX, &err) == 0)
                all->tids[all->n_tids++] = tid;
}

void all_threads_note(struct all_threads *all, pid_t pid, const struct unwind_stack *stack, const struct operation *operation) {
        bool by_go = exempt_begins_all_threads(stack);
        if (operation->foreign_entry || (!by_go && !stack->foreign))
                return;
        if (operation->number == SYS_tgkill && (operation->args[0] != (uint64_t) pid || operation->args[2] != SIGNAL_PER_THREAD))
                return;
        bool tells =
                operation->number == SYS_tgkill && operation->args[0] == (uint64_t) pid && operation->args[2] == SIGNAL_PER_THREAD;
        if (tells && by_go) {
                if (all->by_go && all->known)
                        tell(all, (pid_t) operation->args[1]);
        } else if (tells) {
                if (all->by_go || all->n_tids == 0)
                        all->known = all->by_go = false;
                tell(all, (pid_t) operation->args[1]);
        } else if (by_go) {
                all->n_tids = 0;
                all->by_go = true;
                set_call(all, operation);
        } else if (changes_ids(operation->number)) {
                all->n_tids = 0; /* the caller's own, which is the last */
        }
}
