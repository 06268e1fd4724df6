/* SPDX-License-Identifier: Apache-2.0 */
#include "gobin/go_layout.h"

#include <ctype.h>
#include <jail/image.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/*
 * Each row was read from the DWARF of a program that the named release built, and holds for the whole minor version. Upstream:
 *   g, m, gobuf            src/runtime/runtime2.go
 *   moduledata, pcHeader   src/runtime/symtab.go
 *   _func                  src/runtime/runtime2.go, written by src/cmd/link/internal/ld/pcln.go
 *   ancestor_frames        src/runtime/traceback.go: _TracebackMaxFrames up to 1.20, then tracebackInnerFrames
 *   func_id_wrapper        src/internal/abi/symtab.go; src/cmd/internal/objabi/funcid.go up to 1.20
 *   inlinedCall            src/runtime/symtab.go up to 1.19, then src/runtime/symtabinl.go
 *   ancestorInfo           src/runtime/runtime2.go: { pcs []uintptr; goid uint64; gopc uintptr } in all
 * Equal in all: moduledata.{pcHeader 0, funcnametab 8, cutab 32, filetab 56, pctab 80, pclntable 104, ftab 128, minpc 160, maxpc
 * 168, text 176, etext 184}; PCDATA_InlTreeIndex 2 and FUNCDATA_InlTree 3 (src/runtime/symtab.go; internal/abi/symtab.go).
 */
