/* SPDX-License-Identifier: Apache-2.0 */
#include "gobin/go_program.h"

#include "gobin/go_elf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void require(int r, const struct jail_error *err) {
        if (r == 0)
                return;
        fprintf(stderr, "go_program: %s\n", err->msg);
        abort();
}

void go_program_init(struct go_program *program, unsigned minor) {
        memset(program, 0, sizeof(*program));
        tables_init(&program->tables, minor);
}

void go_program_function(struct go_program *program, const char *name, const char *file) {
        tables_unit(&program->tables);
        tables_simple(&program->tables, name, 16, 0, file, 7);
}

void go_program_image(struct go_program *program, const char *modules, const char *go_mod, const char *go_mod_path) {
        struct tables_blob *info = calloc(1, sizeof(*info));
        struct jail_error err;
        char version[16];
        if (!info)
                abort();
        if (program->tables.n_functions == 0)
                go_program_function(program, "runtime.goexit", NULL);
        tables_finish(&program->tables);
        program->image.layout = program->tables.layout;
        program->image.tab = tables_pclntab(&program->tables);
        snprintf(version, sizeof(version), "go1.%u", program->tables.layout->minor);
        go_elf_build_info(info, version, modules);
        require(build_info_parse(&program->image.build, (struct bytes){ info->bytes, info->len }, &err), &err);
        free(info);
        require(jail_policy_parse(go_mod, strlen(go_mod), go_mod_path, NULL, 0, &program->policy, &err), &err);
}

void go_program_finish(struct go_program *program, const char *modules, const char *go_mod, const char *go_mod_path) {
        struct jail_error err;
        go_program_image(program, modules, go_mod, go_mod_path);
        require(module_set_new(&program->image, program->policy, &program->set, &err), &err);
}

void go_program_clear(struct go_program *program) {
        module_set_free(program->set);
        jail_policy_free(program->policy);
        build_info_clear(&program->image.build);
        program->set = NULL;
        program->policy = NULL;
}

const char *go_program_module(const struct go_program *program, module_id id) {
        static char name[4096];
        switch (id) {
        case MODULE_NONE: return "-";
        case MODULE_STD: return "std";
        case MODULE_MAIN: return "main";
        case MODULE_UNKNOWN: return "unknown";
        default: snprintf(name, sizeof(name), "%.*s", STR_ARG(module_set_get(program->set, id)->path)); return name;
        }
}

const char *go_program_by_package(const struct go_program *program, const char *package) {
        return go_program_module(program, module_set_by_package(program->set, str_from(package)));
}

const char *go_program_by_symbol(const struct go_program *program, const char *symbol) {
        return go_program_module(program, module_set_by_symbol(program->set, str_from(symbol)));
}

const char *go_program_by_file(struct go_program *program, const char *file) {
        module_id id = MODULE_NONE;
        struct jail_error err;
        require(module_set_by_file(program->set, str_from(file), &id, &err), &err);
        return go_program_module(program, id);
}
