/* SPDX-License-Identifier: Apache-2.0 */
/* Damaged and oversized go.mod files: an error or a policy, never a crash, and never slow. */
#include "policy/policy_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Reads every string of the policy. */
static void read_all(const struct jail_policy *policy) {
        size_t len = strlen(jail_policy_main_module(policy));
        for (size_t i = 0; i < jail_policy_module_count(policy); i++) {
                const struct jail_policy_module *module = jail_policy_module_at(policy, i);
                len += strlen(module->path) + strlen(module->version);
                if (module->replace_path)
                        len += strlen(module->replace_path) + strlen(module->replace_version);
        }
        assert_true(len > 0);
}

/* Parses an exact copy, so that a sanitizer sees a read past the end; checks what must hold either way. */
static int parse_exact(const char *text, size_t len) {
        char *exact = malloc(len + 1);
        assert_non_null(exact);
        char *copy = len > 0 ? memcpy(exact + 1, text, len) : exact + 1;
        struct jail_policy *policy = NULL;
        struct jail_error err = { 0 };
        int r = jail_policy_parse(copy, len, "go.mod", NULL, 0, &policy, &err);
        free(exact);
        if (r == 0) {
                read_all(policy);
        } else {
                assert_null(policy);
                assert_int_equal(err.code, r);
                assert_int_equal(strncmp(err.msg, "go.mod:", 7), 0);
        }
        jail_policy_free(policy);
        return r;
}

static void test_truncated(void **state) {
        (void) state;
        size_t len = strlen(policy_rich_go_mod);
        for (size_t cut = 0; cut <= len; cut++) {
                int r = parse_exact(policy_rich_go_mod, cut);
                assert_true(r == 0 || r == JAIL_ESYNTAX);
        }
}

static void test_bit_flips(void **state) {
        (void) state;
        size_t len = strlen(policy_rich_go_mod);
        char *text = strdup(policy_rich_go_mod);
        assert_non_null(text);
        for (size_t bit = 0; bit < len * 8; bit++) {
                text[bit / 8] = (char) (text[bit / 8] ^ (1 << bit % 8));
                int r = parse_exact(text, len);
                assert_true(r == 0 || r == JAIL_ESYNTAX);
                text[bit / 8] = (char) (text[bit / 8] ^ (1 << bit % 8));
        }
        free(text);
}

/* Every byte replaced by each one that the grammar knows. */
static void test_substitutions(void **state) {
        (void) state;
        static const char bytes[] = "\0\n\r ()[,;:\"`\\/.=\x7f\xc3";
        size_t len = strlen(policy_rich_go_mod);
        char *text = strdup(policy_rich_go_mod);
        assert_non_null(text);
        for (size_t i = 0; i < len; i++) {
                char kept = text[i];
                for (size_t j = 0; j < sizeof(bytes) - 1; j++) {
                        text[i] = bytes[j];
                        int r = parse_exact(text, len);
                        assert_true(r == 0 || r == JAIL_ESYNTAX);
                }
                text[i] = kept;
        }
        free(text);
}

/* `head`, then n times `repeated`, then `tail`. */
static char *text_repeat(const char *head, const char *repeated, size_t n, const char *tail, size_t *ret_len) {
        size_t head_len = strlen(head), repeated_len = strlen(repeated), tail_len = strlen(tail);
        char *text = malloc(head_len + n * repeated_len + tail_len + 1), *p = text;
        assert_non_null(text);
        p = mempcpy(p, head, head_len);
        for (size_t i = 0; i < n; i++)
                p = mempcpy(p, repeated, repeated_len);
        p = mempcpy(p, tail, tail_len);
        *ret_len = (size_t) (p - text);
        return text;
}

static void assert_repeat(const char *head, const char *repeated, size_t n, const char *tail, int code, const char *message) {
        size_t len;
        char *text = text_repeat(head, repeated, n, tail, &len);
        struct jail_policy *policy = NULL;
        struct jail_error err = { .msg = "" };
        int r = jail_policy_parse(text, len, "go.mod", NULL, 0, &policy, &err);
        free(text);
        jail_policy_free(policy);
        if (r != code || strncmp(err.msg, message, strlen(message)) != 0)
                fail_msg("%zu times %s: got %d %s, want %d %s", n, repeated, r, err.msg, code, message);
}

