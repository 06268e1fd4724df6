/* SPDX-License-Identifier: Apache-2.0 */
/* The generated filter, run in a simulator: a table written by hand, and the same verdict as the table of system calls everywhere.
 */
#include "base/cleanup.h"
#include "supervise/bpf_simulator.h"
#include "supervise/filter.h"
#include "syscalls/table.h"

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/prctl.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <setjmp.h>

#include <cmocka.h>

#define AMD64 AUDIT_ARCH_X86_64
#define I386  AUDIT_ARCH_I386
#define ARM64 AUDIT_ARCH_AARCH64
#define X32   0x40000000

#define JUNK 0x100000000ULL /* a bit that the kernel cuts off an int */

enum expected { GOES_ON, STOPS, TRAPS };

struct row {
        uint32_t arch;
        int number;
        enum expected expected;
        uint64_t args[6];
};

/* Numbers are those of the system's headers or literal: nothing here comes from the table under test. */
static const struct row rows[] = {
        /* plain I/O, waiting, memory, signals' masks, time, ids: never a stop */
        { AMD64, SYS_read, GOES_ON, { 3 } },
        { AMD64, SYS_write, GOES_ON, { 1, ~0ULL, ~0ULL } },
        { AMD64, SYS_close, GOES_ON, { 0 } },
        { AMD64, SYS_pread64, GOES_ON, { 0 } },
        { AMD64, SYS_pwrite64, GOES_ON, { 0 } },
        { AMD64, SYS_readv, GOES_ON, { 0 } },
        { AMD64, SYS_writev, GOES_ON, { 0 } },
        { AMD64, SYS_lseek, GOES_ON, { 0 } },
        { AMD64, SYS_fstat, GOES_ON, { 0 } },
        { AMD64, SYS_stat, GOES_ON, { 0 } },
        { AMD64, SYS_newfstatat, GOES_ON, { ~0ULL, ~0ULL, ~0ULL, ~0ULL, ~0ULL, ~0ULL } },
        { AMD64, SYS_statx, GOES_ON, { 0 } },
        { AMD64, SYS_readlink, GOES_ON, { 0 } },
        { AMD64, SYS_readlinkat, GOES_ON, { 0 } },
        { AMD64, SYS_faccessat, GOES_ON, { 0 } },
        { AMD64, SYS_faccessat2, GOES_ON, { 0 } },
        { AMD64, SYS_getdents64, GOES_ON, { 0 } },
        { AMD64, SYS_getcwd, GOES_ON, { 0 } },
        { AMD64, SYS_futex, GOES_ON, { 0 } },
        { AMD64, SYS_nanosleep, GOES_ON, { 0 } },
        { AMD64, SYS_clock_nanosleep, GOES_ON, { 0 } },
        { AMD64, SYS_epoll_pwait, GOES_ON, { 0 } },
        { AMD64, SYS_epoll_ctl, GOES_ON, { 0 } },
        { AMD64, SYS_epoll_create1, GOES_ON, { 0 } },
        { AMD64, SYS_eventfd2, GOES_ON, { 0 } },
        { AMD64, SYS_pipe2, GOES_ON, { 0 } },
        { AMD64, SYS_dup3, GOES_ON, { 0 } },
        { AMD64, SYS_sched_yield, GOES_ON, { 0 } },
        { AMD64, SYS_sched_getaffinity, GOES_ON, { 0 } },
        { AMD64, SYS_munmap, GOES_ON, { 0 } },
        { AMD64, SYS_brk, GOES_ON, { 0 } },
        { AMD64, SYS_rt_sigaction, GOES_ON, { 0 } },
        { AMD64, SYS_rt_sigprocmask, GOES_ON, { 0 } },
        { AMD64, SYS_rt_sigreturn, GOES_ON, { 0 } },
        { AMD64, SYS_sigaltstack, GOES_ON, { 0 } },
        { AMD64, SYS_restart_syscall, GOES_ON, { 0 } },
        { AMD64, SYS_getpid, GOES_ON, { 0 } },
        { AMD64, SYS_gettid, GOES_ON, { 0 } },
        { AMD64, SYS_exit, GOES_ON, { 0 } },
        { AMD64, SYS_exit_group, GOES_ON, { 0 } },
        { AMD64, SYS_wait4, GOES_ON, { 0 } },
        { AMD64, SYS_waitid, GOES_ON, { 0 } },
        { AMD64, SYS_timer_create, GOES_ON, { 0 } },
        { AMD64, SYS_setitimer, GOES_ON, { 0 } },
        { AMD64, SYS_getrandom, GOES_ON, { 0 } },
        { AMD64, SYS_rseq, GOES_ON, { 0 } },
        { AMD64, SYS_set_robust_list, GOES_ON, { 0 } },
        { AMD64, SYS_set_tid_address, GOES_ON, { 0 } },
        { AMD64, SYS_accept4, GOES_ON, { 0 } },
        { AMD64, SYS_getsockopt, GOES_ON, { 0 } },
        { AMD64, SYS_recvfrom, GOES_ON, { 0 } },
        { AMD64, SYS_sendfile, GOES_ON, { 0 } },
        { AMD64, SYS_splice, GOES_ON, { 0 } },
        { AMD64, SYS_copy_file_range, GOES_ON, { 0 } },
        { AMD64, SYS_futex_waitv, GOES_ON, { 0 } },
        { AMD64, 454, GOES_ON, { 0 } }, /* futex_wake */
        { AMD64, 335, GOES_ON, { 0 } }, /* uretprobe */
        { AMD64, 336, GOES_ON, { 0 } }, /* uprobe */

        /* every way to open */
        { AMD64, SYS_open, STOPS, { 0 } },
        { AMD64, SYS_openat, STOPS, { 0 } },
        { AMD64, SYS_openat, STOPS, { ~0ULL, ~0ULL, ~0ULL, ~0ULL, ~0ULL, ~0ULL } },
        { AMD64, SYS_openat2, STOPS, { 0 } },
        { AMD64, SYS_creat, STOPS, { 0 } },
        { AMD64, SYS_open_by_handle_at, STOPS, { 0 } },
        { AMD64, SYS_name_to_handle_at, STOPS, { 0 } },
        { AMD64, SYS_open_tree, STOPS, { 0 } },
        { AMD64, 467, STOPS, { 0 } }, /* open_tree_attr */
        { AMD64, SYS_memfd_create, STOPS, { 0 } },
        { AMD64, SYS_mq_open, STOPS, { 0 } },
        { AMD64, SYS_inotify_add_watch, STOPS, { 0 } },
        { AMD64, SYS_getxattr, STOPS, { 0 } },

        /* every way to change a file system */
        { AMD64, SYS_rename, STOPS, { 0 } },
        { AMD64, SYS_renameat, STOPS, { 0 } },
        { AMD64, SYS_renameat2, STOPS, { 0 } },
        { AMD64, SYS_unlink, STOPS, { 0 } },
        { AMD64, SYS_unlinkat, STOPS, { 0 } },
        { AMD64, SYS_rmdir, STOPS, { 0 } },
        { AMD64, SYS_mkdirat, STOPS, { 0 } },
        { AMD64, SYS_linkat, STOPS, { 0 } },
        { AMD64, SYS_symlinkat, STOPS, { 0 } },
        { AMD64, SYS_mknodat, STOPS, { 0 } },
        { AMD64, SYS_truncate, STOPS, { 0 } },
        { AMD64, SYS_ftruncate, STOPS, { 0 } },
        { AMD64, SYS_fallocate, STOPS, { 0 } },
        { AMD64, SYS_fchmod, STOPS, { 0 } },
        { AMD64, SYS_fchmodat, STOPS, { 0 } },
        { AMD64, 452, STOPS, { 0 } }, /* fchmodat2 */
        { AMD64, SYS_fchown, STOPS, { 0 } },
        { AMD64, SYS_utimensat, STOPS, { 0 } },
        { AMD64, SYS_fsetxattr, STOPS, { 0 } },
        { AMD64, 463, STOPS, { 0 } }, /* setxattrat */
        { AMD64, 469, STOPS, { 0 } }, /* file_setattr */

        /* the network */
        { AMD64, SYS_socket, STOPS, { AF_INET, SOCK_STREAM } },
        { AMD64, SYS_socket, STOPS, { AF_UNIX, SOCK_STREAM } },
        { AMD64, SYS_connect, STOPS, { 0 } },
        { AMD64, SYS_bind, STOPS, { 0 } },
        { AMD64, SYS_listen, STOPS, { 0 } },
        { AMD64, SYS_sendto, GOES_ON, { 3, 0x1000, 5, MSG_NOSIGNAL, 0, 0 } },
        { AMD64, SYS_sendto, GOES_ON, { 3, 0x1000, 5, 0, 0, 16 } },
        { AMD64, SYS_sendto, STOPS, { 3, 0x1000, 5, 0, 0x2000, 16 } },
        { AMD64, SYS_sendto, STOPS, { 3, 0x1000, 5, 0, JUNK, 16 } },
        { AMD64, SYS_sendto, STOPS, { 3, 0x1000, 5, 0, 1, 0 } },
        { AMD64, SYS_sendmsg, STOPS, { 0 } },
        { AMD64, SYS_sendmmsg, STOPS, { 0 } },
        { AMD64, SYS_recvmsg, STOPS, { 0 } },
        { AMD64, SYS_recvmmsg, STOPS, { 0 } },
        { AMD64, SYS_socketpair, GOES_ON, { AF_UNIX, SOCK_STREAM } },
        { AMD64, SYS_socketpair, STOPS, { AF_INET, SOCK_STREAM } },
        { AMD64, SYS_socketpair, STOPS, { AF_UNIX | JUNK, SOCK_STREAM } },
        { AMD64, SYS_setsockopt, GOES_ON, { 3, SOL_SOCKET, SO_REUSEADDR } },
        { AMD64, SYS_setsockopt, GOES_ON, { 3, IPPROTO_TCP, TCP_NODELAY } },
        { AMD64, SYS_setsockopt, GOES_ON, { 3, IPPROTO_IPV6, IPV6_V6ONLY } },
        { AMD64, SYS_setsockopt, STOPS, { 3, SOL_SOCKET, SO_ATTACH_FILTER } },
        { AMD64, SYS_setsockopt, STOPS, { 3, SOL_SOCKET, SO_ATTACH_BPF } },
        { AMD64, SYS_setsockopt, STOPS, { 3, SOL_SOCKET, SO_BINDTODEVICE } },
        { AMD64, SYS_setsockopt, STOPS, { 3, SOL_SOCKET, SO_MARK } },
        { AMD64, SYS_setsockopt, STOPS, { 3, IPPROTO_IP, IP_ADD_MEMBERSHIP } },
        { AMD64, SYS_setsockopt, STOPS, { 3, IPPROTO_IP, 64 } }, /* IPT_SO_SET_REPLACE */
        { AMD64, SYS_setsockopt, STOPS, { 3, IPPROTO_TCP, TCP_ULP } },
        { AMD64, SYS_setsockopt, STOPS, { 3, IPPROTO_TCP, TCP_REPAIR } },
        { AMD64, SYS_setsockopt, STOPS, { 3, SOL_SOCKET | JUNK, SO_REUSEADDR } },
        { AMD64, SYS_setsockopt, STOPS, { 3, SOL_SOCKET, SO_REUSEADDR | JUNK } },

        /* processes */
        { AMD64, SYS_execve, STOPS, { 0 } },
        { AMD64, SYS_execveat, STOPS, { 0 } },
        { AMD64, SYS_fork, STOPS, { 0 } },
        { AMD64, SYS_vfork, STOPS, { 0 } },
        { AMD64, SYS_clone3, STOPS, { 0 } },
        { AMD64, SYS_clone, GOES_ON, { 0xd0f00 } },  /* Go */
        { AMD64, SYS_clone, GOES_ON, { 0x50f00 } },  /* Go without TLS */
        { AMD64, SYS_clone, GOES_ON, { 0x3d0f00 } }, /* glibc */
        { AMD64, SYS_clone, GOES_ON, { 0x7d0f00 } }, /* musl */
        { AMD64, SYS_clone, STOPS, { SIGCHLD } },
        { AMD64, SYS_clone, STOPS, { CLONE_VM | CLONE_VFORK | SIGCHLD } },
        { AMD64, SYS_clone, STOPS, { 0xd0f00 | CLONE_NEWNET } },
        { AMD64, SYS_clone, STOPS, { 0xd0f00 | CLONE_NEWUTS } },
        { AMD64, SYS_clone, STOPS, { 0xd0f00 | CLONE_UNTRACED } },
        { AMD64, SYS_clone, STOPS, { 0xd0f00 | SIGCHLD } },
        { AMD64, SYS_clone, STOPS, { 0xd0f00 & ~CLONE_THREAD } },
        { AMD64, SYS_clone, STOPS, { 0x50f00 & ~CLONE_THREAD } },
        { AMD64, SYS_clone, STOPS, { 0x50f00 & ~CLONE_FILES } },
        { AMD64, SYS_clone, STOPS, { CLONE_VM } },
        { AMD64, SYS_clone, STOPS, { 0 } },
        { AMD64, SYS_clone, STOPS, { 0xd0f00 | JUNK } },
        { AMD64, SYS_clone, STOPS, { 0xd0f00 | 1ULL << 63 } },
        { AMD64, SYS_kill, STOPS, { 1, SIGURG } },
        { AMD64, SYS_tkill, STOPS, { 1, SIGURG } },
        { AMD64, SYS_tgkill, GOES_ON, { 1, 2, SIGURG } },
        { AMD64, SYS_tgkill, STOPS, { 1, 2, SIGKILL } },
        { AMD64, SYS_tgkill, STOPS, { 1, 2, 0 } },
        { AMD64, SYS_tgkill, STOPS, { 1, 2, SIGURG | JUNK } },
        { AMD64, SYS_rt_sigqueueinfo, STOPS, { 0 } },
        { AMD64, SYS_rt_tgsigqueueinfo, STOPS, { 0 } },
        { AMD64, SYS_pidfd_send_signal, STOPS, { 0 } },
        { AMD64, SYS_pidfd_open, STOPS, { 0 } },
        { AMD64, SYS_pidfd_getfd, STOPS, { 0 } },
        { AMD64, SYS_ptrace, STOPS, { 0 } },
        { AMD64, SYS_process_vm_readv, STOPS, { 0 } },
        { AMD64, SYS_process_vm_writev, STOPS, { 0 } },
        { AMD64, SYS_process_madvise, STOPS, { 0 } },
        { AMD64, SYS_kcmp, STOPS, { 0 } },
        { AMD64, SYS_sched_setaffinity, STOPS, { 0 } },
        { AMD64, SYS_sched_setscheduler, STOPS, { 0 } },
        { AMD64, SYS_setpriority, STOPS, { 0 } },
        { AMD64, SYS_prlimit64, GOES_ON, { 0, 7, 0, 0x1000 } },
        { AMD64, SYS_prlimit64, STOPS, { 0, 7, 0x1000, 0 } },
        { AMD64, SYS_prlimit64, STOPS, { 0, 7, JUNK, 0 } },
        { AMD64, SYS_setrlimit, STOPS, { 0 } },

        /* memory */
        { AMD64, SYS_mmap, GOES_ON, { 0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, ~0ULL } },
        { AMD64, SYS_mmap, GOES_ON, { 0x400000, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, ~0ULL } },
        { AMD64, SYS_mmap, STOPS, { 0, 4096, PROT_EXEC, MAP_PRIVATE } },
        { AMD64, SYS_mmap, STOPS, { 0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE } },
        { AMD64, SYS_mmap, STOPS, { 0, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE } },
        { AMD64, SYS_mmap, STOPS, { 0, 4096, PROT_READ | JUNK, MAP_PRIVATE } },
        { AMD64, SYS_mmap, STOPS, { 0, 4096, PROT_READ | 8, MAP_PRIVATE } }, /* PROT_SEM */
        { AMD64, SYS_mprotect, GOES_ON, { 0x400000, 4096, PROT_READ } },
        { AMD64, SYS_mprotect, STOPS, { 0x400000, 4096, PROT_READ | PROT_EXEC } },
        { AMD64, SYS_mprotect, STOPS, { 0x400000, 4096, PROT_READ | PROT_GROWSDOWN } },
        { AMD64, SYS_mprotect, STOPS, { 0x400000, 4096, PROT_READ | 1ULL << 40 } },
        { AMD64, SYS_pkey_mprotect, GOES_ON, { 0x400000, 4096, PROT_READ, 1 } },
        { AMD64, SYS_pkey_mprotect, STOPS, { 0x400000, 4096, PROT_EXEC, 1 } },
        { AMD64, SYS_mremap, STOPS, { 0, 0, 0, MREMAP_MAYMOVE } },
        { AMD64, SYS_mremap, STOPS, { 0, 0, 0, 0 } },
        { AMD64, SYS_mremap, STOPS, { 0, 0, 0, MREMAP_MAYMOVE | MREMAP_FIXED } },
        { AMD64, SYS_mremap, STOPS, { 0, 0, 0, MREMAP_MAYMOVE | MREMAP_DONTUNMAP } },
        { AMD64, SYS_remap_file_pages, STOPS, { 0 } },
        { AMD64, SYS_shmget, STOPS, { 0 } },
        { AMD64, SYS_shmat, STOPS, { 0 } },
        { AMD64, SYS_madvise, GOES_ON, { 0, 4096, MADV_DONTNEED } },
        { AMD64, SYS_madvise, GOES_ON, { 0, 4096, MADV_HUGEPAGE } },
        { AMD64, SYS_madvise, GOES_ON, { 0, 4096, 25 } },  /* MADV_COLLAPSE */
        { AMD64, SYS_madvise, GOES_ON, { 0, 4096, 102 } }, /* MADV_GUARD_INSTALL */
        { AMD64, SYS_madvise, STOPS, { 0, 4096, 100 } },   /* MADV_HWPOISON */
        { AMD64, SYS_madvise, STOPS, { 0, 4096, 101 } },   /* MADV_SOFT_OFFLINE */
        { AMD64, SYS_madvise, STOPS, { 0, 4096, MADV_DONTNEED | JUNK } },
        { AMD64, SYS_userfaultfd, STOPS, { 0 } },
        { AMD64, SYS_memfd_secret, STOPS, { 0 } },
        { AMD64, 453, STOPS, { 0 } }, /* map_shadow_stack */
        { AMD64, 462, STOPS, { 0 } }, /* mseal */

        /* the process */
        { AMD64, SYS_prctl, GOES_ON, { PR_SET_NAME, 0x1000 } },
        { AMD64, SYS_prctl, GOES_ON, { PR_SET_VMA, PR_SET_VMA_ANON_NAME, 0x1000, 4096, 0x2000 } },
        { AMD64, SYS_prctl, GOES_ON, { PR_GET_DUMPABLE } },
        { AMD64, SYS_prctl, STOPS, { PR_SET_VMA, 1 } },
        { AMD64, SYS_prctl, STOPS, { PR_SET_VMA, JUNK } },
        { AMD64, SYS_prctl, STOPS, { PR_SET_NAME | JUNK } },
        { AMD64, SYS_prctl, STOPS, { PR_SET_DUMPABLE, 0 } },
        { AMD64, SYS_prctl, STOPS, { PR_SET_SECCOMP, 2 } },
        { AMD64, SYS_prctl, STOPS, { PR_SET_PTRACER, ~0ULL } },
        { AMD64, SYS_prctl, STOPS, { PR_SET_NO_NEW_PRIVS, 1 } },
        { AMD64, SYS_prctl, STOPS, { PR_SET_SYSCALL_USER_DISPATCH, 1 } },
        { AMD64, SYS_prctl, STOPS, { PR_SET_MM } },
        { AMD64, SYS_prctl, STOPS, { PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE } },
        { AMD64, SYS_prctl, GOES_ON, { PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET } },
        { AMD64, SYS_arch_prctl, GOES_ON, { 0x1002 } }, /* ARCH_SET_FS */
        { AMD64, SYS_arch_prctl, STOPS, { 0x1001 } },   /* ARCH_SET_GS */
        { AMD64, SYS_arch_prctl, STOPS, { 0x1012 } },   /* ARCH_SET_CPUID */
        { AMD64, SYS_arch_prctl, STOPS, { 0x1002 | JUNK } },
        { AMD64, SYS_personality, GOES_ON, { 0xffffffff } },
        { AMD64, SYS_personality, STOPS, { 0x0400000 } }, /* READ_IMPLIES_EXEC */
        { AMD64, SYS_personality, STOPS, { ~0ULL } },
        { AMD64, SYS_seccomp, STOPS, { 0 } },
        { AMD64, SYS_seccomp, STOPS, { SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC } },
        { AMD64, SYS_seccomp, STOPS, { SECCOMP_SET_MODE_STRICT, SECCOMP_FILTER_FLAG_NEW_LISTENER } },
        /* A listener, by every entry; the kernel takes 32 bits of each argument. */
        { AMD64, SYS_seccomp, TRAPS, { SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER } },
        { AMD64, SYS_seccomp, TRAPS, { JUNK | SECCOMP_SET_MODE_FILTER, JUNK | SECCOMP_FILTER_FLAG_NEW_LISTENER } },
        { AMD64, SYS_seccomp, TRAPS, { SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_LOG } },
        { AMD64, X32 | SYS_seccomp, TRAPS, { SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER } },
        { AMD64, X32 | SYS_seccomp, STOPS, { SECCOMP_SET_MODE_FILTER, 0 } },
        { I386, 354, TRAPS, { SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER } },
        { I386, 354, STOPS, { SECCOMP_SET_MODE_FILTER, 0 } },
        { I386, SYS_seccomp, STOPS, { SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER } },
        { ARM64, SYS_seccomp, STOPS, { SECCOMP_SET_MODE_FILTER, 0 } },
        { AMD64, SYS_chdir, STOPS, { 0 } },
        { AMD64, SYS_umask, STOPS, { 0 } },
        { AMD64, SYS_setuid, STOPS, { 0 } },
        { AMD64, SYS_unshare, STOPS, { 0 } },
        { AMD64, SYS_setns, STOPS, { 0 } },
        { AMD64, SYS_mount, STOPS, { 0 } },
        { AMD64, SYS_bpf, STOPS, { 0 } },
        { AMD64, SYS_perf_event_open, STOPS, { 0 } },
        { AMD64, SYS_keyctl, STOPS, { 0 } },
        { AMD64, SYS_clock_settime, STOPS, { 0 } },
        { AMD64, SYS_io_uring_setup, STOPS, { 0 } },
        { AMD64, SYS_io_uring_enter, STOPS, { 0 } },
        { AMD64, SYS_io_setup, STOPS, { 0 } },
        { AMD64, SYS_io_submit, STOPS, { 0 } },
        { AMD64, SYS_landlock_restrict_self, STOPS, { 0 } },

        /* descriptors */
        { AMD64, SYS_fcntl, GOES_ON, { 3, F_GETFL } },
        { AMD64, SYS_fcntl, GOES_ON, { 3, F_SETFL, O_NONBLOCK | O_RDWR } },
        { AMD64, SYS_fcntl, GOES_ON, { 3, F_DUPFD_CLOEXEC, 0 } },
        { AMD64, SYS_fcntl, GOES_ON, { 3, F_SETPIPE_SZ, 65536 } },
        { AMD64, SYS_fcntl, GOES_ON, { 3, F_SETLK, 0x1000 } },
        { AMD64, SYS_fcntl, STOPS, { 3, F_SETFL, O_ASYNC } },
        { AMD64, SYS_fcntl, STOPS, { 3, F_SETFL, O_ASYNC | JUNK } },
        { AMD64, SYS_fcntl, STOPS, { 3, F_SETOWN, 1 } },
        { AMD64, SYS_fcntl, STOPS, { 3, F_SETOWN_EX, 1 } },
        { AMD64, SYS_fcntl, STOPS, { 3, F_SETSIG, 9 } },
        { AMD64, SYS_fcntl, STOPS, { 3, F_SETLEASE, 0 } },
        { AMD64, SYS_fcntl, STOPS, { 3, F_NOTIFY, 0 } },
        { AMD64, SYS_fcntl, STOPS, { 3, F_ADD_SEALS, 0 } },
        { AMD64, SYS_fcntl, STOPS, { 3, F_GETFL | JUNK } },
        { AMD64, SYS_fcntl, STOPS, { 3, 4095 } },
        { AMD64, SYS_ioctl, GOES_ON, { 1, TCGETS } },
        { AMD64, SYS_ioctl, GOES_ON, { 1, TIOCGWINSZ } },
        { AMD64, SYS_ioctl, GOES_ON, { 1, FIONREAD } },
        { AMD64, SYS_ioctl, STOPS, { 0, TIOCSTI } },
        { AMD64, SYS_ioctl, STOPS, { 0, TIOCSCTTY } },
        { AMD64, SYS_ioctl, STOPS, { 0, TCSETS } },
        { AMD64, SYS_ioctl, STOPS, { 0, TIOCLINUX } },
        { AMD64, SYS_ioctl, STOPS, { 0, TIOCGPTPEER } },
        { AMD64, SYS_ioctl, STOPS, { 0, FIOASYNC } },
        { AMD64, SYS_ioctl, STOPS, { 1, TCGETS | JUNK } },
        { AMD64, SYS_close_range, GOES_ON, { 3, ~0U, 0 } },
        { AMD64, SYS_close_range, GOES_ON, { 3, ~0U, 4 } },
        { AMD64, SYS_close_range, STOPS, { 3, ~0U, 2 } },
        { AMD64, SYS_close_range, STOPS, { 3, ~0U, 4 | JUNK } },

        /* unknown numbers */
        { AMD64, -1, STOPS, { 0 } },
        { AMD64, -2, STOPS, { 0 } },
        { AMD64, 134, STOPS, { 0 } },
        { AMD64, 337, STOPS, { 0 } },
        { AMD64, 423, STOPS, { 0 } },
        { AMD64, 470, STOPS, { 0 } },
        { AMD64, 512, STOPS, { 0 } },
        { AMD64, 547, STOPS, { 0 } },
        { AMD64, 999, STOPS, { 0 } },
        { AMD64, 0x3fffffff, STOPS, { 0 } },

        /* x32: every number, harmless or not */
        { AMD64, X32 | SYS_read, STOPS, { 0 } },
        { AMD64, X32 | SYS_getpid, STOPS, { 0 } },
        { AMD64, X32 | SYS_open, STOPS, { 0 } },
        { AMD64, X32 | 520, STOPS, { 0 } }, /* execve */
        { AMD64, X32 | 999, STOPS, { 0 } },
        { AMD64, 0x7fffffff, STOPS, { 0 } },

        /* i386: 1 exit, 3 read, 5 open, 11 execve, 20 getpid, 102 socketcall, 252 exit_group; and other CPUs */
        { I386, 0, STOPS, { 0 } },
        { I386, 1, STOPS, { 0 } },
        { I386, 3, STOPS, { 0 } },
        { I386, 5, STOPS, { 0 } },
        { I386, 11, STOPS, { 0 } },
        { I386, 20, STOPS, { 0 } },
        { I386, 102, STOPS, { 0 } },
        { I386, 252, STOPS, { 0 } },
        { I386, SYS_getpid, STOPS, { 0 } },
        { I386, -1, STOPS, { 0 } },
        { I386, 999, STOPS, { 0 } },
        { ARM64, 63, STOPS, { 0 } },
        { 0, SYS_read, STOPS, { 0 } },
};

