/* SPDX-License-Identifier: Apache-2.0 */
#include "report/allocation.h"
#include "report/event_fixture.h"
#include "report/report.h"
#include "report/unit.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

/* A report into two files in memory. */
struct fixture {
        struct report_options options;
        struct report *report;
        struct jail_policy *policy;
        char *text, *json; /* what has been written, after read_back() */
};

static void set_up(struct fixture *fixture) {
        *fixture = (struct fixture){ .policy = event_fixture_policy(NULL, 0) };
        fixture->options = (struct report_options){
                .text_fd = memfd_create("text", MFD_CLOEXEC),
                .json_fd = memfd_create("json", MFD_CLOEXEC),
                .json_name = "r.json",
                .style = { .utf8 = true },
                .policy = fixture->policy,
                .go_mod = str_from(event_fixture_go_mod),
        };
        assert_true(fixture->options.text_fd >= 0 && fixture->options.json_fd >= 0);
}

static void start(struct fixture *fixture) {
        struct jail_error err = { 0 };
        if (report_new(&fixture->options, &fixture->report, &err) < 0)
                fail_msg("%s", err.msg);
}

static char *read_all(int fd) {
        off_t size = lseek(fd, 0, SEEK_END);
        char *text = calloc(1, (size_t) size + 1);
        assert_non_null(text);
        assert_int_equal(pread(fd, text, (size_t) size, 0), size);
        return text;
}

static void read_back(struct fixture *fixture) {
        free(fixture->text);
        free(fixture->json);
        fixture->text = read_all(fixture->options.text_fd);
        fixture->json = read_all(fixture->options.json_fd);
}

static void tear_down(struct fixture *fixture) {
        report_free(fixture->report);
        jail_policy_free(fixture->policy);
        close(fixture->options.text_fd);
        close(fixture->options.json_fd);
        free(fixture->text);
        free(fixture->json);
}

static size_t count(const char *text, const char *part) {
        size_t n = 0;
        for (; (text = strstr(text, part)); text++)
                n++;
        return n;
}

static void send_denied(struct fixture *fixture, const char *target, bool quiet) {
        struct jail_event event = event_fixture_denied();
        event.target = target;
        event.quiet = quiet;
        event.permissive = fixture->options.permissive;
        report_event(&event, fixture->report);
}

static void send_summary(struct fixture *fixture, uint64_t n_denied, uint64_t n_quiet) {
        const struct jail_event event = { .kind = JAIL_EVENT_SUMMARY, .n_denied = n_denied, .n_quiet = n_quiet };
        report_event(&event, fixture->report);
}

static void test_one_entry_per_distinct_denial(void **state) {
        (void) state;
        struct fixture fixture;
        set_up(&fixture);
        start(&fixture);
        send_denied(&fixture, "/a", false);
        read_back(&fixture);
        assert_int_equal(count(fixture.text, "jail: denied"), 1); /* at once, not at the end */
        assert_int_equal(count(fixture.json, "\"event\":\"denied\""), 1);
        for (int i = 0; i < 10; i++)
                send_denied(&fixture, "/a", false);
        send_denied(&fixture, "/b", false);
        send_summary(&fixture, 12, 0);
        read_back(&fixture);
        assert_int_equal(count(fixture.text, "jail: denied"), 2);
        assert_int_equal(count(fixture.text, "jail: summary: denied 12 calls (2 distinct)\n"), 1);
        assert_int_equal(count(fixture.json, "\"event\":\"denied\""), 2);
        assert_int_equal(
                count(fixture.json, "\"event\":\"repeated\",\"time\":\"1970-01-01T00:00:00.000000000Z\",\"id\":1,\"count\":11}"),
                1);
        assert_int_equal(count(fixture.json, "\"event\":\"repeated\""), 1);
        assert_non_null(strstr(fixture.json, "\"denied\":12,\"quiet\":0,\"truncated\":0,\"distinct\":2,"));
        tear_down(&fixture);
}

