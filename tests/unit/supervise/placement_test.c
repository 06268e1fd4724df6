/* SPDX-License-Identifier: Apache-2.0 */
#include "supervise/placement.h"

#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* A child that runs on one CPU only, and says so by stopping. */
static pid_t start_on(unsigned cpu) {
        pid_t child = fork();
        if (child == 0) {
                cpu_set_t set;
                CPU_ZERO(&set);
                CPU_SET(cpu, &set);
                if (sched_setaffinity(0, sizeof(set), &set) < 0)
                        _exit(1);
                raise(SIGSTOP);
                _exit(0);
        }
        int status;
        assert_int_equal(waitpid(child, &status, WUNTRACED), child);
        assert_true(WIFSTOPPED(status));
        return child;
}

static void end(pid_t child) {
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
}

static void test_follows(void **state) {
        (void) state;
        cpu_set_t all;
        assert_int_equal(sched_getaffinity(0, sizeof(all), &all), 0);
        for (unsigned cpu = 0; cpu < CPU_SETSIZE; cpu++) {
                if (!CPU_ISSET(cpu, &all))
                        continue;
                pid_t child = start_on(cpu);
                struct placement placement = { 0 };
                placement_follow(&placement, child);
                assert_int_equal(sched_getcpu(), (int) cpu);
                assert_int_equal(placement.n_stops, 1);
                end(child);
                assert_int_equal(sched_setaffinity(0, sizeof(all), &all), 0);
        }
}

/* Between two looks nothing is read, and a task that has gone is no harm. */
static void test_now_and_then(void **state) {
        (void) state;
        cpu_set_t before, after;
        struct placement placement = { .n_stops = 1 };
        assert_int_equal(sched_getaffinity(0, sizeof(before), &before), 0);
        for (int i = 1; i < PLACEMENT_INTERVAL; i++)
                placement_follow(&placement, -1);
        placement_follow(&placement, INT32_MAX);
        assert_false(placement.off);
        assert_int_equal(sched_getaffinity(0, sizeof(after), &after), 0);
        assert_true(CPU_EQUAL(&before, &after));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_follows),
                cmocka_unit_test(test_now_and_then),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
