/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a real process: what there is, what there is not, and a page whose fault nobody serves. */
#include "supervise/live_memory.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define PAGE 4096
static const unsigned ways[] = { LIVE_MEMORY_PROC_MEM, LIVE_MEMORY_PEEK, LIVE_MEMORY_ALL };
#define N_WAYS (sizeof(ways) / sizeof(ways[0]))

static char text[] = "what the process has in its memory";
static char *pages; /* two, and nothing behind them */

/* Makes the first page one whose fault nobody serves. Returns an errno, or 0. */
static int leave_unserved(void) {
        int fd = (int) syscall(SYS_userfaultfd, O_CLOEXEC);
        struct uffdio_api api = { .api = UFFD_API };
        struct uffdio_register range = { .range = { (uintptr_t) pages, PAGE }, .mode = UFFDIO_REGISTER_MODE_MISSING };
        if (fd < 0 || ioctl(fd, UFFDIO_API, &api) < 0 || ioctl(fd, UFFDIO_REGISTER, &range) < 0)
                return errno ? errno : ENOSYS;
        return 0;
}

/* A child that is traced and stopped. Returns 0 when it could not do what it was asked for. */
static pid_t start(int (*prepare)(void)) {
        int status;
        pid_t child = fork();
        if (child == 0) {
                if (prepare && prepare() != 0)
                        _exit(1);
                ptrace(PTRACE_TRACEME, 0, NULL, NULL);
                raise(SIGSTOP);
                _exit(0);
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        return WIFSTOPPED(status) ? child : 0;
}

static void end(pid_t child) {
        int status;
        kill(child, SIGKILL);
        while (waitpid(child, &status, 0) == child && !WIFSIGNALED(status))
                ;
}

static int map_pages(void **state) {
        (void) state;
        pages = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        return pages == MAP_FAILED ? -1 : munmap(pages + 2 * PAGE, PAGE);
}

static void test_reads(void **state) {
        (void) state;
        pid_t child = start(NULL);
        for (size_t i = 0; i < N_WAYS; i++) {
                char got[sizeof(text)] = "", tail[64], no[8];
                struct live_memory memory;
                struct memory_range ranges[] = {
                        { .vaddr = (uintptr_t) text + 1, .buffer = got, .len_bytes = sizeof(text) - 1 },
                        { .vaddr = (uintptr_t) pages + 2 * PAGE - 10, .buffer = tail, .len_bytes = sizeof(tail) }, /* ends early */
                        { .vaddr = (uintptr_t) pages + 2 * PAGE, .buffer = no, .len_bytes = sizeof(no) },
                        { .vaddr = UINT64_C(0xffffffff80000000), .buffer = no, .len_bytes = sizeof(no) },
                        { .vaddr = UINT64_MAX - 3, .buffer = no, .len_bytes = sizeof(no) },
                        { .vaddr = UINT64_C(0x7fffffffffffffff), .buffer = no, .len_bytes = sizeof(no) },
                };
                live_memory_open(&memory, child, ways[i]);
                assert_int_equal(memory.reader.readv(&memory.reader, ranges, sizeof(ranges) / sizeof(ranges[0]), NULL), 0);
                assert_int_equal(ranges[0].got_bytes, sizeof(text) - 1);
                assert_string_equal(got, text + 1);
                assert_int_equal(ranges[1].got_bytes, 10);
                for (size_t j = 2; j < sizeof(ranges) / sizeof(ranges[0]); j++)
                        assert_int_equal(ranges[j].got_bytes, 0);
                assert_int_equal(memory.ways, ways[i]); /* an odd address is no reason to give a way up */
                live_memory_close(&memory);
        }
        end(child);
}

/* Without the means the next way is taken; without any it is said. */
static void test_falls_back(void **state) {
        (void) state;
        char got[sizeof(text)];
        struct jail_error err;
        struct live_memory memory;
        pid_t child = start(NULL);
        live_memory_open(&memory, child, LIVE_MEMORY_ALL);
        close(memory.mem_fd);
        memory.mem_fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
        assert_int_equal(memory_read(&memory.reader, (uintptr_t) text, got, sizeof(got), &err), 0);
        assert_string_equal(got, text);
        assert_int_equal(memory.ways, LIVE_MEMORY_PEEK);
        memory.ways = 0;
        assert_int_equal(memory_read(&memory.reader, (uintptr_t) text, got, sizeof(got), &err), JAIL_EREAD);
        live_memory_close(&memory);
        end(child);
}

/* The reads come back, and say that there is nothing. What hangs is killed by the alarm. */
static void test_unserved_page(void **state) {
        (void) state;
        pid_t child = start(leave_unserved);
        if (!child) {
                print_message("SKIP: userfaultfd(2) is not allowed here\n");
                skip();
        }
        alarm(20);
        for (size_t i = 0; i < N_WAYS; i++) {
                char got[16];
                struct live_memory memory;
                struct memory_range range = { .vaddr = (uintptr_t) pages + 8, .buffer = got, .len_bytes = sizeof(got) };
                live_memory_open(&memory, child, ways[i]);
                assert_int_equal(memory.reader.readv(&memory.reader, &range, 1, NULL), 0);
                assert_int_equal(range.got_bytes, 0);
                live_memory_close(&memory);
        }
        alarm(0);
        end(child);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_reads),
                cmocka_unit_test(test_falls_back),
                cmocka_unit_test(test_unserved_page),
        };
        return cmocka_run_group_tests(tests, map_pages, NULL);
}
