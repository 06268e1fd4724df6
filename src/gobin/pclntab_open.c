/* SPDX-License-Identifier: Apache-2.0 */
/* Finding the tables of an image and checking that they agree with each other. */
#include "gobin/moduledata.h"
#include "gobin/pclntab.h"

#include <stddef.h>

/* runtime.pcHeader since Go 1.18 (src/runtime/symtab.go). */
enum {
        HEADER_MAGIC = 0,
        HEADER_MIN_LC = 6,
        HEADER_PTR_SIZE = 7,
        HEADER_NFUNC = 8,
        HEADER_NFILES = 16,
        HEADER_FUNCNAME_OFFSET = 32,
        HEADER_CU_OFFSET = 40,
        HEADER_FILETAB_OFFSET = 48,
        HEADER_PCTAB_OFFSET = 56,
        HEADER_PCLN_OFFSET = 64,
};

#define MAX_FUNCTIONS (16u << 20)

struct header {
        uint32_t magic;
        uint8_t quantum, pointer_bytes;
        uint64_t n_functions, n_files, funcname_offset, cu_offset, filetab_offset, pctab_offset, pcln_offset;
};

static bool header_read(struct bytes b, struct header *header) {
        return bytes_u32(b, HEADER_MAGIC, &header->magic) && bytes_u8(b, HEADER_MIN_LC, &header->quantum) &&
               bytes_u8(b, HEADER_PTR_SIZE, &header->pointer_bytes) && bytes_u64(b, HEADER_NFUNC, &header->n_functions) &&
               bytes_u64(b, HEADER_NFILES, &header->n_files) && bytes_u64(b, HEADER_FUNCNAME_OFFSET, &header->funcname_offset) &&
               bytes_u64(b, HEADER_CU_OFFSET, &header->cu_offset) && bytes_u64(b, HEADER_FILETAB_OFFSET, &header->filetab_offset) &&
               bytes_u64(b, HEADER_PCTAB_OFFSET, &header->pctab_offset) && bytes_u64(b, HEADER_PCLN_OFFSET, &header->pcln_offset);
}

/* Whether a header of this layout stands at the start of b. */
static bool header_matches(const struct header *header, const struct elf_file *file, const struct go_layout *layout) {
        return header->magic == layout->pcln_magic && header->quantum == file->arch->pc_quantum &&
               header->pointer_bytes == file->arch->pointer_bytes;
}

/*
 * The table has a section of its own, called .data.rel.ro.gopclntab where the Go linker's output needs relocation
 * (src/cmd/link/internal/ld/data.go). External linkers merge the latter into .data.rel.ro: there its header is searched for, on the
 * alignment that the linker gives it, and moduledata must agree.
 */
static int find_table(const struct elf_file *file, const struct go_layout *layout, uint64_t *ret_vaddr, struct bytes *ret_bytes,
                      struct header *ret_header, struct jail_error *err) {
        struct elf_section section;
        if (elf_file_section(file, ".gopclntab", &section) || elf_file_section(file, ".data.rel.ro.gopclntab", &section)) {
                if (!header_read(section.bytes, ret_header))
                        return jail_error_set(err, JAIL_EFORMAT, 0, ".gopclntab is truncated");
                if (!header_matches(ret_header, file, layout))
                        return jail_error_set(err, JAIL_EFORMAT, 0, ".gopclntab's header is not that of go1.%u (magic 0x%x)",
                                              layout->minor, ret_header->magic);
                *ret_vaddr = section.vaddr;
                *ret_bytes = section.bytes;
                return 0;
        }
        if (!elf_file_section(file, ".data.rel.ro", &section))
                return jail_error_set(err, JAIL_ENOTFOUND, 0, "no .gopclntab section");
        unsigned found = 0;
        for (uint64_t at = (32 - section.vaddr % 32) % 32; at < section.bytes.len; at += 32) {
                struct bytes candidate, names;
                struct header header;
                if (!bytes_from(section.bytes, at, &candidate) || !header_read(candidate, &header) ||
                    !header_matches(&header, file, layout) || header.funcname_offset >= header.cu_offset ||
                    !bytes_slice(candidate, header.funcname_offset, header.pcln_offset - header.funcname_offset, &names))
                        continue;
                *ret_vaddr = section.vaddr + at;
                *ret_bytes = candidate;
                *ret_header = header;
                found++;
        }
        if (found != 1)
                return jail_error_set(err, JAIL_EFORMAT, 0, "%s .gopclntab in .data.rel.ro", found == 0 ? "no" : "more than one");
        return 0;
}

