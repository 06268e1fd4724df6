/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Closures named after a host. When F with a closure in it is inlined into H, the compiler makes the closure a function of H's
 * package and names it H.F.func1 (from Go 1.21 on; src/cmd/compile/internal/ir/func.go, closureName); only its source file still
 * says whose F is, and //line can forge that. H's inline tree tells: it holds the calls that were inlined, F's with its package.
 */
#ifndef GOBIN_CLOSURE_HOST_H
#define GOBIN_CLOSURE_HOST_H

#include "gobin/module_set.h"

/* What the name of a closure says about where it was written. */
enum closure_witness {
        CLOSURE_AGREES, /* no closure, or one of a function of its own package */
        CLOSURE_NAMES,  /* of a function of another module that was inlined: *ret_module */
        CLOSURE_FORGED, /* of a function that is nowhere to be found */
};

/*
 * name: of a logical frame in func, whose module is `symbol`; func itself, or something that was inlined into it. Cost: linear in
 * the functions of func's compilation unit; for a host that the linker has removed, in all names of the image.
 */
enum closure_witness closure_host_ask(const struct pclntab *tab, const struct module_set *set, const struct go_func *func,
                                      struct str name, module_id symbol, module_id *ret_module);

#endif
