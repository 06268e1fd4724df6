/* SPDX-License-Identifier: Apache-2.0 */
/* What a Go symbol's name says: its package. Upstream: src/cmd/internal/objabi/path.go, src/cmd/compile/internal/ir/func.go. */
#ifndef GOBIN_SYMBOL_NAME_H
#define GOBIN_SYMBOL_NAME_H

#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>

#define SYMBOL_NAME_MAX_PACKAGE 4096

/*
 * Writes the package path of the symbol `name` into buffer, with its %xx escapes undone and a leading type:.eq. and the like taken
 * off, and returns a view of it. Empty when the symbol has no package (assembly, an unnamed struct's method, a path that does not
 * fit).
 */
struct str symbol_name_package(struct str name, char *buffer, size_t size);

/* The name without its package's directory: "github.com/a/b.(*T).M" gives "b.(*T).M". */
struct str symbol_name_short(struct str name);

/* The part after "package.", the package not unescaped: "(*T).M", "main.F.func1"; empty when there is no package. */
struct str symbol_name_local(struct str name);

/* The package as it stands in the symbol, escapes and all: enough to compare. Empty when there is none. */
struct str symbol_name_raw_package(struct str name);

/* Whether that is `package`, which is not empty: the same as to compare, and several times faster where many names are looked at.
 */
bool symbol_name_is_in(struct str name, struct str package);

#endif
