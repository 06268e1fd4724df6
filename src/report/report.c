/* SPDX-License-Identifier: Apache-2.0 */
#include "report/report.h"

#include "base/cleanup.h"
#include "base/text.h"
#include "report/blamed.h"
#include "report/distinct.h"
#include "report/grant_line.h"
#include "report/json_report.h"
#include "report/output.h"
#include "report/text_report.h"

#include <stdarg.h>
#include <string.h>

enum { TEXT_BYTES = 256 * 1024 };

struct report {
        struct report_options options;
        struct output text_out, json_out;
        struct distinct *denials; /* by module, call, class, call site and target */
        struct distinct *sites;   /* the same without the target: count is the number of distinct targets */
        struct blamed blamed;
        size_t n_distinct;                                  /* denials that are not quiet */
        bool is_full;                                       /* more of them are only counted */
        bool policy_image_run;                              /* an image of the policy was seen */
        bool json_lost;                                     /* said once that json_fd does not take everything */
        char *text_buffer;                                  /* TEXT_BYTES */
        uint8_t policy_identity[JAIL_POLICY_IDENTITY_SIZE]; /* for json_out only */
};

int report_new(const struct report_options *options, struct report **ret_report, struct jail_error *err) {
        struct report *report = calloc(1, sizeof(*report));
        int r = report ? 0 : jail_error_set(err, JAIL_ENOMEM, 0, "out of memory for the report");
        if (r == 0) {
                report->options = *options;
                report->text_out.fd = options->text_fd;
                report->json_out.fd = options->json_fd;
                report->text_buffer = malloc(TEXT_BYTES);
                if (!report->text_buffer)
                        r = jail_error_set(err, JAIL_ENOMEM, 0, "out of memory for the report");
        }
        if (r == 0 && options->policy && options->json_fd >= 0)
                r = jail_policy_identity(options->policy, report->policy_identity, err);
        if (r == 0)
                r = distinct_new(REPORT_MAX_DISTINCT, &report->denials, err);
        if (r == 0)
                r = distinct_new(REPORT_MAX_DISTINCT, &report->sites, err);
        if (r < 0) {
                report_free(report);
                return r;
        }
        *ret_report = report;
        return 0;
}

void report_free(struct report *report) {
        if (!report)
                return;
        distinct_free(report->denials);
        distinct_free(report->sites);
        blamed_clear(&report->blamed);
        free(report->text_buffer);
        free(report);
}

static struct text begin_text(struct report *report) {
        struct text text;
        text_init(&text, report->text_buffer, TEXT_BYTES);
        return text;
}

static void write_text(struct report *report, struct text *text) {
        if (text->cut)
                text->ptr[text->len - 1] = '\n';
        output_write(&report->text_out, (struct str){ text->ptr, text->len });
}