static struct bpf_result run(uint32_t arch, int number, const uint64_t args[6]) {
        struct seccomp_data data = { .nr = number, .arch = arch, .instruction_pointer = 0x401000 };
        struct bpf_result result = { 0 };

        for (size_t i = 0; i < 6; i++)
                data.args[i] = args[i];
        assert_true(bpf_simulate(filter_program.instructions, filter_program.n_instructions, &data, &result));
        return result;
}

static const uint32_t actions[] = {
        [GOES_ON] = SECCOMP_RET_ALLOW,
        [STOPS] = SECCOMP_RET_TRACE | FILTER_TRACE_DATA,
        [TRAPS] = SECCOMP_RET_TRAP | FILTER_TRAP_DATA,
};

/* Of the system calls that are made up, those that install a filter may be trapped. */
static bool is_stop(uint32_t action, bool is_seccomp) {
        return action == actions[STOPS] || (is_seccomp && action == actions[TRAPS]);
}

static void test_rows(void **state) {
        size_t n_wrong = 0;
        (void) state;

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                const struct row *row = &rows[i];
                uint32_t action = run(row->arch, row->number, row->args).action;
                if (action == (actions[row->expected]))
                        continue;
                n_wrong++;
                print_error("row %zu: arch 0x%x, call %d (0x%llx, 0x%llx, 0x%llx, ...) gave 0x%x\n", i, row->arch, row->number,
                            (unsigned long long) row->args[0], (unsigned long long) row->args[1], (unsigned long long) row->args[2],
                            action);
        }
        print_message("%zu rows, %zu instructions\n", sizeof(rows) / sizeof(rows[0]), filter_program.n_instructions);
        assert_int_equal(n_wrong, 0);
        assert_true(sizeof(rows) / sizeof(rows[0]) >= 150);
}

