/* SPDX-License-Identifier: Apache-2.0 */
#include "report/allocation.h"
#include "report/event_fixture.h"
#include "report/json_report.h"
#include "report/unit.h"

#include <jansson.h>

static void assert_line(char *owned_line, const char *expected) {
        assert_non_null(owned_line);
        assert_string_equal(owned_line, expected);
        free(owned_line);
}

static void test_denied(void **state) {
        (void) state;
        struct jail_policy *policy = event_fixture_policy(NULL, 0);
        struct jail_event event = event_fixture_denied();
        event.frames += 2;
        event.n_frames = 3;
        event.blamed_frame = 0;
        const struct json_context context = { .id = 3, .policy = policy, .go_mod = str_from(event_fixture_go_mod) };
        assert_line(
                json_report_event(&event, &context),
                "{\"v\":1,\"event\":\"denied\",\"time\":\"2026-01-02T03:04:05.678901234Z\",\"pid\":100,\"tid\":101,\"id\":3,"
                "\"denied\":true,\"quiet\":false,\"reason\":\"confined\",\"class\":\"fs.read\",\"syscall\":\"openat\","
                "\"call\":\"openat(\\\"/root/.ssh/id_rsa\\\", O_RDONLY)\",\"target\":\"/root/.ssh/id_rsa\","
                "\"module\":\"example.com/evil\",\"version\":\"v1.2.3\","
                "\"allow_with\":\"example.com/evil v1.2.3 // gomodjail:unconfined\",\"policy_file\":\"go.mod\",\"policy_line\":7,"
                "\"at\":{\"function\":\"example.com/evil.steal\",\"file\":\"/root/go/pkg/mod/example.com/evil@v1.2.3/evil.go\","
                "\"line\":14,\"module\":\"example.com/evil\",\"pc\":\"0x401000\",\"inlined\":true},"
                "\"frames\":[{\"function\":\"example.com/evil.steal\",\"file\":\"/root/go/pkg/mod/example.com/evil@v1.2.3/"
                "evil.go\","
                "\"line\":14,\"module\":\"example.com/evil\",\"pc\":\"0x401000\",\"inlined\":true},"
                "{\"function\":\"example.com/evil.Add\",\"file\":\"/root/go/pkg/mod/example.com/evil@v1.2.3/evil.go\","
                "\"line\":20,\"module\":\"example.com/evil\",\"pc\":\"0x401000\"},"
                "{\"function\":\"main.main\",\"file\":\"/src/app/main.go\","
                "\"line\":14,\"module\":\"example.com/app\",\"pc\":\"0x401000\"}],"
                "\"stack_truncated\":false}\n");
        jail_policy_free(policy);
}

static void test_denied_with_everything(void **state) {
        (void) state;
        struct jail_event_frame frame = { .function = "f", .file_module = "example.com/lib", .created = true };
        const struct jail_event event = {
                .kind = JAIL_EVENT_DENIED,
                .permissive = true,
                .quiet = true,
                .known = "protobuf",
                .reason = JAIL_REASON_INCOMPLETE,
                .cls = JAIL_CLASS_OTHER,
                .syscall = "syscall 462",
                .call = "syscall 462()",
                .racy = true,
                .frames = &frame,
                .n_frames = 1,
                .blamed_frame = 1,
                .stack_truncated = true,
                .detail = "unknown pc",
        };
        assert_line(json_report_event(&event, &(struct json_context){ .id = 1 }),
                    "{\"v\":1,\"event\":\"denied\",\"time\":\"1970-01-01T00:00:00.000000000Z\",\"id\":1,\"denied\":false,"
                    "\"quiet\":true,\"known\":\"protobuf\",\"reason\":\"incomplete\",\"class\":\"other\","
                    "\"syscall\":\"syscall 462\",\"call\":\"syscall 462()\",\"racy\":true,\"detail\":\"unknown pc\","
                    "\"allow_with\":\"--incomplete=allow\","
                    "\"frames\":[{\"function\":\"f\",\"file_module\":\"example.com/lib\",\"created\":true}],"
                    "\"stack_truncated\":true}\n");
}

