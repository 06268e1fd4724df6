/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the supervisor waits for stops and acts on them. The stop loop knows only this table; ptrace_backend.c fills it.
 * Every function returns 0 or a negative errno. -ESRCH is normal at any moment: the task was killed, and its end will be reported.
 */
#ifndef SUPERVISE_BACKEND_H
#define SUPERVISE_BACKEND_H

#include "supervise/judge.h"

#include <stdbool.h>
#include <sys/types.h>

/* Which events a task reports besides calls, signals, births and execs. Inherited by the tasks that it makes. */
enum backend_detail {
        BACKEND_FULL, /* also the end of vfork waits, and exits before they happen */
        BACKEND_LEAN, /* two stops fewer */
};

/* What a task was doing when it came to its end. */
enum backend_exit {
        BACKEND_EXIT_OTHER,    /* the group exits or was killed, or another thread executes a program */
        BACKEND_EXIT_GROUP,    /* it makes the group exit, by exit_group(2) */
        BACKEND_EXIT_THREAD,   /* only this thread exits, by exit(2) */
        BACKEND_EXIT_IN_BIRTH, /* killed in a call that makes a task, which may have been made without a report */
};

struct backend {
        /* Begins to supervise a task of another process; it dies when the supervisor does. It is not stopped. */
        int (*attach)(pid_t tid);

        /*
         * Waits for the next event of any task (tid -1) or of one. *ret_status is for wait_event_classify(). Without block,
         * *ret_tid is 0 when there is none. Errors: -ECHILD (no such tasks any more), -EINTR.
         */
        int (*wait)(pid_t tid, bool block, pid_t *ret_tid, int *ret_status);

        /* At any stop: regs; at a SECCOMP stop number and args of the call, too, and as audit_arch that of the native entry. */
        int (*read_registers)(pid_t tid, struct judge_stop *stop);

        /* At a SECCOMP stop: audit_arch, number and args as the entry has them that was really used. */
        int (*read_entry)(pid_t tid, struct judge_stop *stop);

        /*
         * At a SIGNAL stop by SIGSYS: audit_arch, number and args, if the filter's trap caused it; -EINVAL if something else did.
         * The call was not made, and deny() says what it returns.
         */
        int (*read_trap)(pid_t tid, struct judge_stop *stop);

        /* At a stop: writes into the task's memory, 8 bytes at a time. len_bytes is a multiple of 8. */
        int (*write_memory)(pid_t tid, uint64_t vaddr, const void *bytes, size_t len_bytes);

        /* At an EXEC stop: the program will begin with this stack pointer. */
        int (*set_stack_pointer)(pid_t tid, uint64_t sp);

        /* At a SECCOMP stop: the call is not made, and the task goes on at ip with sp, as at a program's entry point (System V
         * ABI); loader_word is for the register that the dynamic loader passes something in. */
        int (*enter)(pid_t tid, uint64_t ip, uint64_t sp, uint64_t loader_word);

        /* Whether a task is attached and its end was not reported yet. */
        bool (*is_attached)(pid_t tid);

        /* Whether a task that was stopped no longer is: it was killed. */
        bool (*is_over)(pid_t tid);

        /* At a SECCOMP stop, or after read_trap(): the call is not made and returns -error_number. The task still waits for
         * resume(). */
        int (*deny)(pid_t tid, int error_number);

        /* At a stop: goes on, delivering signal_number when it is not 0. */
        int (*resume)(pid_t tid, int signal_number);

        /* At a SECCOMP stop: makes the call, and stops with CALL_END. */
        int (*resume_to_call_end)(pid_t tid);

        /* At a GROUP_STOP: stays stopped, and reports when it is continued. */
        int (*listen)(pid_t tid);

        /* A running task will stop with TRAP, or with what it was about to report. */
        int (*interrupt)(pid_t tid);

        int (*event_message)(pid_t tid, unsigned long *ret_message);

        /* At a SIGNAL stop: who sent it. 0 when nobody did (the kernel, a timer). */
        int (*signal_sender)(pid_t tid, pid_t *ret_sender);

        /* At an EXITING stop. */
        int (*exit_kind)(pid_t tid, enum backend_exit *ret_kind);

        /* At a stop. */
        int (*set_detail)(pid_t tid, enum backend_detail detail);
};

/* ptrace(2). */
extern const struct backend ptrace_backend;

#endif
