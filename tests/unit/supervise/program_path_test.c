/* SPDX-License-Identifier: Apache-2.0 */
#include "supervise/program_path.h"

#include <jail/supervisor.h>
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

static char root[] = "/tmp/program_path_test.XXXXXX";

static void make_file(const char *path, mode_t mode) {
        FILE *file = fopen(path, "w");
        assert_non_null(file);
        fclose(file);
        assert_int_equal(chmod(path, mode), 0);
}

/* root/a/tool is no executable, root/b/tool is, root/c/tool is a directory. */
static int set_up(void **state) {
        (void) state;
        assert_non_null(mkdtemp(root));
        assert_int_equal(chdir(root), 0);
        assert_int_equal(mkdir("a", 0755) | mkdir("b", 0755) | mkdir("c", 0755) | mkdir("c/tool", 0755), 0);
        make_file("a/tool", 0644);
        make_file("b/tool", 0755);
        make_file("here", 0755);
        return 0;
}

static int tear_down(void **state) {
        (void) state;
        (void) (unlink("a/tool") | unlink("b/tool") | unlink("here") | rmdir("c/tool") | rmdir("a") | rmdir("b") | rmdir("c"));
        return chdir("/") | rmdir(root);
}

static const struct {
        const char *name, *search_path, *found; /* found: NULL for an error */
        int exit_code;
} rows[] = {
        { "tool", "b", "b/tool", 0 },
        { "tool", "a:b", "b/tool", 0 },
        { "tool", "c:b", "b/tool", 0 },
        { "tool", "none:a/tool:b", "b/tool", 0 },
        { "tool", "a", NULL, JAIL_EXIT_NOT_EXECUTABLE },
        { "tool", "a:none", NULL, JAIL_EXIT_NOT_EXECUTABLE },
        { "tool", "c", NULL, JAIL_EXIT_NOT_EXECUTABLE },
        { "tool", "none", NULL, JAIL_EXIT_NOT_FOUND },
        { "here", "none:", "here", 0 }, /* an empty entry is the working directory */
        { "here", ":none", "here", 0 },
        { "here", "", "here", 0 },
        { "here", "b", NULL, JAIL_EXIT_NOT_FOUND },
        { "./here", "b", "./here", 0 },
        { "b/tool", "a", "b/tool", 0 },
        { "a/tool", "b", NULL, JAIL_EXIT_NOT_EXECUTABLE },
        { "c/tool", "b", NULL, JAIL_EXIT_NOT_EXECUTABLE },
        { "c/none", "b", NULL, JAIL_EXIT_NOT_FOUND },
        { "b/tool/x", "b", NULL, JAIL_EXIT_NOT_FOUND },
        { "/dev/null", "b", NULL, JAIL_EXIT_NOT_EXECUTABLE },
        { "", "b", NULL, JAIL_EXIT_NOT_FOUND },
        { "sh", NULL, "/bin/sh", 0 },
};

static void test_find(void **state) {
        (void) state;
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                char *path = NULL;
                int exit_code = 0;
                struct jail_error err = { 0 };
                int r = program_path_find(rows[i].name, rows[i].search_path, &path, &exit_code, &err);
                if (rows[i].found) {
                        if (r != 0 || strcmp(path, rows[i].found) != 0)
                                fail_msg("%s in %s: %s", rows[i].name, rows[i].search_path, err.msg);
                } else if (r == 0 || exit_code != rows[i].exit_code || !strchr(err.msg, ':')) {
                        fail_msg("%s in %s: code %d (%s)", rows[i].name, rows[i].search_path, exit_code, err.msg);
                }
                free(path);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = { cmocka_unit_test(test_find) };
        return cmocka_run_group_tests(tests, set_up, tear_down);
}
