/* SPDX-License-Identifier: Apache-2.0 */
#include "gobin/module_set.h"

#include "gobin/module_set_internal.h"
#include "gobin/symbol_name.h"

#include <stdlib.h>
#include <string.h>

/* The directories of GOROOT/src: what an import path without a module may begin with (go list std). */
static const char *const std_roots[] = {
        "archive", "arena",   "bufio",    "builtin", "bytes",   "cmd",      "cmp",      "compress", "container",
        "context", "crypto",  "database", "debug",   "embed",   "encoding", "errors",   "expvar",   "flag",
        "fmt",     "go",      "hash",     "html",    "image",   "index",    "internal", "io",       "iter",
        "log",     "maps",    "math",     "mime",    "net",     "os",       "path",     "plugin",   "reflect",
        "regexp",  "runtime", "simd",     "slices",  "sort",    "strconv",  "strings",  "structs",  "sync",
        "syscall", "testing", "text",     "time",    "unicode", "unique",   "unsafe",   "vendor",   "weak",
};

bool module_set_is_std_package(struct str package) {
        ptrdiff_t slash = str_index(package, '/');
        struct str root = slash < 0 ? package : str_head(package, (size_t) slash);
        for (size_t i = 0; i < sizeof(std_roots) / sizeof(std_roots[0]); i++)
                if (str_equal(root, str_from(std_roots[i])))
                        return true;
        return false;
}

static int compare_path(const void *a, const void *b) {
        const struct module_path *x = a, *y = b;
        size_t len = x->path.len < y->path.len ? x->path.len : y->path.len;
        int c = len > 0 ? memcmp(x->path.ptr, y->path.ptr, len) : 0;
        if (c == 0 && x->path.len != y->path.len)
                c = x->path.len < y->path.len ? -1 : 1;
        return c;
}

static const struct module_path *find_path(const struct module_path *paths, size_t n, struct str path) {
        const struct module_path key = { .path = path };
        return bsearch(&key, paths, n, sizeof(*paths), compare_path);
}

module_id module_set_by_path(const struct module_set *set, struct str path) {
        const struct module_path *found = find_path(set->paths, set->n_paths, path);
        return found ? found->id : MODULE_NONE;
}

/* The version that a directory of this path must have to be the entry's. */
static struct str source_version(const struct module_set *set, const struct module_path *entry) {
        const struct module *module = &set->modules[entry->id];
        return str_equal(entry->path, module->path) ? module->version : module->replace_version;
}

module_id module_set_by_source_path(const struct module_set *set, struct str path, struct str version) {
        const struct module_path *end = set->source_paths + set->n_source_paths;
        const struct module_path *entry = find_path(set->source_paths, set->n_source_paths, path);
        if (!entry)
                return MODULE_NONE;
        while (entry > set->source_paths && str_equal(entry[-1].path, path))
                entry--;
        module_id best = entry->id;
        for (; entry < end && str_equal(entry->path, path); entry++) {
                if (str_equal(source_version(set, entry), version))
                        return entry->id;
                const struct jail_policy_module *policy = set->modules[entry->id].policy;
                if (policy && policy->confined)
                        best = entry->id;
        }
        return best;
}

/* Cuts the last element off a path; false when it has only one. */
static bool parent_path(struct str *path) {
        ptrdiff_t slash = str_last_index(*path, '/');
        if (slash < 0)
                return false;
        path->len = (size_t) slash;
        return true;
}

static module_id longest_prefix(const struct module_set *set, struct str package) {
        do {
                module_id id = module_set_by_path(set, package);
                if (id != MODULE_NONE)
                        return id;
        } while (parent_path(&package));
        return MODULE_NONE;
}

/* "p_test" is the external test package of p; "p.test" the package that the go command makes for a test binary. */
static struct str without_test_suffix(struct str package) {
        static const struct str suffix = { "_test", 5 };
        if (str_ends(package, suffix) && package.len > suffix.len)
                package.len -= suffix.len;
        return package;
}

