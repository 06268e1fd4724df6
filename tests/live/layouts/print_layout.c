/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prints what the core knows of a Go version and what it reads out of a program, for layouts.sh to compare:
 *
 *     print_layout [--plant=FIELD] row GO_VERSION     the version's row of the table, a line name=value each
 *     print_layout [--plant=FIELD] image PROGRAM      the frames at hello's call of main.leaf, and the functions with a role
 *
 * --plant works with a copy of the row in which FIELD is wrong.
 */
#include "base/str.h"
#include "gobin/image.h"
#include "unwind/code.h"
#include "unwind/goroutine.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIELD(part, field)                                                                                                         \
        { #part "." #field, offsetof(struct go_layout, part.field) }

/* Every offset of the table. */
static const struct {
        const char *name;
        size_t at;
} fields[] = {
        FIELD(g, stack_lo),
        FIELD(g, stack_hi),
        FIELD(g, m),
        FIELD(g, sched_sp),
        FIELD(g, sched_pc),
        FIELD(g, sched_bp),
        FIELD(g, syscallsp),
        FIELD(g, syscallpc),
        FIELD(g, goid),
        FIELD(g, parent_goid),
        FIELD(g, gopc),
        FIELD(g, ancestors),
        FIELD(m, g0),
        FIELD(m, gsignal),
        FIELD(m, curg),
        FIELD(m, procid),
        FIELD(moduledata, size),
        FIELD(moduledata, gofunc),
        FIELD(moduledata, pkghashes),
        FIELD(moduledata, modulehashes),
        FIELD(moduledata, next),
        FIELD(func, size),
        FIELD(func, func_id),
        FIELD(func, flag),
        FIELD(func, nfuncdata),
        FIELD(inlined, size),
        FIELD(inlined, name),
        FIELD(inlined, parent_pc),
};

#define N_FIELDS (sizeof(fields) / sizeof(fields[0]))

/* What is listed here and in the functions below, in the table's order: a field that is added to the table is noticed. */
struct listed {
        unsigned minor;
        uint32_t pcln_magic;
        uint8_t func_id_wrapper;
        uint8_t ancestor_frames;
        int16_t offsets[N_FIELDS];
};
_Static_assert(sizeof(struct go_layout) == sizeof(struct listed) &&
                       offsetof(struct go_layout, inlined.parent_pc) == offsetof(struct listed, offsets[N_FIELDS - 1]),
               "the table has a field that is not listed here: list it here and in dwarf/main.go");

static int16_t *field_of(struct go_layout *layout, size_t i) {
        return (int16_t *) (void *) ((char *) layout + fields[i].at);
}

static bool plant(struct go_layout *layout, const char *name) {
        if (strcmp(name, "minor") == 0) {
                layout->minor++;
                return true;
        }
        if (strcmp(name, "pcln_magic") == 0) {
                layout->pcln_magic ^= 1;
                return true;
        }
        if (strcmp(name, "func_id_wrapper") == 0) {
                layout->func_id_wrapper++;
                return true;
        }
        if (strcmp(name, "ancestor_frames") == 0) {
                layout->ancestor_frames++;
                return true;
        }
        for (size_t i = 0; i < N_FIELDS; i++)
                if (strcmp(name, fields[i].name) == 0) {
                        *field_of(layout, i) = (int16_t) (*field_of(layout, i) + 8);
                        return true;
                }
        return false;
}

/* How many bytes of the struct the unwinder reads; all of a row must lie in them. 0: as many as there are. */
static size_t bytes_read(const char *name) {
        if (strncmp(name, "g.", 2) == 0)
                return GOROUTINE_G_BYTES;
        return strncmp(name, "m.", 2) == 0 ? GOROUTINE_M_BYTES : 0;
}

static int print_row(struct go_layout *layout, struct jail_error *err) {
        printf("minor=%u\npcln_magic=0x%x\nfunc_id_wrapper=%u\nancestor_frames=%u\n", layout->minor, layout->pcln_magic,
               layout->func_id_wrapper, layout->ancestor_frames);
        for (size_t i = 0; i < N_FIELDS; i++) {
                int16_t value = *field_of(layout, i);
                size_t limit = bytes_read(fields[i].name);
                if (limit != 0 && value + 8 > (int) limit)
                        return jail_error_set(err, JAIL_ELIMIT, 0,
                                              "%s at %d is beyond the %zu bytes that src/unwind/goroutine.h reads", fields[i].name,
                                              value, limit);
                printf("%s=%d\n", fields[i].name, value);
        }
        return 0;
}

static bool find_function(const struct pclntab *tab, const char *name, struct go_func *ret_func) {
        for (uint32_t i = 0; i < tab->n_functions; i++)
                if (pclntab_function(tab, i, ret_func) && str_equal(ret_func->name, str_from(name)))
                        return true;
        return false;
}

static void print_frames(const struct code_point *point) {
        for (size_t i = 0; i < point->n_frames; i++) {
                const struct go_inline_frame *frame = &point->frames[i];
                printf("%s%.*s:%u", i == 0 ? "frames " : " ", (int) frame->name.len, frame->name.ptr, frame->line);
        }
        printf("\n");
}

/* The logical frames at each direct call of callee in the function caller, as the unwinder has them for the return address. */
static void print_calls(const struct jail_image *image, struct code_table *code, const char *caller, const char *callee) {
        struct go_func from, to;
        struct bytes text;
        if (!find_function(&image->tab, caller, &from) || !find_function(&image->tab, callee, &to) ||
            !elf_file_at(&image->file, from.entry_vaddr, &text))
                return;
        for (uint64_t at = 8; at < from.end_vaddr - from.entry_vaddr; at++) {
                struct bytes before;
                bool direct;
                int64_t displacement;
                uint64_t vaddr = from.entry_vaddr + at;
                if (!bytes_slice(text, at - 8, 8, &before) || !image->file.arch->ends_in_call(before, &direct, &displacement) ||
                    !direct || vaddr + (uint64_t) displacement != to.entry_vaddr)
                        continue;
                const struct code_point *point = code_table_find(code, vaddr, false);
                if (point)
                        print_frames(point);
        }
}

static const char *role_name(enum code_role role) {
        static const char *const names[] = {
                [CODE_ORDINARY] = NULL,
                [CODE_GOEXIT] = "goexit",
                [CODE_RT0] = "rt0",
                [CODE_MSTART] = "mstart",
                [CODE_MCALL] = "mcall",
                [CODE_MORESTACK] = "morestack",
                [CODE_SYSTEMSTACK] = "systemstack",
                [CODE_SIGTRAMP] = "sigtramp",
                [CODE_INJECTED] = "injected",
                [CODE_RUNTIME_MAIN] = "runtime_main",
                [CODE_SERVICE] = "service",
        };
        return names[role];
}

static void print_roles(const struct jail_image *image, struct code_table *code) {
        for (uint32_t i = 0; i < image->tab.n_functions; i++) {
                struct go_func func;
                if (!pclntab_function(&image->tab, i, &func))
                        continue;
                const struct code_point *point = code_table_find(code, func.entry_vaddr, true);
                if (!point || !role_name(point->role))
                        continue;
                printf("role %s %.*s\n", role_name(point->role), (int) func.name.len, func.name.ptr);
                if (point->role == CODE_GOEXIT)
                        printf("flags %.*s %u\n", (int) func.name.len, func.name.ptr, point->flags);
        }
}

static int print_image(const char *path, const char *planted, struct jail_error *err) {
        struct jail_image *image;
        struct code_table *code;
        int r = jail_image_open(path, &image, err);
        if (r < 0)
                return r;
        struct go_layout layout = *image->layout;
        if (planted && !plant(&layout, planted))
                r = jail_error_set(err, JAIL_EINVAL, 0, "the table has no field %s", planted);
        image->layout = image->tab.layout = &layout;
        if (r == 0)
                r = code_table_new(&image->tab, &code, err);
        if (r == 0) {
                print_calls(image, code, "main.outer", "main.leaf");
                print_roles(image, code);
                code_table_free(code);
        }
        jail_image_free(image);
        return r;
}

static int print_version(const char *go_version, const char *planted, struct jail_error *err) {
        const struct go_layout *found;
        int r = go_layout_find(go_version, &found, err);
        if (r < 0)
                return r;
        struct go_layout layout = *found;
        if (planted && !plant(&layout, planted))
                return jail_error_set(err, JAIL_EINVAL, 0, "the table has no field %s", planted);
        return print_row(&layout, err);
}

int main(int argc, char **argv) {
        static const char option[] = "--plant=";
        struct jail_error err;
        const char *planted = NULL;
        int r;

        if (argc > 1 && strncmp(argv[1], option, sizeof(option) - 1) == 0) {
                planted = argv[1] + sizeof(option) - 1;
                argv++;
                argc--;
        }
        if (argc == 3 && strcmp(argv[1], "row") == 0) {
                r = print_version(argv[2], planted, &err);
        } else if (argc == 3 && strcmp(argv[1], "image") == 0) {
                r = print_image(argv[2], planted, &err);
        } else {
                fputs("usage: print_layout [--plant=FIELD] row GO_VERSION | image PROGRAM\n", stderr);
                return 2;
        }
        if (r < 0) {
                fprintf(stderr, "print_layout: %s\n", err.msg);
                return 1;
        }
        return 0;
}
