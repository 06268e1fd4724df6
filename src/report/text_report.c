/* SPDX-License-Identifier: Apache-2.0 */
#include "report/text_report.h"

#include "report/grant_line.h"

#include <inttypes.h>
#include <string.h>

enum {
        MAX_ROOT_FRAMES = 64, /* that are looked at: initialisation nests */
        MAX_STACK_NAMES = 24,
        KEPT_OUTER_NAMES = 8, /* of a longer stack, next to the root */
};

static bool is_empty(const char *text) {
        return !text || text[0] == '\0';
}

static void add_label(struct text *text, const struct style *style, const char *label) {
        text_add(text, STR("  "));
        style_begin(text, style, STYLE_LABEL);
        text_add(text, str_from(label));
        style_end(text, style);
}

static void add_headline(struct text *text, const struct style *style, const struct jail_event *event) {
        text_add(text, STR("jail: "));
        style_begin(text, style, event->permissive ? STYLE_NOTICE : STYLE_DENIED);
        text_add(text, event->permissive ? STR("would deny") : STR("denied"));
        style_end(text, style);
        text_add(text, STR(" "));
        style_add_escaped(text, style, str_from(event->call));
        if (!is_empty(event->module)) {
                text_add(text, STR(" by "));
                style_begin(text, style, STYLE_NAME);
                style_add_raw(text, style, str_from(event->module));
                if (!is_empty(event->version)) {
                        text_add(text, STR(" "));
                        style_add_raw(text, style, str_from(event->version));
                }
                style_end(text, style);
        }
        text_printf(text, " [%s, %s", jail_class_name(event->cls), jail_reason_name(event->reason));
        if (!is_empty(event->known)) {
                text_add(text, STR(", known: "));
                style_add_raw(text, style, str_from(event->known));
        } else if (event->quiet) {
                text_add(text, STR(", quiet"));
        }
        text_add(text, STR("]\n"));
}

static void add_place(struct text *text, const struct style *style, const struct jail_event *event) {
        size_t place = event->blamed_frame < event->n_frames ? event->blamed_frame : 0;
        const struct jail_event_frame *frame = &event->frames[place];
        add_label(text, style, "at    ");
        style_add_symbol(text, style, str_from(frame->function));
        if (!is_empty(frame->file)) {
                text_add(text, STR("  "));
                style_add_file(text, style, str_from(frame->file));
                if (frame->line > 0)
                        text_printf(text, ":%u", frame->line);
        }
        text_add(text, STR("\n"));
}

/* Whether the functions that every call goes through, or that every goroutine begins with, hold this one. */
static bool is_one_of(const char *const *functions, size_t n_functions, const char *function) {
        for (size_t i = 0; function && i < n_functions; i++) {
                if (strcmp(functions[i], function) == 0)
                        return true;
        }
        return false;
}

static bool is_entry(const char *function) {
        static const char *const functions[] = {
                "internal/runtime/syscall/linux.Syscall6",
                "internal/runtime/syscall.Syscall6",
                "runtime/internal/syscall.Syscall6",
                "syscall.RawSyscall",
                "syscall.RawSyscall6",
                "syscall.Syscall",
                "syscall.Syscall6",
                "syscall.rawSyscallNoError",
        };
        return is_one_of(functions, sizeof(functions) / sizeof(functions[0]), function);
}

static bool is_root(const char *function) {
        static const char *const functions[] = { "runtime.goexit", "runtime.main", "runtime.doInit", "runtime.doInit1" };
        return is_one_of(functions, sizeof(functions) / sizeof(functions[0]), function);
}

/* How many of the innermost frames are only the way into the kernel. */
static size_t count_entries(const struct jail_event *event) {
        size_t n = 0;
        while (n < event->n_frames && is_entry(event->frames[n].function))
                n++;
        return n;
}

/* Whether frame i and what follows, up to the end of its goroutine, is only its root. */
static bool begins_root(const struct jail_event *event, size_t i) {
        for (size_t end = i + MAX_ROOT_FRAMES; i < end && is_root(event->frames[i].function); i++) {
                if (i + 1 == event->n_frames || event->frames[i + 1].created)
                        return true;
        }
        return false;
}

static void add_frame(struct text *text, const struct style *style, const struct jail_event_frame *frame) {
        if (frame->created)
                text_add(text, STR("created by "));
        style_add_symbol(text, style, str_from(frame->function));
        if (frame->inlined)
                text_add(text, STR(" (inlined)"));
}