static void test_other_events(void **state) {
        (void) state;
        struct jail_policy *policy = event_fixture_policy(NULL, 0);
        uint8_t identity[JAIL_POLICY_IDENTITY_SIZE];
        memset(identity, 0xab, sizeof(identity));
        struct json_context context = {
                .policy = policy, .policy_identity = identity, .relaxed = "--incomplete=allow", .n_distinct = 3
        };
        struct jail_event event = { .kind = JAIL_EVENT_START, .image = "./prog", .supervised = true, .go_version = "go1.26.1" };
        assert_line(
                json_report_event(&event, &context),
                "{\"v\":1,\"event\":\"start\",\"time\":\"1970-01-01T00:00:00.000000000Z\",\"image\":\"./prog\","
                "\"supervised\":true,\"go_version\":\"go1.26.1\",\"policy_file\":\"go.mod\",\"main_module\":\"example.com/app\","
                "\"policy_identity\":\"abababababababababababababababababababababababababababababababab\","
                "\"permissive\":false,\"relaxed\":\"--incomplete=allow\"}\n");

        event = (struct jail_event){ .kind = JAIL_EVENT_NOTE, .message = "something", .verbose_only = true };
        assert_line(json_report_event(&event, &context),
                    "{\"v\":1,\"event\":\"note\",\"time\":\"1970-01-01T00:00:00.000000000Z\",\"message\":\"something\","
                    "\"verbose\":true}\n");

        event = (struct jail_event){ .kind = JAIL_EVENT_IMAGE, .pid = 5, .image = "/bin/\xff\n", .message = "a shell" };
        assert_line(json_report_event(&event, &context),
                    "{\"v\":1,\"event\":\"image\",\"time\":\"1970-01-01T00:00:00.000000000Z\",\"pid\":5,"
                    "\"image\":\"/bin/\\\\xff\\\\n\",\"supervised\":false,\"message\":\"a shell\"}\n");

        event = (struct jail_event){ .kind = JAIL_EVENT_SUMMARY,
                                     .n_stops = 9,
                                     .n_decided = 8,
                                     .n_allowed = 7,
                                     .n_denied = 6,
                                     .n_quiet = 5,
                                     .n_truncated = UINT64_MAX,
                                     .wait_status = 42 << 8 };
        assert_line(json_report_event(&event, &context),
                    "{\"v\":1,\"event\":\"summary\",\"time\":\"1970-01-01T00:00:00.000000000Z\",\"permissive\":false,\"stops\":9,"
                    "\"decided\":8,\"allowed\":7,\"denied\":6,\"quiet\":5,\"truncated\":9223372036854775807,\"distinct\":3,"
                    "\"exit_code\":42}\n");
        event = (struct jail_event){ .kind = JAIL_EVENT_SUMMARY, .wait_status = 15 };
        assert_line(json_report_event(&event, &(struct json_context){ .permissive = true }),
                    "{\"v\":1,\"event\":\"summary\",\"time\":\"1970-01-01T00:00:00.000000000Z\",\"permissive\":true,\"stops\":0,"
                    "\"decided\":0,\"allowed\":0,\"denied\":0,\"quiet\":0,\"truncated\":0,\"distinct\":0,\"signal\":15}\n");

        assert_line(json_report_repeated(&event, 3, 17),
                    "{\"v\":1,\"event\":\"repeated\",\"time\":\"1970-01-01T00:00:00.000000000Z\",\"id\":3,\"count\":17}\n");
        jail_policy_free(policy);
}

static void test_stats(void **state) {
        (void) state;
        static const struct jail_stats_syscall syscalls[] = { { "read", 0, 0, 0 }, { "openat", 12, 3, 2 } };
        struct jail_stats stats = { .syscalls = syscalls, .n_syscalls = 2, .n_stops = 12, .n_decided = 3, .n_denied = 2 };
        jail_stats_add_time(&stats, 3);
        const struct jail_event event = { .kind = JAIL_EVENT_SUMMARY, .stats = &stats };
        assert_line(
                json_report_stats(&event),
                "{\"v\":1,\"event\":\"stats\",\"time\":\"1970-01-01T00:00:00.000000000Z\",\"stops\":12,\"decided\":3,\"denied\":2,"
                "\"truncated\":0,\"syscalls\":[{\"name\":\"openat\",\"stops\":12,\"decided\":3,\"denied\":2}],"
                "\"time_per_decision\":{\"decisions\":1,\"total_ns\":3,\"min_ns\":3,\"median_ns\":3,\"max_ns\":3,"
                "\"buckets\":[0,1,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]}}\n");
}

