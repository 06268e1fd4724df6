/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/check_rows.h"

#include "base/array.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_ROWS = 1 << 17 };

/* Whether the program's build info lists the module. */
static enum check_linked image_contains(const struct jail_image *image, const char *path) {
        if (!image)
                return CHECK_LINKED_UNKNOWN;
        for (size_t i = 0; i < jail_image_module_count(image); i++) {
                if (strcmp(jail_image_module_at(image, i)->path, path) == 0)
                        return CHECK_LINKED_YES;
        }
        return CHECK_LINKED_NO;
}

static int add_row(struct check_rows *rows, struct check_row row, struct jail_error *err) {
        int r = ARRAY_RESERVE(rows->rows, &rows->capacity, rows->n_rows, MAX_ROWS, err);
        if (r < 0)
                return r;
        rows->rows[rows->n_rows++] = row;
        return 0;
}

static int add_policy_modules(const struct jail_policy *policy, const struct jail_image *image, struct check_rows *rows,
                              struct jail_error *err) {
        for (size_t i = 0; i < jail_policy_module_count(policy); i++) {
                const struct jail_policy_module *module = jail_policy_module_at(policy, i);
                int r = add_row(rows,
                                (struct check_row){
                                        .path = module->path,
                                        .version = module->version ? module->version : "",
                                        .policy = module,
                                        .required = true,
                                        .linked = image_contains(image, module->path),
                                },
                                err);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int add_other_modules(const struct jail_policy *policy, const struct jail_image *image, struct check_rows *rows,
                             struct jail_error *err) {
        for (size_t i = 0; image && i < jail_image_module_count(image); i++) {
                const struct jail_image_module *module = jail_image_module_at(image, i);
                if (jail_policy_module_find(policy, module->path, strlen(module->path)))
                        continue;
                int r = add_row(rows,
                                (struct check_row){
                                        .path = module->path,
                                        .version = module->version ? module->version : "",
                                        .policy = jail_policy_default(policy),
                                        .required = false,
                                        .linked = CHECK_LINKED_YES,
                                },
                                err);
                if (r < 0)
                        return r;
        }
        return 0;
}

int check_rows_make(const struct jail_policy *policy, const struct jail_image *image, struct check_rows *ret_rows,
                    struct jail_error *err) {
        struct check_rows rows = { 0 };
        int r = add_policy_modules(policy, image, &rows, err);
        if (r == 0)
                r = add_other_modules(policy, image, &rows, err);
        if (r < 0) {
                check_rows_clear(&rows);
                return r;
        }
        *ret_rows = rows;
        return 0;
}

void check_rows_clear(struct check_rows *rows) {
        free(rows->rows);
        *rows = (struct check_rows){ 0 };
}
