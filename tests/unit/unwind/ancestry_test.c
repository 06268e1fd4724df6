/* SPDX-License-Identifier: Apache-2.0 */
/* The goroutines that created the one that stopped: found, remembered, cut short, missing, contradictory. */
#include "unwind/go_process.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct go_process p;

static void each_version(void (*check)(void)) {
        static const unsigned minors[] = { 18, 20, 22, 26 };
        for (size_t i = 0; i < sizeof(minors) / sizeof(minors[0]); i++) {
                process_init(&p, minors[i]);
                check();
                process_clear(&p);
        }
}

/* The goroutine's own frames: work, which Start's `go` statement began. */
static void put_own_frames(void) {
        process_stop(&p, "os.ReadFile", 12, PROCESS_STACK + 0x1000);
        process_return(&p, 72, "example.com/evil.work", 12);
        process_return(&p, 40, "runtime.goexit", 1);
}

#define OWN "os.ReadFile evil.work runtime.goexit "

static uint64_t gopc(void) {
        return process_pc(&p, "example.com/evil.Start", 30);
}

/* The main goroutine as an ancestor, with evil.Start called by evil.F that was inlined into main.main. */
static struct process_ancestor main_ancestor(void) {
        struct process_ancestor ancestor = { .goid = 1, .gopc = process_pc(&p, "runtime.newproc", 31) };
        const uint64_t pcs[] = {
                process_pc(&p, "runtime.systemstack_switch", 8),
                process_pc(&p, "runtime.newproc", 20),
                process_pc(&p, "example.com/evil.Start", 30),
                process_pc(&p, "main.main", 30), /* evil.F, inlined: one pc for each logical frame */
                process_pc(&p, "main.main", 11),
                process_pc(&p, "runtime.main", 33),
                process_pc(&p, "runtime.goexit", 1),
        };
        ancestor.n_pcs = sizeof(pcs) / 8;
        memcpy(ancestor.pcs, pcs, sizeof(pcs));
        return ancestor;
}

#define MAIN_SHOWN                                                                                                                 \
        "^runtime.systemstack_switch ^runtime.newproc ^evil.Start ^(evil.F) ^main.main ^runtime.main ^runtime.goexit = main"

/* Any other goroutine, of these functions, innermost first. */
static struct process_ancestor other_ancestor(uint64_t goid, const char *inner, const char *outer) {
        struct process_ancestor ancestor = { .goid = goid, .gopc = gopc() };
        ancestor.pcs[ancestor.n_pcs++] = process_pc(&p, inner, 12);
        ancestor.pcs[ancestor.n_pcs++] = process_pc(&p, outer, 1);
        return ancestor;
}

/* Walks the stack of a goroutine with that id and these ancestors: how many reads that takes. */
static unsigned reads_of(uint64_t goid, const struct process_ancestor *ancestors, size_t n) {
        unsigned before = p.memory.n_heap_reads;
        PROCESS_PUT_G(&p, PROCESS_G, goid, goid);
        if (n > 0)
                process_ancestors(&p, gopc(), ancestors, n);
        (void) process_walk(&p);
        return p.memory.n_heap_reads - before;
}

static void check_found(void) {
        const struct process_ancestor ancestor = main_ancestor();
        process_ancestors(&p, gopc(), &ancestor, 1);
        put_own_frames();
        ASSERT_WALK(&p, OWN "go:evil.Start " MAIN_SHOWN);
        assert_int_equal(p.stack.frames[3].kind, UNWIND_CREATED);
        assert_int_equal(p.stack.frames[4].kind, UNWIND_ANCESTOR);
}

static void test_found(void **state) {
        (void) state;
        each_version(check_found);
}