static uint64_t next_random(uint64_t *seed) {
        *seed ^= *seed << 13;
        *seed ^= *seed >> 7;
        *seed ^= *seed << 17;
        return *seed;
}

/* A value that a condition of the row asks for, one bit beside it, or anything. */
static uint64_t interesting_value(const struct syscall_desc *desc, size_t arg, uint64_t *seed) {
        uint64_t value = next_random(seed) % 4 == 0 ? next_random(seed) : next_random(seed) % 128;

        if (desc && desc->n_alternatives > 0) {
                const struct syscall_alternative *alternative = &desc->alternatives[next_random(seed) % desc->n_alternatives];
                for (size_t i = 0; i < alternative->n_conditions; i++)
                        if (alternative->conditions[i].index == arg && next_random(seed) % 8 != 0)
                                value = alternative->conditions[i].value | (value & ~alternative->conditions[i].mask);
        }
        if (next_random(seed) % 6 == 0)
                value ^= 1ULL << next_random(seed) % 64;
        return value;
}

/* The filter and the table agree on every number, whatever the arguments. */
static void test_agrees_with_table(void **state) {
        uint64_t seed = 0x9e3779b97f4a7c15;
        size_t n_go_on = 0, n_calls = 0;
        (void) state;

        for (int number = -2; number < 1100; number++) {
                const struct syscall_desc *desc = syscall_by_number(number);
                const int n = desc && desc->rule == SYSCALL_ALLOW_IF ? 4000 : 10;
                for (int i = 0; i < n; i++) {
                        uint64_t args[6];
                        for (size_t arg = 0; arg < 6; arg++)
                                args[arg] = interesting_value(desc, arg, &seed);
                        bool goes_on = syscall_goes_on(desc, args);
                        uint32_t action = run(AMD64, number, args).action;
                        n_calls++;
                        n_go_on += goes_on;
                        if (goes_on ? action != SECCOMP_RET_ALLOW : !is_stop(action, number == SYS_seccomp))
                                fail_msg("call %d (0x%llx, 0x%llx, 0x%llx, 0x%llx, 0x%llx) gave 0x%x", number,
                                         (unsigned long long) args[0], (unsigned long long) args[1], (unsigned long long) args[2],
                                         (unsigned long long) args[3], (unsigned long long) args[4], action);
                        assert_true(is_stop(run(I386, number, args).action, number == 354));
                        if (number >= 0)
                                assert_true(is_stop(run(AMD64, number | X32, args).action, number == SYS_seccomp));
                }
        }
        print_message("%zu calls, of which %zu go on\n", n_calls, n_go_on);
        assert_true(n_go_on > n_calls / 8 && n_go_on < n_calls * 7 / 8);
}

