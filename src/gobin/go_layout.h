/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Go-version table: everything that differs between the Go versions that jail knows, one row each. Nothing else in the tree
 * asks for a version. docs/go-layouts.md says how the numbers were found and how a version is added.
 */
#ifndef GOBIN_GO_LAYOUT_H
#define GOBIN_GO_LAYOUT_H

#include <jail/error.h>
#include <stdint.h>

#define GO_LAYOUT_ABSENT (-1)

/* Offsets in bytes on a 64-bit CPU; GO_LAYOUT_ABSENT where the version lacks the field. */
struct go_layout {
        unsigned minor;          /* N of go1.N */
        uint32_t pcln_magic;     /* runtime.pcHeader.magic */
        uint8_t func_id_wrapper; /* abi.FuncIDWrapper: a method wrapper that the compiler made */
        uint8_t ancestor_frames; /* the most frames that are kept of an ancestor goroutine */

        struct {
                int16_t stack_lo, stack_hi, m, sched_sp, sched_pc, sched_bp, syscallsp, syscallpc, goid, parent_goid, gopc,
                        ancestors;
        } g; /* runtime.g */
        struct {
                int16_t g0, gsignal, curg, procid;
        } m; /* runtime.m */
        struct {
                int16_t size, gofunc, pkghashes, modulehashes, next;
        } moduledata; /* runtime.moduledata; what is before gofunc is the same in all */
        struct {
                int16_t size, func_id, flag, nfuncdata;
        } func; /* runtime._func */
        struct {
                int16_t size, name, parent_pc;
        } inlined; /* runtime.inlinedCall */
};

/*
 * Finds the row for a toolchain's version as build info states it: "go1.22", "go1.26.8", "go1.25rc1", "go1.25.5 X:nodwarf5",
 * "go1.19.8-debian", "go1.24.2 (Red Hat 1.24.2-1.el9)". The row is static. Errors: JAIL_EUNSUPPORTED, with the supported range in
 * msg (a newer or older version, "devel …", anything that is not a Go release).
 */
int go_layout_find(const char *go_version, const struct go_layout **ret_layout, struct jail_error *err) JAIL_MUST_USE;

#endif
