/* SPDX-License-Identifier: Apache-2.0 */
/* When a supervisor honours what a program was packed with. */
#include "supervise/packed_policy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define EVIL   "require example.com/evil v1.0.0"
#define FRIEND "require example.com/friend v1.0.0"
#define CONF   " // gomodjail:confined"
#define MAIN   "module example.com/app"

static struct jail_policy *parse(const char *text) {
        struct jail_policy *policy = NULL;
        struct jail_error err = { 0 };
        if (jail_policy_parse(text, strlen(text), "go.mod", NULL, 0, &policy, &err) < 0)
                fail_msg("%s: %s", text, err.msg);
        return policy;
}

/* Packed with one go.mod and these options, run with another. */
static int check(const char *packed_mod, uint64_t packed_options, const char *running_mod, uint64_t running_options) {
        struct jail_policy *wanted = parse(packed_mod), *now = parse(running_mod);
        struct jail_supervisor_options options = { 0 };
        struct jail_error err = { 0 };
        uint8_t *bytes = NULL;
        size_t len = 0;
        assert_int_equal(jail_policy_encode(wanted, &bytes, &len, &err), 0);
        struct packed packed = { .options = packed_options, .ancestors = 64 };
        packed_policy_apply(&(struct packed){ .options = running_options }, &options);
        assert_int_equal(packed_policy_options(&options), running_options);
        packed.parts[PACKED_POLICY] = (struct bytes){ bytes, len };
        int r = packed_policy_check(&packed, now, &options, &err);
        free(bytes);
        jail_policy_free(wanted);
        jail_policy_free(now);
        return r;
}

static void test_policies(void **state) {
        (void) state;
        static const struct {
                const char *packed, *running;
                bool honoured;
        } rows[] = {
                { MAIN "\n" EVIL CONF "\n", MAIN "\n" EVIL CONF "\n", true },
                /* Written otherwise. */
                { MAIN CONF "\n" EVIL "\n", MAIN "\n" EVIL CONF "\n", false }, /* the modules that nobody names */
                { MAIN CONF "\n" EVIL "\n", MAIN CONF "\n" FRIEND "\n" EVIL CONF "\n", true },
                /* Stricter and weaker. */
                { MAIN "\n" EVIL CONF "\n" FRIEND "\n", MAIN "\n" EVIL CONF "\n" FRIEND CONF "\n", true },
                { MAIN "\n" EVIL CONF "\n" FRIEND CONF "\n", MAIN "\n" EVIL CONF "\n" FRIEND "\n", false },
                { MAIN "\n" EVIL CONF "\n", MAIN CONF "\n" EVIL "\n", true },
                { MAIN "\n" EVIL CONF "\n", MAIN "\n" FRIEND CONF "\n", false },
                { MAIN CONF "\n" EVIL "\n", MAIN CONF "\n" EVIL " // gomodjail:unconfined\n", false },
                /* A module that only the one in force names, where the default is confined. */
                { MAIN CONF "\n" EVIL "\n", MAIN CONF "\n" EVIL "\n" FRIEND " // gomodjail:unconfined\n", false },
                /* Callbacks. */
                { MAIN "\n" EVIL CONF " jail:callbacks\n", MAIN "\n" EVIL CONF "\n", true },
                { MAIN "\n" EVIL CONF "\n", MAIN "\n" EVIL CONF " jail:callbacks\n", false },
                /* Where a module's files are. */
                { MAIN "\n" EVIL CONF "\nreplace example.com/evil => ./evil\n", MAIN "\n" EVIL CONF "\n", false },
                { MAIN "\n" EVIL CONF "\nreplace example.com/evil => ./evil\n",
                  MAIN "\n" EVIL CONF "\nreplace example.com/evil => ./evil\n", true },
                /* Another program. */
                { MAIN "\n" EVIL CONF "\n", "module example.com/other\n" EVIL CONF "\n", false },
        };
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                int r = check(rows[i].packed, 0, rows[i].running, 0);
                if (r != (rows[i].honoured ? 0 : JAIL_EINVAL))
                        fail_msg("row %zu: %d", i, r);
        }
}

/* Each option that allows more must not be given only now; each that allows less must still be given. */
static void test_options(void **state) {
        (void) state;
        static const uint64_t tightening = PACKED_DENY_CHILDREN | PACKED_STRICT_CHILD_ENV;
        for (uint64_t option = 1; option < PACKED_ALL_OPTIONS; option <<= 1) {
                int given_now = check(MAIN "\n" EVIL CONF "\n", 0, MAIN "\n" EVIL CONF "\n", option);
                int given_then = check(MAIN "\n" EVIL CONF "\n", option, MAIN "\n" EVIL CONF "\n", 0);
                assert_int_equal(given_now, option & tightening ? 0 : JAIL_EINVAL);
                assert_int_equal(given_then, option & tightening ? JAIL_EINVAL : 0);
                assert_int_equal(check(MAIN "\n" EVIL CONF "\n", option, MAIN "\n" EVIL CONF "\n", option), 0);
        }
}

static void test_damaged(void **state) {
        (void) state;
        struct jail_policy *now = parse(MAIN "\n" EVIL CONF "\n");
        struct jail_supervisor_options options = { 0 };
        struct jail_error err = { 0 };
        struct packed packed = { .ancestors = 64 };
        packed.parts[PACKED_POLICY] = (struct bytes){ (const uint8_t *) "jailpol", 7 };
        assert_int_equal(packed_policy_check(&packed, now, &options, &err), JAIL_EFORMAT);
        jail_policy_free(now);
}

/* Of the same policy with the same options, by their bytes; nothing is the same as no policy. */
static void test_same(void **state) {
        (void) state;
        const struct bytes one = { (const uint8_t *) "policy 1", 8 }, other = { (const uint8_t *) "policy 2", 8 };
        struct packed a = { .ancestors = 64 }, b;
        assert_false(packed_policy_is(&a, &a));
        a.parts[PACKED_POLICY] = one;
        b = a;
        assert_true(packed_policy_is(&a, &b));
        b.parts[PACKED_POLICY] = other;
        assert_false(packed_policy_is(&a, &b));
        b.parts[PACKED_POLICY] = (struct bytes){ one.ptr, 7 };
        assert_false(packed_policy_is(&a, &b));
        b = a;
        b.options = PACKED_PERMISSIVE;
        assert_false(packed_policy_is(&a, &b));
        b = a;
        b.ancestors = 63;
        assert_false(packed_policy_is(&a, &b));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_policies),
                cmocka_unit_test(test_options),
                cmocka_unit_test(test_damaged),
                cmocka_unit_test(test_same),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
