/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The function tables of an imaginary Go program, made by hand: what a test puts in here is what the code under test must read. The
 * formats are those of Go's src/cmd/link/internal/ld/pcln.go and src/runtime/symtab.go.
 */
#ifndef TESTS_GO_TABLES_H
#define TESTS_GO_TABLES_H

#include "gobin/pclntab.h"

#define TABLES_MAX_FUNCTIONS 256
#define TABLES_BLOB_BYTES    (48 << 10)

/* The address of the first function, unless a test sets another. */
#define TABLES_TEXT_VADDR 0x401000

struct tables_blob {
        uint8_t bytes[TABLES_BLOB_BYTES];
        size_t len;
};

/* One step of a pc table: from the step before up to the offset `until` within the function, the value holds. */
struct tables_step {
        uint32_t until;
        int32_t value;
};

struct tables_function {
        const char *name;
        uint32_t entry_off, name_off, unit;
        uint32_t pcsp, pcfile, pcln, pcinline; /* offsets into pctab, 0 for none */
        uint32_t inline_tree;                  /* offset into gofunc, UINT32_MAX for none */
        uint8_t flags;
};

struct go_tables {
        const struct go_layout *layout;
        uint64_t text_vaddr;
        struct tables_function functions[TABLES_MAX_FUNCTIONS];
        size_t n_functions;
        uint32_t text_bytes;
        uint32_t unit; /* the first index of cutab of the compilation unit under way */
        struct tables_blob names, cutab, files, pctab, gofunc, functab;
};

/* The layout of go1.MINOR; fails the test when there is none. */
const struct go_layout *tables_layout(unsigned minor);

/* Starts empty tables. */
void tables_init(struct go_tables *tables, unsigned minor);

/* Adds a name without a function (an inlined function has one); returns its offset. The same name is kept once. */
uint32_t tables_name(struct go_tables *tables, const char *name);

/* Begins another compilation unit for the functions that follow. */
void tables_unit(struct go_tables *tables);

/* Adds a function of size bytes behind the last one; what follows concerns it. */
void tables_function(struct go_tables *tables, const char *name, uint32_t size_bytes);
void tables_flags(struct go_tables *tables, uint8_t flags);

/* Its stack pointer deltas, lines, and indexes into its inline tree. */
void tables_sp(struct go_tables *tables, const struct tables_step *steps, size_t n);
void tables_lines(struct go_tables *tables, const struct tables_step *steps, size_t n);
void tables_inline(struct go_tables *tables, const struct tables_step *steps, size_t n);

/* Its file up to the offset `until`, for each of n. */
struct tables_file {
        uint32_t until;
        const char *file;
};
void tables_files(struct go_tables *tables, const struct tables_file *files, size_t n);

#define TABLES_SP(t, ...)                                                                                                          \
        tables_sp(t, (const struct tables_step[]){ __VA_ARGS__ }, sizeof((struct tables_step[]){ __VA_ARGS__ }) / 8)
#define TABLES_LINES(t, ...)                                                                                                       \
        tables_lines(t, (const struct tables_step[]){ __VA_ARGS__ }, sizeof((struct tables_step[]){ __VA_ARGS__ }) / 8)
#define TABLES_INLINE(t, ...)                                                                                                      \
        tables_inline(t, (const struct tables_step[]){ __VA_ARGS__ }, sizeof((struct tables_step[]){ __VA_ARGS__ }) / 8)
#define TABLES_FILES(t, ...)                                                                                                       \
        tables_files(t, (const struct tables_file[]){ __VA_ARGS__ }, sizeof((struct tables_file[]){ __VA_ARGS__ }) / 16)

/* Adds a call inlined into the function, at the offset parent_pc of it; returns its index in the tree. */
uint32_t tables_inlined(struct go_tables *tables, const char *name, int32_t parent_pc);

/* A function of one file: all of it has the same stack pointer delta, file and line. */
void tables_simple(struct go_tables *tables, const char *name, uint32_t size_bytes, int32_t delta_bytes, const char *file,
                   uint32_t line);

/* Writes functab; nothing may be added afterwards. */
void tables_finish(struct go_tables *tables);

/* The finished tables as the reader sees them, without an ELF file around them; borrowed from tables. */
struct pclntab tables_pclntab(const struct go_tables *tables);

/* The address at an offset within the function of that name; fails the test when there is none. */
uint64_t tables_pc(const struct go_tables *tables, const char *function, uint32_t offset);

/* Appending to a blob, little-endian; fails the test when it is full. */
void blob_put(struct tables_blob *blob, const void *bytes, size_t len);
void blob_u8(struct tables_blob *blob, uint8_t value);
void blob_u32(struct tables_blob *blob, uint32_t value);
void blob_u64(struct tables_blob *blob, uint64_t value);
void blob_uvarint(struct tables_blob *blob, uint64_t value);
void blob_align(struct tables_blob *blob, size_t alignment);

/* Encodes a pc table and returns its offset in the blob. */
uint32_t blob_pc_table(struct tables_blob *blob, const struct tables_step *steps, size_t n);

#endif
