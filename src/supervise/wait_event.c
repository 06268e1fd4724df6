/* SPDX-License-Identifier: Apache-2.0 */
#include "supervise/wait_event.h"

#include <linux/ptrace.h>
#include <signal.h>
#include <sys/wait.h>

#define SYSGOOD_SIGNAL (SIGTRAP | 0x80)

static struct wait_event classify_trap(int ptrace_event) {
        switch (ptrace_event) {
        case PTRACE_EVENT_SECCOMP: return (struct wait_event){ WAIT_EVENT_SECCOMP, 0 };
        case PTRACE_EVENT_CLONE: return (struct wait_event){ WAIT_EVENT_CLONE, 0 };
        case PTRACE_EVENT_FORK: return (struct wait_event){ WAIT_EVENT_FORK, 0 };
        case PTRACE_EVENT_VFORK: return (struct wait_event){ WAIT_EVENT_VFORK, 0 };
        case PTRACE_EVENT_VFORK_DONE: return (struct wait_event){ WAIT_EVENT_VFORK_DONE, 0 };
        case PTRACE_EVENT_EXEC: return (struct wait_event){ WAIT_EVENT_EXEC, 0 };
        case PTRACE_EVENT_EXIT: return (struct wait_event){ WAIT_EVENT_EXITING, 0 };
        case PTRACE_EVENT_STOP: return (struct wait_event){ WAIT_EVENT_TRAP, 0 };
        default: return (struct wait_event){ WAIT_EVENT_UNKNOWN, 0 };
        }
}

struct wait_event wait_event_classify(int status) {
        if (WIFEXITED(status) || WIFSIGNALED(status))
                return (struct wait_event){ WAIT_EVENT_GONE, 0 };
        if (!WIFSTOPPED(status))
                return (struct wait_event){ WAIT_EVENT_UNKNOWN, 0 };

        int signal_number = WSTOPSIG(status);
        int ptrace_event = (int) ((unsigned) status >> 16);
        if (ptrace_event == 0) {
                if (signal_number == SYSGOOD_SIGNAL)
                        return (struct wait_event){ WAIT_EVENT_CALL_END, 0 };
                return (struct wait_event){ WAIT_EVENT_SIGNAL, signal_number };
        }
        /* A group stop is PTRACE_EVENT_STOP with the stopping signal in the place of SIGTRAP. */
        if (signal_number != SIGTRAP && ptrace_event == PTRACE_EVENT_STOP)
                return (struct wait_event){ WAIT_EVENT_GROUP_STOP, signal_number };
        return classify_trap(ptrace_event);
}