static void test_file_size(void **state) {
        (void) state;
        size_t line = strlen("//\n"), most = (size_t) 16 << 20, n = (most - strlen("module m\n")) / line;
        assert_repeat("module m\n", "//\n", n, "", 0, "");
        assert_repeat("module m\n", "//\n", n + 2, "", JAIL_ELIMIT, "go.mod: larger than 16777216 bytes");
}

static void test_line_length(void **state) {
        (void) state;
        assert_repeat("module m\n//", "x", 65534, "\n", 0, "");
        assert_repeat("module m\n//", "x", 65535, "\n", JAIL_ELIMIT, "go.mod:2:1: line is longer than 65536 bytes");
        assert_repeat("module m\n//", "x", 65534, "", 0, "");
        assert_repeat("module m\n//", "x", 65535, "", JAIL_ELIMIT, "go.mod:2:1: line is longer than 65536 bytes");
        assert_repeat("module m\nrequire ", "(", 60000, "\n", JAIL_ESYNTAX, "go.mod:2:1: unknown block type");
}

/* Inputs that would be slow if some step were quadratic. */
static void test_linear(void **state) {
        (void) state;
        assert_repeat("module m\ntool \"", "\xc3\xa9", 30000, "\"\n", 0, "");
        assert_repeat("module m\ntool ", "\xc3\xa9", 30000, "\n", 0, "");
        assert_repeat("module m\n//", " jail", 12000, "\n", 0, "");
        assert_repeat("module m\n//", ";", 60000, " gomodjail:confined\nrequire a v1.0.0\n", 0, "");
        assert_repeat("module m\n//", "x:", 30000, "\n", 0, "");
        assert_repeat("module ", "a/", 30000, "a\n", 0, "");
        assert_repeat("module m\n", "// gomodjail:confined\n", 200000, "require a v1.0.0\n", 0, "");
        assert_repeat("module m\nrequire (\n", "\ta v1.0.0\n", 100000, ")\n", 0, "");
}

static void test_module_count(void **state) {
        (void) state;
        for (unsigned n = 100000; n <= 100001; n++) {
                char *text = NULL;
                size_t len;
                FILE *out = open_memstream(&text, &len);
                assert_non_null(out);
                fputs("module m\nrequire (\n", out);
                for (unsigned i = 0; i < n; i++)
                        fprintf(out, "x.y/m%u v1.0.0\n", i);
                fputs(")\n", out);
                fclose(out);

                struct jail_policy *policy = NULL;
                struct jail_error err = { .msg = "" };
                int r = jail_policy_parse(text, len, "go.mod", NULL, 0, &policy, &err);
                assert_int_equal(r, n == 100000 ? 0 : JAIL_ELIMIT);
                assert_string_equal(err.msg, n == 100000 ? "" : "go.mod:100003:1: more than 100000 requirements");
                if (r == 0) {
                        assert_int_equal(jail_policy_module_count(policy), n);
                        assert_non_null(jail_policy_module_find(policy, "x.y/m99999", 10));
                }
                jail_policy_free(policy);
                free(text);
        }
}

/* Requirements and replacements together are capped, too. */
static void test_total_count(void **state) {
        (void) state;
        char *text = NULL;
        size_t len;
        FILE *out = open_memstream(&text, &len);
        assert_non_null(out);
        fputs("module m\n", out);
        for (unsigned i = 0; i < 60000; i++)
                fprintf(out, "require x.y/m%u v1.0.0\nreplace z.z/m%u => ./%u\n", i, i, i);
        fclose(out);
        struct jail_policy *policy = NULL;
        struct jail_error err = { .msg = "" };
        assert_int_equal(jail_policy_parse(text, len, "go.mod", NULL, 0, &policy, &err), JAIL_ELIMIT);
        assert_string_equal(err.msg, "go.mod: more than 100000 modules");
        free(text);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_truncated),    cmocka_unit_test(test_bit_flips),   cmocka_unit_test(test_substitutions),
                cmocka_unit_test(test_file_size),    cmocka_unit_test(test_line_length), cmocka_unit_test(test_linear),
                cmocka_unit_test(test_module_count), cmocka_unit_test(test_total_count),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
