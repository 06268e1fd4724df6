/* SPDX-License-Identifier: Apache-2.0 */
#include "report/json_report.h"

#include "base/text.h"
#include "report/grant_line.h"
#include "report/json_value.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

enum { MAX_FRAMES = 256 };

static bool is_empty(const char *text) {
        return !text || text[0] == '\0';
}

static void begin(struct json_value *value, const char *name, const struct jail_event *event) {
        json_value_init_event(value, name, event->time_ns);
        if (event->pid > 0)
                json_value_number(value, "pid", (uint64_t) event->pid);
        if (event->tid > 0)
                json_value_number(value, "tid", (uint64_t) event->tid);
}

static json_t *frame_object(const struct jail_event_frame *frame) {
        char pc[24];
        snprintf(pc, sizeof(pc), "0x%" PRIx64, frame->pc);

        struct json_value value;
        json_value_init(&value);
        json_value_raw(&value, "function", frame->function);
        if (!is_empty(frame->file))
                json_value_raw(&value, "file", frame->file);
        if (frame->line > 0)
                json_value_number(&value, "line", frame->line);
        if (!is_empty(frame->module))
                json_value_raw(&value, "module", frame->module);
        if (!is_empty(frame->file_module))
                json_value_raw(&value, "file_module", frame->file_module);
        if (frame->pc != 0)
                json_value_text(&value, "pc", pc);
        if (frame->inlined)
                json_value_bool(&value, "inlined", true);
        if (frame->created)
                json_value_bool(&value, "created", true);
        return json_value_take(&value);
}

/* The frames, at most max_frames of them: of a longer stack the innermost half and the outermost. */
static json_t *frames_array(const struct jail_event *event, size_t max_frames) {
        size_t n_left_out = event->n_frames > max_frames ? event->n_frames - max_frames : 0;
        size_t first_left_out = (max_frames + 1) / 2;
        json_t *array = json_array();
        for (size_t i = 0; i < event->n_frames; i++) {
                if (n_left_out > 0 && i >= first_left_out && i < first_left_out + n_left_out)
                        continue;
                if (json_array_append_new(array, frame_object(&event->frames[i])) < 0) { /* also when either is NULL */
                        json_decref(array);
                        return NULL;
                }
        }
        return array;
}

static void put_remedy(struct json_value *value, const struct jail_event *event, const struct json_context *context) {
        char buffer[4096];
        struct text remedy;
        text_init(&remedy, buffer, sizeof(buffer));
        unsigned line = 0;
        if (event->reason == JAIL_REASON_CONFINED && !is_empty(event->module))
                line = grant_line_add_module(&remedy, context->policy, context->go_mod, str_from(event->module));
        else
                grant_line_add_option(&remedy, event->reason);
        if (remedy.len == 0)
                return;
        json_value_text(value, "allow_with", remedy.ptr);
        if (line > 0) {
                json_value_raw(value, "policy_file", event->policy_file);
                json_value_number(value, "policy_line", line);
                unsigned line_to_remove = grant_line_to_remove(context->policy, str_from(event->module));
                if (line_to_remove > 0)
                        json_value_number(value, "policy_line_to_remove", line_to_remove);
        }
}

static void put_denied(struct json_value *value, const struct jail_event *event, const struct json_context *context,
                       size_t max_frames) {
        json_value_number(value, "id", context->id);
        json_value_bool(value, "denied", !event->permissive);
        json_value_bool(value, "quiet", event->quiet);
        if (!is_empty(event->known))
                json_value_raw(value, "known", event->known);
        json_value_text(value, "reason", jail_reason_name(event->reason));
        json_value_text(value, "class", jail_class_name(event->cls));
        json_value_raw(value, "syscall", event->syscall);
        json_value_text(value, "call", event->call);
        if (!is_empty(event->target))
                json_value_text(value, "target", event->target);
        if (event->racy)
                json_value_bool(value, "racy", true);
        if (!is_empty(event->module))
                json_value_raw(value, "module", event->module);
        if (!is_empty(event->version))
                json_value_raw(value, "version", event->version);
        if (!is_empty(event->detail))
                json_value_raw(value, "detail", event->detail);
        put_remedy(value, event, context);
        if (event->blamed_frame < event->n_frames) /* repeated here, since frames may lack it */
                json_value_put(value, "at", frame_object(&event->frames[event->blamed_frame]));
        json_value_put(value, "frames", frames_array(event, max_frames));
        if (event->n_frames > max_frames)
                json_value_number(value, "frames_left_out", event->n_frames - max_frames);
        json_value_bool(value, "stack_truncated", event->stack_truncated);
}