static void check_several(void) {
        const struct process_ancestor ancestors[] = {
                other_ancestor(9, "os.ReadFile", "runtime.goexit"),
                other_ancestor(8, "example.com/evil.work", "runtime.goexit"),
                main_ancestor(),
        };
        process_ancestors(&p, gopc(), ancestors, 3);
        put_own_frames();
        ASSERT_WALK(
                &p, OWN
                "go:evil.Start ^os.ReadFile ^runtime.goexit go:evil.Start ^evil.work ^runtime.goexit go:evil.Start " MAIN_SHOWN);
}

static void test_several(void **state) {
        (void) state;
        each_version(check_several);
}

static void test_remembered(void **state) {
        (void) state;
        process_init(&p, 26);
        check_several();
        assert_int_equal(p.memory.n_heap_reads, 5); /* the list's header, the list, the pcs of each */
        check_several();
        assert_int_equal(p.memory.n_heap_reads, 10); /* another list */
        put_own_frames();
        char want[4096];
        strcpy(want, process_walk(&p));
        memset(p.heap_bytes, 0, sizeof(p.heap_bytes)); /* not looked at */
        ASSERT_WALK(&p, want);
        assert_int_equal(p.memory.n_heap_reads, 10);

        /* One word of its identity differs: it is another goroutine. */
        PROCESS_PUT_G(&p, PROCESS_G, goid, 18);
        ASSERT_WALK(&p, OWN "go:evil.Start ! no ancestry");
        assert_int_equal(p.memory.n_heap_reads, 11);
        PROCESS_PUT_G(&p, PROCESS_G, goid, 17);
        ASSERT_WALK(&p, want);
        ancestry_cache_clear(p.process.ancestry);
        ASSERT_WALK(&p, OWN "go:evil.Start ! no ancestry"); /* what failed is not remembered */
        ASSERT_WALK(&p, OWN "go:evil.Start ! no ancestry");
        assert_int_equal(p.memory.n_heap_reads, 13);
        process_clear(&p);
}

#define LINEAGE_SHOWN "^evil.work ^runtime.goexit go:evil.Start " MAIN_SHOWN

/* A goroutine makes another and another: each time it stands elsewhere, but its own ancestors are what they were. */
static void check_siblings(void) {
        struct process_ancestor ancestors[] = {
                other_ancestor(9, "os.ReadFile", "runtime.goexit"),
                other_ancestor(8, "example.com/evil.work", "runtime.goexit"),
                main_ancestor(),
        };
        process_put_pcs(&p, &ancestors[1]);
        process_put_pcs(&p, &ancestors[2]);
        put_own_frames();
        assert_int_equal(reads_of(20, ancestors, 3), 5); /* the list's header, the list, the pcs of each */
        ASSERT_WALK(&p, OWN "go:evil.Start ^os.ReadFile ^runtime.goexit go:evil.Start " LINEAGE_SHOWN);

        ancestors[0] = other_ancestor(9, "example.com/evil.Start", "runtime.goexit");
        assert_int_equal(reads_of(21, ancestors, 3), 3);
        ASSERT_WALK(&p, OWN "go:evil.Start ^evil.Start ^runtime.goexit go:evil.Start " LINEAGE_SHOWN);
        ancestors[0].pcs[1] = process_pc(&p, "runtime.runCleanups", 1); /* it works for everybody: nobody asks who made it */
        assert_int_equal(reads_of(22, ancestors, 3), 3);
        ASSERT_WALK(&p, OWN "go:evil.Start ^evil.Start ^runtime.runCleanups = service");

        ancestors[0] = other_ancestor(7, "os.ReadFile", "runtime.goexit"); /* another maker, made by the same */
        assert_int_equal(reads_of(23, ancestors, 3), 4);
        ASSERT_WALK(&p, OWN "go:evil.Start ^os.ReadFile ^runtime.goexit go:evil.Start " LINEAGE_SHOWN);
        ancestors[0].gopc = process_pc(&p, "example.com/evil.Start", 12); /* or one that says that it was made elsewhere */
        assert_int_equal(reads_of(24, ancestors, 3), 4);
        ancestors[0] = other_ancestor(9, "os.ReadFile", "runtime.goexit"); /* or whose maker stood elsewhere */
        ancestors[1] = other_ancestor(8, "example.com/evil.Start", "runtime.goexit");
        process_put_pcs(&p, &ancestors[1]);
        assert_int_equal(reads_of(25, ancestors, 3), 4);
        ASSERT_WALK(
                &p, OWN
                "go:evil.Start ^os.ReadFile ^runtime.goexit go:evil.Start ^evil.Start ^runtime.goexit go:evil.Start " MAIN_SHOWN);
        ancestors[1].goid = 6; /* or was another */
        assert_int_equal(reads_of(26, ancestors, 3), 5);
        assert_int_equal(reads_of(27, ancestors, 3), 3);
        ancestors[2].pcs_vaddr = ancestors[1].pcs_vaddr; /* or whose maker's maker stood elsewhere */
        ancestors[2].n_pcs = ancestors[1].n_pcs;
        assert_int_equal(reads_of(28, ancestors, 3), 5);
}

