/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The judge answers one question per stop: may this call go on? It owns the policy, the images and what they taught, and makes the
 * events. It never waits, continues or changes a tracee: the loop does that.
 */
#ifndef SUPERVISE_JUDGE_H
#define SUPERVISE_JUDGE_H

#include "arch/arch.h"
#include "supervise/live_memory.h"

#include <jail/supervisor.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct judge;
struct packed;

/* What an address space runs. Shared by the threads of a process; a fork copies it, a vfork child shares the memory. */
struct judge_process;

/* A seccomp stop, as the backend read it. */
struct judge_stop {
        pid_t pid, tid; /* thread group and thread */
        struct arch_regs regs;
        uint32_t audit_arch; /* of the entry that was used */
        long number;
        uint64_t args[6];
        bool c_made;     /* the thread is C's own: judge_is_c_thread() */
        pid_t stack_tid; /* the thread whose stack it is: tid, or before its first exec the parent's thread for a child */
        bool alone;      /* no other task shares its memory, or all others are stopped until its call has been made */
};

enum judge_verdict {
        JUDGE_ALLOW,
        JUDGE_ALLOW_ALONE, /* let it go on with every other task that shares its memory stopped, ask again, until it returns */
        JUDGE_DENY,        /* return -answer.error_number, no effect */
};

/* What a call begins when it is let go on. */
enum judge_begun {
        JUDGE_BEGINS_NOTHING,
        JUDGE_BEGINS_PROCESS, /* it may: a new process, or a thread */
        JUDGE_BEGINS_IMAGE,   /* an exec */
};

struct judge_answer {
        enum judge_verdict verdict;
        int error_number; /* JUDGE_DENY: EPERM, or what the design says for this call */
        enum judge_begun begins;
        /* Told that there is no clone3, the C library makes the same thread by clone, before anything else; and that is Go's. */
        bool clone_follows;
};

/*
 * options and policy are borrowed until judge_free(). first_image is the path of the first program, for messages. Errors:
 * JAIL_ENOMEM.
 */
int judge_new(const struct jail_supervisor_options *options, const struct jail_policy *policy, struct judge **ret_judge,
              struct jail_error *err) JAIL_MUST_USE;
void judge_free(struct judge *judge);

/*
 * is_over says whether a task that was stopped no longer is: it was killed. Its call is not made and its image does not run, and
 * what could not be read of it is no denial to tell of.
 */
void judge_set_is_over(struct judge *judge, bool (*is_over)(pid_t tid));

/*
 * Does a small part (10 to 50 µs, 250 once for a large image) of what the first stops of the images, and of the process (or NULL),
 * take; without at_leisure only what bounds the memory. False when there is nothing to do, until the next image. To be called while
 * nobody waits for an answer.
 */
bool judge_prepare(struct judge *judge, struct judge_process *process, bool at_leisure);

/* What judge_exec() says about the new image of a process. */
enum judge_image {
        JUDGE_IMAGE_SUPERVISED, /* belongs to the policy: every stop is judged */
        JUDGE_IMAGE_TRUSTED,    /* runs as it likes: its stops are let go at once */
        JUDGE_IMAGE_REFUSED,    /* must not run: kill it; the event was made */
};

/*
 * A process has executed a new image and stands at its first instruction (PTRACE_EVENT_EXEC). *ret_process is owned by the caller
 * (judge_process_free). first is true for the first image of the run. Never fails: what cannot be judged is refused.
 */
enum judge_image judge_exec(struct judge *judge, pid_t pid, bool first, struct judge_process **ret_process);

/*
 * A supervised process has executed a trusted image, which judge_exec() has made the process: makes a note of variables that could
 * steer it. False when it must not run (--child-env=strict): the event was made.
 */
bool judge_child_environment(struct judge *judge, struct judge_process *process, pid_t pid);

/* Where a packed program (gobin/packed.h) begins, as run-time addresses. */
struct judge_entry {
        uint64_t call_vaddr;  /* where the call of its entry stub returns to */
        uint64_t entry_vaddr; /* its own entry point */
};

