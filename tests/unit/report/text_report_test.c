/* SPDX-License-Identifier: Apache-2.0 */
#include "report/event_fixture.h"
#include "report/text_report.h"
#include "report/unit.h"

static const struct style utf8 = { .utf8 = true }, ascii = { .utf8 = false };
static char buffer[256 * 1024];
static struct text text;

/* The entry of a denial under the fixture's policy. */
static const char *denied(const struct style *style, const struct jail_event *event) {
        struct jail_policy *policy = event_fixture_policy(NULL, 0);
        text_init(&text, buffer, sizeof(buffer));
        text_report_denied(&text, style, event, policy, str_from(event_fixture_go_mod));
        jail_policy_free(policy);
        return buffer;
}

static void test_entry(void **state) {
        (void) state;
        struct jail_event event = event_fixture_denied();
        assert_string_equal(denied(&utf8, &event),
                            "jail: denied openat(\"/root/.ssh/id_rsa\", O_RDONLY) by example.com/evil v1.2.3 [fs.read, confined]\n"
                            "  at    evil.steal  evil/evil.go:14\n"
                            "  stack syscall.openat ← os.ReadFile ← evil.steal (inlined) ← evil.Add ← main.main\n"
                            "  allow with   example.com/evil v1.2.3 // gomodjail:unconfined      (go.mod:7)\n");
}

static void test_entry_in_ascii(void **state) {
        (void) state;
        struct jail_event event = event_fixture_denied();
        event.call = "openat(\"/tmp/é\", O_RDONLY)";
        assert_string_equal(denied(&ascii, &event),
                            "jail: denied openat(\"/tmp/\\xc3\\xa9\", O_RDONLY) by example.com/evil v1.2.3 [fs.read, confined]\n"
                            "  at    evil.steal  evil/evil.go:14\n"
                            "  stack syscall.openat <- os.ReadFile <- evil.steal (inlined) <- evil.Add <- main.main\n"
                            "  allow with   example.com/evil v1.2.3 // gomodjail:unconfined      (go.mod:7)\n");
}

static void test_entry_in_color(void **state) {
        (void) state;
        struct jail_event event = event_fixture_denied();
        event.n_frames = 0;
        event.blamed_frame = 0;
        assert_string_equal(denied(&(struct style){ .utf8 = true, .color = true }, &event),
                            "jail: \033[1;31mdenied\033[0m openat(\"/root/.ssh/id_rsa\", O_RDONLY) by "
                            "\033[1mexample.com/evil v1.2.3\033[0m [fs.read, confined]\n"
                            "  \033[2mallow with   \033[0mexample.com/evil v1.2.3 // gomodjail:unconfined      (go.mod:7)\n");
}

static void test_entry_of_permissive_run_and_goroutine(void **state) {
        (void) state;
        struct jail_event event = event_fixture_denied();
        struct jail_event_frame frames[3] = { event.frames[0], event.frames[3], event.frames[4] };
        frames[2].created = true;
        event.permissive = true;
        event.frames = frames;
        event.n_frames = 3;
        event.blamed_frame = 1;
        event.stack_truncated = true;
        assert_string_equal(
                denied(&utf8, &event),
                "jail: would deny openat(\"/root/.ssh/id_rsa\", O_RDONLY) by example.com/evil v1.2.3 [fs.read, confined]\n"
                "  at    evil.Add  evil/evil.go:20\n"
                "  stack syscall.openat ← evil.Add ← created by main.main ← (not kept by the runtime)\n"
                "  allow with   example.com/evil v1.2.3 // gomodjail:unconfined      (go.mod:7)\n");
}

static void test_entry_that_names_no_module(void **state) {
        (void) state;
        struct jail_event event = event_fixture_denied();
        event.reason = JAIL_REASON_INCOMPLETE;
        event.module = event.version = "";
        event.policy_line = 0;
        event.n_frames = 2;
        event.blamed_frame = 2;
        event.detail = "no frame at 0x7f\nx";
        assert_string_equal(denied(&utf8, &event), "jail: denied openat(\"/root/.ssh/id_rsa\", O_RDONLY) [fs.read, incomplete]\n"
                                                   "  at    syscall.openat  syscall/zsyscall_linux_amd64.go:14\n"
                                                   "  stack syscall.openat ← os.ReadFile\n"
                                                   "  why   no frame at 0x7f\\nx\n"
                                                   "  allow with   --incomplete=allow\n");

        event.reason = JAIL_REASON_UNKNOWN_CODE; /* nothing allows it */
        event.detail = "";
        event.n_frames = 0;
        assert_string_equal(denied(&utf8, &event),
                            "jail: denied openat(\"/root/.ssh/id_rsa\", O_RDONLY) [fs.read, unknown-code]\n");
}

