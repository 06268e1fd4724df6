/* SPDX-License-Identifier: Apache-2.0 */
/* The supervisor's own filter, call by call: in a simulator, and in the kernel with what the supervisor does. */
#include "supervise/confinement.h"

#include "supervise/bpf_simulator.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/kcmp.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <setjmp.h>

#include <cmocka.h>

#define FAILS (SECCOMP_RET_ERRNO | ENOSYS)

struct row {
        const char *what;
        uint32_t wanted;
        int number;
        uint64_t args[6];
};

static uint32_t answer(uint32_t arch, int number, const uint64_t args[6]) {
        struct seccomp_data data = { .nr = number, .arch = arch };
        struct bpf_result result;
        for (int i = 0; i < 6; i++)
                data.args[i] = args[i];
        assert_true(bpf_simulate(confinement_program.instructions, confinement_program.n_instructions, &data, &result));
        return result.action;
}

static const struct row rows[] = {
        { "read a file", SECCOMP_RET_ALLOW, SYS_openat, { 0, 0, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY } },
        { "read a directory", SECCOMP_RET_ALLOW, SYS_openat, { 0, 0, O_RDONLY | O_DIRECTORY } },
        { "write a file", FAILS, SYS_openat, { 0, 0, O_WRONLY } },
        { "read and write a file", FAILS, SYS_openat, { 0, 0, O_RDWR | O_CLOEXEC } },
        { "create a file", FAILS, SYS_openat, { 0, 0, O_CREAT } },
        { "truncate a file", FAILS, SYS_openat, { 0, 0, O_TRUNC } },
        { "create a file without a name", FAILS, SYS_openat, { 0, 0, O_TMPFILE } },
        { "open by openat2", FAILS, SYS_openat2, { 0 } },
        { "map a file", SECCOMP_RET_ALLOW, SYS_mmap, { 0, 4096, PROT_READ, MAP_PRIVATE, 5, 0 } },
        { "map code", FAILS, SYS_mmap, { 0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, 5, 0 } },
        { "make code", FAILS, SYS_mprotect, { 4096, 4096, PROT_READ | PROT_EXEC } },
        { "grow the heap", SECCOMP_RET_ALLOW, SYS_mprotect, { 4096, 4096, PROT_READ | PROT_WRITE } },
        { "go on", SECCOMP_RET_ALLOW, SYS_ptrace, { PTRACE_CONT, 100 } },
        { "take registers", SECCOMP_RET_ALLOW, SYS_ptrace, { PTRACE_GETREGS, 100 } },
        { "set one register", SECCOMP_RET_ALLOW, SYS_ptrace, { PTRACE_POKEUSER, 100 } },
        { "set all registers", FAILS, SYS_ptrace, { PTRACE_SETREGS, 100 } },
        { "trace another", FAILS, SYS_ptrace, { PTRACE_SEIZE, 100 } },
        { "let go", FAILS, SYS_ptrace, { PTRACE_DETACH, 100 } },
        { "kill", SECCOMP_RET_ALLOW, SYS_kill, { 100, SIGKILL } },
        { "stop", FAILS, SYS_kill, { 100, SIGSTOP } },
        { "ask for a thread", SECCOMP_RET_ALLOW, SYS_tgkill, { 100, 101, 0 } },
        { "kill a thread", FAILS, SYS_tgkill, { 100, 101, SIGKILL } },
        { "compare memory", SECCOMP_RET_ALLOW, SYS_kcmp, { 100, 101, KCMP_VM } },
        { "compare files", FAILS, SYS_kcmp, { 100, 101, KCMP_FILE } },
        { "say ready", SECCOMP_RET_ALLOW, SYS_sendto, { 5, 4096, 8, MSG_NOSIGNAL, 0, 0 } },
        { "send to an address", FAILS, SYS_sendto, { 5, 4096, 8, MSG_NOSIGNAL, 4096, 16 } },
        { "let go of stderr", SECCOMP_RET_ALLOW, SYS_dup2, { 0, 2 } },
        { "another descriptor", FAILS, SYS_dup2, { 5, 2 } },
        { "sleep on after a stop", SECCOMP_RET_ALLOW, SYS_restart_syscall, { 0 } },
        { "write another's memory", FAILS, SYS_process_vm_writev, { 100 } },
        { "remove a file", FAILS, SYS_unlink, { 0 } },
        { "a socket", FAILS, SYS_socket, { AF_UNIX, SOCK_STREAM } },
        { "another filter", FAILS, SYS_seccomp, { 0 } },
        { "ids", FAILS, SYS_setuid, { 0 } },
        { "signal actions", FAILS, SYS_rt_sigaction, { 0 } },
        { "a call of a newer kernel", FAILS, 999, { 0 } },
        { "execute", SECCOMP_RET_KILL_PROCESS, SYS_execve, { 0 } },
        { "execute a descriptor", SECCOMP_RET_KILL_PROCESS, SYS_execveat, { 0 } },
        { "fork", SECCOMP_RET_KILL_PROCESS, SYS_fork, { 0 } },
        { "vfork", SECCOMP_RET_KILL_PROCESS, SYS_vfork, { 0 } },
        { "clone", SECCOMP_RET_KILL_PROCESS, SYS_clone, { 0 } },
        { "clone3", SECCOMP_RET_KILL_PROCESS, SYS_clone3, { 0 } },
        { "the x32 entry", SECCOMP_RET_KILL_PROCESS, 0x40000000 | SYS_getpid, { 0 } },
};

