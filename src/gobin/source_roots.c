/* SPDX-License-Identifier: Apache-2.0 */
/* Where the sources of a module stood when the image was built. */
#include "base/array.h"
#include "gobin/module_set_internal.h"
#include "gobin/symbol_name.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_DIRS  1000000
#define MAX_VOTES 1000000

static struct str entry_file(const struct pclntab *tab, const struct go_func *func) {
        struct str file;
        uint32_t line;
        return pclntab_file_line(tab, func, func->entry_vaddr, &file, &line) ? file : (struct str){ 0 };
}

static struct str directory_of(struct str file) {
        ptrdiff_t slash = str_last_index(file, '/');
        return slash < 0 ? (struct str){ 0 } : str_head(file, (size_t) slash);
}

/* runtime.main stands in GOROOT/src/runtime/proc.go; with -trimpath in runtime/proc.go. */
static void find_goroot(struct module_set *set) {
        static const struct str tail = { "runtime/proc.go", 15 };
        struct go_func func;
        if (!pclntab_find_named(&set->image->tab, STR("runtime.main"), 0, &func))
                return;
        struct str file = entry_file(&set->image->tab, &func);
        if (str_equal(file, tail))
                set->trimmed = true;
        else if (str_ends(file, tail) && file.ptr[file.len - tail.len - 1] == '/')
                set->goroot_src = str_head(file, file.len - tail.len);
}

/*
 * When `package` is the main module's path or below it, and dir ends in what the package adds, sets the main root to what is
 * before that. A directory of the module cache is no root: it has the version in its name.
 */
static bool take_main_root(struct module_set *set, struct str package, struct str dir) {
        struct str main_path = set->modules[MODULE_MAIN].path;
        if (dir.len == 0 || dir.ptr[0] != '/' || module_set_version_index(dir) >= 0 || !str_starts(package, main_path))
                return false;
        struct str below = str_from_offset(package, main_path.len);
        if ((below.len > 0 && below.ptr[0] != '/') || !str_ends(dir, below) || dir.len == below.len)
                return false;
        set->main_root = str_head(dir, dir.len - below.len);
        return true;
}

static void find_main_root(struct module_set *set) {
        const struct pclntab *tab = &set->image->tab;
        struct go_func func;
        if (pclntab_find_named_last(tab, STR("main.main"), &func)) {
                struct str dir = directory_of(entry_file(tab, &func));
                if (module_set_version_index(dir) >= 0)
                        return; /* go install main@version: all of it is in the module cache */
                struct str package = str_from(set->image->build.package);
                if (take_main_root(set, package, dir))
                        return;
                /* go build main.go: the package's place in the module is not stated; it is the module's root most often. */
                if (str_equal(package, STR("command-line-arguments")) && take_main_root(set, set->modules[MODULE_MAIN].path, dir))
                        return;
        }
        char buffer[SYMBOL_NAME_MAX_PACKAGE];
        for (uint32_t i = tab->n_functions; i-- > 0;) { /* the linker places the main module's packages last */
                if (!pclntab_function(tab, i, &func) || !str_starts(func.name, set->modules[MODULE_MAIN].path))
                        continue;
                struct str package = symbol_name_package(func.name, buffer, sizeof(buffer));
                if (module_set_by_package(set, package) == MODULE_MAIN &&
                    take_main_root(set, package, directory_of(entry_file(tab, &func))))
                        return;
        }
}

static int add_local_dir(struct module_set *set, struct str root, struct str dir, module_id id, struct jail_error *err) {
        int r = ARRAY_RESERVE(set->local_dirs, &set->capacity_local_dirs, set->n_local_dirs, MAX_DIRS, err);
        if (r < 0)
                return r;
        char *path = NULL;
        int len = dir.ptr[0] == '/' ? asprintf(&path, "%.*s", STR_ARG(dir))
                                    : asprintf(&path, "%.*s/%.*s", STR_ARG(root), STR_ARG(dir));
        if (len < 0)
                return jail_error_set(err, JAIL_ENOMEM, 0, "out of memory");

        /* Resolve "." and ".." as the compiler did: by name, not through the file system. */
        size_t out = 0;
        for (char *rest = path, *element; (element = strsep(&rest, "/")) != NULL;) {
                size_t element_len = strlen(element);
                if (element_len == 0 || strcmp(element, ".") == 0)
                        continue;
                if (strcmp(element, "..") == 0) {
                        while (out > 0 && path[--out] != '/')
                                ;
                        continue;
                }
                path[out++] = '/';
                memmove(path + out, element, element_len);
                out += element_len;
        }
        path[out] = '\0';
        set->local_dirs[set->n_local_dirs++] = (struct source_dir){ path, out, id };
        return 0;
}

