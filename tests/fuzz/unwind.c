/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A walk over arbitrary memory, and what is remembered of it. Input: the version (1 byte; with its highest bit a whole stack stands
 * there first), then 16 bytes for each word of memory or register that is set: the place (region, offset; 8 bytes; with its highest
 * bit it is set when the stack was remembered) and the value (a kind, then a number that it takes modulo what there is).
 */
#include "fuzz.h"
#include "unwind/chain.h"
#include "unwind/go_process.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

static void put_word(struct go_process *p, uint64_t where, uint64_t raw) {
        uint64_t value = value_of(p, raw);
        switch (where >> 56 & 0x7f) {
        case 0: p->regs.ip = value; break;
        case 1: p->regs.sp = value; break;
        case 2: process_on(p, value); break;
        case 3: p->regs.fp = value, p->regs.has_fp = true; break;
        case 4: process_in_c(p); break;
        default: {
                const struct process_region *region = &p->memory.regions[where % p->memory.n_regions];
                process_put(p, region->vaddr + (where >> 8 & 0xffffffffffff) % (region->len / 8) * 8, value);
        }
        }
}

/* The words that are put before the first walk, or those that are put after it. */
static void put_words(struct go_process *p, struct bytes input, bool later) {
        uint64_t where, raw;
        for (uint64_t at = 1; bytes_u64(input, at, &where) && bytes_u64(input, at + 8, &raw); at += 16)
                if ((where >> 63 != 0) == later)
                        put_word(p, where, raw);
}

/* A walk that may take what it remembers of whole stacks must see what one sees that cannot. */
static void compare(struct go_process *p, struct chain_table *chains) {
        static char shown[sizeof(p->shown)];
        static uint64_t pcs[UNWIND_MAX_FRAMES];
        const struct unwind_thread thread = p->thread;
        p->process.chains = NULL;
        snprintf(shown, sizeof(shown), "%s", process_walk(p));
        size_t n = p->stack.n_frames;
        enum unwind_end end = p->stack.end;
        for (size_t i = 0; i < n; i++)
                pcs[i] = p->stack.frames[i].pc;

        p->thread = thread;
        p->process.chains = chains;
        if (strcmp(process_walk(p), shown) != 0 || p->stack.n_frames != n || p->stack.end != end)
                abort();
        for (size_t i = 0; i < n; i++)
                if (p->stack.frames[i].pc != pcs[i])
                        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        static struct go_process p;
        struct chain_table *chains = NULL;
        struct bytes input = { data, size };
        if (size < 1)
                return 0;
        process_init(&p, 18 + (data[0] & 0x7f) % 9u);
        if (chain_table_new(&chains, NULL) < 0)
                abort();
        if (data[0] & 0x80)
                process_stop_whole(&p, PROCESS_STACK + 0x1000);
        else
                process_stop(&p, "os.ReadFile", 12, PROCESS_STACK + 0x1000);
        put_words(&p, input, false);
        for (int i = 0; i < 3; i++) /* the second one remembers the chain, the third one takes it */
                compare(&p, chains);
        put_words(&p, input, true);
        compare(&p, chains);
        chain_table_free(chains);
        process_clear(&p);
        return 0;
}
