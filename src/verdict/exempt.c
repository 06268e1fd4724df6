/* SPDX-License-Identifier: Apache-2.0 */
#include "verdict/exempt.h"

#include <string.h>
#include <sys/syscall.h>

static bool is_exempt_root(enum unwind_root root) {
        switch (root) {
        case UNWIND_ROOT_MAIN:
        case UNWIND_ROOT_RT0:
        case UNWIND_ROOT_SIGNAL:
        case UNWIND_ROOT_MSTART:
        case UNWIND_ROOT_MCALL:
        case UNWIND_ROOT_MORESTACK: return true;
        case UNWIND_ROOT_NONE:
        case UNWIND_ROOT_SERVICE:
        case UNWIND_ROOT_C_THREAD:
        case UNWIND_ROOT_START: return false;
        }
        return false;
}

const char *exempt_root_name(enum unwind_root root) {
        switch (root) {
        case UNWIND_ROOT_SERVICE: return "run by a finalizer, cleanup or timer";
        case UNWIND_ROOT_MAIN: return "at the program's start";
        case UNWIND_ROOT_RT0:
        case UNWIND_ROOT_SIGNAL:
        case UNWIND_ROOT_MSTART:
        case UNWIND_ROOT_MCALL:
        case UNWIND_ROOT_MORESTACK: return "on a system stack";
        case UNWIND_ROOT_NONE:
        case UNWIND_ROOT_C_THREAD:
        case UNWIND_ROOT_START: return "and no known root";
        }
        return "";
}

/* A signal that the process sends to itself: the runtime dies of it (src/runtime/signal_unix.go, dieFromSignal, raise, raiseproc).
 */
static bool is_own_signal(const struct operation *operation, pid_t pid) {
        switch (operation->number) {
        case SYS_kill:
        case SYS_tgkill: return operation->args[0] == (uint64_t) pid;
        default: return false;
        }
}

static bool opens_dev_null(const struct operation *operation) {
        const struct operation_target *target = &operation->targets[0];
        return operation->n_targets == 1 && !target->unreadable && target->len == 9 && memcmp(target->text, "/dev/null", 9) == 0;
}

/*
 * Whether the innermost function that is no mere entry to the kernel (linux.Syscall6, runtime.tgkill, runtime.signalM) is the one
 * given.
 */
static bool is_called_by(const struct unwind_stack *stack, struct str function) {
        for (size_t i = 0; i < stack->n_frames && i < 4 && stack->frames[i].code; i++) {
                const struct code_point *code = stack->frames[i].code;
                for (uint16_t j = 0; j < code->n_frames; j++)
                        if (str_equal(code->frames[j].name, function))
                                return stack->frames[i].kind == UNWIND_OWN;
        }
        return false;
}

bool exempt_begins_all_threads(const struct unwind_stack *stack) {
        /* src/runtime/os_linux.go, syscall_runtime_doAllThreadsSyscall, by its linkname */
        return is_called_by(stack, STR("syscall.runtime_doAllThreadsSyscall"));
}

bool exempt_repeats_for_all_threads(const struct unwind_stack *stack) {
        /* src/runtime/os_linux.go, from sighandler for sigPerThreadSyscall */
        return stack->end == UNWIND_TOP && stack->root == UNWIND_ROOT_SIGNAL &&
               is_called_by(stack, STR("runtime.runPerThreadSyscall"));
}

bool exempt_allows(const struct unwind_stack *stack, const struct operation *operation, pid_t pid) {
        if (!is_exempt_root(stack->root) || operation->foreign_entry)
                return false;
        switch (operation->number) {
        case SYS_open:
        case SYS_openat:
                /* src/runtime/fds_unix.go, checkfds: what was closed among 0, 1 and 2 becomes /dev/null */
                if (stack->root == UNWIND_ROOT_RT0 && opens_dev_null(operation))
                        return true;
                /* src/runtime/os_linux.go, getHugePageSize; internal/runtime/cgroup; vgetrandom and cpu files */
                return operation->cls == JAIL_CLASS_FS_READ && !operation->writes;
        case SYS_prlimit64:
        case SYS_setrlimit: /* src/os/rlimit.go, adjusts the limit of open files at start */ return stack->root == UNWIND_ROOT_MAIN;
        case SYS_tkill: /* src/runtime/os_linux.go, raise in old versions: the target is the thread itself */
                return stack->root == UNWIND_ROOT_SIGNAL || stack->on_g0;
        case SYS_kill:
        case SYS_tgkill: return is_own_signal(operation, pid);
        default: return false;
        }
}