static void add_stack(struct text *text, const struct style *style, const struct jail_event *event) {
        struct str arrow = style->utf8 ? STR(" ← ") : STR(" <- ");
        size_t first = count_entries(event), n_names = 0;
        for (size_t i = first; i < event->n_frames; i++)
                n_names += !begins_root(event, i);
        bool show_all = n_names == 0; /* else only the frames that tell this stack from others */
        if (show_all) {
                first = 0;
                n_names = event->n_frames;
        }
        size_t n_left_out = n_names > MAX_STACK_NAMES ? n_names - MAX_STACK_NAMES : 0;
        size_t first_left_out = MAX_STACK_NAMES - KEPT_OUTER_NAMES;

        add_label(text, style, "stack ");
        size_t n = 0;
        for (size_t i = first; i < event->n_frames; i++) {
                if (!show_all && begins_root(event, i))
                        continue;
                bool is_left_out = n >= first_left_out && n < first_left_out + n_left_out;
                if (n > 0 && (!is_left_out || n == first_left_out))
                        text_add(text, arrow);
                if (!is_left_out)
                        add_frame(text, style, &event->frames[i]);
                else if (n == first_left_out)
                        text_printf(text, "(%zu more)", n_left_out);
                n++;
        }
        if (event->stack_truncated) {
                text_add(text, arrow);
                text_add(text, STR("(not kept by the runtime)"));
        }
        text_add(text, STR("\n"));
}

static void add_remedy(struct text *text, const struct style *style, const struct jail_event *event,
                       const struct jail_policy *policy, struct str go_mod) {
        char buffer[2048];
        struct text remedy;
        text_init(&remedy, buffer, sizeof(buffer));

        unsigned line = 0;
        if (event->reason == JAIL_REASON_CONFINED && !is_empty(event->module))
                line = grant_line_add_module(&remedy, policy, go_mod, str_from(event->module));
        else
                grant_line_add_option(&remedy, event->reason);
        if (remedy.len == 0)
                return;
        add_label(text, style, "allow with   ");
        style_add_escaped(text, style, (struct str){ remedy.ptr, remedy.len });
        if (line > 0) {
                text_add(text, STR("      ("));
                style_add_raw(text, style, str_from(event->policy_file));
                text_printf(text, ":%u", line);
                unsigned line_to_remove = grant_line_to_remove(policy, str_from(event->module));
                if (line_to_remove > 0)
                        text_printf(text, ", without the directive in line %u", line_to_remove);
                text_add(text, STR(")"));
        }
        text_add(text, STR("\n"));
}

void text_report_denied(struct text *text, const struct style *style, const struct jail_event *event,
                        const struct jail_policy *policy, struct str go_mod) {
        add_headline(text, style, event);
        if (event->n_frames > 0) {
                add_place(text, style, event);
                add_stack(text, style, event);
        }
        if (!is_empty(event->detail)) {
                add_label(text, style, "why   ");
                style_add_raw(text, style, str_from(event->detail));
                text_add(text, STR("\n"));
        }
        add_remedy(text, style, event, policy, go_mod);
}

void text_report_note(struct text *text, const struct style *style, const struct jail_event *event) {
        text_add(text, STR("jail: "));
        style_add_escaped(text, style, str_from(event->message));
        text_add(text, STR("\n"));
}

void text_report_image(struct text *text, const struct style *style, const struct jail_event *event) {
        text_printf(text, "jail: process %d runs ", (int) event->pid);
        style_add_raw(text, style, str_from(event->image));
        text_add(text, event->supervised ? STR(", supervised") : STR(", trusted"));
        if (!is_empty(event->go_version)) {
                text_add(text, STR(" ("));
                style_add_raw(text, style, str_from(event->go_version));
                text_add(text, STR(")"));
        }
        if (!is_empty(event->message)) {
                text_add(text, STR(": "));
                style_add_escaped(text, style, str_from(event->message));
        }
        text_add(text, STR("\n"));
}

static const char *plural(uint64_t n) {
        return n == 1 ? "" : "s";
}

void text_report_summary(struct text *text, const struct style *style, const struct jail_event *event, size_t n_distinct, bool more,
                         bool permissive) {
        text_add(text, STR("jail: summary: "));
        style_begin(text, style, event->n_denied == 0 || permissive ? STYLE_NOTICE : STYLE_DENIED);
        text_printf(text, "%s %" PRIu64 " call%s", permissive ? "would have denied" : "denied", event->n_denied,
                    plural(event->n_denied));
        style_end(text, style);
        if (event->n_denied > 0)
                text_printf(text, " (%s%zu distinct)", more ? "more than " : "", n_distinct);
        if (event->n_quiet > 0)
                text_printf(text, ", and %" PRIu64 " quiet one%s", event->n_quiet, plural(event->n_quiet));
        if (event->n_truncated > 0)
                text_printf(text, "; %" PRIu64 " decision%s on a truncated stack", event->n_truncated, plural(event->n_truncated));
        text_add(text, STR("\n"));
}
