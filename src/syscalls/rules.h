/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The alternatives of the rows that go on when a register argument is harmless. Included by the table of each CPU; only arrays of
 * constants that are the same everywhere.
 *
 * Each list names what is harmless, never what is dangerous: a value that nobody thought of stops.
 */
#ifndef SYSCALLS_RULES_H
#define SYSCALLS_RULES_H

#include "syscalls/table.h"

#include <asm/ioctls.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/fs.h>
#include <linux/prctl.h>
#include <linux/sched.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>

/* args[index] is exactly value; has no bit but those; has none of these bits. */
#define EQUALS(index, value)                                                                                                       \
        { (index), UINT64_MAX, (uint64_t) (value) }
#define ONLY_BITS(index, bits)                                                                                                     \
        { (index), ~(uint64_t) (bits), 0 }
#define WITHOUT_BITS(index, bits)                                                                                                  \
        { (index), (uint64_t) (bits), 0 }

/* All of these hold. */
#define WHEN(...)                                                                                                                  \
        {                                                                                                                          \
                .n_conditions = sizeof((struct syscall_condition[]){ __VA_ARGS__ }) / sizeof(struct syscall_condition),            \
                .conditions = { __VA_ARGS__ },                                                                                     \
        }

/* mmap, mprotect, pkey_mprotect: prot is an unsigned long in the kernel. A 64-bit image never has READ_IMPLIES_EXEC at its start
 * (arch/x86/kernel/process_64.c set_personality_64bit), and personality() stops. */
static const struct syscall_alternative rule_prot[] = {
        WHEN(ONLY_BITS(2, PROT_READ | PROT_WRITE)),
};

/* MADV_HWPOISON (100) and MADV_SOFT_OFFLINE (101) take pages away from the machine; 102 and 103 are MADV_GUARD_INSTALL and _REMOVE
 * (Linux 6.13), with which glibc 2.42 guards the stacks of threads. */
static const struct syscall_alternative rule_madvise[] = {
        WHEN(ONLY_BITS(2, 31)),
        WHEN(EQUALS(2, 102)),
        WHEN(EQUALS(2, 103)),
};

/* What the Go scheduler preempts with; ignored by default, so that it does no harm to another process. */
static const struct syscall_alternative rule_tgkill[] = {
        WHEN(EQUALS(2, SIGURG)),
};

/* With the flags of a thread, nothing less and nothing more: CLONE_THREAD with CLONE_NEWNET succeeds. */
#define THREAD_FLAGS (CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM)
static const struct syscall_alternative rule_clone[] = {
        WHEN(EQUALS(0, THREAD_FLAGS | CLONE_SETTLS)), /* Go: runtime/os_linux.go cloneFlags, CLONE_SETTLS in sys_linux_amd64.s */
        WHEN(EQUALS(0, THREAD_FLAGS)),                /* Go: newosproc0, and CPUs where the TLS needs no flag */
        WHEN(EQUALS(0, THREAD_FLAGS | CLONE_SETTLS | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID)),                  /* glibc */
        WHEN(EQUALS(0, THREAD_FLAGS | CLONE_SETTLS | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID | CLONE_DETACHED)), /* musl */
};

/* A connected socket, or a netlink socket, which nobody has without socket(). */
static const struct syscall_alternative rule_sendto[] = {
        WHEN(EQUALS(4, 0)),
};

/* Other families load kernel modules. */
static const struct syscall_alternative rule_socketpair[] = {
        WHEN(EQUALS(0, AF_UNIX)),
};

/* CLOSE_RANGE_UNSHARE makes a new table of descriptors, as unshare() does. */
static const struct syscall_alternative rule_close_range[] = {
        WHEN(ONLY_BITS(2, CLOSE_RANGE_CLOEXEC)),
};

static const struct syscall_alternative rule_prlimit64[] = {
        WHEN(EQUALS(2, 0)),
};

/* 0xffffffff only asks. */
static const struct syscall_alternative rule_personality[] = {
        WHEN(EQUALS(0, 0xffffffff)),
};

/* ARCH_SET_FS gives nothing that the instruction wrfsbase, or a write to the thread's own storage, does not give. The numbers are
 * those of asm/prctl.h, which other CPUs lack: ARCH_SET_FS, _GET_FS, _GET_GS, _CET_STATUS (asked by glibc), _GET_CPUID,
 * _GET_XCOMP_SUPP, _GET_XCOMP_PERM. */
