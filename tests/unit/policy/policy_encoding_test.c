/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/policy_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct jail_policy *parse_as(const char *text, const char *file_name) {
        struct jail_policy *policy = NULL;
        struct jail_error err;
        if (jail_policy_parse(text, strlen(text), file_name, NULL, 0, &policy, &err) < 0)
                fail_msg("%s\n%s", text, err.msg);
        return policy;
}

static void encode(const struct jail_policy *policy, uint8_t **ret_bytes, size_t *ret_len) {
        struct jail_error err;
        assert_int_equal(jail_policy_encode(policy, ret_bytes, ret_len, &err), 0);
}

static void identify(const char *text, uint8_t identity[JAIL_POLICY_IDENTITY_SIZE]) {
        struct jail_error err;
        struct jail_policy *policy = parse_as(text, "go.mod");
        assert_int_equal(jail_policy_identity(policy, identity, &err), 0);
        jail_policy_free(policy);
}

/* The layout of docs/policy.md, byte for byte. */
static void test_layout(void **state) {
        (void) state;
        static const char text[] =
                "module m // jail:callbacks\nrequire a v1.0.0 // gomodjail:confined jail:quiet exec\nreplace a => ./x\n";
        static const uint8_t expected[] = {
                'j', 'a', 'i', 'l', 'p', 'o', 'l', 1,                       /* magic, version */
                45,  0,   0,   0,                                           /* length of the grants */
                1,   0,   0,   0,   'm',                                    /* main module */
                2,   0,   0,   0,   0,                                      /* default: callbacks; quiet */
                1,   0,   0,   0,                                           /* modules */
                7,   16,  0,   0,   0,                                      /* confined, callbacks, replaced; quiet: exec */
                1,   0,   0,   0,   'a', 6,   0,   0,   0,   'v', '1', '.', /* path, version … */
                '0', '.', '0', 3,   0,   0,   0,   '.', '/', 'x',           /* … replacement */
                0,   0,   0,   0,                                           /* its version */
                6,   0,   0,   0,   'g', 'o', '.', 'm', 'o', 'd',           /* layout: file */
                0,   0,   0,   0,   0,   0,   0,   0,   0,                  /* default: origin, line, require line */
                3,   2,   0,   0,   0,   2,   0,   0,   0,                  /* a: line 2, required on line 2 */
        };
        struct jail_policy *policy = parse_as(text, "go.mod");
        uint8_t *bytes = NULL;
        size_t len = 0;
        encode(policy, &bytes, &len);
        assert_int_equal(len, sizeof(expected));
        assert_memory_equal(bytes, expected, len);
        free(bytes);
        jail_policy_free(policy);
}

static void test_round_trip(void **state) {
        (void) state;
        static const char *const texts[] = { "module m\n", "module m // gomodjail:confined\n", policy_rich_go_mod };
        for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
                struct jail_policy *policy = parse_as(texts[i], "some where/go.mod"), *decoded = NULL;
                struct jail_error err;
                uint8_t *bytes = NULL, *again = NULL, identity[2][JAIL_POLICY_IDENTITY_SIZE];
                size_t len = 0, again_len = 0;
                encode(policy, &bytes, &len);
                if (jail_policy_decode(bytes, len, &decoded, &err) < 0)
                        fail_msg("%s", err.msg);
                encode(decoded, &again, &again_len);
                assert_int_equal(len, again_len);
                assert_memory_equal(bytes, again, len);

                char *text = policy_text(policy), *decoded_text = policy_text(decoded);
                assert_string_equal(text, decoded_text);
                assert_string_equal(jail_policy_file(decoded), "some where/go.mod");
                assert_int_equal(jail_policy_identity(policy, identity[0], &err), 0);
                assert_int_equal(jail_policy_identity(decoded, identity[1], &err), 0);
                assert_memory_equal(identity[0], identity[1], JAIL_POLICY_IDENTITY_SIZE);
                free(text);
                free(decoded_text);
                free(bytes);
                free(again);
                jail_policy_free(policy);
                jail_policy_free(decoded);
        }
}

