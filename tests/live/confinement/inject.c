/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inject PID CALL...: has a process that waits in a system call make others, and prints what each returned: "NAME ERRNO-NAME",
 * "NAME ok", or "NAME killed" when that ended it. The process goes on with what it was waiting for.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#define SYSCALL_BYTES 2 /* of the instruction that the process stands behind */

struct call {
        const char *name;
        long number;
        unsigned long args[6];
};

/* A path is not looked at: a filter sees registers only, and without one an address of 0 fails with EFAULT. */
static const struct call calls[] = {
        { "getpid", SYS_getpid, { 0 } },
        { "pread64", SYS_pread64, { 0, 0, 0, 0 } },
        { "read-open", SYS_openat, { (unsigned long) AT_FDCWD, 0, O_RDONLY | O_CLOEXEC } },
        { "write-open", SYS_openat, { (unsigned long) AT_FDCWD, 0, O_WRONLY } },
        { "create", SYS_openat, { (unsigned long) AT_FDCWD, 0, O_RDONLY | O_CREAT } },
        { "open", SYS_open, { 0, O_RDONLY } },
        { "unlink", SYS_unlink, { 0 } },
        { "rename", SYS_rename, { 0, 0 } },
        { "socket", SYS_socket, { AF_UNIX, SOCK_STREAM, 0 } },
        { "connect", SYS_connect, { 2, 0, 0 } },
        { "sendto-address", SYS_sendto, { 2, 0, 0, 0, 16, 16 } },
        { "seize", SYS_ptrace, { PTRACE_SEIZE, 1, 0, 0 } },
        { "attach", SYS_ptrace, { PTRACE_ATTACH, 1, 0, 0 } },
        { "set-registers", SYS_ptrace, { PTRACE_SETREGS, 1, 0, 0 } },
        { "kill-0", SYS_kill, { 1, 0 } },
        { "sigterm", SYS_kill, { 1, SIGTERM } },
        { "executable", SYS_mmap, { 0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, (unsigned long) -1, 0 } },
        { "vm-write", SYS_process_vm_writev, { 1, 0, 0, 0, 0, 0 } },
        { "mount", SYS_mount, { 0, 0, 0, 0, 0 } },
        { "setuid", SYS_setuid, { 0 } },
        { "io-uring", SYS_io_uring_setup, { 1, 0 } },
        { "unknown", 5000, { 0 } },
        { "execve", SYS_execve, { 0, 0, 0 } },
        { "fork", SYS_fork, { 0 } },
        { "clone", SYS_clone, { 0, 0, 0, 0, 0 } },
        { "x32", 0x40000000L | SYS_getpid, { 0 } },
};

static void fail(const char *what) {
        perror(what);
        exit(1);
}

/* Whether the process has stopped once more. */
static int wait_stop(pid_t pid) {
        int status;
        if (waitpid(pid, &status, __WALL) != pid)
                fail("waitpid");
        return WIFSTOPPED(status);
}

static int inject(pid_t pid, const struct user_regs_struct *waiting, const struct call *call) {
        struct user_regs_struct regs = *waiting;
        regs.rip -= SYSCALL_BYTES;
        regs.orig_rax = (unsigned long) -1; /* what it waits for is not begun again yet */
        regs.rax = (unsigned long) call->number;
        regs.rdi = call->args[0];
        regs.rsi = call->args[1];
        regs.rdx = call->args[2];
        regs.r10 = call->args[3];
        regs.r8 = call->args[4];
        regs.r9 = call->args[5];
        if (ptrace(PTRACE_SETREGS, pid, NULL, &regs) < 0 || ptrace(PTRACE_SINGLESTEP, pid, NULL, NULL) < 0)
                fail("ptrace");
        if (!wait_stop(pid)) {
                printf("%s killed\n", call->name);
                return 0;
        }
        if (ptrace(PTRACE_GETREGS, pid, NULL, &regs) < 0)
                fail("PTRACE_GETREGS");
        long result = (long) regs.rax;
        printf("%s %s\n", call->name, result < 0 && result > -4096 ? strerrorname_np((int) -result) : "ok");
        return 1;
}

static const struct call *find(const char *name) {
        for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
                if (strcmp(calls[i].name, name) == 0)
                        return &calls[i];
        fprintf(stderr, "inject: no call %s\n", name);
        exit(2);
}

int main(int argc, char **argv) {
        struct user_regs_struct waiting;
        if (argc < 3)
                return 2;
        pid_t pid = (pid_t) strtol(argv[1], NULL, 10);
        if (ptrace(PTRACE_SEIZE, pid, NULL, NULL) < 0 || ptrace(PTRACE_INTERRUPT, pid, NULL, NULL) < 0)
                fail("PTRACE_SEIZE");
        if (!wait_stop(pid) || ptrace(PTRACE_GETREGS, pid, NULL, &waiting) < 0)
                fail("PTRACE_GETREGS");
        if ((long) waiting.orig_rax < 0) {
                fprintf(stderr, "inject: process %d is in no system call\n", pid);
                return 1;
        }
        for (int i = 2; i < argc; i++)
                if (!inject(pid, &waiting, find(argv[i])))
                        return 0;
        if (ptrace(PTRACE_SETREGS, pid, NULL, &waiting) < 0 || ptrace(PTRACE_DETACH, pid, NULL, NULL) < 0)
                fail("PTRACE_DETACH");
        return 0;
}
