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

/* The same for a directory that the line table names. */
struct learned_dir {
        struct str path; /* borrowed from the image, without a final slash */
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
        struct str main_root;             /* borrowed from the image; empty when not found */
        struct learned_dir *learned_dirs; /* sorted by path */
        size_t n_learned_dirs, capacity_learned_dirs;
        bool learned;
};

module_id module_set_by_path(const struct module_set *set, struct str path);

/* The module that stands in the directory path@version: of several that do, the one of that version, else one that is confined. */
module_id module_set_by_source_path(const struct module_set *set, struct str path, struct str version);

/* The offset of the first "@v1…" in a path that ends an element of it, as the module cache names its directories, or -1. */
ptrdiff_t module_set_version_index(struct str path);
bool module_set_is_std_package(struct str package);

/* Finds GOROOT, the main module's root and the local replacements. Errors: JAIL_ENOMEM. */
int source_roots_init(struct module_set *set, struct jail_error *err) JAIL_MUST_USE;
void source_roots_clear(struct module_set *set);

/* Learns from the binary which module's symbols each directory holds. Errors: JAIL_ENOMEM, JAIL_ELIMIT. Linear in the functions. */
int source_dirs_learn(struct module_set *set, struct jail_error *err) JAIL_MUST_USE;

#endif
