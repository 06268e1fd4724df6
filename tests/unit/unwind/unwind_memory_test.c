/* SPDX-License-Identifier: Apache-2.0 */
/* Memory that runs out during a walk: it ends early and says so, or goes on without remembering; never is it taken for complete. */
#include "failing_memory.h"
#include "unwind/chain.h"
#include "unwind/go_process.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct go_process p;

static int run_code_table(struct jail_error *err) {
        struct code_table *table = NULL;
        int r = code_table_new(&p.tab, &table, err);
        failing_memory_disarm();
        assert_int_equal(r == 0, table != NULL);
        code_table_free(table);
        return r;
}

static int run_ancestry_cache(struct jail_error *err) {
        struct ancestry_cache *cache = NULL;
        int r = ancestry_cache_new(&cache, err);
        failing_memory_disarm();
        assert_int_equal(r == 0, cache != NULL);
        ancestry_cache_free(cache);
        ancestry_cache_free(NULL);
        return r;
}

static int run_chain_table(struct jail_error *err) {
        struct chain_table *table = NULL;
        int r = chain_table_new(&table, err);
        failing_memory_disarm();
        assert_int_equal(r == 0, table != NULL);
        chain_table_free(table);
        chain_table_free(NULL);
        return r;
}

static void test_new(void **state) {
        (void) state;
        failing_memory_each("code_table_new", run_code_table, 2);
        failing_memory_each("ancestry_cache_new", run_ancestry_cache, 1);
        failing_memory_each("chain_table_new", run_chain_table, 1);
}

/* A point that could not be made is made the next time; the table may have to grow for it. */
static void test_code_points(void **state) {
        (void) state;
        unsigned n_failures = 0;
        for (uint32_t i = 0; i < 1500; i++)
                for (unsigned nth = 1;; nth++) {
                        size_t before = code_table_count(p.process.code);
                        failing_memory_arm(nth);
                        const struct code_point *point = code_table_find(p.process.code, p.tab.text_vaddr + i, false);
                        if (!failing_memory_disarm()) {
                                assert_non_null(point);
                                assert_int_equal(point->index, i);
                                break;
                        }
                        assert_null(point);
                        assert_int_equal(code_table_count(p.process.code), before);
                        n_failures++;
                }
        assert_true(n_failures > 2 * 1500); /* two for each, and some for growth */
}

#define WHOLE "os.ReadFile evil.work runtime.goexit go:evil.Start ^evil.Start ^main.main ^runtime.main ^runtime.goexit = main"

static void put_stack(void) {
        const struct process_ancestor ancestor = {
                .goid = 1,
                .gopc = process_pc(&p, "runtime.newproc", 31),
                .pcs = { process_pc(&p, "example.com/evil.Start", 30), process_pc(&p, "main.main", 11),
                         process_pc(&p, "runtime.main", 33), process_pc(&p, "runtime.goexit", 1) },
                .n_pcs = 4,
        };
        process_ancestors(&p, process_pc(&p, "example.com/evil.Start", 30), &ancestor, 1);
        process_stop(&p, "os.ReadFile", 12, PROCESS_STACK + 0x1000);
        process_return(&p, 72, "example.com/evil.work", 12);
        process_return(&p, 40, "runtime.goexit", 1);
}

static void test_walk(void **state) {
        (void) state;
        unsigned n_incomplete = 0, n_forgotten = 0;
        put_stack();
        for (unsigned nth = 1;; nth++) {
                struct ancestry_cache *cache = p.process.ancestry;
                code_table_free(p.process.code);
                ancestry_cache_clear(cache);
                unwind_stack_clear(&p.stack);
                assert_int_equal(code_table_new(&p.tab, &p.process.code, NULL), 0);
                failing_memory_arm(nth);
                (void) process_walk(&p);
                bool failed = failing_memory_disarm();
                if (p.stack.end == UNWIND_TOP) {
                        assert_string_equal(p.shown, WHOLE);
                        n_forgotten += failed;
                } else {
                        assert_true(failed);
                        assert_true(p.stack.end == UNWIND_NO_MEMORY || p.stack.end == UNWIND_UNKNOWN_CODE);
                        n_incomplete++;
                }
                ASSERT_WALK(&p, WHOLE); /* and it recovers */
                if (!failed)
                        break;
        }
        assert_true(n_incomplete > 10);
        assert_true(n_forgotten >= 3); /* an entry, its frames, the hash table */
}

static int setup(void **state) {
        (void) state;
        process_init(&p, 26);
        return 0;
}

static int teardown(void **state) {
        (void) state;
        process_clear(&p);
        return failing_memory_live() == 0 ? 0 : -1;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
        const struct CMUnitTest tests[] = { TEST(test_new), TEST(test_code_points), TEST(test_walk) };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