static const struct syscall_alternative rule_arch_prctl[] = {
        WHEN(EQUALS(0, 0x1002)), WHEN(EQUALS(0, 0x1003)), WHEN(EQUALS(0, 0x1004)), WHEN(EQUALS(0, 0x3001)),
        WHEN(EQUALS(0, 0x1011)), WHEN(EQUALS(0, 0x1021)), WHEN(EQUALS(0, 0x1022)),
};

/* Names, and what only asks. */
static const struct syscall_alternative rule_prctl[] = {
        WHEN(EQUALS(0, PR_SET_NAME)),
        WHEN(EQUALS(0, PR_SET_VMA), EQUALS(1, PR_SET_VMA_ANON_NAME)),
        WHEN(EQUALS(0, PR_GET_NAME)),
        WHEN(EQUALS(0, PR_GET_PDEATHSIG)),
        WHEN(EQUALS(0, PR_GET_DUMPABLE)),
        WHEN(EQUALS(0, PR_GET_KEEPCAPS)),
        WHEN(EQUALS(0, PR_GET_SECCOMP)),
        WHEN(EQUALS(0, PR_CAPBSET_READ)),
        WHEN(EQUALS(0, PR_GET_TSC)),
        WHEN(EQUALS(0, PR_GET_SECUREBITS)),
        WHEN(EQUALS(0, PR_GET_TIMERSLACK)),
        WHEN(EQUALS(0, PR_GET_CHILD_SUBREAPER)),
        WHEN(EQUALS(0, PR_GET_NO_NEW_PRIVS)),
        WHEN(EQUALS(0, PR_GET_THP_DISABLE)),
        WHEN(EQUALS(0, PR_GET_SPECULATION_CTRL)),
        WHEN(EQUALS(0, PR_CAP_AMBIENT), EQUALS(1, PR_CAP_AMBIENT_IS_SET)),
};

/* F_SETOWN, F_SETSIG and F_SETLEASE send signals, F_NOTIFY watches a directory, F_ADD_SEALS changes a file that others hold.
 * O_ASYNC makes the terminal send SIGIO to its whole foreground group. */
static const struct syscall_alternative rule_fcntl[] = {
        WHEN(EQUALS(1, F_GETFL)),         WHEN(EQUALS(1, F_SETFL), WITHOUT_BITS(2, O_ASYNC)),
        WHEN(EQUALS(1, F_GETFD)),         WHEN(EQUALS(1, F_SETFD)),
        WHEN(EQUALS(1, F_DUPFD_CLOEXEC)), WHEN(EQUALS(1, F_DUPFD)),
        WHEN(EQUALS(1, F_SETLK)),         WHEN(EQUALS(1, F_SETLKW)),
        WHEN(EQUALS(1, F_GETLK)),         WHEN(EQUALS(1, F_OFD_SETLK)),
        WHEN(EQUALS(1, F_OFD_SETLKW)),    WHEN(EQUALS(1, F_OFD_GETLK)),
        WHEN(EQUALS(1, F_SETPIPE_SZ)),    WHEN(EQUALS(1, F_GETPIPE_SZ)),
        WHEN(EQUALS(1, F_GETOWN)),        WHEN(EQUALS(1, F_GETSIG)),
        WHEN(EQUALS(1, F_GETOWN_EX)),     WHEN(EQUALS(1, F_GETLEASE)),
        WHEN(EQUALS(1, F_GET_SEALS)),     WHEN(EQUALS(1, F_GET_RW_HINT)),
        WHEN(EQUALS(1, F_SET_RW_HINT)),
};

/* Requests that ask, and those that set what fcntl() may set too. TCGETS2 has no constant outside the kernel's termbits. */
static const struct syscall_alternative rule_ioctl[] = {
        WHEN(EQUALS(1, TCGETS)),    WHEN(EQUALS(1, 0x802c542a)), WHEN(EQUALS(1, TIOCGWINSZ)),      WHEN(EQUALS(1, TIOCGPGRP)),
        WHEN(EQUALS(1, TIOCGSID)),  WHEN(EQUALS(1, TIOCOUTQ)),   WHEN(EQUALS(1, FIONREAD)),        WHEN(EQUALS(1, FIONBIO)),
        WHEN(EQUALS(1, FIOCLEX)),   WHEN(EQUALS(1, FIONCLEX)),   WHEN(EQUALS(1, FS_IOC_GETFLAGS)), WHEN(EQUALS(1, BLKGETSIZE64)),
        WHEN(EQUALS(1, BLKSSZGET)),
};