static void test_same_grants_same_identity(void **state) {
        (void) state;
        static const char *const texts[] = {
                "module m\nrequire (\n\tx.y/a v1.0.0 // gomodjail:confined jail:callbacks\n\tx.y/b v1.0.0\n)\nreplace x.y/b => "
                "./b\n",
                "replace (\n\tx.y/b v1.0.0 => ./b\n)\n\nrequire \"x.y/b\" v1.0.0 // indirect\n\n// jail:callbacks\n"
                "// gomodjail:confined\nrequire (\n\tx.y/a v1.0.0\n)\nmodule m\ngo 1.22\n",
                "module m // gomodjail:unconfined\n// gomodjail:confined\nrequire x.y/a v1.0.0 // indirect; jail:callbacks\n"
                "require x.y/b v1.0.0 // gomodjail:unconfined\nreplace x.y/b => ./b\nexclude x.y/c v1.0.0\n",
        };
        uint8_t first[JAIL_POLICY_IDENTITY_SIZE], other[JAIL_POLICY_IDENTITY_SIZE];
        identify(texts[0], first);
        for (size_t i = 1; i < sizeof(texts) / sizeof(texts[0]); i++) {
                identify(texts[i], other);
                assert_memory_equal(first, other, sizeof(first));
        }

        struct jail_error err;
        struct jail_policy *elsewhere = parse_as(texts[0], "/elsewhere/go.mod");
        assert_int_equal(jail_policy_identity(elsewhere, other, &err), 0);
        assert_memory_equal(first, other, sizeof(first));
        jail_policy_free(elsewhere);
}

static void test_other_grants_other_identity(void **state) {
        (void) state;
        static const char *const texts[] = {
                "module m\nrequire x.y/a v1.0.0\n",
                "module n\nrequire x.y/a v1.0.0\n",
                "module m // gomodjail:confined\nrequire x.y/a v1.0.0 // gomodjail:unconfined\n",
                "module m\nrequire x.y/a v1.0.0 // gomodjail:confined\n",
                "module m\nrequire x.y/a v1.0.0 // gomodjail:confined jail:callbacks\n",
                "module m\nrequire x.y/a v1.0.0 // gomodjail:confined jail:quiet fs.read\n",
                "module m\nrequire x.y/a v1.0.0 // gomodjail:confined jail:quiet fs.write\n",
                "module m\nrequire x.y/a v1.0.1\n",
                "module m\nrequire x.y/b v1.0.0\n",
                "module m\nrequire x.y/a v1.0.0\nrequire x.y/b v1.0.0\n",
                "module m\nrequire x.y/a v1.0.0\nreplace x.y/a => ./a\n",
                "module m\nrequire x.y/a v1.0.0\nreplace x.y/a => x.y/b v1.0.0\n",
        };
        enum { N = sizeof(texts) / sizeof(texts[0]) };
        uint8_t identities[N][JAIL_POLICY_IDENTITY_SIZE];
        for (size_t i = 0; i < N; i++) {
                identify(texts[i], identities[i]);
                for (size_t j = 0; j < i; j++)
                        if (memcmp(identities[i], identities[j], JAIL_POLICY_IDENTITY_SIZE) == 0)
                                fail_msg("same identity:\n%s%s", texts[i], texts[j]);
        }
}

static void assert_refused(const uint8_t *bytes, size_t len, int code, const char *message) {
        struct jail_policy *policy = NULL;
        struct jail_error err = { .msg = "no error" };
        uint8_t *exact = malloc(len + 1); /* so that a sanitizer sees a read past the end */
        assert_non_null(exact);
        uint8_t *copy = memcpy(exact + 1, bytes, len);
        int r = jail_policy_decode(copy, len, &policy, &err);
        if (r != code || strncmp(err.msg, message, strlen(message)) != 0)
                fail_msg("got %d %s, want %d %s", r, err.msg, code, message);
        assert_null(policy);
        free(exact);
}

static void test_truncated(void **state) {
        (void) state;
        struct jail_policy *policy = parse_as(policy_rich_go_mod, "go.mod");
        uint8_t *bytes = NULL;
        size_t len = 0;
        encode(policy, &bytes, &len);
        for (size_t cut = 0; cut < len; cut++)
                assert_refused(bytes, cut, JAIL_EFORMAT, cut < 7 ? "no encoded policy" : "encoded policy: ");
        free(bytes);
        jail_policy_free(policy);
}

/* A flipped bit gives an error or a policy that encodes to exactly these bytes. */
static void test_bit_flips(void **state) {
        (void) state;
        struct jail_policy *policy = parse_as(policy_rich_go_mod, "go.mod");
        uint8_t *bytes = NULL;
        size_t len = 0;
        encode(policy, &bytes, &len);
        for (size_t bit = 0; bit < len * 8; bit++) {
                bytes[bit / 8] ^= (uint8_t) (1U << bit % 8);
                struct jail_policy *decoded = NULL;
                struct jail_error err;
                if (jail_policy_decode(bytes, len, &decoded, &err) == 0) {
                        uint8_t *again = NULL;
                        size_t again_len = 0;
                        encode(decoded, &again, &again_len);
                        assert_int_equal(len, again_len);
                        assert_memory_equal(bytes, again, len);
                        free(again);
                        jail_policy_free(decoded);
                }
                bytes[bit / 8] ^= (uint8_t) (1U << bit % 8);
        }
        free(bytes);
        jail_policy_free(policy);
}

