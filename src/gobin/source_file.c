/* SPDX-License-Identifier: Apache-2.0 */
/* From a source file to its module: the longest directory wins (design: modules and witnesses). */
#include "gobin/module_set_internal.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define MAX_MODULE_PATH  1024
#define MAX_VERSION_DIRS 16 /* in one path; each is tried with every directory in front of it */

static struct str directory_of(struct str file) {
        ptrdiff_t slash = str_last_index(file, '/');
        return slash < 0 ? (struct str){ 0 } : str_head(file, (size_t) slash);
}

/* Undoes the module cache's escapes, !a for A (golang.org/x/mod/module, EscapePath). Empty when it does not fit. */
static struct str unescape_cache_path(struct str path, char *buffer, size_t size) {
        size_t len = 0;
        for (size_t i = 0; i < path.len; i++) {
                char c = path.ptr[i];
                if (c == '!' && i + 1 < path.len)
                        c = (char) toupper((unsigned char) path.ptr[++i]);
                if (len == size)
                        return (struct str){ 0 };
                buffer[len++] = c;
        }
        return (struct str){ buffer, len };
}

/* The last len_bytes of a path at most, from the begin of a directory on. */
static struct str tail_of_path(struct str path, size_t len_bytes) {
        if (path.len <= len_bytes)
                return path;
        path = str_from_offset(path, path.len - len_bytes);
        ptrdiff_t slash = str_index(path, '/');
        return slash < 0 ? (struct str){ 0 } : str_from_offset(path, (size_t) slash + 1);
}

ptrdiff_t module_set_version_index(struct str path) {
        for (size_t at = 0; at + 2 < path.len; at++)
                if (path.ptr[at] == '@' && path.ptr[at + 1] == 'v' && isdigit((unsigned char) path.ptr[at + 2]))
                        return (ptrdiff_t) at;
        return -1;
}

/*
 * …/path@version/…: the module cache. Each one is tried from the left, since directories in front of it and inside a module may be
 * named so; the longest known path in front of it wins.
 */
static module_id by_version_directory(const struct module_set *set, struct str file) {
        bool versioned = false;
        struct str rest = file;
        unsigned n = 0;
        for (ptrdiff_t index; n < MAX_VERSION_DIRS && (index = module_set_version_index(rest)) >= 0; n++) {
                struct str head = str_head(file, (size_t) (rest.ptr - file.ptr + index));
                rest = str_from_offset(rest, (size_t) index + 1);
                ptrdiff_t slash = str_index(rest, '/');
                if (slash < 0)
                        break; /* the file's own name */
                versioned = true;
                char buffer[MAX_MODULE_PATH];
                head = tail_of_path(head, 2 * sizeof(buffer)); /* every letter may be escaped */
                while (head.len > 0) {
                        struct str path = unescape_cache_path(head, buffer, sizeof(buffer));
                        module_id id =
                                path.len > 0 ? module_set_by_source_path(set, path, str_head(rest, (size_t) slash)) : MODULE_NONE;
                        if (id != MODULE_NONE)
                                return id;
                        /* GOFIPS140 takes a part of the standard library from the module cache (src/cmd/go/internal/fips140). */
                        if (str_equal(path, STR("golang.org/fips140")))
                                return MODULE_STD;
                        ptrdiff_t next = str_index(head, '/');
                        head = next < 0 ? (struct str){ 0 } : str_from_offset(head, (size_t) next + 1);
                }
        }
        return versioned ? MODULE_UNKNOWN : MODULE_NONE;
}

static bool is_below(struct str file, const char *dir, size_t len) {
        return file.len > len && memcmp(file.ptr, dir, len) == 0 && file.ptr[len] == '/';
}

static bool is_below_main(const struct module_set *set, struct str file) {
        return set->main_root.len > 0 && is_below(file, set->main_root.ptr, set->main_root.len);
}