module_id module_set_by_package(const struct module_set *set, struct str package) {
        if (package.len == 0)
                return MODULE_NONE;
        if (str_equal(package, STR("main")) || str_equal(package, STR("main_test")) ||
            str_equal(package, STR("command-line-arguments")))
                return MODULE_MAIN;
        module_id id = module_set_by_path(set, package);
        if (id == MODULE_NONE)
                id = longest_prefix(set, without_test_suffix(package)); /* a/b/c_test is of module a/b/c, not of a/b */
        if (id != MODULE_NONE)
                return id;
        return module_set_is_std_package(without_test_suffix(package)) ? MODULE_STD : MODULE_UNKNOWN;
}

module_id module_set_by_symbol(const struct module_set *set, struct str symbol) {
        char buffer[SYMBOL_NAME_MAX_PACKAGE];
        return module_set_by_package(set, symbol_name_package(symbol, buffer, sizeof(buffer)));
}

const struct module *module_set_get(const struct module_set *set, module_id id) {
        return &set->modules[id];
}

size_t module_set_count(const struct module_set *set) {
        return set->n_modules;
}

static void add_module(struct module_set *set, const struct module *module) {
        module_id id = (module_id) set->n_modules++;
        set->modules[id] = *module;
        set->paths[set->n_paths++] = (struct module_path){ module->path, id };
        set->source_paths[set->n_source_paths++] = (struct module_path){ module->path, id };
        if (module->replace_path.len > 0 && module->replace_version.len > 0)
                set->source_paths[set->n_source_paths++] = (struct module_path){ module->replace_path, id };
}

/* The modules of the policy, then those of the build info that the policy does not name; the build info knows what was really
 * linked. */
static void collect_modules(struct module_set *set) {
        struct str main_path = str_from(jail_policy_main_module(set->policy));
        set->modules[MODULE_MAIN].path = main_path;
        set->paths[set->n_paths++] = (struct module_path){ main_path, MODULE_MAIN };
        set->source_paths[set->n_source_paths++] = (struct module_path){ main_path, MODULE_MAIN };

        for (size_t i = 0; i < jail_policy_module_count(set->policy); i++) {
                const struct jail_policy_module *policy = jail_policy_module_at(set->policy, i);
                if (str_equal(str_from(policy->path), main_path))
                        continue;
                struct module module = {
                        .path = str_from(policy->path),
                        .version = str_from(policy->version),
                        .policy = policy,
                        .replace_path = str_from(policy->replace_path),
                        .replace_version = str_from(policy->replace_version),
                };
                add_module(set, &module);
        }
        qsort(set->paths, set->n_paths, sizeof(*set->paths), compare_path);

        size_t n_policy_paths = set->n_paths;
        for (size_t i = 0; i < set->image->build.n_modules; i++) {
                const struct jail_image_module *built = &set->image->build.modules[i];
                const struct module_path *known = find_path(set->paths, n_policy_paths, str_from(built->path));
                if (known && known->id == MODULE_MAIN)
                        continue;
                if (known) {
                        struct module *module = &set->modules[known->id];
                        module->version = str_from(built->version);
                        if (built->replace_path) {
                                module->replace_path = str_from(built->replace_path);
                                module->replace_version = str_from(built->replace_version);
                                set->source_paths[set->n_source_paths++] = (struct module_path){ module->replace_path, known->id };
                        }
                        continue;
                }
                struct module module = {
                        .path = str_from(built->path),
                        .version = str_from(built->version),
                        .policy = jail_policy_default(set->policy),
                        .replace_path = str_from(built->replace_path),
                        .replace_version = str_from(built->replace_version),
                };
                add_module(set, &module);
        }
        qsort(set->paths, set->n_paths, sizeof(*set->paths), compare_path);
        qsort(set->source_paths, set->n_source_paths, sizeof(*set->source_paths), compare_path);
}

int module_set_new(const struct jail_image *image, const struct jail_policy *policy, struct module_set **ret_set,
                   struct jail_error *err) {
        size_t n = jail_policy_module_count(policy) + image->build.n_modules + MODULE_FIRST;
        struct module_set *set = calloc(1, sizeof(*set));
        if (set) {
                set->modules = calloc(n, sizeof(*set->modules));
                set->paths = calloc(n, sizeof(*set->paths));
                set->source_paths = calloc(2 * n, sizeof(*set->source_paths));
        }
        if (!set || !set->modules || !set->paths || !set->source_paths) {
                module_set_free(set);
                return jail_error_set(err, JAIL_ENOMEM, 0, "out of memory");
        }
        set->image = image;
        set->policy = policy;
        set->n_modules = MODULE_FIRST;
        set->modules[MODULE_STD].path = STR("std");
        set->modules[MODULE_UNKNOWN].policy = jail_policy_default(policy);
        collect_modules(set);

        int r = source_roots_init(set, err);
        if (r < 0) {
                module_set_free(set);
                return r;
        }
        *ret_set = set;
        return 0;
}