static void test_hostile(void **state) {
        (void) state;
        /* header; main module m; default; then the count of modules at offset 22 */
        uint8_t bytes[] = { 'j', 'a', 'i', 'l', 'p', 'o', 'l', 1, 14, 0, 0, 0, 1, 0, 0, 0, 'm', 0, 0, 0,
                            0,   0,   0,   0,   0,   0,   0,   0, 0,  0, 0, 0, 0, 0, 0, 0, 0,   0, 0 };
        struct jail_policy *policy = NULL;
        struct jail_error err;
        assert_int_equal(jail_policy_decode(bytes, sizeof(bytes), &policy, &err), 0);
        jail_policy_free(policy);

        static const struct {
                size_t offset;
                uint8_t value;
                int code;
                const char *message;
        } rows[] = {
                { 0, 'J', JAIL_EFORMAT, "no encoded policy" },
                { 7, 0, JAIL_EUNSUPPORTED, "encoded policy: version 0 is unknown (this jail knows 1)" },
                { 7, 2, JAIL_EUNSUPPORTED, "encoded policy: version 2 is unknown (this jail knows 1)" },
                { 8, 13, JAIL_EFORMAT, "encoded policy: malformed grants" },
                { 8, 15, JAIL_EFORMAT, "encoded policy: malformed grants" },
                { 11, 255, JAIL_EFORMAT, "encoded policy: truncated" },
                { 12, 2, JAIL_EFORMAT, "encoded policy: malformed grants" },   /* main module: holds a NUL */
                { 15, 255, JAIL_EFORMAT, "encoded policy: malformed grants" }, /* main module: too long */
                { 16, ' ', JAIL_EFORMAT, "encoded policy: malformed grants" }, /* main module: no module path */
                { 17, 4, JAIL_EFORMAT, "encoded policy: malformed grants" },   /* default: replaced */
                { 17, 8, JAIL_EFORMAT, "encoded policy: malformed grants" },   /* default: unknown flag */
                { 17, 1, JAIL_EFORMAT, "encoded policy: malformed layout" },   /* default: confined by nobody */
                { 21, 128, JAIL_EFORMAT, "encoded policy: malformed grants" }, /* default: unknown class */
                { 22, 1, JAIL_EFORMAT, "encoded policy: malformed grants" },   /* more modules than bytes */
                { 24, 2, JAIL_ELIMIT, "encoded policy: more than 100000 modules" },
                { 25, 255, JAIL_ELIMIT, "encoded policy: more than 100000 modules" },
                { 30, 1, JAIL_EFORMAT, "encoded policy: malformed layout" },  /* origin MODULE without a line */
                { 30, 4, JAIL_EFORMAT, "encoded policy: malformed layout" },  /* default by an override */
                { 30, 77, JAIL_EFORMAT, "encoded policy: malformed layout" }, /* unknown origin */
                { 31, 1, JAIL_EFORMAT, "encoded policy: malformed layout" },  /* a line of no directive */
                { 35, 1, JAIL_EFORMAT, "encoded policy: malformed layout" },  /* the default is required */
        };
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                uint8_t kept = bytes[rows[i].offset];
                bytes[rows[i].offset] = rows[i].value;
                assert_refused(bytes, sizeof(bytes), rows[i].code, rows[i].message);
                bytes[rows[i].offset] = kept;
        }
        uint8_t longer[sizeof(bytes) + 1] = { 0 };
        memcpy(longer, bytes, sizeof(bytes));
        assert_refused(longer, sizeof(longer), JAIL_EFORMAT, "encoded policy: malformed layout");
}

/* Modules must be sorted, each once: lookups rely on it. */
static void test_unsorted(void **state) {
        (void) state;
        struct jail_policy *policy = parse_as("module m\nrequire x.y/a v1.0.0\nrequire x.y/b v1.0.0\n", "go.mod");
        uint8_t *bytes = NULL;
        size_t len = 0;
        encode(policy, &bytes, &len);
        uint8_t *a = memmem(bytes, len, "x.y/a", 5);
        assert_non_null(a);
        a[4] = 'b';
        assert_refused(bytes, len, JAIL_EFORMAT, "encoded policy: malformed grants");
        a[4] = 'c';
        assert_refused(bytes, len, JAIL_EFORMAT, "encoded policy: malformed grants");
        free(bytes);
        jail_policy_free(policy);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_layout),
                cmocka_unit_test(test_round_trip),
                cmocka_unit_test(test_same_grants_same_identity),
                cmocka_unit_test(test_other_grants_other_identity),
                cmocka_unit_test(test_truncated),
                cmocka_unit_test(test_bit_flips),
                cmocka_unit_test(test_hostile),
                cmocka_unit_test(test_unsorted),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
