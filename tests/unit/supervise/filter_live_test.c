/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The generated filter in the kernel. Nobody traces the child, so that a call that would stop fails with ENOSYS instead
 * (seccomp(2), SECCOMP_RET_TRACE).
 */
#include "supervise/filter.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <setjmp.h>

#include <cmocka.h>

/* In the child: the line that failed is the exit status (cut to 8 bits, never 0). */
#define CHECK(condition)                                                                                                           \
        do {                                                                                                                       \
                if (!(condition))                                                                                                  \
                        _exit(__LINE__ % 255 + 1);                                                                                 \
        } while (0)
#define CHECK_GOES_ON(...) CHECK(syscall(__VA_ARGS__) >= 0)
#define CHECK_STOPS(...)   CHECK(syscall(__VA_ARGS__) == -1 && errno == ENOSYS)

/* Runs body in a child below the filter; returns its wait status. */
static int run_below_filter(void (*body)(void)) {
        int status;
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
                CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
                CHECK(filter_install(&filter_program) == 0);
                body();
                _exit(0);
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        return status;
}

static void assert_passes(void (*body)(void)) {
        int status = run_below_filter(body);
        if (status != 0)
                fail_msg("wait status 0x%x (line %d or 255 more)", (unsigned) status, WEXITSTATUS(status) - 1);
}

static void call_harmless(void) {
        char byte = 'x';
        int fds[2];
        struct rlimit limit;

        CHECK_GOES_ON(SYS_getpid);
        CHECK_GOES_ON(SYS_pipe2, fds, O_CLOEXEC);
        CHECK_GOES_ON(SYS_write, fds[1], &byte, 1);
        CHECK_GOES_ON(SYS_read, fds[0], &byte, 1);
        CHECK_GOES_ON(SYS_fcntl, fds[0], F_SETFL, O_NONBLOCK);
        CHECK_GOES_ON(SYS_prlimit64, 0, RLIMIT_NOFILE, NULL, &limit);
        CHECK_GOES_ON(SYS_tgkill, getpid(), gettid(), SIGURG);
        CHECK_GOES_ON(SYS_prctl, PR_SET_NAME, "harmless");
        CHECK(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED);
        CHECK_GOES_ON(SYS_socketpair, AF_UNIX, SOCK_STREAM, 0, fds);
        CHECK_GOES_ON(SYS_sendto, fds[0], &byte, 1, 0, NULL, 0);
}

static void test_harmless(void **state) {
        (void) state;
        assert_passes(call_harmless);
}

static void call_stopped(void) {
        struct rlimit limit = { 0 };

        CHECK_STOPS(SYS_openat, AT_FDCWD, "/dev/null", O_RDONLY);
        CHECK_STOPS(SYS_open, "/dev/null", O_RDONLY);
        CHECK_STOPS(SYS_socket, AF_INET, SOCK_STREAM, 0);
        CHECK_STOPS(SYS_execve, "/bin/true", NULL, NULL);
        CHECK_STOPS(SYS_kill, getpid(), 0);
        CHECK_STOPS(SYS_tgkill, getpid(), gettid(), SIGTERM);
        CHECK_STOPS(SYS_prlimit64, 0, RLIMIT_NOFILE, &limit, NULL);
        CHECK_STOPS(SYS_prctl, PR_SET_DUMPABLE, 0);
        CHECK_STOPS(SYS_mmap, NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        CHECK_STOPS(SYS_clone, CLONE_NEWNET | 0xd0f00, NULL);
        CHECK_STOPS(SYS_clone, SIGCHLD, NULL);
        CHECK_STOPS(SYS_fork);
        CHECK_STOPS(SYS_fcntl, 1, F_SETOWN, getpid());
        CHECK_STOPS(SYS_fcntl, 1, F_GETFL | 0x100000000ULL); /* the kernel itself would take it for F_GETFL */
        CHECK_STOPS(999);
        CHECK_STOPS(-1L);
        CHECK_STOPS(0x40000000L | SYS_getpid);
}

static void test_stopped(void **state) {
        (void) state;
        assert_passes(call_stopped);
}

/* What the Go runtime does; the thread ends at once, on no stack at all. */
static long clone_go_thread(void) {
        register long r10 __asm__("r10") = 0;
        register long r8 __asm__("r8") = 0;
        long result = SYS_clone;
        const long flags = 0xd0f00;
        __asm__ volatile("syscall\n\t"
                         "test %%rax, %%rax\n\t"
                         "jnz 1f\n\t"
                         "mov %[exit], %%eax\n\t"
                         "xor %%edi, %%edi\n\t"
                         "syscall\n\t"
                         "1:"
                         : "+a"(result)
                         : "D"(flags), "S"(0L), "d"(0L), "r"(r10), "r"(r8), [exit] "i"(SYS_exit)
                         : "rcx", "r11", "memory");
        return result;
}

static void *write_flag(void *flag) {
        *(int *) flag = 1;
        return NULL;
}

/* glibc tries clone3, which fails with ENOSYS here, and then clone with its own flags. */
static void call_threads(void) {
        pthread_t thread;
        int flag = 0;

        CHECK(clone_go_thread() > 0);
        CHECK(pthread_create(&thread, NULL, write_flag, &flag) == 0);
        CHECK(pthread_join(thread, NULL) == 0);
        CHECK(flag == 1);
}

static void test_threads(void **state) {
        (void) state;
        assert_passes(call_threads);
}

static void call_i386(void) {
        long result = 20; /* getpid */
        __asm__ volatile("int $0x80" : "+a"(result) : : "memory");
        CHECK((int) result == -ENOSYS);
}

static void test_i386(void **state) {
        (void) state;
        int status = run_below_filter(call_i386);
        if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV) {
                print_message("skipped: this kernel has no i386 entry\n");
                skip();
        }
        assert_int_equal(status, 0);
}

static int start_pipe[2];

static void *wait_and_open(void *result) {
        char byte;
        CHECK(read(start_pipe[0], &byte, 1) == 1);
        *(long *) result = syscall(SYS_openat, AT_FDCWD, "/dev/null", O_RDONLY) == -1 ? errno : 0;
        return NULL;
}

/* TSYNC: a thread that was there before the filter is below it too. */
static void test_other_threads(void **state) {
        int status;
        (void) state;

        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
                pthread_t thread;
                long result = 0;
                CHECK(pipe(start_pipe) == 0);
                CHECK(pthread_create(&thread, NULL, wait_and_open, &result) == 0);
                CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
                CHECK(filter_install(&filter_program) == 0);
                CHECK(write(start_pipe[1], "x", 1) == 1);
                CHECK(pthread_join(thread, NULL) == 0);
                CHECK(result == ENOSYS);
                _exit(0);
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
}

/* An empty or missing program is refused, not installed. */
static void test_install_refuses(void **state) {
        const struct filter_program nothing = { 0 };
        (void) state;
        assert_true(filter_install(&nothing) < 0);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_harmless), cmocka_unit_test(test_stopped),       cmocka_unit_test(test_threads),
                cmocka_unit_test(test_i386),     cmocka_unit_test(test_other_threads), cmocka_unit_test(test_install_refuses),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
