/* SPDX-License-Identifier: Apache-2.0 */
/* Errors, and the words of the classes. */
#include <errno.h>
#include <jail/class.h>
#include <jail/error.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void test_set(void **state) {
        (void) state;
        struct jail_error err;
        assert_int_equal(jail_error_set(&err, JAIL_EFORMAT, 0, "line %d: %s", 3, "bad"), JAIL_EFORMAT);
        assert_int_equal(err.code, JAIL_EFORMAT);
        assert_int_equal(err.sys_errno, 0);
        assert_string_equal(err.msg, "line 3: bad");
        assert_int_equal(jail_error_set(&err, JAIL_ESYS, ENOENT, "/x"), JAIL_ESYS);
        assert_int_equal(err.sys_errno, ENOENT);
        assert_string_equal(err.msg, "/x: No such file or directory");
        assert_int_equal(jail_error_set(&err, JAIL_ESYS, 99999, "/x"), JAIL_ESYS);
        assert_string_equal(err.msg, "/x: unknown error");
        assert_int_equal(jail_error_set(NULL, JAIL_ENOMEM, 0, "nobody listens"), JAIL_ENOMEM);
}

/* A message may be built from the one before. */
static void test_wrap(void **state) {
        (void) state;
        struct jail_error err;
        assert_int_equal(jail_error_set(&err, JAIL_EFORMAT, 0, "truncated"), JAIL_EFORMAT);
        assert_int_equal(jail_error_set(&err, err.code, 0, "prog: %s", err.msg), JAIL_EFORMAT);
        assert_string_equal(err.msg, "prog: truncated");
}

static void test_long_messages(void **state) {
        (void) state;
        struct jail_error err;
        char text[3000];
        memset(text, 'x', sizeof(text) - 1);
        text[sizeof(text) - 1] = '\0';
        for (size_t len = sizeof(err.msg) - 40; len <= sizeof(err.msg) + 2; len++) {
                assert_int_equal(jail_error_set(&err, JAIL_ESYS, ENOENT, "%.*s", (int) len, text), JAIL_ESYS);
                assert_int_equal(strlen(err.msg), len + 27 < sizeof(err.msg) ? len + 27 : sizeof(err.msg) - 1);
        }
}

static void test_class_names(void **state) {
        (void) state;
        static const char *const names[] = { "fs.read", "fs.write", "net.connect", "net.listen", "exec",
                                             "proc",    "mem.exec", "sys",         "other" };
        assert_int_equal(sizeof(names) / sizeof(names[0]), JAIL_CLASS_COUNT);
        for (int i = 0; i < JAIL_CLASS_COUNT; i++) {
                enum jail_class cls = JAIL_CLASS_COUNT;
                assert_string_equal(jail_class_name((enum jail_class) i), names[i]);
                assert_int_equal(jail_class_parse(names[i], strlen(names[i]), &cls), 0);
                assert_int_equal(cls, i);
                assert_int_equal(jail_class_parse(names[i], strlen(names[i]) - 1, &cls), -1);
        }
        enum jail_class cls = JAIL_CLASS_SYS;
        assert_int_equal(jail_class_parse("fs.readx", 8, &cls), -1);
        assert_int_equal(jail_class_parse("fs.readx", 7, &cls), 0);
        assert_int_equal(cls, JAIL_CLASS_FS_READ);
        assert_int_equal(jail_class_parse("", 0, &cls), -1);
        assert_int_equal(jail_class_parse("FS.READ", 7, &cls), -1);
        assert_int_equal(cls, JAIL_CLASS_FS_READ);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_set),
                cmocka_unit_test(test_wrap),
                cmocka_unit_test(test_long_messages),
                cmocka_unit_test(test_class_names),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