/* Steps per call of an HTTP server under load (shares in percent), where the filter's length is felt most. */
static void test_steps(void **state) {
        static const struct {
                struct row row;
                size_t share;
        } mix[] = {
                { { AMD64, SYS_read, GOES_ON, { 3 } }, 25 },
                { { AMD64, SYS_write, GOES_ON, { 3 } }, 22 },
                { { AMD64, SYS_futex, GOES_ON, { 0 } }, 15 },
                { { AMD64, SYS_epoll_pwait, GOES_ON, { 0 } }, 12 },
                { { AMD64, SYS_nanosleep, GOES_ON, { 0 } }, 5 },
                { { AMD64, SYS_accept4, GOES_ON, { 0 } }, 4 },
                { { AMD64, SYS_close, GOES_ON, { 0 } }, 4 },
                { { AMD64, SYS_epoll_ctl, GOES_ON, { 0 } }, 4 },
                { { AMD64, SYS_setsockopt, GOES_ON, { 3, IPPROTO_TCP, TCP_KEEPIDLE } }, 4 },
                { { AMD64, SYS_tgkill, GOES_ON, { 1, 1, SIGURG } }, 2 },
                { { AMD64, SYS_mmap, GOES_ON, { 0, 0, PROT_READ } }, 1 },
                { { AMD64, SYS_fcntl, GOES_ON, { 3, F_GETFL } }, 1 },
                { { AMD64, SYS_openat, STOPS, { 0 } }, 1 },
        };
        size_t sum = 0, shares = 0;
        (void) state;

        for (size_t i = 0; i < sizeof(mix) / sizeof(mix[0]); i++) {
                struct bpf_result result = run(mix[i].row.arch, mix[i].row.number, mix[i].row.args);
                assert_int_equal(result.action, actions[mix[i].row.expected]);
                print_message("  call %3d: %zu steps\n", mix[i].row.number, result.steps);
                sum += result.steps * mix[i].share;
                shares += mix[i].share;
        }
        print_message("%.1f steps on average\n", (double) sum / (double) shares);
        assert_int_equal(shares, 100);
        assert_true(sum / shares < 30);
}

/* The simulator itself: what the kernel would refuse is refused. */
static void test_simulator_refuses(void **state) {
        static const struct sock_filter out_of_range[] = { BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0),
                                                           BPF_STMT(BPF_RET | BPF_K, 0) };
        static const struct sock_filter bad_load[] = { BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 64), BPF_STMT(BPF_RET | BPF_K, 0) };
        static const struct sock_filter no_return[] = { BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0) };
        const struct seccomp_data data = { 0 };
        struct bpf_result result;
        (void) state;

        assert_false(bpf_simulate(out_of_range, 2, &data, &result));
        assert_false(bpf_simulate(bad_load, 2, &data, &result));
        assert_false(bpf_simulate(no_return, 1, &data, &result));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_rows),
                cmocka_unit_test(test_agrees_with_table),
                cmocka_unit_test(test_steps),
                cmocka_unit_test(test_simulator_refuses),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
