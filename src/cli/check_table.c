/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/check_table.h"

#include "base/cleanup.h"
#include "base/text.h"
#include "cli/check_rows.h"
#include "cli/check_warnings.h"
#include "cli/message.h"
#include "report/json_value.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

enum { MAX_WIDTH = 64 }; /* of a column; what is longer moves the rest of its row */

static const char *linked_word(enum check_linked linked) {
        switch (linked) {
        case CHECK_LINKED_NO: return "no";
        case CHECK_LINKED_YES: return "yes";
        case CHECK_LINKED_UNKNOWN: return "";
        }
        return "";
}

static const char *origin_word(enum jail_policy_origin origin) {
        switch (origin) {
        case JAIL_POLICY_ORIGIN_NONE: return "none";
        case JAIL_POLICY_ORIGIN_MODULE: return "module";
        case JAIL_POLICY_ORIGIN_BLOCK: return "block";
        case JAIL_POLICY_ORIGIN_LINE: return "line";
        case JAIL_POLICY_ORIGIN_OVERRIDE: return "override";
        }
        return "none";
}

/* "go.mod:7", where the row's confinement comes from. */
static void format_origin(const struct jail_policy *policy, const struct check_row *row, char *buffer, size_t size) {
        if (row->policy->origin == JAIL_POLICY_ORIGIN_OVERRIDE)
                snprintf(buffer, size, "--module");
        else if (row->policy->origin == JAIL_POLICY_ORIGIN_NONE)
                snprintf(buffer, size, "-");
        else
                snprintf(buffer, size, "%s:%u", jail_policy_file(policy), row->policy->origin_line);
}

/* "unconfined", "confined", "confined, callbacks, quiet fs.read". */
static void format_grants(const struct jail_policy_module *module, char *buffer, size_t size) {
        struct text text;
        text_init(&text, buffer, size);
        text_add(&text, module->confined ? STR("confined") : STR("unconfined"));
        if (module->callbacks)
                text_add(&text, STR(", callbacks"));
        for (unsigned cls = 0; cls < JAIL_CLASS_COUNT; cls++) {
                if (module->quiet_classes & UINT32_C(1) << cls)
                        text_printf(&text, ", quiet %s", jail_class_name(cls));
        }
}

static void widen(int *width, const char *text) {
        int len = (int) strnlen(text, MAX_WIDTH);
        if (len > *width)
                *width = len;
}

static void print_rows(FILE *out, const struct jail_policy *policy, const struct check_rows *rows, bool with_program) {
        char grants[256], origin[512];
        int path_width = strlen("MODULE"), version_width = strlen("VERSION"), grants_width = strlen("POLICY"),
            origin_width = strlen("FROM");
        for (size_t i = 0; i < rows->n_rows; i++) {
                format_grants(rows->rows[i].policy, grants, sizeof(grants));
                format_origin(policy, &rows->rows[i], origin, sizeof(origin));
                widen(&path_width, rows->rows[i].path);
                widen(&version_width, rows->rows[i].version);
                widen(&grants_width, grants);
                widen(&origin_width, origin);
        }
        fprintf(out, "%-*s  %-*s  %-*s  ", path_width, "MODULE", version_width, "VERSION", grants_width, "POLICY");
        fprintf(out, with_program ? "%-*s  IN PROGRAM\n" : "%-*s\n", with_program ? origin_width : 0, "FROM");
        for (size_t i = 0; i < rows->n_rows; i++) {
                const struct check_row *row = &rows->rows[i];
                format_grants(row->policy, grants, sizeof(grants));
                format_origin(policy, row, origin, sizeof(origin));
                message_print_escaped(out, row->path, path_width);
                fputs("  ", out);
                message_print_escaped(out, row->version[0] ? row->version : "-", version_width);
                fprintf(out, "  %-*s  ", grants_width, grants);
                message_print_escaped(out, origin, with_program ? origin_width : 0);
                if (with_program)
                        fprintf(out, "  %s%s", linked_word(row->linked), row->required ? "" : ", not in go.mod");
                fputs("\n", out);
        }
}

