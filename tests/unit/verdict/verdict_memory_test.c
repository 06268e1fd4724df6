/* SPDX-License-Identifier: Apache-2.0 */
/* Memory that runs out during a decision: what cannot be attributed is denied. */
#include "failing_memory.h"
#include "verdict/scene.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct scene s;

static int run_attribution(struct jail_error *err) {
        struct attribution *attribution = NULL;
        int r = attribution_new(s.program.set, s.code, &attribution, err);
        failing_memory_disarm();
        assert_int_equal(r == 0, attribution != NULL);
        attribution_free(attribution);
        return r;
}

static void test_new(void **state) {
        (void) state;
        failing_memory_each("attribution_new", run_attribution, 1);
}

/* The same stack, attributed anew with each allocation failing. */
static void check_decision(const char *functions, bool allow, enum jail_reason reason) {
        unsigned n_denied = 0;
        scene_stack(&s, UNWIND_TOP, UNWIND_ROOT_MAIN, functions);
        for (unsigned nth = 1;; nth++) {
                attribution_free(s.attribution);
                assert_int_equal(attribution_new(s.program.set, s.code, &s.attribution, NULL), 0);
                failing_memory_arm(nth);
                (void) scene_decide(&s, UNWIND_TEXT_UNKNOWN);
                if (!failing_memory_disarm())
                        break;
                if (s.decision.allow || (s.decision.reason != JAIL_REASON_INCOMPLETE && s.decision.reason != reason &&
                                         s.decision.reason != JAIL_REASON_UNATTRIBUTED))
                        fail_msg("%s: allocation %u failed: allow %d, reason %d", functions, nth, s.decision.allow,
                                 (int) s.decision.reason);
                n_denied++;
                s.options.incomplete_allow = true; /* no relaxation of jail's own failures */
                failing_memory_arm(1);
                attribution_clear(s.attribution);
                (void) scene_decide(&s, UNWIND_TEXT_UNKNOWN);
                assert_true(failing_memory_disarm());
                assert_false(s.decision.allow);
                s.options.incomplete_allow = false;
                (void) scene_decide(&s, UNWIND_TEXT_UNKNOWN); /* and it recovers */
        }
        assert_int_equal(s.decision.allow, allow);
        assert_int_equal(s.decision.reason, reason);
        assert_true(n_denied > 3);
}

static void test_decision(void **state) {
        (void) state;
        check_decision("os.ReadFile example.com/good.F main.main runtime.main runtime.goexit", true, JAIL_REASON_ALLOWED);
        check_decision("os.ReadFile example.com/evil.F main.main runtime.main runtime.goexit", false, JAIL_REASON_CONFINED);
        check_decision("os.ReadFile sync.(*Once).doSlow", true, JAIL_REASON_ALLOWED);
}

static int setup(void **state) {
        (void) state;
        scene_init(&s, SCENE_GO_MOD, false);
        return 0;
}

static int teardown(void **state) {
        (void) state;
        scene_clear(&s);
        return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
        const struct CMUnitTest tests[] = { TEST(test_new), TEST(test_decision) };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
