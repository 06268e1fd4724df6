/* SPDX-License-Identifier: Apache-2.0 */
#include "report/report_file.h"
#include "report/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static const char report_start[] = "{\"v\":1,\"event\":\"start\"}\n";
static char directory[] = "/tmp/jail-report-test-XXXXXX";

static int set_up(void **state) {
        (void) state;
        return mkdtemp(directory) && chdir(directory) == 0 ? 0 : -1;
}

static int tear_down(void **state) {
        (void) state;
        static const char *const names[] = { "new", "old", "other", "link", "fifo", "hard", "hard2", "empty", "dir" };
        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
                remove(names[i]);
        return chdir("/") == 0 ? rmdir(directory) : -1;
}

static void put(const char *name, const char *text) {
        FILE *file = fopen(name, "w");
        assert_non_null(file);
        fputs(text, file);
        assert_int_equal(fclose(file), 0);
}

static void assert_content(const char *name, const char *expected) {
        char text[1024];
        FILE *file = fopen(name, "r");
        assert_non_null(file);
        text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
        fclose(file);
        assert_string_equal(text, expected);
}

static void assert_refused(const char *target, const char *message) {
        struct jail_error err = { 0 };
        int fd = -7;
        assert_true(report_file_open(target, &fd, &err) < 0);
        assert_int_equal(fd, -7);
        assert_string_equal(err.msg, message);
}

static void assert_appends(const char *target) {
        struct jail_error err = { 0 };
        int fd = -1;
        if (report_file_open(target, &fd, &err) < 0)
                fail_msg("%s", err.msg);
        assert_true(fd > STDERR_FILENO);
        assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
        assert_int_equal(write(fd, "x\n", 2), 2);
        close(fd);
}

static void test_new_file(void **state) {
        (void) state;
        struct stat st;
        mode_t mask = umask(0);
        assert_appends("new");
        umask(mask);
        assert_content("new", "x\n");
        assert_int_equal(stat("new", &st), 0);
        assert_int_equal(st.st_mode & 07777, 0600);
}

static void test_own_report_is_continued(void **state) {
        (void) state;
        put("old", report_start);
        assert_appends("old");
        assert_content("old", "{\"v\":1,\"event\":\"start\"}\nx\n");
        put("empty", "");
        assert_appends("empty");
        assert_content("empty", "x\n");
}

static void test_other_files_are_left_alone(void **state) {
        (void) state;
        put("other", "precious\n");
        assert_refused("other", "other: exists and is not a report of jail: it is left as it is");
        assert_content("other", "precious\n");
        put("other", "{\"v\":1");
        assert_refused("other", "other: exists and is not a report of jail: it is left as it is");
        assert_int_equal(symlink("new", "link"), 0);
        assert_refused("link", "link: is a symbolic link");
        assert_int_equal(mkfifo("fifo", 0600), 0);
        assert_refused("fifo", "fifo: exists and is not a regular file (fd:N takes an open pipe)");
        put("hard", report_start);
        assert_int_equal(link("hard", "hard2"), 0);
        assert_refused("hard", "hard: exists and has other names (hard links)");
        assert_int_equal(mkdir("dir", 0700), 0);
        assert_refused("dir", "dir: Is a directory");
        assert_refused("/dev/null", "/dev/null: exists and is not a regular file (fd:N takes an open pipe)");
        assert_refused("nowhere/x", "nowhere/x: No such file or directory");
        assert_refused("", "expected a file name or fd:N");
}

static void test_file_of_another_user(void **state) {
        (void) state;
        if (geteuid() != 0)
                skip(); /* only root can make one */
        put("old", report_start);
        assert_int_equal(chown("old", 12345, 12345), 0);
        assert_refused("old", "old: exists and belongs to another user");
}

static void test_descriptor(void **state) {
        (void) state;
        int fds[2];
        char text[8], target[32];
        assert_int_equal(pipe(fds), 0);
        snprintf(target, sizeof(target), "fd:%d", fds[1]);
        assert_appends(target);
        assert_int_equal(read(fds[0], text, sizeof(text)), 2);
        assert_int_equal(fcntl(fds[1], F_GETFD), FD_CLOEXEC); /* not open in the program, under either number */

        /* The standard ones stay the program's. */
        int saved = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
        assert_true(saved >= 0 && dup2(fds[1], STDOUT_FILENO) == STDOUT_FILENO);
        assert_appends("fd:1");
        int flags = fcntl(STDOUT_FILENO, F_GETFD);
        dup2(saved, STDOUT_FILENO);
        close(saved);
        assert_int_equal(flags, 0);

        char message[128];
        snprintf(target, sizeof(target), "fd:%d", fds[0]);
        snprintf(message, sizeof(message), "%s: the descriptor is not open for writing", target);
        assert_refused(target, message);
        close(fds[0]);
        close(fds[1]);
        assert_refused("fd:999", "fd:999: Bad file descriptor");
        static const char *const malformed[] = {
                "fd:", "fd:-1", "fd:+1", "fd: 1", "fd:1x", "fd:99999999999", "fd:99999999999999999999"
        };
        for (size_t i = 0; i < sizeof(malformed) / sizeof(malformed[0]); i++) {
                snprintf(message, sizeof(message), "%s: expected the number of an open descriptor after fd:", malformed[i]);
                assert_refused(malformed[i], message);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_new_file),
                cmocka_unit_test(test_own_report_is_continued),
                cmocka_unit_test(test_other_files_are_left_alone),
                cmocka_unit_test(test_file_of_another_user),
                cmocka_unit_test(test_descriptor),
        };
        return cmocka_run_group_tests(tests, set_up, tear_down);
}