/* Options of the socket itself. What attaches programs, binds to devices, marks packets, joins groups, changes the protocol
 * (TCP_ULP, TCP_REPAIR) or the firewall stops. */
static const struct syscall_alternative rule_setsockopt[] = {
        WHEN(EQUALS(1, SOL_SOCKET), EQUALS(2, SO_REUSEADDR)),
        WHEN(EQUALS(1, SOL_SOCKET), EQUALS(2, SO_REUSEPORT)),
        WHEN(EQUALS(1, SOL_SOCKET), EQUALS(2, SO_BROADCAST)),
        WHEN(EQUALS(1, SOL_SOCKET), EQUALS(2, SO_SNDBUF)),
        WHEN(EQUALS(1, SOL_SOCKET), EQUALS(2, SO_RCVBUF)),
        WHEN(EQUALS(1, SOL_SOCKET), EQUALS(2, SO_KEEPALIVE)),
        WHEN(EQUALS(1, SOL_SOCKET), EQUALS(2, SO_LINGER)),
        WHEN(EQUALS(1, SOL_SOCKET), EQUALS(2, SO_RCVTIMEO)),
        WHEN(EQUALS(1, SOL_SOCKET), EQUALS(2, SO_SNDTIMEO)),
        WHEN(EQUALS(1, IPPROTO_TCP), EQUALS(2, TCP_NODELAY)),
        WHEN(EQUALS(1, IPPROTO_TCP), EQUALS(2, TCP_CORK)),
        WHEN(EQUALS(1, IPPROTO_TCP), EQUALS(2, TCP_KEEPIDLE)),
        WHEN(EQUALS(1, IPPROTO_TCP), EQUALS(2, TCP_KEEPINTVL)),
        WHEN(EQUALS(1, IPPROTO_TCP), EQUALS(2, TCP_KEEPCNT)),
        WHEN(EQUALS(1, IPPROTO_TCP), EQUALS(2, TCP_QUICKACK)),
        WHEN(EQUALS(1, IPPROTO_TCP), EQUALS(2, TCP_USER_TIMEOUT)),
        WHEN(EQUALS(1, IPPROTO_IP), EQUALS(2, IP_TOS)),
        WHEN(EQUALS(1, IPPROTO_IP), EQUALS(2, IP_TTL)),
        WHEN(EQUALS(1, IPPROTO_IP), EQUALS(2, IP_PKTINFO)),
        WHEN(EQUALS(1, IPPROTO_IP), EQUALS(2, IP_MTU_DISCOVER)),
        WHEN(EQUALS(1, IPPROTO_IP), EQUALS(2, IP_RECVERR)),
        WHEN(EQUALS(1, IPPROTO_IP), EQUALS(2, IP_RECVTOS)),
        WHEN(EQUALS(1, IPPROTO_IP), EQUALS(2, IP_MULTICAST_TTL)),
        WHEN(EQUALS(1, IPPROTO_IP), EQUALS(2, IP_MULTICAST_LOOP)),
        WHEN(EQUALS(1, IPPROTO_IPV6), EQUALS(2, IPV6_V6ONLY)),
        WHEN(EQUALS(1, IPPROTO_IPV6), EQUALS(2, IPV6_UNICAST_HOPS)),
        WHEN(EQUALS(1, IPPROTO_IPV6), EQUALS(2, IPV6_MULTICAST_HOPS)),
        WHEN(EQUALS(1, IPPROTO_IPV6), EQUALS(2, IPV6_MULTICAST_LOOP)),
        WHEN(EQUALS(1, IPPROTO_IPV6), EQUALS(2, IPV6_RECVPKTINFO)),
        WHEN(EQUALS(1, IPPROTO_IPV6), EQUALS(2, IPV6_MTU_DISCOVER)),
        WHEN(EQUALS(1, IPPROTO_IPV6), EQUALS(2, IPV6_RECVERR)),
        WHEN(EQUALS(1, IPPROTO_IPV6), EQUALS(2, IPV6_TCLASS)),
        WHEN(EQUALS(1, IPPROTO_IPV6), EQUALS(2, IPV6_RECVTCLASS)),
};

#endif
