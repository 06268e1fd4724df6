/* SPDX-License-Identifier: Apache-2.0 */
/* What must hold for the table as a whole. */
#include "syscalls/table.h"

#include "operation/operation.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <seccomp.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/syscall.h>

#include <cmocka.h>

static void test_sorted_and_unique(void **state) {
        (void) state;
        for (size_t i = 1; i < syscall_count(); i++)
                assert_true(syscall_at(i - 1)->number < syscall_at(i)->number);
        for (size_t i = 0; i < syscall_count(); i++)
                for (size_t j = i + 1; j < syscall_count(); j++)
                        assert_string_not_equal(syscall_at(i)->name, syscall_at(j)->name);
}

static void test_lookup(void **state) {
        (void) state;
        for (size_t i = 0; i < syscall_count(); i++) {
                const struct syscall_desc *desc = syscall_at(i);
                assert_ptr_equal(syscall_by_number(desc->number), desc);
                assert_ptr_equal(syscall_by_name(desc->name), desc);
        }
        assert_string_equal(syscall_by_number(SYS_read)->name, "read");
        assert_string_equal(syscall_by_number(SYS_openat2)->name, "openat2");
        static const long unknown[] = { -1, -2, 337, 423, 470, 999, 512, 0x40000000, INT64_MAX, INT64_MIN };
        for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++)
                assert_null(syscall_by_number(unknown[i]));
        assert_null(syscall_by_name("no_such_call"));
        assert_null(syscall_by_name(""));
}

/* Names and numbers as libseccomp knows them; what it does not know is newer than it. */
static void test_names_are_the_kernels(void **state) {
        size_t n_known = 0;
        (void) state;

        for (size_t i = 0; i < syscall_count(); i++) {
                const struct syscall_desc *desc = syscall_at(i);
                int number = seccomp_syscall_resolve_name_arch(SCMP_ARCH_X86_64, desc->name);
                if (number >= 0) {
                        assert_int_equal(number, desc->number);
                        n_known++;
                } else if (desc->number < 335) {
                        fail_msg("%s (%d) is not known to libseccomp", desc->name, desc->number);
                }
        }
        assert_true(n_known >= 335);
        for (int number = 0; number <= 450; number++)
                if (number < 335 || number >= 424)
                        assert_non_null(syscall_by_number(number));
}

static void check_args(const struct syscall_desc *desc) {
        size_t n_targets = 0;
        bool ended = false;

        for (size_t i = 0; i < 6; i++) {
                const enum syscall_arg next = i + 1 < 6 ? desc->args[i + 1] : SYSCALL_ARG_NONE;
                assert_false(ended && desc->args[i] != SYSCALL_ARG_NONE); /* no holes */
                ended = desc->args[i] == SYSCALL_ARG_NONE;
                if (desc->args[i] == SYSCALL_ARG_DIRFD)
                        assert_int_equal(next, SYSCALL_ARG_PATH);
                if (desc->args[i] == SYSCALL_ARG_SOCKADDR)
                        assert_int_equal(next, SYSCALL_ARG_SOCKLEN);
                if (desc->args[i] == SYSCALL_ARG_OPEN_HOW || desc->args[i] == SYSCALL_ARG_CLONE_ARGS)
                        assert_int_equal(next, SYSCALL_ARG_HIDDEN);
                n_targets += desc->args[i] == SYSCALL_ARG_PATH || desc->args[i] == SYSCALL_ARG_STRING ||
                             desc->args[i] == SYSCALL_ARG_ARGV || desc->args[i] == SYSCALL_ARG_SOCKADDR ||
                             desc->args[i] == SYSCALL_ARG_MSGHDR || desc->args[i] == SYSCALL_ARG_PID ||
                             desc->args[i] == SYSCALL_ARG_PID_OR_SELF;
        }
        assert_true(n_targets <= OPERATION_MAX_TARGETS);
}

static void test_rows_are_consistent(void **state) {
        size_t classes[JAIL_CLASS_COUNT] = { 0 };
        (void) state;

        for (size_t i = 0; i < syscall_count(); i++) {
                const struct syscall_desc *desc = syscall_at(i);
                assert_true(desc->name && desc->name[0] && desc->verb && desc->verb[0]);
                assert_true(desc->cls < JAIL_CLASS_COUNT);
                assert_int_equal(desc->rule == SYSCALL_ALLOW_IF, desc->n_alternatives > 0);
                assert_int_equal(desc->rule == SYSCALL_ALLOW_IF, desc->alternatives != NULL);
                assert_int_equal(desc->rule == SYSCALL_ALLOW_IF, desc->when != NULL);
                for (size_t j = 0; j < desc->n_alternatives; j++) {
                        const struct syscall_alternative *alternative = &desc->alternatives[j];
                        assert_in_range(alternative->n_conditions, 1, SYSCALL_MAX_CONDITIONS);
                        for (size_t k = 0; k < alternative->n_conditions; k++) {
                                assert_in_range(alternative->conditions[k].index, 0, 5);
                                /* a value outside its mask could never hold; libseccomp would drop the bits */
                                assert_int_equal(alternative->conditions[k].value & ~alternative->conditions[k].mask, 0);
                                assert_int_not_equal(alternative->conditions[k].mask, 0);
                        }
                }
                check_args(desc);
                if (desc->rule != SYSCALL_ALLOW)
                        classes[desc->cls]++;
        }
        for (size_t i = 0; i < JAIL_CLASS_COUNT; i++)
                assert_true(classes[i] > 0);
}

