/* SPDX-License-Identifier: Apache-2.0 */
/* runtime.g and runtime.m of a process, as far as the walk needs them (offsets: gobin/go_layout.h). */
#ifndef UNWIND_GOROUTINE_H
#define UNWIND_GOROUTINE_H

#include "gobin/go_layout.h"
#include "memory/reader.h"

#include <stdbool.h>
#include <stdint.h>

/* Enough of the structs to hold every field that is read. */
#define GOROUTINE_G_BYTES 320
#define GOROUTINE_M_BYTES 208

struct goroutine {
        uint64_t vaddr;
        uint64_t stack_lo, stack_hi; /* half-open */
        uint64_t m_vaddr;
        uint64_t sched_sp, sched_pc;
        uint64_t syscall_sp, syscall_pc;
        uint64_t goid, parent_goid, gopc, ancestors_vaddr;
};

struct machine {
        uint64_t vaddr;
        uint64_t g0_vaddr, gsignal_vaddr, curg_vaddr;
        uint64_t procid;
};

/* Takes the fields out of bytes that were read at vaddr; false when they are too few. */
bool goroutine_parse(const struct go_layout *layout, uint64_t vaddr, const uint8_t *buffer, size_t len_bytes,
                     struct goroutine *ret_g);
bool machine_parse(const struct go_layout *layout, uint64_t vaddr, const uint8_t *buffer, size_t len_bytes, struct machine *ret_m);

/* Reads them from memory. Errors: JAIL_EREAD. */
int goroutine_read(const struct go_layout *layout, struct memory_reader *memory, uint64_t vaddr, struct goroutine *ret_g,
                   struct jail_error *err) JAIL_MUST_USE;
int machine_read(const struct go_layout *layout, struct memory_reader *memory, uint64_t vaddr, struct machine *ret_m,
                 struct jail_error *err) JAIL_MUST_USE;

#endif
