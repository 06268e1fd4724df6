/* SPDX-License-Identifier: Apache-2.0 */
/* What a wait status of a seized tracee means. Pure: the stop loop classifies first, then dispatches. */
#ifndef SUPERVISE_WAIT_EVENT_H
#define SUPERVISE_WAIT_EVENT_H

enum wait_event_kind {
        WAIT_EVENT_SECCOMP,    /* the filter stopped a call, before it was made */
        WAIT_EVENT_CALL_END,   /* the end of a call that was resumed to its end */
        WAIT_EVENT_SIGNAL,     /* about to receive `signal` */
        WAIT_EVENT_GROUP_STOP, /* the thread group is stopped by `signal` */
        WAIT_EVENT_TRAP,       /* interrupted, new, or continued out of a group stop: nothing happened */
        WAIT_EVENT_CLONE,      /* has made a task: the event message is its id */
        WAIT_EVENT_FORK,
        WAIT_EVENT_VFORK,      /* the same, and waits until the child lets go of the memory */
        WAIT_EVENT_VFORK_DONE, /* that wait is over */
        WAIT_EVENT_EXEC,       /* stands at the first instruction of a new image: the event message is its former id */
        WAIT_EVENT_EXITING,    /* about to exit: the event message is the wait status that it will have */
        WAIT_EVENT_GONE,       /* exited or killed: the status is final */
        WAIT_EVENT_UNKNOWN,    /* a stop of a kind that was not asked for */
};

struct wait_event {
        enum wait_event_kind kind;
        int signal; /* SIGNAL, GROUP_STOP; else 0 */
};

/* Classifies a status that waitpid(2) gave for a task that was seized with PTRACE_O_TRACESYSGOOD (ptrace(2), "Stopped states"). */
struct wait_event wait_event_classify(int status);

#endif
