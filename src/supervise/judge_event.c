/* SPDX-License-Identifier: Apache-2.0 */
/* The judge's words: from a decision to an event. */
#include "base/text.h"
#include "gobin/symbol_name.h"
#include "supervise/judge_internal.h"
#include "verdict/known_denials.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define MAX_EVENT_FRAMES 512
#define STRINGS_BYTES    (256 << 10)

/* Strings of one event, terminated copies of what the image holds; when full, "…" stands in. */
struct strings {
        char *next, *end;
};

static char strings_buffer[STRINGS_BYTES];
static struct jail_event_frame frames_buffer[MAX_EVENT_FRAMES];

static const char *strings_add(struct strings *strings, struct str s) {
        if (s.len == 0)
                return "";
        if ((size_t) (strings->end - strings->next) <= s.len)
                return "...";
        char *copy = strings->next;
        memcpy(copy, s.ptr, s.len);
        copy[s.len] = '\0';
        strings->next += s.len + 1;
        return copy;
}

static uint64_t realtime_ns(void) {
        struct timespec now;
        clock_gettime(CLOCK_REALTIME, &now);
        return (uint64_t) now.tv_sec * 1000000000 + (uint64_t) now.tv_nsec;
}

static void emit(struct judge *judge, struct jail_event *event) {
        event->time_ns = realtime_ns();
        if (judge->options->on_event)
                judge->options->on_event(event, judge->options->on_event_data);
}

static const char *module_name(struct strings *strings, const struct module_set *set, module_id id, struct str symbol) {
        char package[SYMBOL_NAME_MAX_PACKAGE];
        switch (id) {
        case MODULE_NONE: return "";
        case MODULE_UNKNOWN: return strings_add(strings, symbol_name_package(symbol, package, sizeof(package)));
        default: return strings_add(strings, module_set_get(set, id)->path);
        }
}

static void fill_frame(struct strings *strings, const struct module_set *set, const struct go_inline_frame *frame,
                       const struct attributed_frame *witnesses, struct jail_event_frame *event_frame) {
        event_frame->function = strings_add(strings, frame->name);
        event_frame->file = strings_add(strings, frame->file);
        event_frame->line = frame->line;
        event_frame->module = module_name(strings, set, witnesses->symbol, frame->name);
        event_frame->file_module = "";
        if (witnesses->file != witnesses->symbol && witnesses->file != MODULE_NONE)
                event_frame->file_module = module_name(strings, set, witnesses->file, frame->name);
        event_frame->inlined = frame->inlined;
}

/* Lays out the logical stack. Returns how many frames it has; *ret_blamed is the index of the frame to blame, or that number. */
static size_t fill_frames(const struct judge *judge, const struct judge_process *process, const struct decision *decision,
                          struct strings *strings, size_t *ret_blamed) {
        const struct module_set *set = process->image->modules;
        size_t n = 0;
        *ret_blamed = SIZE_MAX;
        for (size_t i = 0; i < judge->stack.n_frames && n < MAX_EVENT_FRAMES; i++) {
                const struct unwind_frame *frame = &judge->stack.frames[i];
                if (!frame->code) {
                        frames_buffer[n++] = (struct jail_event_frame){
                                .pc = frame->pc, .function = "(C code)", .file = "", .module = "", .file_module = ""
                        };
                        continue;
                }
                const struct attributed_frame *witnesses = attribution_find(process->image->attribution, frame->code);
                uint16_t logical = survey_logical_frames(frame);
                for (uint16_t j = 0; witnesses && j < logical && n < MAX_EVENT_FRAMES; j++, n++) {
                        if (i == decision->blamed_frame && j == decision->blamed_inline)
                                *ret_blamed = n;
                        frames_buffer[n] = (struct jail_event_frame){ .pc = frame->pc };
                        fill_frame(strings, set, &frame->code->frames[j], &witnesses[j], &frames_buffer[n]);
                        frames_buffer[n].created = frame->kind == UNWIND_CREATED && j == 0;
                }
        }
        if (*ret_blamed == SIZE_MAX)
                *ret_blamed = n;
        return n;
}

/* Who is to blame, and whether the denial is one that the user has said to expect. */
static void fill_blame(const struct judge *judge, const struct judge_process *process, const struct decision *decision,
                       struct strings *strings, struct jail_event *event) {
        event->policy_file = jail_policy_file(judge->policy);
        if (decision->blamed == MODULE_NONE)
                return;
        const struct module *module = module_set_get(process->image->modules, decision->blamed);
        const struct code_point *code = judge->stack.frames[decision->blamed_frame].code;
        struct str function = code->frames[decision->blamed_inline].name;
        event->module = module_name(strings, process->image->modules, decision->blamed, function);
        event->version = strings_add(strings, module->version);
        event->policy_line = module->policy ? module->policy->require_line : 0;
        const char *known = known_denial(module->path, function, event->cls);
        event->known = known ? known : "";
        event->quiet = known || (module->policy && (module->policy->quiet_classes & 1U << event->cls));
}

