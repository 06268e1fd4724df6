/* SPDX-License-Identifier: Apache-2.0 */
#include "gobin/go_tables.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A test that builds what cannot be built is wrong itself. */
static void require(bool condition, const char *what) {
        if (condition)
                return;
        fprintf(stderr, "go_tables: %s\n", what);
        abort();
}

void blob_put(struct tables_blob *blob, const void *bytes, size_t len) {
        require(len <= sizeof(blob->bytes) - blob->len, "a table is full");
        if (len > 0)
                memcpy(blob->bytes + blob->len, bytes, len);
        blob->len += len;
}

void blob_u8(struct tables_blob *blob, uint8_t value) {
        blob_put(blob, &value, 1);
}

void blob_u32(struct tables_blob *blob, uint32_t value) {
        for (int i = 0; i < 4; i++)
                blob_u8(blob, (uint8_t) (value >> 8 * i));
}

void blob_u64(struct tables_blob *blob, uint64_t value) {
        blob_u32(blob, (uint32_t) value);
        blob_u32(blob, (uint32_t) (value >> 32));
}

void blob_uvarint(struct tables_blob *blob, uint64_t value) {
        for (; value >= 0x80; value >>= 7)
                blob_u8(blob, (uint8_t) (value | 0x80));
        blob_u8(blob, (uint8_t) value);
}

void blob_align(struct tables_blob *blob, size_t alignment) {
        while (blob->len % alignment != 0)
                blob_u8(blob, 0);
}

uint32_t blob_pc_table(struct tables_blob *blob, const struct tables_step *steps, size_t n) {
        uint32_t offset = (uint32_t) blob->len, pc = 0;
        int32_t value = -1;
        for (size_t i = 0; i < n; i++) {
                uint32_t delta = (uint32_t) steps[i].value - (uint32_t) value; /* wraps, as the reader's sum does */
                require(steps[i].until > pc && (i == 0 || delta != 0), "a pc table's steps must differ");
                blob_uvarint(blob, delta >> 31 ? (uint32_t) (~delta << 1) | 1 : delta << 1);
                blob_uvarint(blob, steps[i].until - pc);
                value = steps[i].value;
                pc = steps[i].until;
        }
        blob_u8(blob, 0);
        return offset;
}

const struct go_layout *tables_layout(unsigned minor) {
        char version[32];
        const struct go_layout *layout = NULL;
        struct jail_error err;
        snprintf(version, sizeof(version), "go1.%u", minor);
        require(go_layout_find(version, &layout, &err) == 0, "no such Go version");
        return layout;
}

void tables_init(struct go_tables *tables, unsigned minor) {
        memset(tables, 0, sizeof(*tables));
        tables->layout = tables_layout(minor);
        tables->text_vaddr = TABLES_TEXT_VADDR;
        blob_u8(&tables->pctab, 0);   /* offset 0 stands for no table */
        blob_u64(&tables->gofunc, 0); /* so that a tree at offset 0 is not the only case */
}

/* The offset of a string in a blob of NUL-terminated strings, added when it is not there. */
static uint32_t blob_string(struct tables_blob *blob, const char *text) {
        for (size_t at = 0; at < blob->len; at += strlen((const char *) blob->bytes + at) + 1)
                if (strcmp((const char *) blob->bytes + at, text) == 0)
                        return (uint32_t) at;
        uint32_t offset = (uint32_t) blob->len;
        blob_put(blob, text, strlen(text) + 1);
        return offset;
}

uint32_t tables_name(struct go_tables *tables, const char *name) {
        return blob_string(&tables->names, name);
}

void tables_unit(struct go_tables *tables) {
        tables->unit = (uint32_t) (tables->cutab.len / 4);
}

void tables_function(struct go_tables *tables, const char *name, uint32_t size_bytes) {
        require(tables->n_functions < TABLES_MAX_FUNCTIONS && size_bytes > 0, "too many functions");
        struct tables_function *function = &tables->functions[tables->n_functions++];
        *function = (struct tables_function){
                .name = name,
                .entry_off = tables->text_bytes,
                .name_off = tables_name(tables, name),
                .unit = tables->unit,
                .inline_tree = UINT32_MAX,
        };
        tables->text_bytes += size_bytes;
}

static struct tables_function *current(struct go_tables *tables) {
        require(tables->n_functions > 0, "no function yet");
        return &tables->functions[tables->n_functions - 1];
}

void tables_flags(struct go_tables *tables, uint8_t flags) {
        current(tables)->flags = flags;
}

void tables_sp(struct go_tables *tables, const struct tables_step *steps, size_t n) {
        current(tables)->pcsp = blob_pc_table(&tables->pctab, steps, n);
}

void tables_lines(struct go_tables *tables, const struct tables_step *steps, size_t n) {
        current(tables)->pcln = blob_pc_table(&tables->pctab, steps, n);
}

void tables_inline(struct go_tables *tables, const struct tables_step *steps, size_t n) {
        current(tables)->pcinline = blob_pc_table(&tables->pctab, steps, n);
}