static const struct go_layout go_layouts[] = {
        {
                /* go1.18.10 */
                .minor = 18,
                .func_id_wrapper = 21,
                .ancestor_frames = 100,
                .pcln_magic = 0xfffffff0,
                .g = { .stack_lo = 0,
                       .stack_hi = 8,
                       .m = 48,
                       .sched_sp = 56,
                       .sched_pc = 64,
                       .sched_bp = 104,
                       .syscallsp = 112,
                       .syscallpc = 120,
                       .goid = 152,
                       .parent_goid = GO_LAYOUT_ABSENT,
                       .gopc = 296,
                       .ancestors = 304 },
                .m = { .g0 = 0, .gsignal = 80, .curg = 192, .procid = 72 },
                .moduledata = { .size = 552, .gofunc = 304, .pkghashes = 424, .modulehashes = 464, .next = 544 },
                .func = { .size = 40, .func_id = 36, .flag = 37, .nfuncdata = 39 },
                .inlined = { .size = 20, .name = 12, .parent_pc = 16 },
        },
        {
                /* go1.19.13 */
                .minor = 19,
                .func_id_wrapper = 21,
                .ancestor_frames = 100,
                .pcln_magic = 0xfffffff0,
                .g = { .stack_lo = 0,
                       .stack_hi = 8,
                       .m = 48,
                       .sched_sp = 56,
                       .sched_pc = 64,
                       .sched_bp = 104,
                       .syscallsp = 112,
                       .syscallpc = 120,
                       .goid = 152,
                       .parent_goid = GO_LAYOUT_ABSENT,
                       .gopc = 296,
                       .ancestors = 304 },
                .m = { .g0 = 0, .gsignal = 80, .curg = 192, .procid = 72 },
                .moduledata = { .size = 552, .gofunc = 304, .pkghashes = 424, .modulehashes = 464, .next = 544 },
                .func = { .size = 40, .func_id = 36, .flag = 37, .nfuncdata = 39 },
                .inlined = { .size = 20, .name = 12, .parent_pc = 16 },
        },
        {
                /* go1.20.14 */
                .minor = 20,
                .func_id_wrapper = 21,
                .ancestor_frames = 100,
                .pcln_magic = 0xfffffff1,
                .g = { .stack_lo = 0,
                       .stack_hi = 8,
                       .m = 48,
                       .sched_sp = 56,
                       .sched_pc = 64,
                       .sched_bp = 104,
                       .syscallsp = 112,
                       .syscallpc = 120,
                       .goid = 152,
                       .parent_goid = GO_LAYOUT_ABSENT,
                       .gopc = 296,
                       .ancestors = 304 },
                .m = { .g0 = 0, .gsignal = 80, .curg = 192, .procid = 72 },
                .moduledata = { .size = 568, .gofunc = 320, .pkghashes = 440, .modulehashes = 480, .next = 560 },
                .func = { .size = 44, .func_id = 40, .flag = 41, .nfuncdata = 43 },
                .inlined = { .size = 16, .name = 4, .parent_pc = 8 },
        },
        {
                /* go1.21.13 */
                .minor = 21,
                .func_id_wrapper = 21,
                .ancestor_frames = 50,
                .pcln_magic = 0xfffffff1,
                .g = { .stack_lo = 0,
                       .stack_hi = 8,
                       .m = 48,
                       .sched_sp = 56,
                       .sched_pc = 64,
                       .sched_bp = 104,
                       .syscallsp = 112,
                       .syscallpc = 120,
                       .goid = 152,
                       .parent_goid = 272,
                       .gopc = 280,
                       .ancestors = 288 },
                .m = { .g0 = 0, .gsignal = 80, .curg = 192, .procid = 72 },
                .moduledata = { .size = 592, .gofunc = 320, .pkghashes = 440, .modulehashes = 504, .next = 584 },
                .func = { .size = 44, .func_id = 40, .flag = 41, .nfuncdata = 43 },
                .inlined = { .size = 16, .name = 4, .parent_pc = 8 },
        },
        {
                /* go1.22.12 */
                .minor = 22,
                .func_id_wrapper = 22,
                .ancestor_frames = 50,
                .pcln_magic = 0xfffffff1,
                .g = { .stack_lo = 0,
                       .stack_hi = 8,
                       .m = 48,
                       .sched_sp = 56,
                       .sched_pc = 64,
                       .sched_bp = 104,
                       .syscallsp = 112,
                       .syscallpc = 120,
                       .goid = 152,
                       .parent_goid = 272,
                       .gopc = 280,
                       .ancestors = 288 },
                .m = { .g0 = 0, .gsignal = 80, .curg = 192, .procid = 72 },
                .moduledata = { .size = 592, .gofunc = 320, .pkghashes = 440, .modulehashes = 504, .next = 584 },
                .func = { .size = 44, .func_id = 40, .flag = 41, .nfuncdata = 43 },
                .inlined = { .size = 16, .name = 4, .parent_pc = 8 },
        },
        {
                /* go1.23.12 */
                .minor = 23,
                .func_id_wrapper = 22,
                .ancestor_frames = 50,
                .pcln_magic = 0xfffffff1,
                .g = { .stack_lo = 0,
                       .stack_hi = 8,
                       .m = 48,
                       .sched_sp = 56,
                       .sched_pc = 64,
                       .sched_bp = 104,
                       .syscallsp = 112,
                       .syscallpc = 120,
                       .goid = 160,
                       .parent_goid = 280,
                       .gopc = 288,
                       .ancestors = 296 },
                .m = { .g0 = 0, .gsignal = 80, .curg = 192, .procid = 72 },
                .moduledata = { .size = 584, .gofunc = 320, .pkghashes = 440, .modulehashes = 504, .next = 576 },
                .func = { .size = 44, .func_id = 40, .flag = 41, .nfuncdata = 43 },
                .inlined = { .size = 16, .name = 4, .parent_pc = 8 },
        },
        {
                /* go1.24.9 */
                .minor = 24,
                .func_id_wrapper = 22,
                .ancestor_frames = 50,
                .pcln_magic = 0xfffffff1,
                .g = { .stack_lo = 0,
                       .stack_hi = 8,
                       .m = 48,
                       .sched_sp = 56,
                       .sched_pc = 64,
                       .sched_bp = 104,
                       .syscallsp = 112,
                       .syscallpc = 120,
                       .goid = 160,
                       .parent_goid = 280,
                       .gopc = 288,
                       .ancestors = 296 },
                .m = { .g0 = 0, .gsignal = 80, .curg = 192, .procid = 72 },
                .moduledata = { .size = 584, .gofunc = 320, .pkghashes = 440, .modulehashes = 504, .next = 576 },
                .func = { .size = 44, .func_id = 40, .flag = 41, .nfuncdata = 43 },
                .inlined = { .size = 16, .name = 4, .parent_pc = 8 },
        },
        {
                /* go1.25.5 */
                .minor = 25,
                .func_id_wrapper = 23,
                .ancestor_frames = 50,
                .pcln_magic = 0xfffffff1,
                .g = { .stack_lo = 0,
                       .stack_hi = 8,
                       .m = 48,
                       .sched_sp = 56,
                       .sched_pc = 64,
                       .sched_bp = 96,
                       .syscallsp = 104,
                       .syscallpc = 112,
                       .goid = 152,
                       .parent_goid = 272,
                       .gopc = 280,
                       .ancestors = 288 },
                .m = { .g0 = 0, .gsignal = 72, .curg = 184, .procid = 64 },
                .moduledata = { .size = 584, .gofunc = 320, .pkghashes = 440, .modulehashes = 504, .next = 576 },
                .func = { .size = 44, .func_id = 40, .flag = 41, .nfuncdata = 43 },
                .inlined = { .size = 16, .name = 4, .parent_pc = 8 },
        },
        {
                /* go1.26.8 */
                .minor = 26,
                .func_id_wrapper = 23,
                .ancestor_frames = 50,
                .pcln_magic = 0xfffffff1,
                .g = { .stack_lo = 0,
                       .stack_hi = 8,
                       .m = 48,
                       .sched_sp = 56,
                       .sched_pc = 64,
                       .sched_bp = 96,
                       .syscallsp = 104,
                       .syscallpc = 112,
                       .goid = 152,
                       .parent_goid = 280,
                       .gopc = 288,
                       .ancestors = 296 },
                .m = { .g0 = 0, .gsignal = 72, .curg = 184, .procid = 64 },
                .moduledata = { .size = 592, .gofunc = 320, .pkghashes = 448, .modulehashes = 512, .next = 584 },
                .func = { .size = 44, .func_id = 40, .flag = 41, .nfuncdata = 43 },
                .inlined = { .size = 16, .name = 4, .parent_pc = 8 },
        },
};