/* Every byte value in every string: the line is one line of valid JSON, and what was invalid survives as an escape. */
static void test_hostile_bytes(void **state) {
        (void) state;
        char hostile[512];
        size_t len = 0;
        for (unsigned c = 1; c < 256; c++)
                hostile[len++] = (char) c;
        hostile[len] = '\0';
        const struct jail_event_frame frame = { .function = hostile, .file = hostile, .module = hostile, .file_module = hostile };
        const struct jail_event event = {
                .kind = JAIL_EVENT_DENIED,
                .image = hostile,
                .known = hostile,
                .syscall = hostile,
                .call = hostile,
                .target = hostile,
                .module = hostile,
                .version = hostile,
                .policy_file = hostile,
                .frames = &frame,
                .n_frames = 1,
                .detail = hostile,
                .reason = JAIL_REASON_CONFINED,
        };
        char *line = json_report_event(&event, &(struct json_context){ 0 });
        assert_non_null(line);
        assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
        for (const char *c = line; c[1]; c++)
                assert_true((unsigned char) *c >= 0x20 && *c != 0x7f);
        json_t *object = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
        assert_non_null(object);
        const char *function = json_string_value(json_object_get(json_array_get(json_object_get(object, "frames"), 0), "function"));
        assert_non_null(strstr(function, "\\x01"));
        assert_non_null(strstr(function, "\\x80\\x81"));
        assert_non_null(strstr(function, "\\xff"));
        assert_non_null(strstr(json_string_value(json_object_get(object, "call")), "\\xff"));
        json_decref(object);
        free(line);
}

static void test_huge(void **state) {
        (void) state;
        enum { N_FRAMES = 100000 };
        static char hostile[100000];
        memset(hostile, 0xff, sizeof(hostile) - 1);
        struct jail_event_frame *frames = calloc(N_FRAMES, sizeof(*frames));
        for (size_t i = 0; i < N_FRAMES; i++)
                frames[i] = event_fixture_frame(hostile, hostile, hostile);
        frames[0].function = "innermost";
        frames[N_FRAMES - 1].function = "outermost";
        struct jail_event event = event_fixture_denied();
        event.frames = frames;
        event.n_frames = N_FRAMES;
        event.call = event.target = event.module = event.version = event.detail = event.syscall = hostile;
        char *line = json_report_event(&event, &(struct json_context){ 0 });
        assert_non_null(line);
        assert_true(strlen(line) <= JSON_REPORT_MAX_LINE_BYTES);
        json_t *object = json_loads(line, 0, NULL);
        assert_non_null(object);
        json_t *array = json_object_get(object, "frames");
        assert_int_equal(json_array_size(array) + (size_t) json_integer_value(json_object_get(object, "frames_left_out")),
                         N_FRAMES);
        json_decref(object);
        free(line);

        for (size_t i = 1; i < N_FRAMES - 1; i++) /* short ones: as many as are kept at all */
                frames[i] = event_fixture_frame("f", "", "");
        frames[0].file = frames[N_FRAMES - 1].file = frames[0].module = frames[N_FRAMES - 1].module = "";
        event.call = "";
        line = json_report_event(&event, &(struct json_context){ 0 });
        object = json_loads(line, 0, NULL);
        array = json_object_get(object, "frames");
        assert_int_equal(json_array_size(array), 256);
        assert_string_equal(json_string_value(json_object_get(json_array_get(array, 0), "function")), "innermost");
        assert_string_equal(json_string_value(json_object_get(json_array_get(array, 255), "function")), "outermost");
        json_decref(object);
        free(line);
        free(frames);
}

/* The whole line or NULL, and nothing leaks, whichever allocation fails. */
static void test_allocation_failure(void **state) {
        (void) state;
        struct jail_policy *policy = event_fixture_policy(NULL, 0);
        const struct jail_event event = event_fixture_denied();
        char *expected = json_report_event(&event, &(struct json_context){ .policy = policy });
        size_t n_null = 0;
        for (int n = 0;; n++) {
                allocation_fail_after(n);
                char *line = json_report_event(&event, &(struct json_context){ .policy = policy });
                bool failed = allocation_has_failed();
                allocation_fail_after(-1);
                n_null += !line;
                assert_true(line || failed);
                if (line)
                        assert_string_equal(line, expected);
                free(line);
                if (!failed)
                        break;
        }
        assert_true(n_null > 10);
        free(expected);
        jail_policy_free(policy);
}

/* jansson is a shared library: its allocations are wrapped by hand. */
void *__wrap_malloc(size_t size);

static int set_up(void **state) {
        (void) state;
        json_set_alloc_funcs(__wrap_malloc, free);
        return 0;
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_denied),
                cmocka_unit_test(test_denied_with_everything),
                cmocka_unit_test(test_other_events),
                cmocka_unit_test(test_stats),
                cmocka_unit_test(test_hostile_bytes),
                cmocka_unit_test(test_huge),
                cmocka_unit_test(test_allocation_failure),
        };
        return cmocka_run_group_tests(tests, set_up, NULL);
}