/* Whether a new image is a packed program, of whatever policy: its entry stub will ask to be set going. */
bool judge_process_awaits_entry(const struct judge_process *process);

/* Whether a supervised process runs a packed program, and *ret_entry (or NULL) then. */
bool judge_process_entry(const struct judge_process *process, struct judge_entry *ret_entry);

/* The memory of a supervised process. Borrowed from it. */
struct memory_reader *judge_process_memory(struct judge_process *process);

/* What the runtime of a new supervised image was told by GODEBUG: tracebackancestors. Nothing is complete before. */
void judge_process_set_ancestors(struct judge_process *process, unsigned ancestors);

/* A supervised image cannot run after all: makes the event. The caller kills the process. */
void judge_exec_failed(struct judge *judge, struct judge_process *process, pid_t pid, const char *why);

/* A child made by fork or by clone without CLONE_VM: the copy of parent's address space. NULL when memory ran out: kill the child.
 */
struct judge_process *judge_fork(struct judge *judge, const struct judge_process *parent, pid_t child_pid);

/* A thread of the process has ended: what was remembered of it goes. process may be NULL. */
void judge_thread_gone(struct judge_process *process, pid_t tid);

void judge_process_free(struct judge_process *process);

/*
 * Whether a stop's registers are those of a native system call, without asking the kernel by which entry it came: the pc stands
 * behind such an instruction of the image's Go code, by its file, and its number is one that the filter stops there. process may be
 * NULL. O(1).
 */
bool judge_is_native_call(struct judge_process *process, const struct judge_stop *stop);

/*
 * Answers the stop that was answered JUDGE_ALLOW_ALONE when the others could not be stopped: it is denied, in doubt about what the
 * call would read.
 */
void judge_not_alone(struct judge *judge, struct judge_process *process, const struct judge_stop *stop,
                     struct judge_answer *ret_answer);

/*
 * Notes that a call which would install a filter with a listener was trapped: a listener would hide calls from the supervisor, and
 * is refused with EBUSY to everybody (seccomp_unotify(2)).
 */
void judge_listener(struct judge *judge, struct judge_process *process, const struct judge_stop *stop);

/* Whether the thread that the stopped one (maker) has just made is C's own (decision_is_c_thread). */
bool judge_is_c_thread(struct judge *judge, struct judge_process *process, const struct judge_stop *maker);

/* Judges one stop. Never fails: doubt denies. again: after JUDGE_ALLOW_ALONE. */
void judge_stop(struct judge *judge, struct judge_process *process, const struct judge_stop *stop, bool again,
                struct judge_answer *ret_answer);

/* The program has ended with wait_status, or its supervision ends: makes the summary event. */
void judge_summary(struct judge *judge, int wait_status);

/* Denials so far that are not quiet; whether an image of the policy was run. */
uint64_t judge_denied(const struct judge *judge);
bool judge_policy_image_seen(const struct judge *judge);

/*
 * Before anything runs: what would judge_exec() say of the file at path as the first image? Returns 0 and *ret_confines (whether
 * the policy confines a module that is in it), or an error whose message is for the user: JAIL_ENOTFOUND (not a Go program),
 * JAIL_EUNSUPPORTED, JAIL_EFORMAT, JAIL_EINVAL (another main module's go.mod), JAIL_ESYS, JAIL_ENOMEM. With options->via any image
 * that is not of the policy is fine.
 */
int judge_check_first(struct judge *judge, const char *path, bool *ret_confines, struct jail_error *err) JAIL_MUST_USE;

/* A packed program that waits in its entry stub: where its initial stack is, and where the stub is loaded. */
struct judge_start {
        pid_t pid;
        const struct packed *packed; /* borrowed until judge_free() */
        uint64_t initial_stack, stub;
};

/*
 * The same for a packed program that is about to begin. Its file is read from memory if it cannot be opened. Errors: as
 * judge_check_first(), and those of loaded_image_open().
 */
int judge_check_packed(struct judge *judge, const struct judge_start *start, struct jail_error *err) JAIL_MUST_USE;

#endif