static void test_siblings(void **state) {
        (void) state;
        each_version(check_siblings);
}

/* What is remembered of an ancestor's ancestors says how that was: cut short, or failed. */
static void check_siblings_cut(void) {
        size_t limit = p.process.layout->minor <= 20 ? 100 : 50;
        struct process_ancestor whole = other_ancestor(9, "os.ReadFile", "runtime.goexit"), cut = { .goid = 9, .gopc = gopc() };
        struct process_ancestor ancestors[] = { cut, main_ancestor() };
        for (size_t i = 0; i < limit; i++)
                ancestors[0].pcs[ancestors[0].n_pcs++] = process_pc(&p, "os.ReadFile", 12);
        cut = ancestors[0];
        process_put_pcs(&p, &ancestors[1]);
        put_own_frames();
        assert_int_equal(reads_of(20, ancestors, 2), 4); /* the nearest is cut */
        assert_true(p.stack.truncated);
        ancestors[0] = whole;
        assert_int_equal(reads_of(21, ancestors, 2), 3);
        assert_false(p.stack.truncated);
        ancestors[0] = cut;
        assert_int_equal(reads_of(22, ancestors, 2), 3);
        assert_true(p.stack.truncated);

        ancestors[0] = whole;
        ancestors[1] = cut; /* the one behind it is */
        ancestors[1].goid = 1;
        process_put_pcs(&p, &ancestors[1]);
        assert_int_equal(reads_of(23, ancestors, 2), 4);
        assert_true(p.stack.truncated);
        assert_int_equal(reads_of(24, ancestors, 2), 3);
        assert_true(p.stack.truncated);

        ancestors[1] = other_ancestor(8, "os.ReadFile", "os.ReadFile"); /* the one behind it does not begin anywhere */
        process_put_pcs(&p, &ancestors[1]);
        assert_int_equal(reads_of(25, ancestors, 2), 4);
        assert_int_equal(p.stack.end, UNWIND_NO_ANCESTRY);
        assert_int_equal(reads_of(26, ancestors, 2), 4);
        assert_int_equal(p.stack.end, UNWIND_NO_ANCESTRY);
}

static void test_siblings_cut(void **state) {
        (void) state;
        each_version(check_siblings_cut);
}

/* More goroutines than are remembered: the oldest are forgotten. */
static void test_many_goroutines(void **state) {
        (void) state;
        process_init(&p, 26);
        check_found();
        for (uint64_t goid = 100; goid < 100 + 9000; goid++) {
                assert_int_equal(reads_of(goid, NULL, 0), 3);
                assert_int_equal(p.stack.end, UNWIND_TOP);
        }
        assert_int_equal(reads_of(100 + 8999, NULL, 0), 0);
        assert_int_equal(reads_of(100 + 2000, NULL, 0), 0);
        assert_int_equal(reads_of(100, NULL, 0), 3);
        process_clear(&p);
}