/* <main root>/vendor/<import path>/file, or with -trimpath <main module>/vendor/…. */
static module_id by_vendor(const struct module_set *set, struct str file, struct str root) {
        static const struct str vendor = { "/vendor/", 8 };
        if (root.len == 0 || !str_starts(file, root) || !str_starts(str_from_offset(file, root.len), vendor))
                return MODULE_NONE;
        return module_set_by_package(set, directory_of(str_from_offset(file, root.len + vendor.len)));
}

static module_id by_local_dir(const struct module_set *set, struct str file, size_t *ret_len) {
        module_id best = MODULE_NONE;
        *ret_len = 0;
        for (size_t i = 0; i < set->n_local_dirs; i++) {
                const struct source_dir *dir = &set->local_dirs[i];
                if (dir->len > *ret_len && is_below(file, dir->path, dir->len)) {
                        best = dir->id;
                        *ret_len = dir->len;
                }
        }
        return best;
}

static int compare_dir(const void *key, const void *element) {
        const struct str *dir = key, *learned = &((const struct learned_dir *) element)->path;
        size_t len = dir->len < learned->len ? dir->len : learned->len;
        int c = memcmp(dir->ptr, learned->ptr, len);
        return c != 0 ? c : (dir->len > learned->len) - (dir->len < learned->len);
}

static module_id by_learned_dir(const struct module_set *set, struct str file) {
        struct str dir = directory_of(file);
        if (dir.len == 0 || set->n_learned_dirs == 0)
                return MODULE_NONE;
        const struct learned_dir *found =
                bsearch(&dir, set->learned_dirs, set->n_learned_dirs, sizeof(*set->learned_dirs), compare_dir);
        return found ? found->id : MODULE_NONE;
}

/*
 * Whether every module's sources are known to be in the module cache, below a vendor directory or in a local replacement, so that
 * what is left below the main root is the main module's: the build info states a version for each.
 */
static bool all_located(const struct module_set *set) {
        const struct build_info *build = &set->image->build;
        if (*build->main.path == '\0' || build->n_modules == 0)
                return false;
        for (size_t i = 0; i < build->n_modules; i++) {
                const struct jail_image_module *module = &build->modules[i];
                const char *version = module->replace_path ? module->replace_version : module->version;
                if (version[0] != 'v')
                        return false;
        }
        return true;
}

/* With -trimpath a file without a version is named by its import path. */
static module_id by_trimmed(const struct module_set *set, struct str file) {
        module_id id = by_vendor(set, file, set->modules[MODULE_MAIN].path);
        if (id == MODULE_NONE)
                id = module_set_by_package(set, directory_of(file));
        return id;
}

/* By the rules that need no more than names. Returns false when what the binary itself shows must be learned first. */
static bool by_name(const struct module_set *set, struct str file, module_id *ret_id) {
        if (str_index(file, '/') < 0) {
                *ret_id = MODULE_NONE; /* <autogenerated>, _cgo_gotypes.go, _testmain.go and other bare names */
                return true;
        }
        if (set->goroot_src.len > 0 && str_starts(file, set->goroot_src)) {
                *ret_id = MODULE_STD;
                return true;
        }
        if ((*ret_id = by_version_directory(set, file)) != MODULE_NONE)
                return true;
        if (file.ptr[0] != '/') {
                *ret_id = by_trimmed(set, file);
                return true;
        }
        if ((*ret_id = by_vendor(set, file, set->main_root)) != MODULE_NONE)
                return true;
        size_t local_len;
        *ret_id = by_local_dir(set, file, &local_len);
        if (*ret_id != MODULE_NONE && local_len > set->main_root.len)
                return true;
        if (!is_below_main(set, file))
                return false;
        *ret_id = MODULE_MAIN;
        return all_located(set);
}

int module_set_by_file(struct module_set *set, struct str file, module_id *ret_id, struct jail_error *err) {
        module_id id;
        if (!by_name(set, file, &id)) {
                if (!set->learned) {
                        int r = source_dirs_learn(set, err);
                        if (r < 0)
                                return r;
                }
                module_id learned = by_learned_dir(set, file);
                if (learned != MODULE_NONE)
                        id = learned;
                else if (id == MODULE_NONE)
                        id = MODULE_UNKNOWN;
        }
        *ret_id = id;
        return 0;
}
