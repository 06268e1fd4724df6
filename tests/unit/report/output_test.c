/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cleanup.h"
#include "report/output.h"
#include "report/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static void test_dropped_without_descriptor(void **state) {
        (void) state;
        struct output output = { .fd = -1 };
        assert_true(output_write(&output, STR("x")));
        assert_int_equal(output.first_errno, 0);
}

static void test_full_device(void **state) {
        (void) state;
        CLEANUP_CLOSE int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
        assert_true(fd >= 0);
        struct output output = { .fd = fd };
        assert_false(output_write(&output, STR("x\n")));
        assert_int_equal(output.first_errno, ENOSPC);
        assert_false(output.broken); /* there may be room again */
        assert_false(output.line_is_cut);
}

static void test_closed_pipe(void **state) {
        (void) state;
        int fds[2];
        assert_int_equal(pipe(fds), 0);
        signal(SIGPIPE, SIG_IGN);
        close(fds[0]);
        struct output output = { .fd = fds[1] };
        assert_false(output_write(&output, STR("x\n")));
        assert_int_equal(output.first_errno, EPIPE);
        assert_true(output.broken);
        close(fds[1]);
        assert_false(output_write(&output, STR("y\n"))); /* not tried: the number may be another file by now */
        assert_int_equal(output.first_errno, EPIPE);
}

/* Larger than a pipe, into a reader that is slow, blocking or not: everything arrives, in order. */
static void through_pipe(int flags) {
        enum { SIZE = 1 << 20 };
        int fds[2];
        assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
        assert_int_equal(fcntl(fds[1], F_SETFL, flags), 0);
        pid_t reader = fork();
        if (reader == 0) {
                size_t n_read = 0;
                char chunk[3001];
                close(fds[1]);
                for (ssize_t n; (n = read(fds[0], chunk, sizeof(chunk))) > 0;)
                        for (ssize_t i = 0; i < n; i++, n_read++)
                                if (chunk[i] != "abcdefg"[n_read % 7])
                                        _exit(1);
                _exit(n_read == SIZE ? 0 : 2);
        }
        close(fds[0]);
        CLEANUP_FREE char *bytes = malloc(SIZE);
        for (size_t i = 0; i < SIZE; i++)
                bytes[i] = "abcdefg"[i % 7];
        struct output output = { .fd = fds[1] };
        assert_true(output_write(&output, (struct str){ bytes, SIZE }));
        close(fds[1]);
        int status = -1;
        assert_int_equal(waitpid(reader, &status, 0), reader);
        assert_int_equal(status, 0);
}

static void test_partial_writes(void **state) {
        (void) state;
        through_pipe(0);
        through_pipe(O_NONBLOCK);
}

/* An entry that was cut does not run into the next one. */
static void test_cut_line_is_ended(void **state) {
        (void) state;
        int fds[2];
        assert_int_equal(pipe2(fds, O_CLOEXEC | O_NONBLOCK), 0);
        int size = fcntl(fds[1], F_SETPIPE_SZ, 4096);
        assert_true(size >= 4096);
        CLEANUP_FREE char *bytes = calloc(1, (size_t) size + 1);
        memset(bytes, 'x', (size_t) size + 1);
        struct output output = { .fd = fds[1] };
        assert_false(output_write(&output, (struct str){ bytes, (size_t) size + 1 })); /* waits for its timeout */
        assert_int_equal(output.first_errno, EAGAIN);
        assert_true(output.line_is_cut);
        assert_int_equal(read(fds[0], bytes, (size_t) size), size);
        assert_true(output_write(&output, STR("next\n")));
        assert_int_equal(read(fds[0], bytes, (size_t) size), 6);
        assert_memory_equal(bytes, "\nnext\n", 6);
        close(fds[0]);
        close(fds[1]);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_dropped_without_descriptor),
                cmocka_unit_test(test_full_device),
                cmocka_unit_test(test_closed_pipe),
                cmocka_unit_test(test_partial_writes),
                cmocka_unit_test(test_cut_line_is_ended),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
