/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/policy_build.h"

#include "base/cleanup.h"
#include "policy/module_path.h"

#include <stdlib.h>

/* Everything that names a module. Of those with the same path the first in the order below becomes the module. */
struct candidate {
        enum { CANDIDATE_REQUIRE, CANDIDATE_REPLACE, CANDIDATE_OVERRIDE } kind;
        struct str path;
        struct str version; /* of a replacement: its left side */
        const struct gomod_require *require;
        size_t index; /* in its own list, to keep the order of the file */
};

/* The working set of one build. */
struct build {
        const struct gomod *gomod;
        const char *file_name;
        const struct jail_policy_override *overrides;
        size_t n_overrides;
        struct candidate *candidates;
        size_t n_candidates;
        const struct gomod_replace **replaces; /* sorted by path and version */
};

static void build_free(struct build *build) {
        free(build->candidates);
        free(build->replaces);
}

static int path_compare(struct str a, struct str b) {
        size_t len = a.len < b.len ? a.len : b.len;
        int order = len > 0 ? memcmp(a.ptr, b.ptr, len) : 0;
        return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

/* Among replacements the one for all versions comes first, then the highest version. */
static int candidate_compare(const void *a_, const void *b_) {
        const struct candidate *a = a_, *b = b_;
        int order = path_compare(a->path, b->path);
        if (order == 0)
                order = (a->kind > b->kind) - (a->kind < b->kind);
        if (order == 0 && a->kind == CANDIDATE_REPLACE && a->version.len > 0 && b->version.len > 0)
                order = -module_version_compare(a->version, b->version);
        else if (order == 0 && a->kind == CANDIDATE_REPLACE)
                order = (a->version.len > 0) - (b->version.len > 0);
        return order != 0 ? order : (a->index > b->index) - (a->index < b->index);
}

static int replace_order(const struct gomod_replace *a, const struct gomod_replace *b) {
        int order = path_compare(a->path, b->path);
        return order != 0 ? order : path_compare(a->version, b->version);
}

/* The replaces array points into the list in the file's order, so equal ones keep it. */
static int replace_compare(const void *a_, const void *b_) {
        const struct gomod_replace *a = *(const struct gomod_replace *const *) a_;
        const struct gomod_replace *b = *(const struct gomod_replace *const *) b_;
        int order = replace_order(a, b);
        return order != 0 ? order : (a > b) - (a < b);
}

static int replace_key_compare(const void *key, const void *element) {
        return replace_order(key, *(const struct gomod_replace *const *) element);
}

static int build_sort_replaces(struct build *build, struct jail_error *err) {
        size_t n = build->gomod->n_replaces;
        if (n == 0)
                return 0;
        build->replaces = calloc(n, sizeof(struct gomod_replace *));
        if (!build->replaces)
                return jail_error_set(err, JAIL_ENOMEM, 0, "out of memory");
        for (size_t i = 0; i < n; i++)
                build->replaces[i] = &build->gomod->replaces[i];
        qsort(build->replaces, n, sizeof(struct gomod_replace *), replace_compare);

        for (size_t i = 1; i < n; i++) {
                const struct gomod_replace *a = build->replaces[i - 1], *b = build->replaces[i];
                bool same = str_equal(a->new_path, b->new_path) && str_equal(a->new_version, b->new_version);
                if (replace_order(a, b) == 0 && !same)
                        return position_error(err, JAIL_ESYNTAX, (struct position){ build->file_name, b->line, b->column },
                                              "conflicting replacements for %s (line %u)", position_quote(b->path).text, a->line);
        }
        return 0;
}

/* The replacement for that version of the module; the one for all versions when there is none for it. */
static const struct gomod_replace *build_find_replace(const struct build *build, struct str path, struct str version) {
        size_t n = build->gomod->n_replaces;
        if (n == 0)
                return NULL;
        struct gomod_replace key = { .path = path, .version = version };
        const struct gomod_replace *const *found =
                bsearch(&key, build->replaces, n, sizeof(struct gomod_replace *), replace_key_compare);
        if (!found && version.len > 0) {
                key.version = (struct str){ 0 };
                found = bsearch(&key, build->replaces, n, sizeof(struct gomod_replace *), replace_key_compare);
        }
        return found ? *found : NULL;
}

/* An override must name a module, and not the main one, whose code is what the user vouches for. */
static int check_override(const struct jail_policy_override *override, struct str main_module, struct jail_error *err) {
        const char *reason;
        struct str path = str_from(override->path);
        if (!module_path_check(path, &reason))
                return jail_error_set(err, JAIL_EINVAL, 0, "malformed module path %s: %s", position_quote(path).text, reason);
        if (str_equal(path, main_module) && override->confined)
                return jail_error_set(err, JAIL_EINVAL, 0, "%s is the main module, which is never confined", override->path);
        return 0;
}

static int build_collect(struct build *build, struct jail_error *err) {
        const struct gomod *gomod = build->gomod;
        if (build->n_overrides > POLICY_MODULES_MAX)
                return jail_error_set(err, JAIL_ELIMIT, 0, "more than %zu overrides", POLICY_MODULES_MAX);
        size_t most = gomod->n_requires + gomod->n_replaces + build->n_overrides, n = 0;
        build->candidates = calloc(most + 1, sizeof(*build->candidates));
        if (!build->candidates)
                return jail_error_set(err, JAIL_ENOMEM, 0, "out of memory");

        for (size_t i = 0; i < gomod->n_requires; i++) {
                const struct gomod_require *require = &gomod->requires[i];
                build->candidates[n++] =
                        (struct candidate){ CANDIDATE_REQUIRE, require->path, require->version, .require = require, .index = i };
        }
        for (size_t i = 0; i < gomod->n_replaces; i++) {
                const struct gomod_replace *replace = &gomod->replaces[i];
                build->candidates[n++] = (struct candidate){ CANDIDATE_REPLACE, replace->path, replace->version, .index = i };
        }
        for (size_t i = 0; i < build->n_overrides; i++) {
                int r = check_override(&build->overrides[i], gomod->module_path, err);
                if (r < 0)
                        return r;
                build->candidates[n++] =
                        (struct candidate){ .kind = CANDIDATE_OVERRIDE, .path = str_from(build->overrides[i].path), .index = i };
        }
        qsort(build->candidates, n, sizeof(*build->candidates), candidate_compare);
        build->n_candidates = n;
        return 0;
}

/* What holds for a module that has this grant. */
static struct jail_policy_module module_from_grant(const struct jail_policy_module *defaults, const struct gomod_grant *grant) {
        struct jail_policy_module module = *defaults;
        module.callbacks = module.callbacks || grant->callbacks;
        module.quiet_classes |= grant->quiet_classes;
        if (grant->confinement != DIRECTIVE_CONFINEMENT_UNSET) {
                module.confined = grant->confinement == DIRECTIVE_CONFINEMENT_CONFINED;
                module.origin = grant->origin;
                module.origin_line = grant->origin_line;
        }
        return module;
}

/* Whether the requirement itself, or its block, says what holds for it. */
static bool is_explicit(const struct candidate *candidate) {
        return candidate->require && candidate->require->grant.confinement != DIRECTIVE_CONFINEMENT_UNSET;
}

/*
 * go.mod may require a module twice, as merges and pasted lines do: the go command takes the higher version. A directive of its own
 * wins over the module line's default; two policies that are both said, or both not, are an error.
 */
static int check_repeated(const struct build *build, const struct jail_policy_module *defaults, const struct candidate *first,
                          const struct candidate *again, struct jail_error *err) {
        struct jail_policy_module a = module_from_grant(defaults, &first->require->grant);
        struct jail_policy_module b = module_from_grant(defaults, &again->require->grant);
        if (is_explicit(first) != is_explicit(again) ||
            (a.confined == b.confined && a.callbacks == b.callbacks && a.quiet_classes == b.quiet_classes))
                return 0;
        return position_error(
                err, JAIL_ESYNTAX, (struct position){ build->file_name, again->require->line, again->require->column },
                "%s is required twice under different policies (line %u)", position_quote(again->path).text, first->require->line);
}

static int check_main_module(const struct build *build, const struct candidate *candidate, struct jail_error *err) {
        const struct gomod_require *require = candidate->require;
        if (candidate->kind != CANDIDATE_REQUIRE || require->grant.confinement != DIRECTIVE_CONFINEMENT_CONFINED ||
            require->grant.origin != JAIL_POLICY_ORIGIN_LINE)
                return 0;
        return position_error(err, JAIL_ESYNTAX, (struct position){ build->file_name, require->line, require->column },
                              "%s is the main module, which is never confined", position_quote(require->path).text);
}

/* Makes one module of the candidates [first, end), which have the same path. */
static int build_module(const struct build *build, struct jail_policy *policy, const struct candidate *first,
                        const struct candidate *end, struct jail_error *err) {
        static const struct gomod_grant nothing_said;
        const struct candidate *telling = first; /* whose grant holds */
        struct str version = first->version;
        for (const struct candidate *again = first + 1; again < end && again->kind == CANDIDATE_REQUIRE; again++) {
                int r = check_repeated(build, &policy->defaults, telling, again, err);
                if (r < 0)
                        return r;
                if (is_explicit(again) && !is_explicit(telling))
                        telling = again;
                if (module_version_compare(again->version, version) > 0)
                        version = again->version;
        }
        struct jail_policy_module module =
                module_from_grant(&policy->defaults, telling->require ? &telling->require->grant : &nothing_said);

        int r = string_pool_add(&policy->strings, first->path, &module.path, err);
        if (r < 0)
                return r;
        r = string_pool_add(&policy->strings, version, &module.version, err);
        if (r < 0)
                return r;
        const struct gomod_replace *replace = build_find_replace(build, first->path, version);
        if (replace) {
                r = string_pool_add(&policy->strings, replace->new_path, &module.replace_path, err);
                if (r < 0)
                        return r;
                r = string_pool_add(&policy->strings, replace->new_version, &module.replace_version, err);
                if (r < 0)
                        return r;
        }
        module.require_line = telling->require ? telling->require->line : 0;
        policy->modules[policy->n_modules++] = module;
        return 0;
}

static int build_modules(const struct build *build, struct jail_policy *policy, struct jail_error *err) {
        const struct candidate *end = build->candidates + build->n_candidates, *next;
        policy->modules = calloc(build->n_candidates + 1, sizeof(*policy->modules));
        if (!policy->modules)
                return jail_error_set(err, JAIL_ENOMEM, 0, "out of memory");

        for (const struct candidate *first = build->candidates; first < end; first = next) {
                int r = 0;
                for (next = first + 1; next < end && str_equal(first->path, next->path);)
                        next++;
                if (str_equal(first->path, build->gomod->module_path))
                        r = check_main_module(build, first, err);
                else if (policy->n_modules == POLICY_MODULES_MAX)
                        r = jail_error_set(err, JAIL_ELIMIT, 0, "%s: more than %zu modules", build->file_name, POLICY_MODULES_MAX);
                else
                        r = build_module(build, policy, first, next, err);
                if (r < 0)
                        return r;
        }
        return 0;
}

static void build_apply_overrides(const struct build *build, struct jail_policy *policy) {
        for (size_t i = 0; i < build->n_overrides; i++) {
                const struct jail_policy_override *override = &build->overrides[i];
                const struct jail_policy_module *found = jail_policy_module_find(policy, override->path, strlen(override->path));
                if (!found) /* the main module, said to be unconfined */
                        continue;
                struct jail_policy_module *module = &policy->modules[found - policy->modules];
                module->confined = override->confined;
                module->origin = JAIL_POLICY_ORIGIN_OVERRIDE;
                module->origin_line = 0;
        }
}

int policy_build(struct jail_policy *policy, const struct gomod *gomod, const char *file_name,
                 const struct jail_policy_override *overrides, size_t n_overrides, struct jail_error *err) {
        CLEANUP(build_free)
        struct build build = { .gomod = gomod, .file_name = file_name, .overrides = overrides, .n_overrides = n_overrides };
        policy->defaults = module_from_grant(&policy->defaults, &gomod->defaults);

        int r = string_pool_add(&policy->strings, gomod->module_path, &policy->main_module, err);
        if (r < 0)
                return r;
        r = string_pool_add(&policy->strings, str_from(file_name), &policy->file, err);
        if (r < 0)
                return r;
        r = build_sort_replaces(&build, err);
        if (r < 0)
                return r;
        r = build_collect(&build, err);
        if (r < 0)
                return r;
        r = build_modules(&build, policy, err);
        if (r < 0)
                return r;
        build_apply_overrides(&build, policy);
        return 0;
}