static void print_table(FILE *out, const struct jail_policy *policy, const struct jail_image *image, const char *program,
                        const struct check_rows *rows) {
        fputs("go.mod   ", out);
        message_print_escaped(out, jail_policy_file(policy), 0);
        fputs(" of module ", out);
        message_print_escaped(out, jail_policy_main_module(policy), 0);
        if (image) {
                fputs("\nprogram  ", out);
                message_print_escaped(out, program, 0);
                fputs(", ", out);
                message_print_escaped(out, jail_image_go_version(image), 0);
        }
        size_t n_confined = 0, n_confined_linked = 0;
        for (size_t i = 0; i < rows->n_rows; i++) {
                n_confined += rows->rows[i].policy->confined;
                n_confined_linked += rows->rows[i].policy->confined && rows->rows[i].linked == CHECK_LINKED_YES;
        }
        fprintf(out, "\nmodules  %zu, %zu confined", rows->n_rows, n_confined);
        if (image)
                fprintf(out, ", %zu of them in the program", n_confined_linked);
        fputs("\n", out);
        if (rows->n_rows > 0) {
                fputs("\n", out);
                print_rows(out, policy, rows, image != NULL);
        }
        if (image)
                check_warnings_print(out, rows);
}

int check_table_text(const struct jail_policy *policy, const struct jail_image *image, const char *program, char **ret_text,
                     struct jail_error *err) {
        struct check_rows rows = { 0 };
        int r = check_rows_make(policy, image, &rows, err);
        if (r < 0)
                return r;

        char *text = NULL;
        size_t size = 0;
        FILE *out = open_memstream(&text, &size);
        if (out)
                print_table(out, policy, image, program, &rows);
        check_rows_clear(&rows);
        bool failed = !out || ferror(out);
        if (out && fclose(out) != 0)
                failed = true;
        if (failed) {
                free(text);
                return jail_error_set(err, JAIL_ENOMEM, 0, "out of memory for the table");
        }
        *ret_text = text;
        return 0;
}

/* Of a confined module in the program: whether it is compiled into others, and where its sources have what. */
static void json_warnings(struct json_value *value, const struct check_row *row) {
        json_value_bool(value, "inlined", row->inlined);
        json_value_bool(value, "sources_seen", row->scanned && !row->scan.incomplete);
        struct json_value found;
        json_value_init(&found);
        for (unsigned i = 0; i < SOURCE_FINDING_COUNT; i++)
                if (row->scan.at[i])
                        json_value_raw(&found, source_finding_name(i), row->scan.at[i]);
        json_value_put(value, "found", json_value_take(&found));
}

static json_t *json_row(const struct check_row *row) {
        struct json_value value;
        json_value_init(&value);
        json_value_raw(&value, "path", row->path);
        json_value_raw(&value, "version", row->version);
        json_value_bool(&value, "confined", row->policy->confined);
        json_value_bool(&value, "callbacks", row->policy->callbacks);
        json_t *quiet = json_array();
        for (unsigned cls = 0; cls < JAIL_CLASS_COUNT; cls++) {
                if (row->policy->quiet_classes & UINT32_C(1) << cls &&
                    json_array_append_new(quiet, json_string(jail_class_name(cls))) < 0)
                        value.failed = true;
        }
        json_value_put(&value, "quiet", quiet);
        json_value_text(&value, "origin", origin_word(row->policy->origin));
        if (row->policy->origin_line > 0)
                json_value_number(&value, "origin_line", row->policy->origin_line);
        json_value_bool(&value, "in_go_mod", row->required);
        if (row->linked != CHECK_LINKED_UNKNOWN)
                json_value_bool(&value, "in_program", row->linked == CHECK_LINKED_YES);
        if (row->policy->confined && row->linked == CHECK_LINKED_YES)
                json_warnings(&value, row);
        return json_value_take(&value);
}

int check_table_json(const struct jail_policy *policy, const struct jail_image *image, const char *program, char **ret_text,
                     struct jail_error *err) {
        struct check_rows rows = { 0 };
        int r = check_rows_make(policy, image, &rows, err);
        if (r < 0)
                return r;

        struct json_value value;
        json_value_init(&value);
        json_value_number(&value, "v", 1);
        json_value_raw(&value, "go_mod", jail_policy_file(policy));
        json_value_raw(&value, "main_module", jail_policy_main_module(policy));
        if (image) {
                json_value_raw(&value, "program", program);
                json_value_raw(&value, "go_version", jail_image_go_version(image));
        }
        json_t *modules = json_array();
        for (size_t i = 0; i < rows.n_rows; i++) {
                if (json_array_append_new(modules, json_row(&rows.rows[i])) < 0)
                        value.failed = true;
        }
        check_rows_clear(&rows);
        json_value_put(&value, "modules", modules);

        char *text = json_value_take_text(&value, true);
        if (!text)
                return jail_error_set(err, JAIL_ENOMEM, 0, "out of memory for the table");
        *ret_text = text;
        return 0;
}