static void test_no_noise(void **state) {
        (void) state;
        struct fixture fixture;
        set_up(&fixture);
        start(&fixture);
        report_event(&(struct jail_event){ .kind = JAIL_EVENT_START, .supervised = true }, fixture.report);
        report_event(&(struct jail_event){ .kind = JAIL_EVENT_IMAGE, .image = "/bin/sh" }, fixture.report);
        report_event(&(struct jail_event){ .kind = JAIL_EVENT_NOTE, .message = "detail", .verbose_only = true }, fixture.report);
        send_denied(&fixture, "/a", true);
        send_summary(&fixture, 0, 1);
        read_back(&fixture);
        assert_string_equal(fixture.text, "");
        assert_int_equal(count(fixture.json, "\n"), 5);
        tear_down(&fixture);
}

static void test_verbose(void **state) {
        (void) state;
        struct fixture fixture;
        set_up(&fixture);
        fixture.options.verbose = true;
        start(&fixture);
        report_event(&(struct jail_event){ .kind = JAIL_EVENT_IMAGE, .pid = 3, .image = "/bin/sh" }, fixture.report);
        report_event(&(struct jail_event){ .kind = JAIL_EVENT_NOTE, .message = "detail", .verbose_only = true }, fixture.report);
        send_denied(&fixture, "/a", true);
        for (int i = 0; i < 20; i++)
                send_denied(&fixture, (char[]){ '/', (char) ('a' + i), '\0' }, false);
        send_summary(&fixture, 20, 1);
        read_back(&fixture);
        assert_non_null(strstr(fixture.text, "jail: process 3 runs /bin/sh, trusted\njail: detail\n"));
        assert_int_equal(count(fixture.text, "jail: denied"), 21);
        assert_non_null(strstr(fixture.text, "jail: summary: denied 20 calls (20 distinct), and 1 quiet one\n"));
        tear_down(&fixture);
}

static void test_targets_of_one_place_are_bounded(void **state) {
        (void) state;
        struct fixture fixture;
        set_up(&fixture);
        start(&fixture);
        for (int i = 0; i < 20; i++)
                send_denied(&fixture, (char[]){ '/', (char) ('a' + i), '\0' }, false);
        read_back(&fixture);
        assert_int_equal(count(fixture.text, "jail: denied"), REPORT_MAX_TARGETS_SHOWN);
        assert_int_equal(
                count(fixture.text, "jail: more targets of openat at this place are only counted (-v and --report have them)\n"),
                1);
        assert_int_equal(count(fixture.json, "\"event\":\"denied\""), 20);
        tear_down(&fixture);
}

/* Sends n denials of distinct targets at line `line` of the module. */
static void send_flood(struct fixture *fixture, unsigned line, int n) {
        struct jail_event event = event_fixture_denied();
        struct jail_event_frame frames[5];
        memcpy(frames, event.frames, sizeof(frames));
        frames[event.blamed_frame].line = line;
        event.frames = frames;
        for (int i = 0; i < n; i++) {
                char target[32];
                snprintf(target, sizeof(target), "/%d", i);
                event.target = target;
                report_event(&event, fixture->report);
        }
}

static void test_distinct_denials_are_bounded(void **state) {
        (void) state;
        struct fixture fixture;
        set_up(&fixture);
        fixture.options.verbose = true;
        start(&fixture);
        send_flood(&fixture, 1, 1124); /* 1024 of one place are told apart */
        read_back(&fixture);
        assert_int_equal(count(fixture.text, "jail: denied"), 1024);
        assert_int_equal(count(fixture.text, "jail: more than 1024 distinct denials at one place: further ones are only counted\n"),
                         1);
        assert_int_equal(count(fixture.json, "\"event\":\"denied\""), 1024);

        send_flood(&fixture, 2, 1);
        read_back(&fixture);
        assert_int_equal(count(fixture.text, "jail: denied"), 1025); /* the flood hides no other place */
        send_summary(&fixture, 1125, 0);
        read_back(&fixture);
        assert_int_equal(count(fixture.text, "jail: summary: denied 1125 calls (more than 1025 distinct)\n"), 1);
        tear_down(&fixture);
}

