/* SPDX-License-Identifier: Apache-2.0 */
#include "supervise/handshake.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <pthread.h>

static void test_messages(void **state) {
        struct handshake_message message;
        struct jail_error err;
        int fds[2];
        (void) state;
        assert_int_equal(handshake_open(fds, &err), 0);
        assert_true(fds[0] > STDERR_FILENO && fds[1] > STDERR_FILENO);
        assert_int_equal(handshake_send(fds[0], HANDSHAKE_GO, &err), 0);
        assert_int_equal(handshake_receive(fds[1], HANDSHAKE_GO, &message, &err), 0);
        assert_int_equal(message.pid, getpid());

        const struct jail_error reason = { .code = JAIL_ELIMIT, .msg = "for a reason" };
        handshake_send_failure(fds[1], &reason);
        assert_int_equal(handshake_receive(fds[0], HANDSHAKE_READY, NULL, &err), JAIL_ELIMIT);
        assert_string_equal(err.msg, "for a reason");

        assert_int_equal(handshake_send(fds[1], HANDSHAKE_GO, &err), 0);
        assert_int_equal(handshake_receive(fds[0], HANDSHAKE_READY, NULL, &err), JAIL_ESYS); /* not what was waited for */
        close(fds[1]);
        assert_int_equal(handshake_receive(fds[0], HANDSHAKE_READY, NULL, &err), JAIL_ESYS);
        assert_int_equal(handshake_send(fds[0], HANDSHAKE_GO, &err), JAIL_ESYS);
        close(fds[0]);
}

#define NO_FD -1
#define END   -2

/* Says that it is ready, and is gone: as the supervisor at that end. */
static void *answer(void *data) {
        atomic_int *given = data;
        for (;;) {
                int fd = atomic_load(given);
                if (fd == END)
                        return NULL;
                if (fd == NO_FD)
                        continue;
                (void) !handshake_send(fd, HANDSHAKE_READY, NULL);
                close(fd);
                atomic_store(given, NO_FD);
        }
}

static double seconds(void) {
        struct timespec now;
        clock_gettime(CLOCK_MONOTONIC, &now);
        return (double) now.tv_sec + (double) now.tv_nsec / 1e9;
}

/*
 * What was said is heard, however soon the other end is closed, and whenever this one looks: tried 100,000 times, or for three
 * seconds where both threads have to share a CPU with others.
 */
static void test_last_words(void **state) {
        atomic_int given = NO_FD;
        double end = seconds() + 3;
        pthread_t thread;
        (void) state;
        assert_int_equal(pthread_create(&thread, NULL, answer, &given), 0);
        for (int i = 0; i < 100000 && seconds() < end; i++) {
                struct jail_error err;
                int fds[2];
                assert_int_equal(handshake_open(fds, &err), 0);
                atomic_store(&given, fds[1]);
                assert_int_equal(handshake_receive(fds[0], HANDSHAKE_READY, NULL, &err), 0);
                while (atomic_load(&given) != NO_FD)
                        ;
                close(fds[0]);
        }
        atomic_store(&given, END);
        pthread_join(thread, NULL);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_messages),
                cmocka_unit_test(test_last_words),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
