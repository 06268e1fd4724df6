/* SPDX-License-Identifier: Apache-2.0 */
/* What differs between CPUs, as data and pure functions. One const struct per architecture. */
#ifndef ARCH_ARCH_H
#define ARCH_ARCH_H

#include "base/bytes.h"

#include <stdbool.h>
#include <stdint.h>

/* The registers that unwinding and decisions use, at a stop. */
struct arch_regs {
        uint64_t ip; /* the address after the system call instruction */
        uint64_t sp;
        uint64_t fp;  /* the frame pointer register, meaningful when has_fp */
        uint64_t g;   /* the register that Go keeps g in while Go code runs, meaningful when has_g */
        uint64_t tls; /* the thread pointer (FS base), meaningful when has_tls */
        bool has_fp, has_g, has_tls;
};

/* How a word of thread-local storage is found from an instruction that loads it. */
struct arch_tls_access {
        enum { ARCH_TLS_NONE, ARCH_TLS_OFFSET, ARCH_TLS_GOT } kind;
        int64_t offset;     /* OFFSET: thread pointer + offset */
        uint64_t got_vaddr; /* GOT: the link-time address of the word that holds the offset */
};

struct arch {
        const char *name;     /* as Go's GOARCH */
        uint16_t elf_machine; /* EM_… */
        uint32_t audit_arch;  /* AUDIT_ARCH_… of the native system call entry */
        unsigned pointer_bytes;
        unsigned pc_quantum; /* the unit of pc deltas in pc tables (Go: cmd/internal/sys ArchX.MinLC) */

        /*
         * Whether a call instruction ends at the end of `before` (the bytes in front of a return address, at least 1, up to 8).
         * For a direct call *ret_direct is true and *ret_displacement its target relative to the return address.
         */
        bool (*ends_in_call)(struct bytes before, bool *ret_direct, int64_t *ret_displacement);

        /*
         * Whether the bytes end in a call through a register or memory. Where instructions have several lengths, bytes can be read
         * as either kind of call: whoever asks has to know which is meant.
         */
        bool (*ends_in_indirect_call)(struct bytes before);

        /* Whether an instruction that enters the kernel ends at the end of `before`. */
        bool (*ends_in_syscall)(struct bytes before);

        /*
         * The first jump at or after *at in code (which begins at vaddr) whose target is given directly. Returns false when there
         * is none; otherwise *at is behind it. Instructions are not decoded: a jump may be found in the middle of another
         * instruction.
         */
        bool (*next_jump)(struct bytes code, uint64_t vaddr, uint64_t *at, uint64_t *ret_target_vaddr);

        /* Finds how `code` (a Go assembly function that begins at link-time address vaddr) loads g from thread-local storage. */
        struct arch_tls_access (*find_tls_access)(struct bytes code, uint64_t vaddr);
};

/* The architecture of an ELF file, or NULL when jail does not know it. */
const struct arch *arch_by_elf_machine(uint16_t elf_machine);

/* The architecture that this jail was built for. */
const struct arch *arch_native(void);

#endif