static void test_a_full_table_hides_no_place(void **state) {
        (void) state;
        struct fixture fixture;
        set_up(&fixture);
        fixture.options.verbose = true;
        start(&fixture);
        for (unsigned line = 1; line <= 4; line++)
                send_flood(&fixture, line, 1024);
        read_back(&fixture);
        assert_int_equal(count(fixture.json, "\"event\":\"denied\""), 4096);
        send_flood(&fixture, 5, 3); /* the first of a new place is told, and no more */
        read_back(&fixture);
        assert_int_equal(count(fixture.text, "jail: denied"), 4097);
        assert_int_equal(count(fixture.json, "\"event\":\"denied\""), 4097);
        tear_down(&fixture);
}

static void test_quiet(void **state) {
        (void) state;
        for (unsigned quiet = 1; quiet <= 2; quiet++) {
                struct fixture fixture;
                set_up(&fixture);
                fixture.options.quiet = quiet;
                fixture.options.relaxed = "--c-thread=allow";
                start(&fixture);
                report_event(&(struct jail_event){ .kind = JAIL_EVENT_START, .supervised = true }, fixture.report);
                report_event(&(struct jail_event){ .kind = JAIL_EVENT_NOTE, .message = "note" }, fixture.report);
                send_denied(&fixture, "/a", false);
                send_summary(&fixture, 1, 0);
                read_back(&fixture);
                assert_int_equal(count(fixture.text, "jail: "), quiet == 1 ? 1 : 0);
                assert_int_equal(count(fixture.text, "jail: denied"), quiet == 1 ? 1 : 0);
                assert_int_equal(count(fixture.json, "\n"), 4);
                tear_down(&fixture);
        }
}

static void test_permissive(void **state) {
        (void) state;
        struct fixture fixture;
        set_up(&fixture);
        fixture.options.permissive = true;
        fixture.options.relaxed = "--c-thread=allow";
        start(&fixture);
        report_event(&(struct jail_event){ .kind = JAIL_EVENT_START, .supervised = true }, fixture.report);
        struct jail_event event = event_fixture_denied();
        event.permissive = true;
        report_event(&event, fixture.report);
        event.module = "example.com/lib";
        report_event(&event, fixture.report);
        event.module = "example.com/above";
        report_event(&event, fixture.report);
        event.module = "example.com/elsewhere";
        report_event(&event, fixture.report);
        event.quiet = true; /* needs no remedy */
        event.module = "example.com/single";
        report_event(&event, fixture.report);
        event = (struct jail_event){
                .kind = JAIL_EVENT_DENIED, .permissive = true, .call = "fork()", .reason = JAIL_REASON_C_THREAD
        };
        report_event(&event, fixture.report);
        event.reason = JAIL_REASON_UNKNOWN_CODE;
        report_event(&event, fixture.report);
        send_summary(&fixture, 6, 1);
        read_back(&fixture);
        assert_int_equal(strncmp(fixture.text,
                                 "jail: permissive: every call is decided and reported, none is denied\n"
                                 "jail: relaxed by --c-thread=allow\n"
                                 "jail: would deny openat(",
                                 strlen("jail: permissive: every call is decided and reported, none is denied\n"
                                        "jail: relaxed by --c-thread=allow\n"
                                        "jail: would deny openat(")),
                         0);
        assert_non_null(
                strstr(fixture.text,
                       "jail: permissive: with these lines in go.mod, in place of those there, this run would be free of denials:\n"
                       "    example.com/evil v1.2.3 // gomodjail:unconfined\n"
                       "    example.com/lib v0.4.0 // indirect; gomodjail:unconfined\n"
                       "    require example.com/above v0.1.0 // gomodjail:unconfined\n"
                       "jail: permissive: the directive in line 14 goes\n"
                       "jail: permissive: with these options this run would be free of denials:\n"
                       "    --module=example.com/elsewhere=unconfined\n"
                       "jail: permissive: denials with the reason unknown-code remain\n"
                       "jail: permissive: denials with the reason c-thread remain, unless --c-thread=allow\n"
                       "jail: summary: would have denied 6 calls (6 distinct), and 1 quiet one\n"));
        assert_null(strstr(fixture.text, "single"));
        tear_down(&fixture);
}