/* Spellings of the same thing: none of a group may go on always, unless all do. Ends with NULL. */
static const char *const groups[][20] = {
        { "open", "openat", "openat2", "creat", "open_by_handle_at", "name_to_handle_at", "open_tree", "open_tree_attr", "mq_open",
          "memfd_create", "memfd_secret" },
        { "rename", "renameat", "renameat2" },
        { "unlink", "unlinkat", "rmdir", "mq_unlink" },
        { "link", "linkat", "symlink", "symlinkat" },
        { "mkdir", "mkdirat", "mknod", "mknodat" },
        { "truncate", "ftruncate", "fallocate" },
        { "chmod", "fchmod", "fchmodat", "fchmodat2" },
        { "chown", "fchown", "lchown", "fchownat" },
        { "utime", "utimes", "futimesat", "utimensat" },
        { "setxattr", "lsetxattr", "fsetxattr", "setxattrat", "removexattr", "lremovexattr", "fremovexattr", "removexattrat",
          "file_setattr" },
        { "getxattr", "lgetxattr", "getxattrat", "listxattr", "llistxattr", "listxattrat" },
        { "inotify_add_watch", "fanotify_init", "fanotify_mark" },
        { "sendto", "sendmsg", "sendmmsg", "connect", "socket" },
        { "recvmsg", "recvmmsg", "pidfd_getfd" },
        { "bind", "listen" },
        { "clone", "clone3", "fork", "vfork" },
        { "execve", "execveat" },
        { "kill", "tkill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "pidfd_send_signal" },
        { "ptrace", "process_vm_readv", "process_vm_writev", "process_madvise", "process_mrelease", "pidfd_open", "kcmp" },
        { "mmap", "mprotect", "pkey_mprotect", "mremap", "remap_file_pages", "shmat", "map_shadow_stack" },
        { "setrlimit", "prlimit64" },
        { "sched_setparam", "sched_setscheduler", "sched_setaffinity", "sched_setattr", "setpriority", "ioprio_set" },
        { "setuid", "setgid", "setreuid", "setregid", "setresuid", "setresgid", "setfsuid", "setfsgid", "setgroups", "capset" },
        { "chdir", "fchdir", "chroot", "pivot_root", "umask" },
        { "mount", "umount2", "move_mount", "fsopen", "fsconfig", "fsmount", "fspick", "mount_setattr", "open_tree" },
        { "unshare", "setns", "close_range" },
        { "settimeofday", "clock_settime", "adjtimex", "clock_adjtime" },
        { "io_uring_setup", "io_uring_enter", "io_uring_register", "io_setup", "io_submit" },
        { "init_module", "finit_module", "delete_module", "kexec_load", "kexec_file_load" },
        { "add_key", "request_key", "keyctl" },
        { "seccomp", "prctl", "landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self", "lsm_set_self_attr" },
        { "shmget", "shmat", "shmctl", "semget", "semop", "semtimedop", "semctl", "msgget", "msgsnd", "msgrcv", "msgctl" },
        { "bpf", "perf_event_open", "userfaultfd", "personality", "modify_ldt", "iopl", "ioperm", "arch_prctl" },
        { "ioctl", "fcntl", "setsockopt", "madvise" },
};

static void test_variants_agree(void **state) {
        (void) state;
        for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
                for (size_t j = 0; groups[i][j]; j++) {
                        const struct syscall_desc *desc = syscall_by_name(groups[i][j]);
                        if (!desc || desc->rule == SYSCALL_ALLOW)
                                fail_msg("%s goes on", groups[i][j]);
                }
}

/* Each takes a path and never stops: what the threat model calls the existence oracle, and nothing else. */
static void test_calls_that_go_on_with_a_path(void **state) {
        static const char *const oracle[] = { "stat",      "lstat",      "access", "readlink", "newfstatat",  "readlinkat",
                                              "faccessat", "faccessat2", "statx",  "statfs",   "file_getattr" };
        (void) state;
        for (size_t i = 0; i < sizeof(oracle) / sizeof(oracle[0]); i++)
                assert_int_equal(syscall_by_name(oracle[i])->rule, SYSCALL_ALLOW);
}

static enum jail_class class_of(const char *name, uint64_t a, uint64_t b, uint64_t c, uint64_t d) {
        const uint64_t args[6] = { a, b, c, d, 0, 0 };
        const struct syscall_desc *desc = syscall_by_name(name);
        assert_non_null(desc);
        return syscall_class(desc, args);
}

static void test_class_is_refined(void **state) {
        static const uint64_t none[6];
        (void) state;

        assert_int_equal(syscall_class(NULL, none), JAIL_CLASS_OTHER);
        assert_int_equal(class_of("openat", 0, 0, O_RDONLY | O_CLOEXEC, 0), JAIL_CLASS_FS_READ);
        assert_int_equal(class_of("openat", 0, 0, O_RDONLY | O_DIRECTORY, 0), JAIL_CLASS_FS_READ);
        assert_int_equal(class_of("openat", 0, 0, O_PATH, 0), JAIL_CLASS_FS_READ);
        assert_int_equal(class_of("openat", 0, 0, O_WRONLY, 0), JAIL_CLASS_FS_WRITE);
        assert_int_equal(class_of("openat", 0, 0, O_RDWR, 0), JAIL_CLASS_FS_WRITE);
        assert_int_equal(class_of("openat", 0, 0, O_ACCMODE, 0), JAIL_CLASS_FS_WRITE);
        assert_int_equal(class_of("openat", 0, 0, O_RDONLY | O_CREAT, 0644), JAIL_CLASS_FS_WRITE);
        assert_int_equal(class_of("openat", 0, 0, O_RDONLY | O_TRUNC, 0), JAIL_CLASS_FS_WRITE);
        assert_int_equal(class_of("openat", 0, 0, O_TMPFILE, 0600), JAIL_CLASS_FS_WRITE);
        assert_int_equal(class_of("open", 0, O_WRONLY, 0, 0), JAIL_CLASS_FS_WRITE);
        assert_int_equal(class_of("open", O_WRONLY, O_RDONLY, O_WRONLY, 0), JAIL_CLASS_FS_READ);
        assert_int_equal(class_of("openat2", 0, 0, 0, 0), JAIL_CLASS_FS_WRITE);
        assert_int_equal(class_of("creat", 0, 0, 0, 0), JAIL_CLASS_FS_WRITE);
        assert_int_equal(class_of("mq_open", 0, O_CREAT, 0, 0), JAIL_CLASS_FS_WRITE);
        assert_int_equal(class_of("clone", SIGCHLD, 0, 0, 0), JAIL_CLASS_EXEC);
        assert_int_equal(class_of("clone", CLONE_THREAD | CLONE_NEWNET, 0, 0, 0), JAIL_CLASS_SYS);
        assert_int_equal(class_of("clone", CLONE_NEWUSER | SIGCHLD, 0, 0, 0), JAIL_CLASS_SYS);
        assert_int_equal(class_of("clone3", 0, 0, 0, 0), JAIL_CLASS_EXEC);
        assert_int_equal(class_of("unshare", CLONE_FILES, 0, 0, 0), JAIL_CLASS_SYS);
        assert_int_equal(class_of("prlimit64", 0, 7, 1, 0), JAIL_CLASS_SYS);
        assert_int_equal(class_of("prlimit64", 1, 7, 1, 0), JAIL_CLASS_PROC);
        assert_int_equal(class_of("setpriority", 0, 0, 1, 0), JAIL_CLASS_PROC);
        assert_int_equal(class_of("fcntl", 3, F_SETOWN, 1, 0), JAIL_CLASS_PROC);
        assert_int_equal(class_of("fcntl", 3, F_NOTIFY, 1, 0), JAIL_CLASS_FS_READ);
        assert_int_equal(class_of("fcntl", 3, F_SETLEASE, 1, 0), JAIL_CLASS_FS_WRITE);
        assert_int_equal(class_of("fcntl", 3, 4095, 1, 0), JAIL_CLASS_SYS);
        assert_int_equal(class_of("socket", 0, 0, 0, 0), JAIL_CLASS_NET_CONNECT);
        assert_int_equal(class_of("sendto", 0, 0, 0, 0), JAIL_CLASS_NET_CONNECT);
        assert_int_equal(class_of("bind", 0, 0, 0, 0), JAIL_CLASS_NET_LISTEN);
        assert_int_equal(class_of("mmap", 0, 0, 4, 0), JAIL_CLASS_MEM_EXEC);
        assert_int_equal(class_of("kill", 0, 0, 0, 0), JAIL_CLASS_PROC);
        assert_int_equal(class_of("uselib", 0, 0, 0, 0), JAIL_CLASS_OTHER);
}

static void test_goes_on(void **state) {
        const uint64_t thread[6] = { 0xd0f00 }, fork_like[6] = { SIGCHLD };
        (void) state;

        assert_false(syscall_goes_on(NULL, thread));
        assert_true(syscall_goes_on(syscall_by_name("read"), thread));
        assert_false(syscall_goes_on(syscall_by_name("open"), thread));
        assert_true(syscall_goes_on(syscall_by_name("clone"), thread));
        assert_false(syscall_goes_on(syscall_by_name("clone"), fork_like));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_sorted_and_unique),     cmocka_unit_test(test_lookup),
                cmocka_unit_test(test_names_are_the_kernels), cmocka_unit_test(test_rows_are_consistent),
                cmocka_unit_test(test_variants_agree),        cmocka_unit_test(test_calls_that_go_on_with_a_path),
                cmocka_unit_test(test_class_is_refined),      cmocka_unit_test(test_goes_on),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
