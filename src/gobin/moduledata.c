/* SPDX-License-Identifier: Apache-2.0 */
#include "gobin/moduledata.h"

#include <elf.h>
#include <string.h>

enum {
        MD_FUNCNAMETAB = 8,
        MD_PCLNTABLE_LEN = 112,
        MD_FTAB = 128,
        MD_FTAB_LEN = 136,
        MD_MINPC = 160,
        MD_MAXPC = 168,
        MD_TEXT = 176,
        MD_ETEXT = 184,
        MD_MAX_BYTES = 1024,
};

/* Places that point to pclntab: a handful in a real program. Each is looked at in time linear in the relocations. */
#define MAX_CANDIDATES 64

struct search {
        const struct elf_file *file;
        const struct go_layout *layout;
        const struct moduledata_key *key;
        struct moduledata *data;
        unsigned found, considered;
        bool shared;
};

/* Reads the candidate at vaddr and takes it when it agrees with pclntab's header. */
static void search_consider(struct search *search, uint64_t vaddr) {
        uint8_t buffer[MD_MAX_BYTES];
        size_t size = (size_t) search->layout->moduledata.size;
        if (search->considered++ >= MAX_CANDIDATES)
                return;
        if (size > sizeof(buffer) || (search->found > 0 && search->data->vaddr == vaddr) ||
            elf_file_relocated(search->file, vaddr, buffer, size, NULL) < 0)
                return;

        struct bytes md = { buffer, size };
        uint64_t header = 0, names = 0, ftab = 0, ftab_len = 0, pkghashes_len = 0, modulehashes_len = 0, next = 0;
        struct moduledata data = { .vaddr = vaddr };
        if (!bytes_u64(md, 0, &header) || !bytes_u64(md, MD_FUNCNAMETAB, &names) || !bytes_u64(md, MD_FTAB, &ftab) ||
            !bytes_u64(md, MD_FTAB_LEN, &ftab_len) || header != search->key->pclntab_vaddr ||
            names != search->key->funcnametab_vaddr || ftab != search->key->functab_vaddr ||
            ftab_len != search->key->n_functions + 1)
                return;
        if (!bytes_u64(md, MD_TEXT, &data.text_vaddr) || !bytes_u64(md, MD_ETEXT, &data.etext_vaddr) ||
            !bytes_u64(md, MD_MINPC, &data.min_pc_vaddr) || !bytes_u64(md, MD_MAXPC, &data.max_pc_vaddr) ||
            !bytes_u64(md, MD_PCLNTABLE_LEN, &data.pclntable_len_bytes) ||
            !bytes_u64(md, (uint64_t) search->layout->moduledata.gofunc, &data.gofunc_vaddr) ||
            !bytes_u64(md, (uint64_t) search->layout->moduledata.pkghashes + 8, &pkghashes_len) ||
            !bytes_u64(md, (uint64_t) search->layout->moduledata.modulehashes + 8, &modulehashes_len) ||
            !bytes_u64(md, (uint64_t) search->layout->moduledata.next, &next))
                return;
        search->found++;
        search->shared = pkghashes_len != 0 || modulehashes_len != 0 || next != 0;
        *search->data = data;
}

static bool search_relocation(void *data, uint64_t where, uint64_t addend) {
        struct search *search = data;
        if (addend == search->key->pclntab_vaddr)
                search_consider(search, where);
        return search->considered > MAX_CANDIDATES;
}

static void search_data(struct search *search) {
        for (size_t i = 0; i < search->file->n_segments; i++) {
                const struct elf_segment *segment = &search->file->segments[i];
                if (!(segment->flags & PF_W))
                        continue;
                for (uint64_t at = (8 - segment->vaddr % 8) % 8; at + 8 <= segment->bytes.len; at += 8) {
                        uint64_t word;
                        if (bytes_u64(segment->bytes, at, &word) && word == search->key->pclntab_vaddr)
                                search_consider(search, segment->vaddr + at);
                }
        }
        if (search->file->position_independent)
                elf_file_each_relative(search->file, search_relocation, search);
}

int moduledata_find(struct moduledata *data, const struct elf_file *file, const struct go_layout *layout,
                    const struct moduledata_key *key, struct jail_error *err) {
        struct moduledata found;
        struct search search = { .file = file, .layout = layout, .key = key, .data = &found };
        struct elf_section section;

        if (elf_file_section(file, ".go.module", &section))
                search_consider(&search, section.vaddr);
        if (search.found == 0)
                search_data(&search);

        if (search.considered > MAX_CANDIDATES)
                return jail_error_set(err, JAIL_EFORMAT, 0, "more than %d places in the data point to .gopclntab", MAX_CANDIDATES);
        if (search.found != 1)
                return jail_error_set(err, JAIL_EFORMAT, 0, "%s Go module data agrees with .gopclntab",
                                      search.found == 0 ? "no" : "more than one");
        if (search.shared)
                return jail_error_set(err, JAIL_EUNSUPPORTED, 0,
                                      "a shared or plugin build (more than one Go module in the process)");
        *data = found;
        return 0;
}
