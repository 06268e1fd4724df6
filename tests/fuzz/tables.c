/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parts of .gopclntab with nothing around them: deltas, lines and inline trees. Input: the minor version (1 byte, modulo 9 from
 * 18 on), then five lengths (2 bytes each: names, units, files, pc tables, funcdata) and the parts; the rest is functab.
 */
#include "fuzz.h"
#include "gobin/pclntab.h"

#include <stdio.h>
#include <stdlib.h>

static struct bytes cut(struct bytes *rest, size_t len) {
        struct bytes part = { rest->ptr, len < rest->len ? len : rest->len };
        (void) bytes_from(*rest, part.len, rest);
        return part;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        struct bytes input = { data, size }, rest;
        struct pclntab tab = { .text_vaddr = 0x401000, .etext_vaddr = 0x411000, .pc_quantum = 1 };
        struct bytes *const parts[] = { &tab.funcnames, &tab.cutab, &tab.filetab, &tab.pctab, &tab.gofunc };
        struct go_inline_frame frames[PCLNTAB_MAX_INLINE_DEPTH];
        char version[16];
        if (!bytes_from(input, 11, &rest))
                return 0;
        snprintf(version, sizeof(version), "go1.%u", 18 + data[0] % 9u);
        if (go_layout_find(version, &tab.layout, NULL) < 0)
                abort();
        for (size_t i = 0; i < 5; i++) {
                uint16_t len = 0;
                (void) bytes_u16(input, 1 + i * 2, &len);
                *parts[i] = cut(&rest, len);
        }
        tab.functab = rest;
        tab.n_functions = (uint32_t) (rest.len / 8);
        for (uint32_t i = 0; i < tab.n_functions && i < 16; i++) {
                struct go_func func;
                int32_t delta;
                if (!pclntab_function(&tab, i, &func))
                        continue;
                struct go_inline_cursor cursor = { 0 };
                for (struct str name; pclntab_next_inlined(&tab, &func, &cursor, &name);)
                        ;
                for (uint64_t at = 0; at < 64; at += 7) {
                        (void) pclntab_spdelta(&tab, &func, func.entry_vaddr + at, &delta);
                        (void) pclntab_expand(&tab, &func, func.entry_vaddr + at, frames, PCLNTAB_MAX_INLINE_DEPTH);
                }
        }
        for (uint64_t vaddr = 0x400f00; vaddr < 0x402000; vaddr += 61) {
                struct go_func func;
                (void) pclntab_find(&tab, vaddr, &func);
        }
        return 0;
}