/* Ancestors of many frames: the memory is bounded as well. */
static void test_long_ancestries(void **state) {
        (void) state;
        process_init(&p, 26);
        struct process_ancestor ancestors[32];
        for (uint64_t i = 0; i < 32; i++) {
                ancestors[i] = (struct process_ancestor){ .goid = 40 - i, .gopc = gopc() };
                while (ancestors[i].n_pcs < 50)
                        ancestors[i].pcs[ancestors[i].n_pcs++] = process_pc(&p, "os.ReadFile", 12);
        }
        process_put_pcs(&p, &ancestors[0]);
        for (uint64_t i = 1; i < 32; i++)
                ancestors[i].pcs_vaddr = ancestors[0].pcs_vaddr;
        put_own_frames();
        assert_int_equal(reads_of(100, ancestors, 32), 34);
        for (uint64_t goid = 101; goid < 300; goid++)
                assert_in_range(reads_of(goid, NULL, 0), 3, 34); /* the lineage is forgotten, too, and found again */
        assert_int_equal(reads_of(299, NULL, 0), 0);
        assert_int_not_equal(reads_of(100, NULL, 0), 0); /* 200 of 38 KB */
        process_clear(&p);
}

/* An ancestor of as many frames as the runtime keeps (src/runtime: 100 up to Go 1.20, 50 since) need not show its first function.
 */
static void check_cut_by_frames(void) {
        size_t limit = p.process.layout->minor <= 20 ? 100 : 50;
        struct process_ancestor ancestors[2] = { { .goid = 9, .gopc = gopc() }, main_ancestor() };
        for (size_t i = 0; i < limit; i++)
                ancestors[0].pcs[i] = process_pc(&p, "os.ReadFile", 12);
        ancestors[0].n_pcs = limit;
        process_ancestors(&p, gopc(), ancestors, 2);
        put_own_frames();
        (void) process_walk(&p);
        assert_int_equal(p.stack.end, UNWIND_TOP);
        assert_int_equal(p.stack.root, UNWIND_ROOT_MAIN);
        assert_true(p.stack.truncated);
        assert_int_equal(p.stack.n_frames, 3 + 1 + limit + 1 + 7);
        (void) process_walk(&p); /* as remembered */
        assert_true(p.stack.truncated);
        check_found();
        assert_false(p.stack.truncated);

        ancestors[0].pcs[limit - 1] = process_pc(&p, "runtime.goexit", 1); /* it just fits */
        process_ancestors(&p, gopc(), ancestors, 2);
        (void) process_walk(&p);
        assert_false(p.stack.truncated);
        assert_int_equal(p.stack.root, UNWIND_ROOT_MAIN);

        ancestors[0].n_pcs = limit - 1; /* fewer, and no first function */
        process_ancestors(&p, gopc(), ancestors, 2);
        (void) process_walk(&p);
        assert_int_equal(p.stack.end, UNWIND_NO_ANCESTRY);
        ancestors[0].n_pcs = limit + 1;
        process_ancestors(&p, gopc(), ancestors, 2);
        (void) process_walk(&p);
        assert_int_equal(p.stack.end, UNWIND_NO_ANCESTRY);
        ancestors[0].n_pcs = 0;
        process_ancestors(&p, gopc(), ancestors, 2);
        (void) process_walk(&p);
        assert_int_equal(p.stack.end, UNWIND_NO_ANCESTRY);
}

static void test_cut_by_frames(void **state) {
        (void) state;
        each_version(check_cut_by_frames);
}