static void put_identity(struct json_value *value, const uint8_t *policy_identity) {
        char identity[2 * JAIL_POLICY_IDENTITY_SIZE + 1];
        for (size_t i = 0; i < JAIL_POLICY_IDENTITY_SIZE; i++)
                snprintf(identity + 2 * i, 3, "%02x", policy_identity[i]);
        json_value_text(value, "policy_identity", identity);
}

static void put_start(struct json_value *value, const struct jail_event *event, const struct json_context *context) {
        json_value_raw(value, "image", event->image);
        json_value_bool(value, "supervised", event->supervised);
        if (!is_empty(event->go_version))
                json_value_raw(value, "go_version", event->go_version);
        if (context->policy) {
                json_value_raw(value, "policy_file", jail_policy_file(context->policy));
                json_value_raw(value, "main_module", jail_policy_main_module(context->policy));
        }
        if (context->policy_identity)
                put_identity(value, context->policy_identity);
        json_value_bool(value, "permissive", context->permissive);
        if (!is_empty(context->relaxed))
                json_value_text(value, "relaxed", context->relaxed);
}

static void put_summary(struct json_value *value, const struct jail_event *event, const struct json_context *context) {
        json_value_bool(value, "permissive", context->permissive);
        json_value_number(value, "stops", event->n_stops);
        json_value_number(value, "decided", event->n_decided);
        json_value_number(value, "allowed", event->n_allowed);
        json_value_number(value, "denied", event->n_denied);
        json_value_number(value, "quiet", event->n_quiet);
        json_value_number(value, "truncated", event->n_truncated);
        json_value_number(value, "distinct", context->n_distinct);
        if (WIFEXITED(event->wait_status)) {
                json_value_number(value, "exit_code", (uint64_t) WEXITSTATUS(event->wait_status));
        } else if (WIFSIGNALED(event->wait_status)) {
                json_value_number(value, "signal", (uint64_t) WTERMSIG(event->wait_status));
        }
}

static char *event_line(const struct jail_event *event, const struct json_context *context, size_t max_frames) {
        struct json_value value;
        switch (event->kind) {
        case JAIL_EVENT_START:
                begin(&value, "start", event);
                put_start(&value, event, context);
                return json_value_take_text(&value, false);
        case JAIL_EVENT_DENIED:
                begin(&value, "denied", event);
                put_denied(&value, event, context, max_frames);
                return json_value_take_text(&value, false);
        case JAIL_EVENT_NOTE:
                begin(&value, "note", event);
                json_value_text(&value, "message", event->message);
                json_value_bool(&value, "verbose", event->verbose_only);
                return json_value_take_text(&value, false);
        case JAIL_EVENT_IMAGE:
                begin(&value, "image", event);
                json_value_raw(&value, "image", event->image);
                json_value_bool(&value, "supervised", event->supervised);
                if (!is_empty(event->go_version))
                        json_value_raw(&value, "go_version", event->go_version);
                if (!is_empty(event->message))
                        json_value_text(&value, "message", event->message);
                return json_value_take_text(&value, false);
        case JAIL_EVENT_SUMMARY:
                begin(&value, "summary", event);
                put_summary(&value, event, context);
                return json_value_take_text(&value, false);
        }
        return NULL;
}

char *json_report_event(const struct jail_event *event, const struct json_context *context) {
        for (size_t max_frames = MAX_FRAMES;; max_frames /= 4) {
                char *line = event_line(event, context, max_frames);
                if (!line || max_frames == 0 || strlen(line) <= JSON_REPORT_MAX_LINE_BYTES)
                        return line;
                free(line);
        }
}

char *json_report_repeated(const struct jail_event *summary, uint32_t id, uint64_t count) {
        struct json_value value;
        json_value_init_event(&value, "repeated", summary->time_ns);
        json_value_number(&value, "id", id);
        json_value_number(&value, "count", count);
        return json_value_take_text(&value, false);
}
