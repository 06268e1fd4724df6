/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compilation units: the third witness. The linker keeps the functions of one unit (a Go package; each assembly file) together, and
 * _func.cuOffset tells units apart even in stripped files (src/cmd/link/internal/ld/pcln.go). A package is compiled as one unit, so
 * a function that `//go:linkname` renamed into another package stands in a unit that is not that package's. Measured on real
 * programs: outside the standard library, whose runtime and os define functions of other packages, no unit holds two packages and
 * no package has two units, what the compiler duplicates left aside.
 */
#ifndef GOBIN_UNIT_TABLE_H
#define GOBIN_UNIT_TABLE_H

#include "gobin/module_set.h"

struct unit_table;

/* What the unit of a function says about the function's symbol. */
enum unit_witness {
        UNIT_AGREES, /* or has nothing to say: assembly, what the compiler duplicates */
        UNIT_NAMES,  /* the unit is another module's: *ret_module */
        UNIT_FORGED, /* the unit is not the symbol's package's, and does not say whose it is */
};

/* tab and set are borrowed until unit_table_free(). Errors: JAIL_ENOMEM. */
int unit_table_new(const struct pclntab *tab, const struct module_set *set, struct unit_table **ret_table,
                   struct jail_error *err) JAIL_MUST_USE;

/*
 * Does a small part of what the first question that is not about the runtime's functions takes, a few looks at each unit; for a
 * caller that has nothing else to do. Returns 1 when there is more, 0 when all is done. Errors: JAIL_ENOMEM, JAIL_ELIMIT. Cost:
 * about 20 µs.
 */
int unit_table_prepare(struct unit_table *table, struct jail_error *err) JAIL_MUST_USE;
void unit_table_free(struct unit_table *table);

/*
 * Asks the unit of func about its symbol, which is of the module `symbol`. Cost: linear in the functions of the unit the first
 * time, and in the number of units what was not prepared; then constant. When memory or effort runs out it is UNIT_FORGED.
 */
enum unit_witness unit_table_ask(struct unit_table *table, const struct go_func *func, module_id symbol, module_id *ret_module);

#endif
