/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Events with arbitrary bytes, as text and as JSON Lines: valid UTF-8 without control characters, JSON that can be read, and no
 * line that the program could have forged. Input: kind, reason, class and flags (a byte each), the number of frames (a byte), then
 * strings, each ended by a NUL, in the order of the fields; a short input leaves the rest empty.
 */
#include "report/report.h"

#include "base/text.h"
#include "fuzz.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define MAX_FRAMES   300
#define MAX_FIELD    20000
#define OUTPUT_BYTES (4u << 20)
#define CHECK(condition)                                                                                                           \
        do {                                                                                                                       \
                if (!(condition)) {                                                                                                \
                        fprintf(stderr, "%s\n", #condition);                                                                       \
                        abort();                                                                                                   \
                }                                                                                                                  \
        } while (0)

struct input {
        const uint8_t *data;
        size_t size;
};

static uint8_t take_byte(struct input *input) {
        if (input->size == 0)
                return 0;
        input->size--;
        return *input->data++;
}

/* A string of its own, so that a sanitizer sees what is read behind it. */
static char *take_string(struct input *input) {
        size_t len = strnlen((const char *) input->data, input->size < MAX_FIELD ? input->size : MAX_FIELD);
        char *copy = malloc(len + 1);
        if (!copy)
                abort();
        memcpy(copy, input->data, len);
        copy[len] = '\0';
        len += len < input->size;
        input->data += len;
        input->size -= len;
        return copy;
}

/* What the judge escapes, it escapes; whether the report trusts it is another question, asked by the flag. */
static char *take_escaped(struct input *input, bool raw) {
        char *string = take_string(input);
        if (raw)
                return string;
        size_t size = 4 * strlen(string) + 1;
        char *escaped = malloc(size);
        struct text text;
        if (!escaped)
                abort();
        text_init(&text, escaped, size);
        text_add_escaped(&text, str_from(string));
        free(string);
        return escaped;
}

/* The next character, as RFC 3629 defines them. */
static uint32_t next_character(const uint8_t **at, const uint8_t *end) {
        const uint8_t *p = *at;
        uint32_t value = p[0], least = 0;
        size_t more = 0;
        if (p[0] >= 0x80) {
                CHECK(p[0] >= 0xc2 && p[0] <= 0xf4);
                more = p[0] < 0xe0 ? 1 : p[0] < 0xf0 ? 2 : 3;
                value = p[0] & (0x3fu >> more);
                least = more == 1 ? 0x80 : more == 2 ? 0x800 : 0x10000;
        }
        CHECK((size_t) (end - p) > more);
        for (size_t i = 1; i <= more; i++) {
                CHECK((p[i] & 0xc0) == 0x80);
                value = value << 6 | (p[i] & 0x3f);
        }
        CHECK(value >= least && value <= 0x10ffff && (value < 0xd800 || value > 0xdfff));
        *at += more + 1;
        return value;
}

/* Every line of the output, ended by its newline. Returns how many. */
static size_t check_characters(const char *output, size_t len, bool utf8) {
        const uint8_t *at = (const uint8_t *) output, *end = at + len;
        size_t n_lines = 0;
        while (at < end) {
                uint32_t c = next_character(&at, end);
                n_lines += c == '\n';
                CHECK(c == '\n' || (c >= 0x20 && (c < 0x7f || c > 0x9f)));
                CHECK(utf8 || c < 0x80);
                CHECK(c < 0x2028 || c > 0x202e); /* line separators, bidirectional overrides */
        }
        CHECK(len == 0 || output[len - 1] == '\n');
        return n_lines;
}

/* Entries are told from the program's own lines by their begin. */
static void check_lines(const char *output, size_t len) {
        for (const char *line = output; line < output + len; line = strchr(line, '\n') + 1)
                CHECK(strncmp(line, "jail: ", 6) == 0 || strncmp(line, "  ", 2) == 0);
}

static void check_json(const char *output, size_t len) {
        for (const char *line = output; line < output + len;) {
                const char *end = strchr(line, '\n');
                json_error_t error;
                json_t *object = json_loadb(line, (size_t) (end - line), 0, &error);
                CHECK(json_is_object(object));
                CHECK(json_integer_value(json_object_get(object, "v")) == 1);
                json_decref(object);
                line = end + 1;
        }
}

static size_t read_output(int fd, char *output) {
        ssize_t len = pread(fd, output, OUTPUT_BYTES - 1, 0);
        CHECK(len >= 0 && len < (ssize_t) OUTPUT_BYTES - 1);
        output[len] = '\0';
        CHECK(ftruncate(fd, 0) == 0 && lseek(fd, 0, SEEK_SET) == 0);
        return (size_t) len;
}

/* Both forms of what was said, twice: the second time the event is a known one, and the summary counts it. */
static void report(const struct jail_event *event, uint8_t flags, int text_fd, int json_fd) {
        static char output[OUTPUT_BYTES];
        struct report *report = NULL;
        const struct report_options options = {
                .text_fd = text_fd,
                .json_fd = json_fd,
                .style.utf8 = flags & 1,
                .verbose = flags & 2,
                .permissive = flags & 4,
        };
        if (report_new(&options, &report, NULL) < 0)
                abort();
        report_event(event, report);
        report_event(event, report);
        struct jail_event summary = *event;
        summary.kind = JAIL_EVENT_SUMMARY;
        summary.n_denied = 2;
        report_event(&summary, report);
        report_free(report);
        size_t len = read_output(text_fd, output);
        check_characters(output, len, options.style.utf8);
        check_lines(output, len);
        len = read_output(json_fd, output);
        CHECK(check_characters(output, len, true) > 0);
        check_json(output, len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        static int text_fd = -1, json_fd;
        static struct jail_event_frame frames[MAX_FRAMES];
        char *strings[16 + 4 * MAX_FRAMES];
        size_t n = 0;
        struct input input = { data, size };
        if (text_fd < 0) {
                text_fd = memfd_create("text", MFD_CLOEXEC);
                json_fd = memfd_create("json", MFD_CLOEXEC);
                if (text_fd < 0 || json_fd < 0)
                        abort();
        }
        struct jail_event event = { .kind = (enum jail_event_kind)(take_byte(&input) % 4) };
        event.reason = (enum jail_reason)(take_byte(&input) % JAIL_REASON_COUNT);
        event.cls = (enum jail_class)(take_byte(&input) % JAIL_CLASS_COUNT);
        uint8_t flags = take_byte(&input);
        event.n_frames = take_byte(&input);
        event.n_frames = event.n_frames > 250 ? MAX_FRAMES : event.n_frames;
        event.pid = event.tid = 100;
        event.quiet = flags & 8;
        event.permissive = flags & 4;
        event.racy = event.supervised = event.stack_truncated = flags & 16;
        event.blamed_frame = flags >> 5;

        const char **const fields[] = { &event.image,  &event.known,   &event.syscall,   &event.call,
                                        &event.target, &event.module,  &event.version,   &event.policy_file,
                                        &event.detail, &event.message, &event.go_version };
        for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
                bool escaped = fields[i] == &event.call || fields[i] == &event.target || fields[i] == &event.message;
                *fields[i] = strings[n++] = escaped ? take_escaped(&input, flags & 32) : take_string(&input);
        }
        for (size_t i = 0; i < event.n_frames; i++) {
                frames[i] = (struct jail_event_frame){
                        .pc = i * 4096, .line = (unsigned) i, .inlined = i % 3 == 1, .created = i % 7 == 6
                };
                frames[i].function = strings[n++] = take_string(&input);
                frames[i].file = strings[n++] = take_string(&input);
                frames[i].module = strings[n++] = take_string(&input);
                frames[i].file_module = strings[n++] = take_string(&input);
        }
        event.frames = frames;
        report(&event, flags, text_fd, json_fd);
        while (n > 0)
                free(strings[--n]);
        return 0;
}