/* Local replacements are relative to the main module's root, of the build and of the go.mod that is at hand. */
static int find_local_dirs(struct module_set *set, struct jail_error *err) {
        struct str policy_dir = directory_of(str_from(jail_policy_file(set->policy)));
        for (module_id id = MODULE_FIRST; id < set->n_modules; id++) {
                const struct module *module = &set->modules[id];
                if (module->replace_path.len == 0 || module->replace_version.len > 0)
                        continue;
                int r = 0;
                if (set->main_root.len > 0 || module->replace_path.ptr[0] == '/')
                        r = add_local_dir(set, set->main_root, module->replace_path, id, err);
                if (r == 0 && policy_dir.len > 0 && policy_dir.ptr[0] == '/' && module->replace_path.ptr[0] != '/')
                        r = add_local_dir(set, policy_dir, module->replace_path, id, err);
                if (r < 0)
                        return r;
        }
        return 0;
}

int source_roots_init(struct module_set *set, struct jail_error *err) {
        find_goroot(set);
        if (!set->trimmed)
                find_main_root(set);
        if (effort_is_spent(set->image->tab.effort))
                return jail_error_set(err, JAIL_ELIMIT, 0, "%s: its functions are too many", set->image->path);
        return find_local_dirs(set, err);
}

void source_roots_clear(struct module_set *set) {
        for (size_t i = 0; i < set->n_local_dirs; i++)
                free(set->local_dirs[i].path);
        free(set->local_dirs);
        free(set->learned_dirs);
}

/* Votes: functions in this directory have symbols of this module. Functions of one package stand together. */
struct vote {
        struct str dir; /* borrowed from the image */
        module_id id;
        uint32_t count;
};

static int compare_votes(const void *a, const void *b) {
        const struct vote *x = a, *y = b;
        size_t len = x->dir.len < y->dir.len ? x->dir.len : y->dir.len;
        int c = memcmp(x->dir.ptr, y->dir.ptr, len);
        if (c == 0 && x->dir.len != y->dir.len)
                c = x->dir.len < y->dir.len ? -1 : 1;
        return c != 0 ? c : (x->id > y->id) - (x->id < y->id);
}

static int collect_votes(const struct module_set *set, struct vote **ret_votes, size_t *ret_n, struct jail_error *err) {
        const struct pclntab *tab = &set->image->tab;
        size_t capacity = 0, n = 0;
        struct vote *votes = NULL;
        struct go_func func;
        for (uint32_t i = 0; i < tab->n_functions; i++) {
                if (!pclntab_function(tab, i, &func))
                        continue;
                struct str dir = directory_of(entry_file(tab, &func));
                pclntab_release_behind(tab, i);
                if (dir.len == 0 || (set->goroot_src.len > 0 && str_starts(dir, set->goroot_src)))
                        continue;
                module_id id = module_set_by_symbol(set, func.name);
                if (n > 0 && votes[n - 1].id == id && str_equal(votes[n - 1].dir, dir)) {
                        votes[n - 1].count++;
                        continue;
                }
                int r = ARRAY_RESERVE(votes, &capacity, n, MAX_VOTES, err);
                if (r < 0) {
                        free(votes);
                        return r;
                }
                votes[n++] = (struct vote){ dir, id, 1 };
        }
        if (effort_is_spent(tab->effort)) {
                free(votes);
                return jail_error_set(err, JAIL_ELIMIT, 0, "the functions and files of the program are too many");
        }
        if (n > 0)
                qsort(votes, n, sizeof(*votes), compare_votes);
        *ret_votes = votes;
        *ret_n = n;
        return 0;
}

int source_dirs_learn(struct module_set *set, struct jail_error *err) {
        struct vote *votes = NULL;
        size_t n = 0;
        int r = collect_votes(set, &votes, &n, err);
        if (r < 0)
                return r;

        for (size_t i = 0; r == 0 && i < n;) {
                module_id best = MODULE_NONE;
                size_t best_count = 0, first = i;
                while (i < n && str_equal(votes[i].dir, votes[first].dir)) {
                        size_t run = i, count = 0;
                        while (i < n && str_equal(votes[i].dir, votes[first].dir) && votes[i].id == votes[run].id)
                                count += votes[i++].count;
                        if (count > best_count && votes[run].id != MODULE_NONE) {
                                best_count = count;
                                best = votes[run].id;
                        }
                }
                r = ARRAY_RESERVE(set->learned_dirs, &set->capacity_learned_dirs, set->n_learned_dirs, MAX_DIRS, err);
                if (r == 0)
                        set->learned_dirs[set->n_learned_dirs++] = (struct learned_dir){ votes[first].dir, best };
        }
        free(votes);
        pclntab_release(&set->image->tab);
        if (r < 0)
                set->n_learned_dirs = 0; /* to be learned again */
        set->learned = r == 0;
        return r;
}