/* As many ancestors as tracebackancestors asks for (4 here), and the main goroutine is not among them. */
static void check_cut_by_list(void) {
        struct process_ancestor ancestors[4];
        for (uint64_t i = 0; i < 4; i++)
                ancestors[i] = other_ancestor(9 - i, "example.com/evil.work", "runtime.goexit");
        process_ancestors(&p, gopc(), ancestors, 4);
        put_own_frames();
        (void) process_walk(&p);
        assert_int_equal(p.stack.end, UNWIND_TOP);
        assert_int_equal(p.stack.root, UNWIND_ROOT_NONE);
        assert_true(p.stack.truncated);
        (void) process_walk(&p);
        assert_true(p.stack.truncated);

        assert_int_equal(reads_of(20, ancestors, 4), 6); /* none of these arrays is one of before */
        for (size_t i = 0; i < 4; i++)
                process_put_pcs(&p, &ancestors[i]);
        assert_int_equal(reads_of(21, ancestors, 4), 6);
        assert_int_equal(reads_of(22, ancestors, 4), 3);
        assert_int_equal(p.stack.root, UNWIND_ROOT_NONE);
        assert_true(p.stack.truncated);
        memmove(ancestors, ancestors + 1, 3 * sizeof(ancestors[0]));
        process_ancestors(&p, gopc(), ancestors, 3); /* fewer: somebody is missing */
        (void) process_walk(&p);
        assert_int_equal(p.stack.end, UNWIND_NO_ANCESTRY);
}

static void test_cut_by_list(void **state) {
        (void) state;
        each_version(check_cut_by_list);
}

static void check_missing(void) {
        PROCESS_PUT_G(&p, PROCESS_G, gopc, gopc());
        put_own_frames();
        ASSERT_WALK(&p, OWN "go:evil.Start ! no ancestry");
        const uint64_t empty[3] = { PROCESS_HEAP, 0, 0 }, huge[3] = { PROCESS_HEAP, UINT64_MAX, 0 };
        PROCESS_PUT_G(&p, PROCESS_G, ancestors, process_heap(&p, empty, 3));
        ASSERT_WALK(&p, OWN "go:evil.Start ! no ancestry");
        PROCESS_PUT_G(&p, PROCESS_G, ancestors, process_heap(&p, huge, 3));
        ASSERT_WALK(&p, OWN "go:evil.Start ! no ancestry");
        PROCESS_PUT_G(&p, PROCESS_G, gopc, 0); /* nobody created it, but it has ancestors */
        ASSERT_WALK(&p, OWN "! unknown code");
}

static void test_missing(void **state) {
        (void) state;
        each_version(check_missing);
}

/* From Go 1.21 on g.parentGoid must be the first ancestor's. */
static void test_wrong_parent(void **state) {
        (void) state;
        for (unsigned minor = 21; minor <= 26; minor++) {
                process_init(&p, minor);
                check_found();
                PROCESS_PUT_G(&p, PROCESS_G, parent_goid, 2);
                ASSERT_WALK(&p, OWN "go:evil.Start ! no ancestry");
                assert_non_null(strstr(p.stack.detail, "created by 2, not by 1"));
                process_clear(&p);
        }
}

/* The shared goroutines' creators say nothing: whoever was first to need them created them. */
static void check_services(void) {
        put_own_frames();
        PROCESS_PUT_G(&p, PROCESS_G, gopc, process_pc(&p, "time.goFunc", 30));
        ASSERT_WALK(&p, OWN "go:time.goFunc = service"); /* created on g0: no ancestors */
        ASSERT_WALK(&p, OWN "go:time.goFunc = service"); /* as remembered */

        /* Created by what such a goroutine ran. */
        struct process_ancestor ancestors[] = {
                other_ancestor(9, "example.com/evil.Start", "runtime.runCleanups"),
                main_ancestor(),
        };
        process_ancestors(&p, gopc(), ancestors, 2);
        ASSERT_WALK(&p, OWN "go:evil.Start ^evil.Start ^runtime.runCleanups = service");

        ancestors[0] = other_ancestor(9, "example.com/evil.Start", "runtime.goexit");
        ancestors[0].gopc = process_pc(&p, "time.goFunc", 30);
        process_ancestors(&p, gopc(), ancestors, 1);
        ASSERT_WALK(&p, OWN "go:evil.Start ^evil.Start ^runtime.goexit go:time.goFunc = service");
}

