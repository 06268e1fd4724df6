/* SPDX-License-Identifier: Apache-2.0 */
#include "supervise/ptrace_cpu.h"

#include <errno.h>
#include <linux/audit.h>
#include <stddef.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>

#define SEGMENT_64BIT       0x33 /* __USER_CS: arch/x86/include/asm/segment.h */
#define X32_SYSCALL_BIT     0x40000000
#define I386_SYS_exit       1 /* arch/x86/entry/syscalls/syscall_32.tbl */
#define I386_SYS_fork       2
#define I386_SYS_clone      120
#define I386_SYS_vfork      190
#define I386_SYS_exit_group 252

int ptrace_cpu_read_registers(pid_t tid, struct judge_stop *stop) {
        struct user_regs_struct user;
        if (ptrace(PTRACE_GETREGS, tid, NULL, &user) < 0)
                return -errno;
        bool is_64bit = user.cs == SEGMENT_64BIT;
        stop->regs = (struct arch_regs){
                .ip = user.rip,
                .sp = user.rsp,
                .fp = user.rbp,
                .g = user.r14,
                .tls = user.fs_base,
                .has_fp = is_64bit,
                .has_g = is_64bit,
                .has_tls = is_64bit,
        };
        stop->audit_arch = AUDIT_ARCH_X86_64;
        stop->number = (int) user.orig_rax; /* the kernel takes an int (arch/x86/entry/common.c, do_syscall_64) */
        const uint64_t args[] = { user.rdi, user.rsi, user.rdx, user.r10, user.r8, user.r9 };
        memcpy(stop->args, args, sizeof(args));
        return 0;
}

int ptrace_cpu_set_stack_pointer(pid_t tid, uint64_t sp) {
        return ptrace(PTRACE_POKEUSER, tid, offsetof(struct user_regs_struct, rsp), sp) < 0 ? -errno : 0;
}

int ptrace_cpu_enter(pid_t tid, uint64_t ip, uint64_t sp, uint64_t loader_word) {
        /* Segments, their bases and flags stay; rdx is the loader's (System V ABI, AMD64 supplement, "Initial Stack and Register
         * State"). With the number -1 no call is made. */
        const struct {
                size_t offset;
                uint64_t value;
        } registers[] = {
#define REGISTER(name, value) { offsetof(struct user_regs_struct, name), value }
                REGISTER(orig_rax, UINT64_MAX),
                REGISTER(rip, ip),
                REGISTER(rsp, sp),
                REGISTER(rdx, loader_word),
                REGISTER(rax, 0),
                REGISTER(rbx, 0),
                REGISTER(rcx, 0),
                REGISTER(rsi, 0),
                REGISTER(rdi, 0),
                REGISTER(rbp, 0),
                REGISTER(r8, 0),
                REGISTER(r9, 0),
                REGISTER(r10, 0),
                REGISTER(r11, 0),
                REGISTER(r12, 0),
                REGISTER(r13, 0),
                REGISTER(r14, 0),
                REGISTER(r15, 0),
#undef REGISTER
        };
        for (size_t i = 0; i < sizeof(registers) / sizeof(registers[0]); i++)
                if (ptrace(PTRACE_POKEUSER, tid, registers[i].offset, registers[i].value) < 0)
                        return -errno;
        return 0;
}

int ptrace_cpu_deny(pid_t tid, int error_number) {
        /*
         * Both words: with the number -1 no call is made, and the kernel leaves rax as it is. Another number would make that call
         * and return its result.
         */
        if (ptrace(PTRACE_POKEUSER, tid, offsetof(struct user_regs_struct, orig_rax), -1L) < 0)
                return -errno;
        if (ptrace(PTRACE_POKEUSER, tid, offsetof(struct user_regs_struct, rax), (long) -error_number) < 0)
                return -errno;
        return 0;
}

static enum backend_exit exit_kind_64(unsigned long number) {
        switch (number & ~(unsigned long) X32_SYSCALL_BIT) {
        case SYS_exit: return BACKEND_EXIT_THREAD;
        case SYS_exit_group: return BACKEND_EXIT_GROUP;
        case SYS_clone:
        case SYS_clone3:
        case SYS_fork:
        case SYS_vfork: return BACKEND_EXIT_IN_BIRTH;
        default: return BACKEND_EXIT_OTHER;
        }
}

static enum backend_exit exit_kind_i386(unsigned long number) {
        switch (number) {
        case I386_SYS_exit: return BACKEND_EXIT_THREAD;
        case I386_SYS_exit_group: return BACKEND_EXIT_GROUP;
        case I386_SYS_fork:
        case I386_SYS_clone:
        case I386_SYS_vfork:
        case SYS_clone3: return BACKEND_EXIT_IN_BIRTH; /* the same number */
        default: return BACKEND_EXIT_OTHER;
        }
}

int ptrace_cpu_exit_kind(pid_t tid, enum backend_exit *ret_kind) {
        struct user_regs_struct user;
        if (ptrace(PTRACE_GETREGS, tid, NULL, &user) < 0)
                return -errno;
        *ret_kind = user.cs == SEGMENT_64BIT ? exit_kind_64(user.orig_rax) : exit_kind_i386(user.orig_rax);
        return 0;
}