static void test_directive_above_has_to_go(void **state) {
        (void) state;
        struct jail_event event = event_fixture_denied();
        event.module = "example.com/above";
        assert_non_null(strstr(denied(&utf8, &event), "  allow with   require example.com/above v0.1.0 // gomodjail:unconfined"
                                                      "      (go.mod:15, without the directive in line 14)\n"));
}

static void test_quiet_and_known(void **state) {
        (void) state;
        struct jail_event event = event_fixture_denied();
        event.n_frames = event.blamed_frame = 0;
        event.quiet = true;
        assert_non_null(strstr(denied(&utf8, &event), " [fs.read, confined, quiet]\n"));
        event.known = "protobuf";
        assert_non_null(strstr(denied(&utf8, &event), " [fs.read, confined, known: protobuf]\n"));
}

/* The way into the kernel and the roots of goroutines are in every stack: they are shown only where nothing else is. */
static void test_plumbing_is_left_out(void **state) {
        (void) state;
        static const char *const functions[] = {
                "internal/runtime/syscall/linux.Syscall6",
                "syscall.RawSyscall6",
                "syscall.Syscall6",
                "syscall.openat",
                "example.com/evil.init.0.func1",
                "runtime.goexit",
                "example.com/evil.init.0",
                "runtime.doInit1",
                "runtime.doInit",
                "runtime.main",
                "runtime.goexit",
        };
        struct jail_event event = event_fixture_denied();
        struct jail_event_frame frames[11];
        for (size_t i = 0; i < 11; i++)
                frames[i] = event_fixture_frame(functions[i], "", "std");
        frames[6].created = true;
        event.frames = frames;
        event.n_frames = 11;
        event.blamed_frame = 4;
        assert_non_null(strstr(denied(&utf8, &event), "  stack syscall.openat ← evil.init.0.func1 ← created by evil.init.0\n"));

        event.n_frames = 3;
        assert_non_null(strstr(denied(&utf8, &event), "  stack linux.Syscall6 ← syscall.RawSyscall6 ← syscall.Syscall6\n"));

        frames[0] = event_fixture_frame("runtime.main", "", "std"); /* not at the end: it tells something */
        frames[1] = event_fixture_frame("main.main", "", "std");
        event.n_frames = 2;
        assert_non_null(strstr(denied(&utf8, &event), "  stack runtime.main ← main.main\n"));
}

static void test_long_stack_is_elided(void **state) {
        (void) state;
        struct jail_event event = event_fixture_denied();
        struct jail_event_frame frames[100];
        char names[100][8];
        for (size_t i = 0; i < 100; i++) {
                snprintf(names[i], sizeof(names[i]), "a.f%zu", i);
                frames[i] = event_fixture_frame(names[i], "", "std");
        }
        event.frames = frames;
        event.blamed_frame = 0;
        event.n_frames = 24;
        assert_null(strstr(denied(&utf8, &event), "more)"));
        event.n_frames = 100;
        const char *stack = strstr(denied(&utf8, &event), "  stack ");
        assert_non_null(strstr(stack, " ← a.f15 ← (76 more) ← a.f92 ← "));
        assert_non_null(strstr(stack, " ← a.f99\n"));
}

