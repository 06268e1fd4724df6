/* SPDX-License-Identifier: Apache-2.0 */
#include "supervise/placement.h"

#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
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

/* Tries with a task on each CPU in turn; this process may run on all of them before. */
static void on_each_cpu(void (*body)(unsigned cpu, pid_t task, bool others)) {
        cpu_set_t all;
        assert_int_equal(sched_getaffinity(0, sizeof(all), &all), 0);
        for (unsigned cpu = 0; cpu < CPU_SETSIZE; cpu++) {
                if (!CPU_ISSET(cpu, &all))
                        continue;
                pid_t child = start_on(cpu);
                body(cpu, child, CPU_COUNT(&all) > 1);
                end(child);
                assert_int_equal(sched_setaffinity(0, sizeof(all), &all), 0);
        }
}

/* As the kernel tells: since Linux 6.12 the length of a turn is there, before 0. The policy and the niceness stay. */
static void test_turns(void **state) {
        (void) state;
        struct {
                uint32_t size, policy;
                uint64_t flags;
                int32_t nice;
                uint32_t priority;
                uint64_t runtime_ns, deadline_ns, period_ns;
        } before = { 0 }, after = { 0 };
        assert_int_not_equal(nice(3), -1);
        assert_int_equal(syscall(SYS_sched_getattr, 0, &before, sizeof(before), 0), 0);
        placement_take_short_turns();
        assert_int_equal(syscall(SYS_sched_getattr, 0, &after, sizeof(after), 0), 0);
        assert_int_equal(after.policy, SCHED_OTHER);
        assert_int_equal(after.nice, before.nice);
        assert_int_equal(after.flags, before.flags);
        if (before.runtime_ns == 0) /* an older kernel */
                skip();
        assert_true(before.runtime_ns > PLACEMENT_TURN_NS);
        assert_int_equal(after.runtime_ns, PLACEMENT_TURN_NS);
}

static void follow(unsigned cpu, pid_t task, bool others) {
        struct placement placement = { 0 };
        (void) others;
        placement_follow(&placement, task);
        assert_int_equal(sched_getcpu(), (int) cpu);
        assert_int_equal(placement.n_stops, 0);
}

static void test_follows(void **state) {
        (void) state;
        on_each_cpu(follow);
}

/* Between two looks nothing is read, and a task that has gone is no harm. */
static void test_now_and_then(void **state) {
        (void) state;
        cpu_set_t before, after;
        struct placement placement = { .interval = PLACEMENT_FIRST_INTERVAL };
        assert_int_equal(sched_getaffinity(0, sizeof(before), &before), 0);
        for (int i = 0; i < PLACEMENT_FIRST_INTERVAL; i++)
                placement_follow(&placement, -1);
        assert_int_equal(placement.n_stops, PLACEMENT_FIRST_INTERVAL);
        placement_follow(&placement, INT32_MAX);
        assert_int_equal(placement.n_stops, 0);
        assert_false(placement.off);
        assert_int_equal(sched_getaffinity(0, sizeof(after), &after), 0);
        assert_true(CPU_EQUAL(&before, &after));
}

static void stay_on(unsigned cpu) {
        cpu_set_t set;
        CPU_ZERO(&set);
        CPU_SET(cpu, &set);
        assert_int_equal(sched_setaffinity(0, sizeof(set), &set), 0);
}

/* Where a task stays it is looked at less often, and more often again when it moves. */
static void test_interval(void **state) {
        (void) state;
        cpu_set_t all;
        struct placement placement = { 0 };
        unsigned n_looks = 0;
        assert_int_equal(sched_getaffinity(0, sizeof(all), &all), 0);
        unsigned here = (unsigned) sched_getcpu();
        stay_on(here);
        pid_t child = start_on(here);
        for (int i = 0; i < 100 * PLACEMENT_LAST_INTERVAL; i++) {
                placement_follow(&placement, child);
                n_looks += placement.n_stops == 0;
        }
        assert_int_equal(placement.interval, PLACEMENT_LAST_INTERVAL);
        assert_true(n_looks >= 90 && n_looks <= 110);
        end(child);
        assert_int_equal(sched_setaffinity(0, sizeof(all), &all), 0);
        for (unsigned cpu = 0; cpu < CPU_SETSIZE; cpu++) {
                if (!CPU_ISSET(cpu, &all) || cpu == here)
                        continue;
                child = start_on(cpu);
                stay_on(here);
                placement.n_stops = placement.interval;
                placement_follow(&placement, child);
                assert_int_equal(sched_getcpu(), (int) cpu);
                assert_int_equal(placement.interval, PLACEMENT_FIRST_INTERVAL);
                end(child);
                break;
        }
        assert_int_equal(sched_setaffinity(0, sizeof(all), &all), 0);
}

/* Away from a task, or from where this process is, and back to it; not where there is no other CPU. */
static void part(unsigned cpu, pid_t task, bool others) {
        struct placement placement = { 0 };
        cpu_set_t all, now;
        assert_int_equal(sched_getaffinity(0, sizeof(all), &all), 0);
        placement_part(&placement, task);
        assert_int_equal(placement.apart, others);
        assert_int_equal(sched_getaffinity(0, sizeof(now), &now), 0);
        assert_int_equal(CPU_ISSET(cpu, &now), !others);
        assert_int_equal(CPU_COUNT(&now), others ? CPU_COUNT(&all) - 1 : 1);
        placement_follow(&placement, task);
        assert_false(placement.apart);
        assert_int_equal(sched_getcpu(), (int) cpu);
        placement_part(&placement, 0);
        assert_int_equal(placement.apart, others);
        assert_int_equal(sched_getcpu() == (int) cpu, !others);
}

static void test_parts(void **state) {
        (void) state;
        on_each_cpu(part);
        cpu_set_t all;
        struct placement alone = { 0 };
        assert_int_equal(sched_getaffinity(0, sizeof(all), &all), 0);
        stay_on((unsigned) sched_getcpu());
        placement_part(&alone, 0);
        assert_false(alone.apart);
        placement_part(&alone, INT32_MAX);
        assert_false(alone.apart);
        assert_int_equal(sched_setaffinity(0, sizeof(all), &all), 0);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_turns),        cmocka_unit_test(test_parts),    cmocka_unit_test(test_follows),
                cmocka_unit_test(test_now_and_then), cmocka_unit_test(test_interval),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
