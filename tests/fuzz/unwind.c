/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A walk over arbitrary memory. Input: the version (1 byte), then 16 bytes for each word of memory that is not zero: the place
 * (region, offset; 8 bytes) and the value (a kind, then a number that it takes modulo what there is).
 */
#include "fuzz.h"
#include "unwind/go_process.h"

static uint64_t value_of(const struct go_process *p, uint64_t raw) {
        static const uint64_t places[] = { PROCESS_STACK, PROCESS_G0_STACK, PROCESS_SIGNAL_STACK, PROCESS_HEAP,
                                           PROCESS_G,     PROCESS_G0,       PROCESS_GSIGNAL,      PROCESS_M };
        switch (raw >> 62) {
        case 0: return raw;
        case 1: return PROCESS_BIAS + p->tab.text_vaddr + (raw & 0xffff) % (p->tables.text_bytes + 8);
        case 2: return places[raw >> 16 & 7] + (raw & 0x3ff8);
        default: return raw & 0xffff;
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        static struct go_process p;
        struct bytes input = { data, size };
        uint64_t where, raw;
        if (size < 1)
                return 0;
        process_init(&p, 18 + data[0] % 9u);
        process_stop(&p, "os.ReadFile", 12, PROCESS_STACK + 0x1000);
        for (uint64_t at = 1; bytes_u64(input, at, &where) && bytes_u64(input, at + 8, &raw); at += 16) {
                uint64_t value = value_of(&p, raw);
                switch (where >> 56) {
                case 0: p.regs.ip = value; break;
                case 1: p.regs.sp = value; break;
                case 2: process_on(&p, value); break;
                case 3: p.regs.fp = value, p.regs.has_fp = true; break;
                case 4: process_in_c(&p); break;
                default: {
                        const struct process_region *region = &p.memory.regions[where % p.memory.n_regions];
                        process_put(&p, region->vaddr + (where >> 8) % (region->len / 8) * 8, value);
                }
                }
        }
        (void) process_walk(&p);
        (void) process_walk(&p); /* with what is remembered */
        process_clear(&p);
        return 0;
}