static void test_via(void **state) {
        (void) state;
        for (int supervised = 0; supervised <= 1; supervised++) {
                struct fixture fixture;
                set_up(&fixture);
                fixture.options.via = true;
                start(&fixture);
                report_event(&(struct jail_event){ .kind = JAIL_EVENT_START }, fixture.report);
                report_event(&(struct jail_event){ .kind = JAIL_EVENT_IMAGE, .supervised = supervised, .image = "x" },
                             fixture.report);
                send_summary(&fixture, 0, 0);
                read_back(&fixture);
                assert_string_equal(fixture.text,
                                    supervised ? "" : "jail: no program of the policy was run: nothing was confined\n");
                tear_down(&fixture);
        }
}

static void test_stats_are_shown(void **state) {
        (void) state;
        struct fixture fixture;
        set_up(&fixture);
        fixture.options.quiet = 2; /* they were asked for */
        start(&fixture);
        const struct jail_stats stats = { .n_stops = 5 };
        report_event(&(struct jail_event){ .kind = JAIL_EVENT_SUMMARY, .stats = &stats }, fixture.report);
        read_back(&fixture);
        assert_string_equal(fixture.text, "jail: stats: 5 stops, 0 decided, 0 denied, 0 on a truncated stack\n");
        assert_non_null(strstr(fixture.json, "{\"v\":1,\"event\":\"stats\","));
        tear_down(&fixture);
}

static void test_full_report_is_said_once(void **state) {
        (void) state;
        struct fixture fixture;
        set_up(&fixture);
        int json = fixture.options.json_fd;
        fixture.options.json_fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
        start(&fixture);
        send_denied(&fixture, "/a", false);
        send_denied(&fixture, "/b", false);
        close(fixture.options.json_fd);
        fixture.options.json_fd = json;
        read_back(&fixture);
        assert_int_equal(count(fixture.text, "jail: the report r.json is incomplete: No space left on device\n"), 1);
        assert_int_equal(count(fixture.text, "jail: denied"), 2);
        tear_down(&fixture);
}

static void test_no_descriptors(void **state) {
        (void) state;
        struct report *report = NULL;
        const struct report_options options = { .text_fd = -1, .json_fd = -1, .verbose = true };
        assert_int_equal(report_new(&options, &report, NULL), 0);
        const struct jail_event event = event_fixture_denied();
        report_event(&event, report);
        report_event(&(struct jail_event){ .kind = JAIL_EVENT_SUMMARY, .n_denied = 1 }, report);
        report_free(report);
        report_free(NULL);
}

static void test_allocation_failure(void **state) {
        (void) state;
        const struct report_options options = { .text_fd = -1, .json_fd = -1 };
        for (int n = 0;; n++) {
                struct report *report = NULL;
                struct jail_error err = { 0 };
                allocation_fail_after(n);
                int r = report_new(&options, &report, &err);
                bool failed = allocation_has_failed();
                allocation_fail_after(-1);
                assert_int_equal(r, failed ? JAIL_ENOMEM : 0);
                report_free(report);
                if (!failed)
                        break;
        }

        /* Once made, it needs no memory for text; a line of JSON that was lost is said. */
        struct fixture fixture;
        set_up(&fixture);
        fixture.options.permissive = true;
        start(&fixture);
        allocation_fail_after(0);
        send_denied(&fixture, "/a", false);
        allocation_fail_after(-1);
        send_summary(&fixture, 1, 0);
        read_back(&fixture);
        assert_int_equal(count(fixture.text, "jail: would deny"), 1);
        assert_non_null(strstr(fixture.text, "jail: permissive: and more, which there was no memory to remember\n"));
        tear_down(&fixture);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_one_entry_per_distinct_denial),
                cmocka_unit_test(test_no_noise),
                cmocka_unit_test(test_verbose),
                cmocka_unit_test(test_targets_of_one_place_are_bounded),
                cmocka_unit_test(test_distinct_denials_are_bounded),
                cmocka_unit_test(test_a_full_table_hides_no_place),
                cmocka_unit_test(test_quiet),
                cmocka_unit_test(test_permissive),
                cmocka_unit_test(test_via),
                cmocka_unit_test(test_stats_are_shown),
                cmocka_unit_test(test_full_report_is_said_once),
                cmocka_unit_test(test_no_descriptors),
                cmocka_unit_test(test_allocation_failure),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
