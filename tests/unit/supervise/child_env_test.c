/* SPDX-License-Identifier: Apache-2.0 */
/* Variables that steer a trusted child: which are listed, and what counts as a difference. */
#include "supervise/child_env.h"

#include "memory/buffer.h"
#include "supervise/child_env_check.h"
#include "supervise/judge_internal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void test_list(void **state) {
        (void) state;
        static const char *const listed[] = { "PATH",    "LD_PRELOAD",      "LD_AUDIT", "BASH_ENV", "BASH_FUNC_ls%%",
                                              "ENV",     "GIT_SSH_COMMAND", "GIT_",     "PAGER",    "PYTHONPATH",
                                              "GOFLAGS", "https_proxy",     "MAKEFLAGS" };
        static const char *const others[] = { "", "PATHS", "XPATH", "path", "LDX", "GODEBUG", "TZ", "LANG", "USER", "PWD", "=" };
        for (size_t i = 0; i < sizeof(listed) / sizeof(listed[0]); i++)
                assert_true(child_env_is_listed(str_from(listed[i])));
        for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
                assert_false(child_env_is_listed(str_from(others[i])));
}

static void test_differences(void **state) {
        (void) state;
        char a[] = "A=1", path[] = "PATH=/bin", home[] = "HOME=", junk[] = "junk", second[] = "PATH=/usr/bin";
        char *environment[] = { a, path, home, junk, second, NULL };
        struct child_env *env = NULL;
        struct jail_error err;
        struct str name = { NULL, 0 };
        assert_int_equal(child_env_new(environment, &env, &err), 0);
        assert_false(child_env_differs(env, STR("PATH=/bin"), &name));
        assert_false(child_env_differs(env, STR("PATH=/usr/bin"), &name)); /* the second of the same name was there, too */
        assert_false(child_env_differs(env, STR("HOME="), &name));
        assert_false(child_env_differs(env, STR("A=2"), &name));
        assert_false(child_env_differs(env, STR("junk"), &name));
        assert_false(child_env_differs(env, STR("PATH"), &name));
        assert_true(child_env_differs(env, STR("PATH=/bin "), &name));
        assert_true(str_equal(name, STR("PATH")));
        assert_true(child_env_differs(env, STR("PATH="), &name));
        assert_true(child_env_differs(env, STR("LD_PRELOAD=/x.so"), &name));
        assert_true(str_equal(name, STR("LD_PRELOAD")));
        child_env_free(env);
        child_env_free(NULL);
}

static void test_shown_once(void **state) {
        (void) state;
        struct child_env *env = NULL;
        struct jail_error err;
        char text[16];
        int shown = 0;
        assert_int_equal(child_env_new(NULL, &env, &err), 0);
        assert_true(child_env_show(env, STR("PATH")));
        assert_false(child_env_show(env, STR("PATH")));
        for (int i = 0; i < 1000; i++) {
                snprintf(text, sizeof(text), "GIT_%d", i);
                shown += child_env_show(env, str_from(text));
        }
        assert_int_equal(shown, 63);
        child_env_free(env);
}

/* An environment of 60,000 times the same long string, as a hostile program may pass it on: what the kernel would not take is
 * refused. */
static void test_too_large(void **state) {
        enum { N = 60000, STRING_BYTES = 100000 };
        static uint64_t memory[N + 1 + STRING_BYTES / 8];
        static char *none[] = { NULL };
        struct memory_buffer buffer;
        struct child_env *env = NULL;
        struct jail_error err;
        char detail[256] = "";
        (void) state;
        assert_int_equal(child_env_new(none, &env, &err), 0);
        const struct judge judge = { .child_env = env };
        memory_buffer_init(&buffer, 0x1000, (struct bytes){ (const uint8_t *) memory, sizeof(memory) });
        for (size_t i = 0; i < N; i++)
                memory[i] = 0x1000 + (N + 1) * 8;
        memset(memory + N + 1, 'A', STRING_BYTES - 8);
        assert_false(child_env_check_call(&judge, &buffer.reader, 0x1000, detail, sizeof(detail)));
        assert_non_null(strstr(detail, "too large"));
        memory[50] = 0;
        assert_true(child_env_check_call(&judge, &buffer.reader, 0x1000, detail, sizeof(detail)));
        child_env_free(env);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_list),
                cmocka_unit_test(test_differences),
                cmocka_unit_test(test_shown_once),
                cmocka_unit_test(test_too_large),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
