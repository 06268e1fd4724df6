/* SPDX-License-Identifier: Apache-2.0 */
/* Where go.mod is looked for, over a tree of its own. */
#include <jail/policy.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char root[] = "/tmp/jail-find-XXXXXX";

static char *in_root(const char *path) {
        static char buffers[4][256];
        static unsigned next;
        char *buffer = buffers[next++ % 4];
        snprintf(buffer, sizeof(buffers[0]), "%s%s", root, path);
        return buffer;
}

static void make_file(const char *path) {
        FILE *file = fopen(in_root(path), "w");
        assert_non_null(file);
        fclose(file);
}

/* root/a/go.mod, root/a/b/c, root/a/d/go.mod (a directory), root/e, root/link -> a/b, root/tmp/go.mod */
static int make_tree(void **state) {
        (void) state;
        static const char *const dirs[] = { "/a", "/a/b", "/a/b/c", "/a/d", "/a/d/go.mod", "/e", "/tmp", "/tmp/x" };
        unsetenv("TMPDIR");
        if (!mkdtemp(root))
                return -1;
        for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
                if (mkdir(in_root(dirs[i]), 0755) < 0)
                        return -1;
        make_file("/a/go.mod");
        make_file("/tmp/go.mod");
        return symlink("a/b", in_root("/link"));
}

static int remove_tree(void **state) {
        (void) state;
        static const char *const paths[] = { "/link",       "/tmp/go.mod", "/tmp/x", "/tmp", "/e", "/a/go.mod",
                                             "/a/d/go.mod", "/a/d",        "/a/b/c", "/a/b", "/a", "" };
        for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
                if (remove(in_root(paths[i])) < 0)
                        return -1;
        return 0;
}

static void assert_found(const char *dir, const char *expected) {
        char *path = NULL;
        struct jail_error err;
        if (jail_policy_find(dir, &path, &err) < 0)
                fail_msg("%s: %s", dir, err.msg);
        assert_string_equal(path, in_root(expected));
        free(path);
}

static void assert_not_found(const char *dir) {
        char *path = NULL;
        struct jail_error err = { .msg = "no error" };
        assert_int_equal(jail_policy_find(dir, &path, &err), JAIL_ENOTFOUND);
        assert_int_equal(strncmp(err.msg, "no go.mod found", strlen("no go.mod found")), 0);
        assert_null(path);
}

static void test_absolute(void **state) {
        (void) state;
        assert_found(in_root("/a"), "/a/go.mod");
        assert_found(in_root("/a/"), "/a/go.mod");
        assert_found(in_root("/a/b/c"), "/a/go.mod");
        assert_found(in_root("/a//b/./c/.."), "/a/go.mod");
        assert_found(in_root("/a/d"), "/a/go.mod"); /* a directory is passed over */
        assert_found(in_root("/a/missing/x"), "/a/go.mod");
        assert_found(in_root("/e/../a"), "/a/go.mod");
        assert_not_found(in_root("/e"));
        assert_not_found(in_root("/link")); /* parents of the name, not of the target */
        assert_not_found("/");
}

static void test_relative(void **state) {
        (void) state;
        assert_int_equal(chdir(in_root("/a/b/c")), 0);
        unsetenv("PWD");
        assert_found(".", "/a/go.mod");
        assert_found("", "/a/go.mod");
        assert_found("../..", "/a/go.mod");
        assert_not_found("../../..");

        /* the working directory goes by the name in $PWD when that is right */
        assert_int_equal(chdir(in_root("/link")), 0);
        assert_found(".", "/a/go.mod");
        setenv("PWD", in_root("/link"), 1);
        assert_not_found(".");
        setenv("PWD", in_root("/e"), 1);
        assert_found(".", "/a/go.mod");
        assert_int_equal(chdir("/"), 0);
}

static void test_temporary_root(void **state) {
        (void) state;
        assert_found(in_root("/tmp/x"), "/tmp/go.mod");
        setenv("TMPDIR", in_root("/tmp"), 1);
        assert_not_found(in_root("/tmp/x"));
        assert_not_found(in_root("/tmp"));
        setenv("TMPDIR", "", 1);
        assert_found(in_root("/tmp/x"), "/tmp/go.mod");
        unsetenv("TMPDIR");
}

/* "Could not look" is not "not there": a go.mod further up must not be taken instead. */
static void test_cannot_look(void **state) {
        (void) state;
        char *path = NULL;
        struct jail_error err;
        char name[300];
        memset(name, 'x', sizeof(name) - 1);
        name[sizeof(name) - 1] = '\0';
        char dir[600];
        snprintf(dir, sizeof(dir), "%s/%s", in_root("/a"), name);
        assert_int_equal(jail_policy_find(dir, &path, &err), JAIL_ESYS);
        assert_non_null(strstr(err.msg, "File name too long"));
        assert_null(path);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_absolute),
                cmocka_unit_test(test_relative),
                cmocka_unit_test(test_temporary_root),
                cmocka_unit_test(test_cannot_look),
        };
        return cmocka_run_group_tests(tests, make_tree, remove_tree);
}