static void test_table(void **state) {
        (void) state;
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                uint32_t got = answer(AUDIT_ARCH_X86_64, rows[i].number, rows[i].args);
                if (got != rows[i].wanted)
                        fail_msg("%s: 0x%x, not 0x%x", rows[i].what, got, rows[i].wanted);
        }
        const uint64_t none[6] = { 0 };
        assert_int_equal(answer(AUDIT_ARCH_I386, 20, none), SECCOMP_RET_KILL_PROCESS);
}

/* Not _exit(2), before which a sanitizer makes calls of its own. */
static void end(int status) {
        (void) syscall(SYS_exit_group, status);
}

/* In the child: the line that failed is the exit status (cut to 8 bits, never 0). */
#define CHECK(condition)                                                                                                           \
        do {                                                                                                                       \
                if (!(condition))                                                                                                  \
                        end(__LINE__ % 255 + 1);                                                                                   \
        } while (0)

/* Runs body in a child that is confined, with a file to write to; returns its wait status. */
static int run_confined(void (*body)(int fd)) {
        int status;
        int fd = memfd_create("report", MFD_CLOEXEC);
        assert_true(fd >= 0);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
                struct jail_error err;
                CHECK(confinement_enter(&err) == 0);
                body(fd);
                end(0);
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        close(fd);
        return status;
}

/* What the C library makes of it differs by version: the functions, not the calls. */
static void work(int fd) {
        char line[256], link[256];
        size_t capacity = 0;
        char *entry = NULL;
        struct timespec pause = { .tv_nsec = 1000 };

        FILE *file = fopen("/proc/self/status", "re");
        CHECK(file && fgets(line, sizeof(line), file));
        rewind(file);
        CHECK(getdelim(&entry, &capacity, '\0', file) > 0);
        CHECK(fclose(file) == 0);
        CHECK(readlink("/proc/self/exe", link, sizeof(link)) > 0);
        void *large = malloc(64 << 20);
        CHECK(large);
        large = realloc(large, 128 << 20);
        CHECK(large);
        free(large);
        for (int i = 0; i < 1000; i++)
                CHECK(write(fd, "a line of the report\n", 21) == 21);
        CHECK(pread(fd, line, 21, 42) == 21);
        CHECK(nanosleep(&pause, NULL) == 0);
        CHECK(clock_gettime(CLOCK_REALTIME, &pause) == 0);
        CHECK(kill(getpid(), 0) == -1 && errno == ENOSYS);
        CHECK(tgkill(getpid(), getpid(), 0) == 0);
}

static void test_work(void **state) {
        (void) state;
        int status = run_confined(work);
        if (status != 0)
                fail_msg("wait status 0x%x (line %d or 255 more)", (unsigned) status, WEXITSTATUS(status) - 1);
}

static void try_fork(int fd) {
        (void) fd;
        (void) fork();
}

static void test_kills(void **state) {
        (void) state;
        int status = run_confined(try_fork);
        assert_true(WIFSIGNALED(status));
        assert_int_equal(WTERMSIG(status), SIGSYS);
}

static unsigned long long effective_capabilities(void) {
        char line[256];
        unsigned long long effective = ~0ULL;
        FILE *file = fopen("/proc/self/status", "re");
        while (file && fgets(line, sizeof(line), file))
                if (sscanf(line, "CapEff: %llx", &effective) == 1)
                        break;
        if (file)
                fclose(file);
        return effective;
}

static unsigned long long before;

/* Those that are kept are left, where they were there. */
static void check_capabilities(int fd) {
        (void) fd;
        CHECK(effective_capabilities() == (before & confinement_capabilities));
}

static void test_capabilities(void **state) {
        (void) state;
        before = effective_capabilities();
        assert_int_equal(run_confined(check_capabilities), 0);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_table),
                cmocka_unit_test(test_work),
                cmocka_unit_test(test_kills),
                cmocka_unit_test(test_capabilities),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
