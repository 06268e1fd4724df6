/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The modules of one image under one policy: the union of go.mod and the image's build info, and the two ways to a module: by
 * package path (the symbol's witness) and by source file (the line table's witness).
 */
#ifndef GOBIN_MODULE_SET_H
#define GOBIN_MODULE_SET_H

#include "base/str.h"
#include "gobin/image.h"

#include <jail/policy.h>
#include <stdbool.h>
#include <stdint.h>

/* A module's number within its set. */
typedef uint32_t module_id;
enum {
        MODULE_NONE,    /* no witness: neither for nor against */
        MODULE_STD,     /* the standard library and the runtime */
        MODULE_MAIN,    /* the main module */
        MODULE_UNKNOWN, /* a module that neither go.mod nor build info names: the module-line default holds */
        MODULE_FIRST,   /* the first of the others */
};

struct module {
        struct str path;    /* borrowed from policy or image */
        struct str version; /* as built; may be empty */
        const struct jail_policy_module
                *policy;            /* borrowed; the policy's default when it does not name the module; NULL for std and main */
        struct str replace_path;    /* empty when not replaced */
        struct str replace_version; /* empty for a directory */
};

struct module_set;

/*
 * image and policy are borrowed until module_set_free(). Errors: JAIL_ENOMEM. Cost: n log n in the modules; the image's functions
 * are not looked at.
 */
int module_set_new(const struct jail_image *image, const struct jail_policy *policy, struct module_set **ret_set,
                   struct jail_error *err) JAIL_MUST_USE;
void module_set_free(struct module_set *set);

/* id must come from this set. Borrowed from the set. */
const struct module *module_set_get(const struct module_set *set, module_id id);
size_t module_set_count(const struct module_set *set); /* ids are the half-open range [0, count) */

/* The module of a package path: the longest module path that is a prefix of it at a '/'. MODULE_NONE for an empty path. */
module_id module_set_by_package(const struct module_set *set, struct str package);

/* The module of a symbol's name; MODULE_NONE when the symbol has no package. */
module_id module_set_by_symbol(const struct module_set *set, struct str symbol);

/*
 * The module of a source file as the line table names it; MODULE_NONE for names that are no witness. May scan all functions once,
 * the first time that a file matches no rule but directories learnt from the binary. Errors: JAIL_ENOMEM, JAIL_ELIMIT.
 */
int module_set_by_file(struct module_set *set, struct str file, module_id *ret_id, struct jail_error *err) JAIL_MUST_USE;

/*
 * Marks in linked (module_set_count() bytes, all 0) each module of which a function or inline record is in the image. Linear in the
 * names of the image.
 */
void module_set_linked(const struct module_set *set, uint8_t *linked);

/* Whether a confined module is in the image: in the build info, or as module_set_linked() has it, but it ends at the first. */
bool module_set_confines(const struct module_set *set);

/* Whether a function of the main module, or of a confined one, is in the image. */
bool module_set_belongs(const struct module_set *set);

#endif
