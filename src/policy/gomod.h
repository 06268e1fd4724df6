/* SPDX-License-Identifier: Apache-2.0 */
/* What a go.mod file says, as far as a policy depends on it. */
#ifndef POLICY_GOMOD_H
#define POLICY_GOMOD_H

#include "policy/directive.h"
#include "policy/position.h"
#include "policy/string_pool.h"

#include <jail/error.h>
#include <jail/policy.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The most requirements, and the most replacements, that one file may have. */
#define GOMOD_MODULES_MAX ((size_t) 100000)

/* What the directives at a requirement and at its block say; the module line's default is not applied yet. */
struct gomod_grant {
        enum directive_confinement confinement;
        enum jail_policy_origin origin; /* LINE or BLOCK when confinement is set, else NONE */
        unsigned origin_line;           /* 0 when confinement is not set */
        bool callbacks;
        uint32_t quiet_classes;
};

/* All strings are terminated and live as long as the struct gomod. */
struct gomod_require {
        struct str path;
        struct str version; /* canonical */
        unsigned line;
        unsigned column; /* of the path */
        struct gomod_grant grant;
};

struct gomod_replace {
        struct str path;
        struct str version; /* empty: all versions */
        struct str new_path;
        struct str new_version; /* empty: new_path is a directory */
        unsigned line;
        unsigned column; /* of the path */
};

/* All zeroes is an empty file. */
struct gomod {
        struct string_pool strings;
        struct str module_path;         /* ptr is NULL until the module line was seen */
        struct gomod_grant defaults;    /* the module line's; origin is MODULE when confinement is set */
        bool has_go, has_toolchain;     /* lines that may appear once */
        struct gomod_require *requires; /* in the order of the file */
        size_t n_requires, requires_capacity;
        struct gomod_replace *replaces; /* in the order of the file */
        size_t n_replaces, replaces_capacity;
};

/*
 * Reads a whole go.mod file, with the strictness of the go command for the main module: an unknown line is an error. file_name is
 * for messages. *ret_gomod is to be freed with gomod_free(). Errors: JAIL_ESYNTAX and JAIL_ELIMIT (msg begins with
 * file:line:column), JAIL_ENOMEM. Linear. Grammar: https://go.dev/ref/mod#go-mod-file-grammar; golang.org/x/mod/modfile.
 */
int gomod_parse(struct str text, const char *file_name, struct gomod *ret_gomod, struct jail_error *err) JAIL_MUST_USE;

void gomod_free(struct gomod *gomod);

/*
 * The union of what the directives at a line and at its block say (either may be NULL): the line's confinement wins, callbacks and
 * quiet classes add up.
 */
struct gomod_grant gomod_grant_merge(const struct directive_set *line, const struct directive_set *block);

/* Appends. Errors: JAIL_ELIMIT (more than GOMOD_MODULES_MAX), JAIL_ENOMEM. */
int gomod_add_require(struct gomod *gomod, const struct gomod_require *require, struct jail_error *err) JAIL_MUST_USE;
int gomod_add_replace(struct gomod *gomod, const struct gomod_replace *replace, struct jail_error *err) JAIL_MUST_USE;

#endif
