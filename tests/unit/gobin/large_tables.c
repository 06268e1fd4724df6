/* SPDX-License-Identifier: Apache-2.0 */
#include "gobin/large_tables.h"

#include <assert.h>
#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_BYTES 64

static void put_u32(uint8_t *at, uint32_t value) {
        value = htole32(value);
        memcpy(at, &value, sizeof(value));
}

/* runtime._func up to cuOffset (pclntab.c); no pcdata, no funcdata. */
static void put_function(const struct large_tables *large, uint32_t i, uint32_t n, uint32_t name_off, uint32_t unit) {
        size_t size = (size_t) large->tab.layout->func.size, at = (size_t) (n + 1) * 8 + i * size;
        put_u32(large->functab + (size_t) i * 8, i * LARGE_FUNCTION_BYTES);
        put_u32(large->functab + (size_t) i * 8 + 4, (uint32_t) at);
        put_u32(large->functab + at, i * LARGE_FUNCTION_BYTES);
        put_u32(large->functab + at + 4, name_off);
        put_u32(large->functab + at + 32, unit);
}

void large_tables_init(struct large_tables *large, uint32_t n, void (*name)(uint32_t i, char *buffer, size_t size),
                       uint32_t (*unit)(uint32_t i), size_t name_bytes) {
        *large = (struct large_tables){ .effort = { .left = UINT64_MAX } };
        int r = go_layout_find("go1.26", &large->tab.layout, NULL);
        assert(r == 0);
        (void) r;
        size_t functab_len = (size_t) (n + 1) * 8 + n * (size_t) large->tab.layout->func.size, len = 0;
        large->functab = calloc(1, functab_len);
        large->names = calloc(1, name ? (size_t) n * NAME_BYTES : name_bytes + 1);
        if (!large->functab || !large->names)
                abort();
        if (!name) {
                memset(large->names, 'a', name_bytes);
                len = name_bytes + 1;
        }
        for (uint32_t i = 0; i < n; i++) {
                size_t at = name ? len : 0;
                if (name) {
                        name(i, large->names + len, NAME_BYTES);
                        len += strlen(large->names + len) + 1;
                }
                put_function(large, i, n, (uint32_t) at, unit(i));
        }
        put_u32(large->functab + (size_t) n * 8, n * LARGE_FUNCTION_BYTES);
        large->tab.text_vaddr = LARGE_TEXT_VADDR;
        large->tab.etext_vaddr = LARGE_TEXT_VADDR + (uint64_t) n * LARGE_FUNCTION_BYTES;
        large->tab.n_functions = n;
        large->tab.pc_quantum = 1;
        large->tab.functab = (struct bytes){ large->functab, functab_len };
        large->tab.funcnames = (struct bytes){ (const uint8_t *) large->names, len };
        large->tab.effort = &large->effort;
}

void large_tables_clear(struct large_tables *large) {
        free(large->functab);
        free(large->names);
        *large = (struct large_tables){ 0 };
}