/* The index of a file within the compilation unit under way. */
static int32_t unit_file(struct go_tables *tables, const char *file) {
        uint32_t file_off = blob_string(&tables->files, file);
        for (size_t at = (size_t) tables->unit * 4; at < tables->cutab.len; at += 4)
                if (memcmp(tables->cutab.bytes + at, &file_off, 4) == 0)
                        return (int32_t) (at / 4 - tables->unit);
        blob_u32(&tables->cutab, file_off);
        return (int32_t) (tables->cutab.len / 4 - 1 - tables->unit);
}

void tables_files(struct go_tables *tables, const struct tables_file *files, size_t n) {
        struct tables_step steps[16];
        require(n <= 16, "too many files");
        for (size_t i = 0; i < n; i++)
                steps[i] = (struct tables_step){ files[i].until, unit_file(tables, files[i].file) };
        current(tables)->pcfile = blob_pc_table(&tables->pctab, steps, n);
}

uint32_t tables_inlined(struct go_tables *tables, const char *name, int32_t parent_pc) {
        struct tables_function *function = current(tables);
        size_t size = (size_t) tables->layout->inlined.size;
        uint8_t record[32] = { 0 };
        uint32_t name_off = tables_name(tables, name);
        if (function->inline_tree == UINT32_MAX)
                function->inline_tree = (uint32_t) tables->gofunc.len;
        memcpy(record + tables->layout->inlined.name, &name_off, 4);
        memcpy(record + tables->layout->inlined.parent_pc, &parent_pc, 4);
        blob_put(&tables->gofunc, record, size);
        return (uint32_t) ((tables->gofunc.len - function->inline_tree) / size - 1);
}

void tables_simple(struct go_tables *tables, const char *name, uint32_t size_bytes, int32_t delta_bytes, const char *file,
                   uint32_t line) {
        tables_function(tables, name, size_bytes);
        TABLES_SP(tables, { size_bytes, delta_bytes });
        if (file) {
                TABLES_FILES(tables, { size_bytes, file });
                TABLES_LINES(tables, { size_bytes, (int32_t) line });
        }
}

/* runtime._func and what follows it: four tables of pcdata, four of funcdata; the inline tree has number 2 and 3 there. */
static void put_record(struct go_tables *tables, const struct tables_function *function) {
        uint8_t record[64] = { 0 };
        const uint32_t n_pcdata = 4;
        memcpy(record, &function->entry_off, 4);
        memcpy(record + 4, &function->name_off, 4);
        memcpy(record + 16, &function->pcsp, 4);
        memcpy(record + 20, &function->pcfile, 4);
        memcpy(record + 24, &function->pcln, 4);
        memcpy(record + 28, &n_pcdata, 4);
        memcpy(record + 32, &function->unit, 4);
        record[tables->layout->func.flag] = function->flags;
        record[tables->layout->func.nfuncdata] = 4;
        blob_put(&tables->functab, record, (size_t) tables->layout->func.size);
        const uint32_t pcdata[4] = { 0, 0, function->pcinline, 0 };
        const uint32_t funcdata[4] = { UINT32_MAX, UINT32_MAX, UINT32_MAX, function->inline_tree };
        for (int i = 0; i < 4; i++)
                blob_u32(&tables->functab, pcdata[i]);
        for (int i = 0; i < 4; i++)
                blob_u32(&tables->functab, funcdata[i]);
}

void tables_finish(struct go_tables *tables) {
        size_t index_bytes = tables->n_functions * 8 + 4, record_bytes = (size_t) tables->layout->func.size + 32;
        require(tables->functab.len == 0 && tables->n_functions > 0, "nothing to finish");
        for (size_t i = 0; i < tables->n_functions; i++) {
                blob_u32(&tables->functab, tables->functions[i].entry_off);
                blob_u32(&tables->functab, (uint32_t) (index_bytes + i * record_bytes));
        }
        blob_u32(&tables->functab, tables->text_bytes);
        for (size_t i = 0; i < tables->n_functions; i++)
                put_record(tables, &tables->functions[i]);
}

static struct bytes view(const struct tables_blob *blob) {
        return (struct bytes){ blob->bytes, blob->len };
}

struct pclntab tables_pclntab(const struct go_tables *tables) {
        return (struct pclntab){
                .layout = tables->layout,
                .vaddr = 0x500000,
                .text_vaddr = tables->text_vaddr,
                .etext_vaddr = tables->text_vaddr + tables->text_bytes,
                .n_functions = (uint32_t) tables->n_functions,
                .funcnames = view(&tables->names),
                .cutab = view(&tables->cutab),
                .filetab = view(&tables->files),
                .pctab = view(&tables->pctab),
                .functab = view(&tables->functab),
                .gofunc = view(&tables->gofunc),
                .pc_quantum = 1,
        };
}

uint64_t tables_pc(const struct go_tables *tables, const char *function, uint32_t offset) {
        for (size_t i = 0; i < tables->n_functions; i++)
                if (strcmp(tables->functions[i].name, function) == 0)
                        return tables->text_vaddr + tables->functions[i].entry_off + offset;
        require(false, function);
        return 0;
}
