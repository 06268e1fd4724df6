/* SPDX-License-Identifier: Apache-2.0 */
/* What module_set.c and source_roots.c share. */
#ifndef GOBIN_MODULE_SET_INTERNAL_H
#define GOBIN_MODULE_SET_INTERNAL_H

#include "gobin/module_set.h"

struct module_path {
        struct str path;
        module_id id;
};

/* A directory whose files belong to a module. */
struct source_dir {
        char *path; /* owned, without a final slash */
        size_t len;
        module_id id;
};

struct module_set {
        const struct jail_image *image;
        const struct jail_policy *policy;
        struct module *modules;
        size_t n_modules;
        struct module_path *paths; /* module paths, sorted */
        size_t n_paths;
        struct module_path *source_paths; /* the same and the paths of version replacements: what stands before @version, sorted */
        size_t n_source_paths;

        /* source_roots.c */
        struct str goroot_src;         /* "/usr/lib/go/src/"; empty with -trimpath or when unknown */
        bool trimmed;                  /* std's files have no directory in front: built with -trimpath */
        struct source_dir *local_dirs; /* directories of local replacements */
        size_t n_local_dirs, capacity_local_dirs;
        char *main_root;                 /* owned; NULL when not found */
        struct source_dir *learned_dirs; /* sorted by path */
        size_t n_learned_dirs, capacity_learned_dirs;
        bool learned;
};

module_id module_set_by_path(const struct module_set *set, struct str path);
module_id module_set_by_source_path(const struct module_set *set, struct str path);
bool module_set_is_std_package(struct str package);

/* Finds GOROOT, the main module's root and the local replacements. Errors: JAIL_ENOMEM. */
int source_roots_init(struct module_set *set, struct jail_error *err) JAIL_MUST_USE;
void source_roots_clear(struct module_set *set);

/* Learns from the binary which module's symbols each directory holds. Errors: JAIL_ENOMEM. Linear in the functions. */
int source_dirs_learn(struct module_set *set, struct jail_error *err) JAIL_MUST_USE;

#endif
