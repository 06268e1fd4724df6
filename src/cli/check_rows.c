/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/check_rows.h"

#include "base/cleanup.h"
#include "cli/module_source.h"

#include <stdlib.h>
#include <string.h>

/* The order of the table: what go.mod names by path, then the rest by path. */
static int compare_rows(const void *a, const void *b) {
        const struct check_row *first = a, *second = b;
        if (first->required != second->required)
                return first->required ? -1 : 1;
        return strcmp(first->path, second->path);
}

static struct check_row row_of_link(const struct jail_image_link *link) {
        bool is_required = link->policy->path != NULL;
        return (struct check_row){
                .path = link->path,
                .version = is_required && link->policy->version ? link->policy->version : link->version,
                .policy = link->policy,
                .required = is_required,
                .linked = link->linked ? CHECK_LINKED_YES : CHECK_LINKED_NO,
                .inlined = link->inlined,
        };
}

/* Looks at the sources of a confined module that is in the program, when they are at hand. */
static void scan_sources(const struct jail_policy *policy, struct check_row *row) {
        if (!row->policy->confined || row->linked == CHECK_LINKED_NO)
                return;
        struct jail_policy_module module = *row->policy;
        module.path = row->path; /* a default has none */
        CLEANUP_FREE char *directory = module_source_find(policy, &module, row->version);
        if (!directory)
                return;
        row->scanned = true;
        source_scan_run(directory, &row->scan);
}

static int make_rows_of_image(const struct jail_policy *policy, const struct jail_image *image, struct check_rows *ret_rows,
                              struct jail_error *err) {
        CLEANUP_FREE struct jail_image_link *links = NULL;
        size_t n_links = 0;
        int r = jail_image_links(image, policy, &links, &n_links, err);
        if (r < 0)
                return r;
        struct check_row *rows = calloc(n_links + 1, sizeof(*rows));
        if (!rows)
                return jail_error_set(err, JAIL_ENOMEM, 0, "out of memory for the table");
        size_t n_rows = 0;
        for (size_t i = 0; i < n_links; i++) {
                if (strcmp(links[i].path, jail_policy_main_module(policy)) != 0)
                        rows[n_rows++] = row_of_link(&links[i]);
        }
        qsort(rows, n_rows, sizeof(*rows), compare_rows);
        for (size_t i = 0; i < n_rows; i++)
                scan_sources(policy, &rows[i]);
        *ret_rows = (struct check_rows){ .rows = rows, .n_rows = n_rows };
        return 0;
}

static int make_rows_of_policy(const struct jail_policy *policy, struct check_rows *ret_rows, struct jail_error *err) {
        size_t n_rows = jail_policy_module_count(policy);
        struct check_row *rows = calloc(n_rows + 1, sizeof(*rows));
        if (!rows)
                return jail_error_set(err, JAIL_ENOMEM, 0, "out of memory for the table");
        for (size_t i = 0; i < n_rows; i++) {
                const struct jail_policy_module *module = jail_policy_module_at(policy, i);
                rows[i] = (struct check_row){
                        .path = module->path,
                        .version = module->version ? module->version : "",
                        .policy = module,
                        .required = true,
                        .linked = CHECK_LINKED_UNKNOWN,
                };
        }
        *ret_rows = (struct check_rows){ .rows = rows, .n_rows = n_rows };
        return 0;
}

int check_rows_make(const struct jail_policy *policy, const struct jail_image *image, struct check_rows *ret_rows,
                    struct jail_error *err) {
        return image ? make_rows_of_image(policy, image, ret_rows, err) : make_rows_of_policy(policy, ret_rows, err);
}

void check_rows_clear(struct check_rows *rows) {
        for (size_t i = 0; i < rows->n_rows; i++)
                source_scan_clear(&rows->rows[i].scan);
        free(rows->rows);
        *rows = (struct check_rows){ 0 };
}
