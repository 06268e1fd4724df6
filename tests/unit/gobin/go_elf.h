/* SPDX-License-Identifier: Apache-2.0 */
/* An ELF file around imaginary function tables: what jail_image_open() takes for a Go program. */
#ifndef TESTS_GO_ELF_H
#define TESTS_GO_ELF_H

#include "gobin/go_tables.h"

#include <jail/image.h>

/* Where the tables stand, as the Go versions and linkers differ. */
enum go_elf_form {
        GO_ELF_EXE,          /* .gopclntab, moduledata among the data */
        GO_ELF_EXE_SECTION,  /* .gopclntab and .go.module (Go 1.26) */
        GO_ELF_PIE,          /* .data.rel.ro.gopclntab; moduledata's words are relocation addends, the file has zeros there */
        GO_ELF_PIE_EXTERNAL, /* the table inside .data.rel.ro; moduledata likewise */
};

struct go_elf_options {
        enum go_elf_form form;
        const char *go_version;         /* NULL: "go1.N" of the tables */
        const char *modules;            /* the lines of the build info: "path\t…\nmod\t…\n"; NULL for none */
        bool no_build_info;             /* leaves .go.buildinfo out */
        bool no_tables;                 /* leaves .gopclntab's section out */
        uint64_t n_hashes, n_pkghashes; /* moduledata's modulehashes and pkghashes: a shared build has some */
        uint64_t next;                  /* moduledata.next: a plugin */
        uint64_t text_vaddr;            /* moduledata.text, where a test wants another than the tables' */
        unsigned n_moduledata;          /* how many copies of moduledata; 0 means one */
};

struct go_elf {
        struct tables_blob file;
        size_t table_offset, table_bytes; /* of .gopclntab in the file */
        size_t moduledata_offset;
        size_t section_headers_offset;
        unsigned n_sections;
};

/* Builds the file. Finished tables only. */
void go_elf_build(struct go_elf *elf, const struct go_tables *tables, const struct go_elf_options *options);

/* The bytes of .go.buildinfo for a version and module lines (without their markers). */
void go_elf_build_info(struct tables_blob *blob, const char *go_version, const char *modules);

/* An open descriptor of a file with these bytes; the caller closes it. Fails the test when there can be none. */
int go_elf_file(const void *bytes, size_t len);

/* Opens bytes as an image. Returns what image_open_fd() returns. */
int go_elf_open(const void *bytes, size_t len, struct jail_image **ret_image, struct jail_error *err) JAIL_MUST_USE;

/* Builds and opens; aborts when that fails. The caller frees the image. */
struct jail_image *go_elf_image(const struct go_tables *tables, const struct go_elf_options *options);

#endif