void module_set_free(struct module_set *set) {
        if (!set)
                return;
        source_roots_clear(set);
        free(set->modules);
        free(set->paths);
        free(set->source_paths);
        free(set);
}

/*
 * Names of one package stand together: what begins like the last one up to the dot behind its package is the same, unless a slash
 * makes that dot a part of the path ("a/b.F" and "a/b.c/d.F").
 */
static bool same_package(struct str name, struct str last) {
        if (last.len == 0 || !str_starts(name, last))
                return false;
        for (size_t i = last.len; i < name.len; i++) {
                if (name.ptr[i] == '/')
                        return false;
                if (name.ptr[i] == '[' || name.ptr[i] == '(')
                        break;
        }
        return true;
}

/*
 * Calls visit with the module, and the first name, of each run of names that have the same package, until it returns true. Where
 * there are too many names, the answer is true, too: then the image is supervised.
 */
static bool each_linked(const struct module_set *set, bool (*visit)(const struct module_set *, module_id, struct str, void *),
                        void *data) {
        struct bytes names = pclntab_names(&set->image->tab);
        struct str last = { 0 };
        for (uint64_t at = 0; at < names.len;) {
                struct str name;
                if (!bytes_cstring(names, at, names.len, &name))
                        return false;
                at += name.len + 1;
                if (!effort_spend(set->image->tab.effort, EFFORT_ENTRY + name.len))
                        return true;

                if (same_package(name, last))
                        continue;
                if (name.len == 0 || visit(set, module_set_by_symbol(set, name), name, data))
                        return name.len != 0;
                struct str local = symbol_name_local(name);
                last = local.len > 0 && str_index(str_head(name, name.len - local.len), '(') < 0
                               ? str_head(name, name.len - local.len)
                               : (struct str){ 0 };
        }
        return false;
}

static bool mark_linked(const struct module_set *set, module_id id, struct str name, void *data) {
        (void) set;
        (void) name;
        ((uint8_t *) data)[id] = 1;
        return false;
}

void module_set_linked(const struct module_set *set, uint8_t *linked) {
        each_linked(set, mark_linked, linked);
}

static bool is_confined(const struct module_set *set, module_id id, struct str name, void *data) {
        (void) name;
        (void) data;
        return set->modules[id].policy && set->modules[id].policy->confined;
}

/*
 * A module that the build info lists may have given all its functions other names (//go:linkname), so its absence from the names
 * says nothing. The build info lists only modules that have packages in the program.
 */
static bool builds_confined(const struct module_set *set) {
        for (size_t i = 0; i < set->image->build.n_modules; i++) {
                module_id id = module_set_by_path(set, str_from(set->image->build.modules[i].path));
                if (id != MODULE_NONE && is_confined(set, id, (struct str){ 0 }, NULL))
                        return true;
        }
        return false;
}

bool module_set_confines(const struct module_set *set) {
        return jail_policy_confines(set->policy) && (builds_confined(set) || each_linked(set, is_confined, NULL));
}

/* Package main is everybody's, so the main module is known by its other packages only. */
static bool is_of_policy(const struct module_set *set, module_id id, struct str name, void *data) {
        char buffer[SYMBOL_NAME_MAX_PACKAGE];
        if (id == MODULE_MAIN) {
                struct str package = symbol_name_package(name, buffer, sizeof(buffer));
                return !str_equal(package, STR("main")) && !str_equal(package, STR("main_test")) &&
                       !str_equal(package, STR("command-line-arguments"));
        }
        return id != MODULE_UNKNOWN && is_confined(set, id, name, data);
}

bool module_set_belongs(const struct module_set *set) {
        const char *built = set->image->build.main.path;
        if (*built)
                return str_equal(str_from(built), str_from(jail_policy_main_module(set->policy)));
        return each_linked(set, is_of_policy, NULL);
}