/* The bytes between two offsets of the header. */
static bool region(struct bytes b, uint64_t from, uint64_t to, struct bytes *ret_region) {
        return from <= to && bytes_slice(b, from, to - from, ret_region);
}

static int take_regions(struct pclntab *tab, struct bytes b, const struct header *header, struct jail_error *err) {
        if (!region(b, header->funcname_offset, header->cu_offset, &tab->funcnames) ||
            !region(b, header->cu_offset, header->filetab_offset, &tab->cutab) ||
            !region(b, header->filetab_offset, header->pctab_offset, &tab->filetab) ||
            !region(b, header->pctab_offset, header->pcln_offset, &tab->pctab) ||
            !bytes_from(b, header->pcln_offset, &tab->functab))
                return jail_error_set(err, JAIL_EFORMAT, 0, ".gopclntab is damaged: its parts lie outside it");
        if (header->n_functions == 0 || header->n_functions > MAX_FUNCTIONS || header->n_functions > tab->functab.len / 8)
                return jail_error_set(err, JAIL_EFORMAT, 0, ".gopclntab is damaged: %llu functions",
                                      (unsigned long long) header->n_functions);
        tab->n_functions = (uint32_t) header->n_functions;
        tab->n_files = (uint32_t) header->n_files;
        tab->pc_quantum = header->quantum;
        return 0;
}

/* The first, a middle and the last function must be readable, and the table must end where text ends. */
static int check_functions(const struct pclntab *tab, const struct moduledata *data, struct jail_error *err) {
        const uint32_t samples[] = { 0, tab->n_functions / 2, tab->n_functions - 1 };
        struct go_func func = { 0 };
        for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++)
                if (!pclntab_function(tab, samples[i], &func))
                        return jail_error_set(err, JAIL_EFORMAT, 0, ".gopclntab is damaged: function %u cannot be read",
                                              samples[i]);
        if (func.end_vaddr > tab->etext_vaddr || data->min_pc_vaddr < tab->text_vaddr || func.end_vaddr != data->max_pc_vaddr)
                return jail_error_set(err, JAIL_EFORMAT, 0, ".gopclntab is damaged: functions lie outside the text");
        return 0;
}

int pclntab_open(struct pclntab *tab, const struct elf_file *file, const struct go_layout *layout, struct jail_error *err) {
        struct header header;
        struct bytes table = { 0 };
        struct moduledata data;
        struct pclntab opened = { .layout = layout };

        int r = find_table(file, layout, &opened.vaddr, &table, &header, err);
        if (r == 0)
                r = take_regions(&opened, table, &header, err);
        if (r < 0)
                return r;

        const struct moduledata_key key = {
                .pclntab_vaddr = opened.vaddr,
                .funcnametab_vaddr = opened.vaddr + header.funcname_offset,
                .functab_vaddr = opened.vaddr + header.pcln_offset,
                .n_functions = header.n_functions,
        };
        r = moduledata_find(&data, file, layout, &key, err);
        if (r < 0)
                return r;
        opened.text_vaddr = data.text_vaddr;
        opened.etext_vaddr = data.etext_vaddr;
        struct bytes text;
        if (data.text_vaddr >= data.etext_vaddr || !elf_file_at(file, data.text_vaddr, &text) ||
            text.len < data.etext_vaddr - data.text_vaddr || !elf_file_at(file, data.gofunc_vaddr, &opened.gofunc))
                return jail_error_set(err, JAIL_EFORMAT, 0, "the Go module data is damaged: text or funcdata lie outside the file");
        (void) bytes_slice(text, 0, data.etext_vaddr - data.text_vaddr, &opened.text);
        opened.tables = table;
        opened.arch = file->arch;
        opened.mapping = file->bytes;
        r = check_functions(&opened, &data, err);
        if (r < 0)
                return r;
        *tab = opened;
        return 0;
}
