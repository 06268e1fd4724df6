/* SPDX-License-Identifier: Apache-2.0 */
/*
 * runtime.moduledata of one Go image (src/runtime/symtab.go): where text and funcdata are. Go 1.26 gives it a section; before, it
 * is found as the one place in writable data that points to pclntab and agrees with its header.
 */
#ifndef GOBIN_MODULEDATA_H
#define GOBIN_MODULEDATA_H

#include "gobin/elf_file.h"
#include "gobin/go_layout.h"

#include <jail/error.h>
#include <stdint.h>

/* What pclntab's header says, to recognise the moduledata by. All link-time addresses. */
struct moduledata_key {
        uint64_t pclntab_vaddr;
        uint64_t funcnametab_vaddr;
        uint64_t functab_vaddr;
        uint64_t n_functions;
};

struct moduledata {
        uint64_t vaddr;
        uint64_t text_vaddr, etext_vaddr, min_pc_vaddr, max_pc_vaddr;
        uint64_t gofunc_vaddr;
        uint64_t pclntable_len_bytes; /* of functab and the records */
};

/*
 * Errors: JAIL_EFORMAT (none, or more than one that agrees), JAIL_EUNSUPPORTED (a shared or plugin build). Cost: with a section,
 * constant (plus linear in .rela.dyn for position-independent files); else linear in the writable data.
 */
int moduledata_find(struct moduledata *data, const struct elf_file *file, const struct go_layout *layout,
                    const struct moduledata_key *key, struct jail_error *err) JAIL_MUST_USE;

#endif
