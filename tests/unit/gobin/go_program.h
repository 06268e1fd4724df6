/* SPDX-License-Identifier: Apache-2.0 */
/* An imaginary Go program under a policy: tables, build info and go.mod, without an ELF file around them. */
#ifndef TESTS_GO_PROGRAM_H
#define TESTS_GO_PROGRAM_H

#include "gobin/go_tables.h"
#include "gobin/image.h"
#include "gobin/module_set.h"

struct go_program {
        struct go_tables tables; /* filled between go_program_init() and go_program_finish() */
        struct jail_image image;
        struct jail_policy *policy;
        struct module_set *set;
};

void go_program_init(struct go_program *program, unsigned minor);

/* Adds a function of 16 bytes, without a frame of its own, in a unit of its own. */
void go_program_function(struct go_program *program, const char *name, const char *file);

/* Finishes the tables, takes the lines of the build info (NULL for none) and makes the image and the policy. */
void go_program_image(struct go_program *program, const char *modules, const char *go_mod, const char *go_mod_path);

/* The same and the module set; aborts when anything fails. */
void go_program_finish(struct go_program *program, const char *modules, const char *go_mod, const char *go_mod_path);

/* Frees what was made. */
void go_program_clear(struct go_program *program);

/* A module as a word: its path, or "-" (no witness), "std", "main", "unknown". Borrowed from the program. */
const char *go_program_module(const struct go_program *program, module_id id);

/* The witnesses as words. */
const char *go_program_by_package(const struct go_program *program, const char *package);
const char *go_program_by_symbol(const struct go_program *program, const char *symbol);
const char *go_program_by_file(struct go_program *program, const char *file);

#endif