#define N_LAYOUTS (sizeof(go_layouts) / sizeof(go_layouts[0]))

const char *jail_image_supported_versions(void) {
        return "go1.18 to go1.26";
}

/* Reads "go1.N" and checks that what follows ends the number: the rest says patch level, experiments or a distribution's name. */
static bool parse_minor(const char *go_version, unsigned *ret_minor) {
        static const char prefix[] = "go1.";
        if (strncmp(go_version, prefix, sizeof(prefix) - 1) != 0)
                return false;
        const char *digits = go_version + sizeof(prefix) - 1;
        size_t n = strspn(digits, "0123456789");
        if (n == 0 || n > 3 || (digits[0] == '0' && n > 1))
                return false;
        const char *rest = digits + n;
        if (*rest != '\0' && *rest != '.' && *rest != ' ' && *rest != '-' && *rest != '+' && strncmp(rest, "rc", 2) != 0 &&
            strncmp(rest, "beta", 4) != 0)
                return false;
        *ret_minor = (unsigned) strtoul(digits, NULL, 10);
        return true;
}

int go_layout_find(const char *go_version, const struct go_layout **ret_layout, struct jail_error *err) {
        unsigned minor;
        if (strncmp(go_version, "devel", 5) == 0 || strstr(go_version, "devel"))
                return jail_error_set(err, JAIL_EUNSUPPORTED, 0, "built by a development version of Go (%s); supported are %s",
                                      go_version, jail_image_supported_versions());
        if (!parse_minor(go_version, &minor))
                return jail_error_set(err, JAIL_EUNSUPPORTED, 0, "built by an unknown Go version (%s); supported are %s",
                                      go_version, jail_image_supported_versions());
        for (size_t i = 0; i < N_LAYOUTS; i++)
                if (go_layouts[i].minor == minor) {
                        *ret_layout = &go_layouts[i];
                        return 0;
                }
        return jail_error_set(err, JAIL_EUNSUPPORTED, 0, "built by %s, which is %s than this jail knows; supported are %s",
                              go_version, minor > go_layouts[N_LAYOUTS - 1].minor ? "newer" : "older",
                              jail_image_supported_versions());
}