static void say(struct report *report, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void say(struct report *report, const char *format, ...) {
        char line[512];
        va_list args;
        va_start(args, format);
        vsnprintf(line, sizeof(line), format, args);
        va_end(args);

        struct text text = begin_text(report);
        text_add(&text, STR("jail: "));
        style_add_escaped(&text, &report->options.style, str_from(line));
        text_add(&text, STR("\n"));
        write_text(report, &text);
}

/* Writes the line and frees it; NULL stands for one that memory was too short for. */
static void write_json(struct report *report, char *owned_line) {
        CLEANUP_FREE char *line = owned_line;
        bool written = line && output_write(&report->json_out, str_from(line));
        if (written || report->json_lost)
                return;
        report->json_lost = true;
        const char *why = line ? strerrordesc_np(report->json_out.first_errno) : "out of memory";
        say(report, "the report %s is incomplete: %s", report->options.json_name ? report->options.json_name : "",
            why ? why : "unknown error");
}

static void write_json_event(struct report *report, const struct jail_event *event, uint32_t id) {
        if (report->options.json_fd < 0)
                return;
        struct json_context context = {
                .id = id,
                .permissive = report->options.permissive,
                .relaxed = report->options.relaxed,
                .n_distinct = report->n_distinct,
                .policy = report->options.policy,
                .policy_identity = report->options.policy ? report->policy_identity : NULL,
                .go_mod = report->options.go_mod,
        };
        write_json(report, json_report_event(event, &context));
}

static void on_start(struct report *report, const struct jail_event *event) {
        const struct report_options *options = &report->options;
        if (event->supervised)
                report->policy_image_run = true;
        if (options->permissive && options->quiet < 2)
                say(report, "permissive: every call is decided and reported, none is denied");
        if (options->relaxed && options->relaxed[0] && options->quiet < 1)
                say(report, "relaxed by %s", options->relaxed);
        write_json_event(report, event, 0);
}

/* A denial as text, unless it is one too many of its call site. */
static void show_denied(struct report *report, const struct jail_event *event, const struct distinct_entry *site) {
        const struct report_options *options = &report->options;
        if (options->quiet >= 2 || (event->quiet && !options->verbose))
                return;

        if (!options->verbose && site && site->count > REPORT_MAX_TARGETS_SHOWN) {
                if (site->count == REPORT_MAX_TARGETS_SHOWN + 1)
                        say(report, "more targets of %s at this place are only counted (-v and --report have them)",
                            event->syscall);
                return;
        }
        struct text text = begin_text(report);
        text_report_denied(&text, &options->style, event, options->policy, options->go_mod);
        write_text(report, &text);
}

/*
 * One place in a module may fill a part of the table only, and the first denial of a place is told when the table is full: a module
 * cannot bury one attempt under thousands of others.
 */
static void on_denied(struct report *report, const struct jail_event *event) {
        uint8_t key[DISTINCT_KEY_SIZE], site_key[DISTINCT_KEY_SIZE];
        distinct_event_key(event, key);
        if (distinct_count_again(report->denials, key))
                return;
        if (!event->quiet && report->options.permissive)
                blamed_add(&report->blamed, event, report->options.policy);
        distinct_site_key(event, site_key);
        const struct distinct_entry *site = distinct_add(report->sites, site_key);
        const struct distinct_entry *entry = NULL;
        if (site && site->count <= REPORT_MAX_OF_SITE)
                entry = distinct_add(report->denials, key);
        if (!entry && !report->is_full) {
                if (report->options.quiet < 2)
                        say(report, "more than %d distinct denials%s: further ones are only counted",
                            site ? REPORT_MAX_OF_SITE : REPORT_MAX_DISTINCT, site ? " at one place" : "");
                report->is_full = true;
        }
        if (!entry && !(site && site->count == 1))
                return;
        if (!event->quiet)
                report->n_distinct++;
        show_denied(report, event, site);
        write_json_event(report, event, entry ? entry->id : REPORT_MAX_DISTINCT + site->id);
}

static void on_note(struct report *report, const struct jail_event *event) {
        if (report->options.quiet < 1 && (!event->verbose_only || report->options.verbose)) {
                struct text text = begin_text(report);
                text_report_note(&text, &report->options.style, event);
                write_text(report, &text);
        }
        write_json_event(report, event, 0);
}

static void on_image(struct report *report, const struct jail_event *event) {
        if (event->supervised)
                report->policy_image_run = true;
        if (report->options.verbose) {
                struct text text = begin_text(report);
                text_report_image(&text, &report->options.style, event);
                write_text(report, &text);
        }
        write_json_event(report, event, 0);
}

/* What would unconfine the blamed modules: either the lines of go.mod, or the options where go.mod cannot say it. */
static void add_grants(struct text *text, const struct report *report, bool want_lines, const char *heading) {
        const struct report_options *options = &report->options;
        bool is_first = true;
        for (size_t i = 0; i < report->blamed.n_modules; i++) {
                char buffer[4096];
                struct text grant;
                text_init(&grant, buffer, sizeof(buffer));
                unsigned line =
                        grant_line_add_module(&grant, options->policy, options->go_mod, str_from(report->blamed.modules[i]));
                if ((line > 0) != want_lines)
                        continue;
                if (is_first)
                        text_printf(text, "jail: permissive: with these %s this run would be free of denials:\n", heading);
                is_first = false;
                text_add(text, STR("    "));
                style_add_escaped(text, &options->style, (struct str){ grant.ptr, grant.len });
                text_add(text, STR("\n"));
        }
}

/* The directives that the lines of go.mod would contradict. */
static void add_lines_to_remove(struct text *text, const struct report *report) {
        for (size_t i = 0; i < report->blamed.n_modules; i++) {
                unsigned line = grant_line_to_remove(report->options.policy, str_from(report->blamed.modules[i]));
                if (line > 0)
                        text_printf(text, "jail: permissive: the directive in line %u goes\n", line);
        }
}

/* The reasons that no line of go.mod can do away with. */
static void add_remaining_reasons(struct text *text, uint64_t reasons) {
        for (unsigned reason = 0; reason < JAIL_REASON_COUNT; reason++) {
                if (!(reasons & UINT64_C(1) << reason))
                        continue;
                char buffer[64];
                struct text option;
                text_init(&option, buffer, sizeof(buffer));
                grant_line_add_option(&option, reason);
                text_printf(text, "jail: permissive: denials with the reason %s remain%s%s\n", jail_reason_name(reason),
                            option.len > 0 ? ", unless " : "", option.ptr);
        }
}

/* --permissive: what would have to change. */
static void show_remedies(struct report *report) {
        struct text text = begin_text(report);
        add_grants(&text, report, true, "lines in go.mod, in place of those there,");
        add_lines_to_remove(&text, report);
        add_grants(&text, report, false, "options");
        add_remaining_reasons(&text, report->blamed.reasons);
        if (report->blamed.cut)
                text_add(&text, STR("jail: permissive: and more, which there was no memory to remember\n"));
        if (text.len > 0)
                write_text(report, &text);
}

static void write_repeated(struct report *report, const struct jail_event *event) {
        if (report->options.json_fd < 0)
                return;
        for (uint32_t id = 1; id <= distinct_count(report->denials); id++) {
                uint64_t count = distinct_at(report->denials, id)->count;
                if (count > 1)
                        write_json(report, json_report_repeated(event, id, count));
        }
}

static void on_summary(struct report *report, const struct jail_event *event) {
        const struct report_options *options = &report->options;
        if (options->via && !report->policy_image_run && options->quiet < 2)
                say(report, "no program of the policy was run: nothing was confined");
        if (options->permissive && options->quiet < 2)
                show_remedies(report);
        if ((event->n_denied > 0 || (options->verbose && event->n_quiet > 0)) && options->quiet < 1) {
                struct text text = begin_text(report);
                text_report_summary(&text, &options->style, event, report->n_distinct, report->is_full, options->permissive);
                write_text(report, &text);
        }
        if (event->stats) {
                struct text text = begin_text(report);
                text_report_stats(&text, &options->style, event->stats);
                write_text(report, &text);
        }
        write_repeated(report, event);
        if (event->stats && options->json_fd >= 0)
                write_json(report, json_report_stats(event));
        write_json_event(report, event, 0);
}

void report_event(const struct jail_event *event, void *data) {
        struct report *report = data;
        switch (event->kind) {
        case JAIL_EVENT_START: on_start(report, event); break;
        case JAIL_EVENT_DENIED: on_denied(report, event); break;
        case JAIL_EVENT_NOTE: on_note(report, event); break;
        case JAIL_EVENT_IMAGE: on_image(report, event); break;
        case JAIL_EVENT_SUMMARY: on_summary(report, event); break;
        }
}