/* Whatever the program holds, an entry has its own lines only, and nothing that a terminal obeys. */
static void test_hostile_bytes(void **state) {
        (void) state;
        char hostile[70000];
        for (size_t i = 0; i < sizeof(hostile) - 1; i++)
                hostile[i] = "\n\033\x9b\xff\x80\"\\\r\t\x01 jail: denied"[i % 22];
        hostile[sizeof(hostile) - 1] = '\0';

        struct jail_event event = event_fixture_denied();
        struct jail_event_frame frame = event_fixture_frame(hostile, hostile, hostile);
        event.frames = &frame;
        event.n_frames = 1;
        event.blamed_frame = 0;
        event.call = event.module = event.version = event.detail = event.policy_file = event.known = hostile;
        denied(&utf8, &event);
        const char *line = buffer;
        for (const char *end; *line && (end = strchr(line, '\n')); line = end + 1) {
                assert_true(line == buffer ? strncmp(line, "jail: ", 6) == 0 : strncmp(line, "  ", 2) == 0);
                for (const char *c = line; c < end; c++)
                        assert_true((unsigned char) *c >= 0x20 && *c != 0x7f);
        }
}

static void test_missing_strings(void **state) {
        (void) state;
        struct jail_event_frame frame = { 0 };
        const struct jail_event event = { .kind = JAIL_EVENT_DENIED, .frames = &frame, .n_frames = 1 };
        text_init(&text, buffer, sizeof(buffer));
        text_report_denied(&text, &utf8, &event, NULL, (struct str){ NULL, 0 });
        assert_string_equal(buffer, "jail: denied  [fs.read, allowed]\n"
                                    "  at    \n"
                                    "  stack \n");
}

static void test_note_and_image(void **state) {
        (void) state;
        struct jail_event event = { .kind = JAIL_EVENT_NOTE, .message = "go.mod confines no module of ./prog\nx" };
        text_init(&text, buffer, sizeof(buffer));
        text_report_note(&text, &utf8, &event);
        assert_string_equal(buffer, "jail: go.mod confines no module of ./prog\\x0ax\n");

        event = (struct jail_event){ .kind = JAIL_EVENT_IMAGE, .pid = 7, .image = "/bin/sh\n" };
        text_init(&text, buffer, sizeof(buffer));
        text_report_image(&text, &utf8, &event);
        assert_string_equal(buffer, "jail: process 7 runs /bin/sh\\n, trusted\n");

        event = (struct jail_event){
                .kind = JAIL_EVENT_IMAGE, .pid = 7, .image = "/p", .supervised = true, .go_version = "go1.26.1", .message = "again"
        };
        text_init(&text, buffer, sizeof(buffer));
        text_report_image(&text, &utf8, &event);
        assert_string_equal(buffer, "jail: process 7 runs /p, supervised (go1.26.1): again\n");
}

static void test_summary(void **state) {
        (void) state;
        struct jail_event event = { .kind = JAIL_EVENT_SUMMARY, .n_denied = 14, .n_quiet = 1, .n_truncated = 2 };
        text_init(&text, buffer, sizeof(buffer));
        text_report_summary(&text, &utf8, &event, 3, false, false);
        assert_string_equal(buffer,
                            "jail: summary: denied 14 calls (3 distinct), and 1 quiet one; 2 decisions on a truncated stack\n");

        event = (struct jail_event){ .kind = JAIL_EVENT_SUMMARY, .n_denied = 1 };
        text_init(&text, buffer, sizeof(buffer));
        text_report_summary(&text, &utf8, &event, 1, true, true);
        assert_string_equal(buffer, "jail: summary: would have denied 1 call (more than 1 distinct)\n");

        event = (struct jail_event){ .kind = JAIL_EVENT_SUMMARY, .n_quiet = 2 };
        text_init(&text, buffer, sizeof(buffer));
        text_report_summary(&text, &utf8, &event, 0, false, false);
        assert_string_equal(buffer, "jail: summary: denied 0 calls, and 2 quiet ones\n");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_entry),
                cmocka_unit_test(test_entry_in_ascii),
                cmocka_unit_test(test_entry_in_color),
                cmocka_unit_test(test_entry_of_permissive_run_and_goroutine),
                cmocka_unit_test(test_entry_that_names_no_module),
                cmocka_unit_test(test_directive_above_has_to_go),
                cmocka_unit_test(test_quiet_and_known),
                cmocka_unit_test(test_plumbing_is_left_out),
                cmocka_unit_test(test_long_stack_is_elided),
                cmocka_unit_test(test_hostile_bytes),
                cmocka_unit_test(test_missing_strings),
                cmocka_unit_test(test_note_and_image),
                cmocka_unit_test(test_summary),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