static void test_services(void **state) {
        (void) state;
        each_version(check_services);
}

/* Go code that C called in a thread of its own has started a goroutine (src/runtime/proc.go, oneNewExtraM: gopc is 0). */
static void check_created_below_c_thread(void) {
        struct process_ancestor ancestor = other_ancestor(9, "runtime.cgocallback", "runtime.goexit");
        ancestor.gopc = 0;
        process_ancestors(&p, gopc(), &ancestor, 1);
        put_own_frames();
        ASSERT_WALK(&p, OWN "go:evil.Start ^runtime.cgocallback ^runtime.goexit = c-thread");
        assert_false(p.stack.c_thread);                                      /* it runs in any thread */
        const struct process_ancestor two[] = { ancestor, main_ancestor() }; /* nobody created it, yet somebody follows */
        process_ancestors(&p, gopc(), two, 2);
        ASSERT_WALK(&p, OWN "go:evil.Start ^runtime.cgocallback ^runtime.goexit ! unknown code");
        ancestor = other_ancestor(9, "example.com/evil.Start", "runtime.goexit"); /* C did not call it */
        ancestor.gopc = 0;
        process_ancestors(&p, gopc(), &ancestor, 1);
        ASSERT_WALK(&p, OWN "go:evil.Start ^evil.Start ^runtime.goexit ! unknown code");
}

static void test_created_below_c_thread(void **state) {
        (void) state;
        each_version(check_created_below_c_thread);
}

static void check_unreadable(void) {
        struct process_ancestor ancestor = main_ancestor();
        put_own_frames();
        process_ancestors(&p, PROCESS_BIAS + 1, &ancestor, 1); /* a `go` statement in no function */
        ASSERT_WALK(&p, OWN "! unknown code");
        ancestor.pcs[3] = PROCESS_C_TEXT;
        process_ancestors(&p, gopc(), &ancestor, 1);
        ASSERT_WALK(&p, OWN "go:evil.Start ^runtime.systemstack_switch ^runtime.newproc ^evil.Start ! unknown code");
        const uint64_t nowhere[5] = { 0x10, 7, 7, 1, gopc() }; /* its pcs cannot be read */
        const uint64_t slice[3] = { process_heap(&p, nowhere, 5), 1, 1 }, slice_nowhere[3] = { 0x10, 1, 1 };
        PROCESS_PUT_G(&p, PROCESS_G, ancestors, process_heap(&p, slice, 3));
        ASSERT_WALK(&p, OWN "go:evil.Start ! unreadable memory");
        PROCESS_PUT_G(&p, PROCESS_G, ancestors, process_heap(&p, slice_nowhere, 3));
        ASSERT_WALK(&p, OWN "go:evil.Start ! unreadable memory");
        PROCESS_PUT_G(&p, PROCESS_G, ancestors, 0x10);
        ASSERT_WALK(&p, OWN "go:evil.Start ! unreadable memory");
}

static void test_unreadable(void **state) {
        (void) state;
        each_version(check_unreadable);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_found),         cmocka_unit_test(test_several),
                cmocka_unit_test(test_remembered),    cmocka_unit_test(test_many_goroutines),
                cmocka_unit_test(test_cut_by_frames), cmocka_unit_test(test_cut_by_list),
                cmocka_unit_test(test_missing),       cmocka_unit_test(test_wrong_parent),
                cmocka_unit_test(test_services),      cmocka_unit_test(test_created_below_c_thread),
                cmocka_unit_test(test_unreadable),    cmocka_unit_test(test_siblings),
                cmocka_unit_test(test_siblings_cut),  cmocka_unit_test(test_long_ancestries),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
