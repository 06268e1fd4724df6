/* SPDX-License-Identifier: Apache-2.0 */
#include "supervise/task_table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Judged spaces are counted instead of judged. */
static int n_freed;

void __wrap_judge_process_free(struct judge_process *process);
void __wrap_judge_process_free(struct judge_process *process) {
        (void) process;
        n_freed++;
}

static struct task_process *add_process(struct task_table *table, pid_t pid, struct task_space *space) {
        struct task_process *process = NULL;
        struct task *task = NULL;
        assert_int_equal(task_table_add_process(table, pid, space, &process, NULL), 0);
        assert_int_equal(task_table_add(table, pid, process, &task, NULL), 0);
        assert_int_equal(task->state, TASK_STARTING);
        return process;
}

static void test_threads_share_a_process(void **state) {
        struct task_table table = { 0 };
        struct task *task = NULL;
        (void) state;

        n_freed = 0;
        struct task_process *process = add_process(&table, 10, task_space_new());
        assert_int_equal(task_table_add(&table, 11, process, &task, NULL), 0);
        assert_int_equal(process->n_tasks, 2);
        task_table_remove(&table, task_table_find(&table, 10));
        assert_ptr_equal(task_table_find_process(&table, 10), process);
        assert_int_equal(n_freed, 0);
        task_table_remove(&table, task_table_find(&table, 11));
        assert_null(task_table_find_process(&table, 10));
        assert_int_equal(n_freed, 1);
        task_table_clear(&table);
}

static void test_space_lives_as_long_as_its_processes(void **state) {
        struct task_table table = { 0 };
        struct task_space *space = task_space_new();
        (void) state;

        n_freed = 0;
        add_process(&table, 10, space);
        struct task_process *vfork_child = add_process(&table, 20, space);
        assert_int_equal(space->n_processes, 2);
        task_process_enter(vfork_child, task_space_new()); /* its exec */
        assert_int_equal(n_freed, 0);
        assert_int_equal(space->n_processes, 1);
        task_table_remove(&table, task_table_find(&table, 10));
        assert_int_equal(n_freed, 1);
        task_table_clear(&table);
        assert_int_equal(n_freed, 2);
}

static void test_exec_of_a_thread(void **state) {
        struct task_table table = { 0 };
        struct task *task = NULL;
        (void) state;

        struct task_process *process = add_process(&table, 10, task_space_new());
        for (pid_t tid = 11; tid < 20; tid++) {
                assert_int_equal(task_table_add(&table, tid, process, &task, NULL), 0);
                task_keep(&table, task, 1);
        }
        task_table_remove_others(&table, task_table_find(&table, 10));
        assert_int_equal(process->n_tasks, 1);
        assert_null(table.kept);
        assert_null(task_table_find(&table, 15));
        task_table_clear(&table);
}

static void test_stray_waits_for_its_parent(void **state) {
        struct task_table table = { 0 };
        struct task *stray = NULL, *task = NULL;
        int status = 0;
        (void) state;

        struct task_process *process = add_process(&table, 10, task_space_new());
        assert_int_equal(task_table_add_stray(&table, 11, &stray, NULL), 0);
        assert_int_equal(table.n_new, 1);
        task_keep(&table, stray, 77);
        assert_false(task_take_kept(&table, &task, &status));

        assert_int_equal(task_table_add(&table, 11, process, &task, NULL), 0);
        assert_ptr_equal(task, stray);
        assert_int_equal(table.n_new, 0);
        assert_true(task_take_kept(&table, &task, &status));
        assert_ptr_equal(task, stray);
        assert_int_equal(status, 77);
        assert_false(task_take_kept(&table, &task, &status));
        task_table_clear(&table);
}

static void test_kept_events_come_in_order(void **state) {
        struct task_table table = { 0 };
        struct task *task = NULL;
        int status = 0;
        (void) state;

        struct task_process *process = add_process(&table, 10, task_space_new());
        for (pid_t tid = 11; tid < 14; tid++) {
                assert_int_equal(task_table_add(&table, tid, process, &task, NULL), 0);
                task_keep(&table, task, tid);
        }
        task_keep(&table, task_table_find(&table, 11), 99); /* a later one takes its place: it was killed meanwhile */
        task_table_remove(&table, task_table_find(&table, 12));
        assert_true(task_take_kept(&table, &task, &status));
        assert_int_equal(status, 99);
        assert_true(task_take_kept(&table, &task, &status));
        assert_int_equal(status, 13);
        assert_false(task_take_kept(&table, &task, &status));
        task_table_clear(&table);
}

static void test_ids_are_used_again(void **state) {
        struct task_table table = { 0 };
        (void) state;

        n_freed = 0;
        add_process(&table, 10, task_space_new());
        struct task_process *again = add_process(&table, 10, task_space_new());
        assert_int_equal(n_freed, 1);
        assert_ptr_equal(task_table_find_process(&table, 10), again);
        assert_int_equal(again->n_tasks, 1);
        task_table_clear(&table);
        assert_int_equal(n_freed, 2);
}

/* Its leader's end was reported; a thread that was killed in its exec had the leader's id, and nobody reports its own. */
static void test_process_goes_with_all_its_tasks(void **state) {
        struct task_table table = { 0 };
        struct task *thread = NULL;
        (void) state;

        n_freed = 0;
        struct task_process *process = add_process(&table, 10, task_space_new());
        assert_int_equal(task_table_add(&table, 11, process, &thread, NULL), 0);
        task_keep(&table, thread, 77);
        struct task_process *other = add_process(&table, 20, task_space_new());
        task_table_remove_process(&table, process);
        assert_int_equal(n_freed, 1);
        assert_null(task_table_find(&table, 10));
        assert_null(task_table_find(&table, 11));
        assert_null(table.kept);
        assert_ptr_equal(task_table_find_process(&table, 20), other);
        task_table_clear(&table);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_threads_share_a_process),
                cmocka_unit_test(test_space_lives_as_long_as_its_processes),
                cmocka_unit_test(test_exec_of_a_thread),
                cmocka_unit_test(test_stray_waits_for_its_parent),
                cmocka_unit_test(test_kept_events_come_in_order),
                cmocka_unit_test(test_ids_are_used_again),
                cmocka_unit_test(test_process_goes_with_all_its_tasks),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
