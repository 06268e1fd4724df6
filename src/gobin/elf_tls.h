/* SPDX-License-Identifier: Apache-2.0 */
/* Thread-local variables of an executable whose code finds them through its global offset table (initial exec). */
#ifndef GOBIN_ELF_TLS_H
#define GOBIN_ELF_TLS_H

#include "gobin/elf_file.h"

/*
 * The offset from the thread pointer that the dynamic loader puts into the word at got_vaddr: the file says it, so that nobody has
 * to trust the program's memory. False when no relocation (R_X86_64_TPOFF64) of a variable of the file's own fills that word, or
 * more than one does, or PT_TLS and the symbol do not fit together.
 *
 * An executable's thread-local variables lie right below the thread pointer: ELF Handling For Thread-Local Storage (Drepper),
 * section 3.4.6, variant II; _dl_determine_tlsoffset in glibc's elf/dl-tls.c. Cost: linear in .rela.dyn.
 */
bool elf_tls_offset(const struct elf_file *file, uint64_t got_vaddr, int64_t *ret_offset);

#endif
