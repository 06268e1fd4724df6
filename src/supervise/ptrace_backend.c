/* SPDX-License-Identifier: Apache-2.0 */
#include "supervise/backend.h"
#include "supervise/filter.h"
#include "supervise/ptrace_cpu.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#ifndef SYS_SECCOMP
#define SYS_SECCOMP 1 /* include/uapi/asm-generic/siginfo.h */
#endif

/* TRACESYSGOOD keeps the end of a call apart from a real SIGTRAP. */
#define OPTIONS_LEAN                                                                                                               \
        (PTRACE_O_EXITKILL | PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACESECCOMP | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |            \
         PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC)
#define OPTIONS_FULL (OPTIONS_LEAN | PTRACE_O_TRACEEXIT | PTRACE_O_TRACEVFORKDONE)

static int backend_attach(pid_t tid) {
        return ptrace(PTRACE_SEIZE, tid, NULL, (void *) (uintptr_t) OPTIONS_FULL) < 0 ? -errno : 0;
}

static int backend_wait(pid_t tid, bool block, pid_t *ret_tid, int *ret_status) {
        pid_t got = waitpid(tid, ret_status, __WALL | (block ? 0 : WNOHANG));
        if (got < 0)
                return -errno;
        *ret_tid = got;
        return 0;
}

static int backend_read_registers(pid_t tid, struct judge_stop *stop) {
        return ptrace_cpu_read_registers(tid, stop);
}

static int backend_read_entry(pid_t tid, struct judge_stop *stop) {
        struct __ptrace_syscall_info info;
        long len_bytes = ptrace(PTRACE_GET_SYSCALL_INFO, tid, sizeof(info), &info);
        if (len_bytes < 0)
                return -errno;
        if (info.op != PTRACE_SYSCALL_INFO_SECCOMP)
                return -EIO;
        stop->audit_arch = info.arch;
        stop->number = (long) info.seccomp.nr;
        for (int i = 0; i < 6; i++)
                stop->args[i] = info.seccomp.args[i];
        return 0;
}

static int backend_read_trap(pid_t tid, struct judge_stop *stop) {
        siginfo_t info;
        if (ptrace(PTRACE_GETSIGINFO, tid, NULL, &info) < 0)
                return -errno;
        int r = ptrace_cpu_read_registers(tid, stop);
        if (r < 0)
                return r;
        /* A process may send itself any siginfo: the registers must be as a trapped call leaves them. */
        if (info.si_code != SYS_SECCOMP || info.si_errno != FILTER_TRAP_DATA ||
            stop->regs.ip != (uint64_t) (uintptr_t) info.si_call_addr)
                return -EINVAL;
        stop->audit_arch = info.si_arch;
        stop->number = info.si_syscall;
        return 0;
}

static bool backend_is_attached(pid_t tid) {
        siginfo_t info;
        return waitid(P_PID, (id_t) tid, &info, WEXITED | WSTOPPED | WNOHANG | WNOWAIT | __WALL) == 0;
}

/* Of its own tracees only, unlike process_vm_writev(2) and /proc/PID/mem. */
static int backend_write_memory(pid_t tid, uint64_t vaddr, const void *bytes, size_t len_bytes) {
        for (size_t at = 0; at + sizeof(long) <= len_bytes; at += sizeof(long)) {
                long word;
                memcpy(&word, (const char *) bytes + at, sizeof(word));
                if (ptrace(PTRACE_POKEDATA, tid, (void *) (uintptr_t) (vaddr + at), word) < 0)
                        return -errno;
        }
        return 0;
}

static bool backend_is_over(pid_t tid) {
        unsigned long message = 0; /* any request that needs a stopped task */
        return ptrace(PTRACE_GETEVENTMSG, tid, NULL, &message) < 0 && errno == ESRCH;
}

static int backend_resume(pid_t tid, int signal_number) {
        return ptrace(PTRACE_CONT, tid, NULL, (void *) (uintptr_t) (unsigned) signal_number) < 0 ? -errno : 0;
}

static int backend_resume_to_call_end(pid_t tid) {
        return ptrace(PTRACE_SYSCALL, tid, NULL, NULL) < 0 ? -errno : 0;
}

static int backend_listen(pid_t tid) {
        return ptrace(PTRACE_LISTEN, tid, NULL, NULL) < 0 ? -errno : 0;
}

static int backend_interrupt(pid_t tid) {
        return ptrace(PTRACE_INTERRUPT, tid, NULL, NULL) < 0 ? -errno : 0;
}

static int backend_event_message(pid_t tid, unsigned long *ret_message) {
        return ptrace(PTRACE_GETEVENTMSG, tid, NULL, ret_message) < 0 ? -errno : 0;
}

static int backend_signal_sender(pid_t tid, pid_t *ret_sender) {
        siginfo_t info;
        if (ptrace(PTRACE_GETSIGINFO, tid, NULL, &info) < 0)
                return -errno;
        *ret_sender = info.si_code == SI_USER || info.si_code == SI_QUEUE || info.si_code == SI_TKILL ? info.si_pid : 0;
        return 0;
}

static int backend_set_detail(pid_t tid, enum backend_detail detail) {
        uintptr_t options = detail == BACKEND_LEAN ? OPTIONS_LEAN : OPTIONS_FULL;
        return ptrace(PTRACE_SETOPTIONS, tid, NULL, (void *) options) < 0 ? -errno : 0;
}

const struct backend ptrace_backend = {
        .attach = backend_attach,
        .wait = backend_wait,
        .read_registers = backend_read_registers,
        .read_entry = backend_read_entry,
        .read_trap = backend_read_trap,
        .is_attached = backend_is_attached,
        .is_over = backend_is_over,
        .write_memory = backend_write_memory,
        .set_stack_pointer = ptrace_cpu_set_stack_pointer,
        .enter = ptrace_cpu_enter,
        .deny = ptrace_cpu_deny,
        .resume = backend_resume,
        .resume_to_call_end = backend_resume_to_call_end,
        .listen = backend_listen,
        .interrupt = backend_interrupt,
        .event_message = backend_event_message,
        .signal_sender = backend_signal_sender,
        .exit_kind = ptrace_cpu_exit_kind,
        .set_detail = backend_set_detail,
};