void judge_report_denial(struct judge *judge, struct judge_process *process, const struct judge_stop *stop,
                         const struct decision *decision) {
        static char call[16384], target_text[OPERATION_TARGET_BYTES * 4 + 1];
        char name[32];
        struct strings strings = { strings_buffer, strings_buffer + sizeof(strings_buffer) };
        struct text text;

        operation_read_targets(&judge->operation, &process->memory.reader);
        text_init(&text, call, sizeof(call));
        operation_format(&judge->operation, &text);
        text_init(&text, target_text, sizeof(target_text));
        if (judge->operation.n_targets > 0)
                operation_format_target(&judge->operation.targets[0], &text);

        struct jail_event event = {
                .kind = JAIL_EVENT_DENIED,
                .pid = stop->pid,
                .tid = stop->tid,
                .image = judge_process_path(process, stop->pid),
                .permissive = judge->options->permissive,
                .known = "",
                .reason = decision->reason,
                .cls = judge->operation.cls,
                .syscall = operation_name(&judge->operation, name, sizeof(name)),
                .call = call,
                .target = target_text,
                .racy = judge->operation.racy,
                .module = "",
                .version = "",
                .frames = frames_buffer,
                .stack_truncated = judge->stack.truncated,
                .detail = decision->detail,
                .message = "",
                .go_version = "",
        };
        if (process->image) {
                event.n_frames = fill_frames(judge, process, decision, &strings, &event.blamed_frame);
                fill_blame(judge, process, decision, &strings, &event);
        }
        if (event.quiet)
                judge->n_quiet++;
        else
                judge->n_denied++;
        emit(judge, &event);
}

bool judge_is_over(const struct judge *judge, pid_t tid) {
        return judge->is_over && judge->is_over(tid);
}

void judge_report_note(struct judge *judge, pid_t pid, bool verbose_only, const char *format, ...) {
        char message[JAIL_ERROR_MSG_SIZE + 256];
        va_list args;
        va_start(args, format);
        vsnprintf(message, sizeof(message), format, args);
        va_end(args);
        struct jail_event event = {
                .kind = JAIL_EVENT_NOTE,
                .pid = pid,
                .image = "",
                .message = message,
                .verbose_only = verbose_only,
        };
        emit(judge, &event);
}

void judge_report_image(struct judge *judge, struct judge_process *process, pid_t pid, bool first, bool supervised) {
        struct jail_event event = {
                .kind = first ? JAIL_EVENT_START : JAIL_EVENT_IMAGE,
                .pid = pid,
                .tid = pid,
                .image = judge_process_path(process, pid),
                .message = "",
                .verbose_only = true,
                .supervised = supervised,
                .go_version = process->image ? jail_image_go_version(process->image->image) : "",
                .permissive = judge->options->permissive,
                .policy_file = jail_policy_file(judge->policy),
        };
        emit(judge, &event);
}

void judge_report_refused(struct judge *judge, pid_t pid, const char *path, enum jail_reason reason, const char *detail) {
        char call[4400];
        struct text text;
        if (judge_is_over(judge, pid))
                return;
        text_init(&text, call, sizeof(call));
        text_add(&text, STR("execve(\""));
        text_add_escaped(&text, str_from(path));
        text_add(&text, STR("\")"));
        struct jail_event event = {
                .kind = JAIL_EVENT_DENIED,
                .pid = pid,
                .tid = pid,
                .image = path,
                .known = "",
                .reason = reason,
                .cls = JAIL_CLASS_EXEC,
                .syscall = "execve",
                .call = call,
                .target = "",
                .module = "",
                .version = "",
                .policy_file = jail_policy_file(judge->policy),
                .detail = detail,
                .message = "",
        };
        judge->n_denied++;
        emit(judge, &event);
}

void judge_summary(struct judge *judge, int wait_status) {
        struct jail_event event = {
                .kind = JAIL_EVENT_SUMMARY,
                .image = "",
                .message = "",
                .permissive = judge->options->permissive,
                .policy_file = jail_policy_file(judge->policy),
                .n_stops = judge->n_stops,
                .n_decided = judge->n_decided,
                .n_allowed = judge->n_allowed,
                .n_denied = judge->n_denied,
                .n_quiet = judge->n_quiet,
                .n_truncated = judge->n_truncated,
                .wait_status = wait_status,
        };
        if (judge->options->stats) {
                judge->stats.syscalls = judge->counts;
                judge->stats.n_syscalls = JUDGE_COUNTED_CALLS;
                judge->stats.n_stops = judge->n_stops;
                judge->stats.n_decided = judge->n_decided;
                judge->stats.n_denied = judge->n_denied + judge->n_quiet;
                judge->stats.n_truncated = judge->n_truncated;
                event.stats = &judge->stats;
        }
        emit(judge, &event);
}
