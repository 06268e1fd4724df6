/* SPDX-License-Identifier: Apache-2.0 */
#include "report/blamed.h"
#include "report/event_fixture.h"
#include "report/grant_line.h"
#include "report/unit.h"

static char buffer[1024];

static unsigned line_of(const struct jail_policy *policy, const char *go_mod, const char *module) {
        struct text text;
        text_init(&text, buffer, sizeof(buffer));
        return grant_line_add_module(&text, policy, str_from(go_mod), str_from(module));
}

static void test_line_of_go_mod(void **state) {
        (void) state;
        struct jail_policy *policy = event_fixture_policy(NULL, 0);
        assert_int_equal(line_of(policy, event_fixture_go_mod, "example.com/evil"), 7);
        assert_string_equal(buffer, "example.com/evil v1.2.3 // gomodjail:unconfined");
        assert_int_equal(line_of(policy, event_fixture_go_mod, "example.com/lib"), 8);
        assert_string_equal(buffer, "example.com/lib v0.4.0 // indirect; gomodjail:unconfined");
        assert_int_equal(line_of(policy, event_fixture_go_mod, "example.com/single"), 12);
        assert_string_equal(buffer, "require example.com/single v0.1.0 // gomodjail:unconfined");

        assert_int_equal(line_of(policy, event_fixture_go_mod, "example.com/above"), 15);
        assert_string_equal(buffer, "require example.com/above v0.1.0 // gomodjail:unconfined");
        assert_int_equal(grant_line_to_remove(policy, STR("example.com/above")), 14);
        assert_int_equal(grant_line_to_remove(policy, STR("example.com/single")), 0);
        assert_int_equal(grant_line_to_remove(policy, STR("example.com/elsewhere")), 0);

        /* Without the file's text it is still a valid line. */
        assert_int_equal(line_of(policy, "", "example.com/lib"), 8);
        assert_string_equal(buffer, "example.com/lib v0.4.0 // gomodjail:unconfined");
        jail_policy_free(policy);
}

static void test_option_where_go_mod_cannot_say_it(void **state) {
        (void) state;
        const struct jail_policy_override override = { .path = "example.com/evil", .confined = true };
        struct jail_policy *policy = event_fixture_policy(&override, 1);
        assert_int_equal(line_of(policy, event_fixture_go_mod, "example.com/evil"), 0);
        assert_string_equal(buffer, "--module=example.com/evil=unconfined");
        assert_int_equal(line_of(policy, event_fixture_go_mod, "example.com/elsewhere"), 0);
        assert_string_equal(buffer, "--module=example.com/elsewhere=unconfined");
        assert_int_equal(line_of(NULL, "", "a\nb"), 0);
        assert_string_equal(buffer, "--module=a\\nb=unconfined");
        jail_policy_free(policy);
}

static void test_option_of_reason(void **state) {
        (void) state;
        for (unsigned reason = 0; reason < JAIL_REASON_COUNT; reason++) {
                struct text text;
                text_init(&text, buffer, sizeof(buffer));
                grant_line_add_option(&text, reason);
                bool has_option = reason == JAIL_REASON_INCOMPLETE || reason == JAIL_REASON_C_THREAD ||
                                  reason == JAIL_REASON_UNATTRIBUTED || reason == JAIL_REASON_TRUNCATED ||
                                  reason == JAIL_REASON_CHILDREN || reason == JAIL_REASON_CHILD_ENV || reason == JAIL_REASON_CGI;
                assert_int_equal(text.len > 0, has_option);
        }
}

/* Every confined module of the stack would have to be unconfined, a module with callbacks only below the main module. */
static void test_blamed_modules(void **state) {
        (void) state;
        struct jail_policy *policy = event_fixture_policy(NULL, 0);
        struct jail_event event = event_fixture_denied();
        struct jail_event_frame frames[] = {
                event_fixture_frame("os.Open", "", "std"),
                event_fixture_frame("example.com/evil.F", "", "example.com/evil"),
                event_fixture_frame("main.main.F.func1", "", "example.com/app"),
                event_fixture_frame("example.com/unknown.F", "", "example.com/unknown"),
                event_fixture_frame("main.main", "", "example.com/app"),
                event_fixture_frame("example.com/callbacks.Run", "", "example.com/callbacks"),
        };
        frames[2].file_module = "example.com/lib";
        event.frames = frames;
        event.n_frames = 6;
        event.blamed_frame = 1;

        struct blamed blamed = { 0 };
        blamed_add(&blamed, &event, policy);
        blamed_add(&blamed, &event, policy);
        assert_int_equal(blamed.n_modules, 2);
        assert_string_equal(blamed.modules[0], "example.com/evil");
        assert_string_equal(blamed.modules[1], "example.com/lib");
        assert_int_equal(blamed.reasons, 0);

        event.n_frames = 1;
        event.module = "";
        event.reason = JAIL_REASON_C_THREAD;
        blamed_add(&blamed, &event, NULL);
        assert_int_equal(blamed.n_modules, 2);
        assert_int_equal(blamed.reasons, 1 << JAIL_REASON_C_THREAD);
        assert_false(blamed.cut);
        blamed_clear(&blamed);
        jail_policy_free(policy);
}

static void test_reason_names(void **state) {
        (void) state;
        static const char *const names[] = { "allowed",   "loader",    "incomplete",   "unknown-code", "c-thread",
                                             "std-state", "confined",  "unattributed", "truncated",    "listener",
                                             "children",  "child-env", "cgi",          "unsupported" };
        assert_int_equal(sizeof(names) / sizeof(names[0]), JAIL_REASON_COUNT);
        for (unsigned reason = 0; reason < JAIL_REASON_COUNT; reason++)
                assert_string_equal(jail_reason_name(reason), names[reason]);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_line_of_go_mod),   cmocka_unit_test(test_option_where_go_mod_cannot_say_it),
                cmocka_unit_test(test_option_of_reason), cmocka_unit_test(test_blamed_modules),
                cmocka_unit_test(test_reason_names),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
