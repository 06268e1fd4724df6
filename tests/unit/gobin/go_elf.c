/* SPDX-License-Identifier: Apache-2.0 */
#include "gobin/go_elf.h"

#include "gobin/image.h"

#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { N_SEGMENTS = 3, N_SECTIONS = 8, ALIGNMENT = 64 };

/* A file under construction: offset 0 stands at `base`. */
struct builder {
        struct go_elf *elf;
        const struct go_tables *tables;
        const struct go_elf_options *options;
        uint64_t base, moduledata_vaddr;
        size_t text, rodata, table, gofunc, build_info, rela, rela_bytes, data, data_end;
        Elf64_Shdr sections[N_SECTIONS];
        unsigned n_sections;
        struct tables_blob names;
};

static bool is_pie(const struct builder *b) {
        return b->options->form == GO_ELF_PIE || b->options->form == GO_ELF_PIE_EXTERNAL;
}

static size_t put(struct tables_blob *file, const struct tables_blob *part, size_t alignment) {
        blob_align(file, alignment);
        size_t at = file->len;
        blob_put(file, part->bytes, part->len);
        return at;
}

/* runtime.pcHeader, then the parts. */
static void put_table(struct builder *b) {
        const struct go_tables *t = b->tables;
        struct tables_blob *file = &b->elf->file;
        const struct tables_blob *parts[] = { &t->names, &t->cutab, &t->files, &t->pctab, &t->functab };
        blob_align(file, 32);
        b->table = file->len;
        uint64_t header_bytes = t->layout->minor >= 26 ? 72 : 96, offsets[5], at = header_bytes;
        for (int i = 0; i < 5; i++) {
                at = (at + 7) & ~UINT64_C(7);
                offsets[i] = at;
                at += parts[i]->len;
        }
        blob_u32(file, t->layout->pcln_magic);
        blob_u8(file, 0);
        blob_u8(file, 0);
        blob_u8(file, 1);
        blob_u8(file, 8);
        blob_u64(file, t->n_functions);
        blob_u64(file, t->files.len);
        blob_u64(file, t->layout->minor >= 26 ? 0 : t->text_vaddr);
        for (int i = 0; i < 5; i++)
                blob_u64(file, offsets[i]);
        for (int i = 0; i < 5; i++) {
                while (file->len < b->table + offsets[i])
                        blob_u8(file, 0);
                blob_put(file, parts[i]->bytes, parts[i]->len);
        }
        b->elf->table_offset = b->table;
        b->elf->table_bytes = file->len - b->table;
}

/* The words of moduledata that anything looks at. */
struct word {
        size_t offset;
        uint64_t value;
        bool address;
};

static size_t moduledata_words(const struct builder *b, struct word *words) {
        const struct go_tables *t = b->tables;
        const struct go_elf_options *o = b->options;
        const struct go_layout *l = t->layout;
        uint64_t table = b->base + b->table, text = o->text_vaddr ? o->text_vaddr : t->text_vaddr;
        const uint8_t *header = b->elf->file.bytes + b->table;
        uint64_t names, functab;
        memcpy(&names, header + 32, 8);
        memcpy(&functab, header + 64, 8);
        const struct word all[] = {
                { 0, table, true },
                { 8, table + names, true },
                { 128, table + functab, true },
                { 136, t->n_functions + 1, false },
                { 160, t->text_vaddr, true },
                { 168, t->text_vaddr + t->text_bytes, true },
                { 176, text, true },
                { 184, t->text_vaddr + t->text_bytes, true },
                { (size_t) l->moduledata.gofunc, b->base + b->gofunc, true },
                { (size_t) l->moduledata.pkghashes + 8, o->n_pkghashes, false },
                { (size_t) l->moduledata.modulehashes + 8, o->n_hashes, false },
                { (size_t) l->moduledata.next, o->next, false },
        };
        memcpy(words, all, sizeof(all));
        return sizeof(all) / sizeof(all[0]);
}

static void put_moduledata(struct builder *b) {
        struct tables_blob *file = &b->elf->file;
        unsigned n = b->options->n_moduledata ? b->options->n_moduledata : 1;
        struct word words[16];
        blob_align(file, ALIGNMENT);
        b->data = file->len;
        for (int i = 0; i < 5; i++)
                blob_u64(file, 0x1111111111111111);
        b->elf->moduledata_offset = file->len;
        b->moduledata_vaddr = b->base + file->len;
        size_t n_words = moduledata_words(b, words);
        for (unsigned copy = 0; copy < n; copy++) {
                uint8_t moduledata[1024] = { 0 };
                for (size_t i = 0; i < n_words; i++) {
                        if (is_pie(b) && words[i].address)
                                continue;
                        memcpy(moduledata + words[i].offset, &words[i].value, 8);
                }
                blob_put(file, moduledata, (size_t) b->tables->layout->moduledata.size);
        }
        b->data_end = file->len;
        if (!is_pie(b))
                return;
        blob_align(file, ALIGNMENT);
        b->rela = file->len;
        for (size_t i = 0; i < n * n_words; i++) {
                const struct word *word = &words[i % n_words];
                if (!word->address)
                        continue;
                blob_u64(file, b->moduledata_vaddr + i / n_words * (size_t) b->tables->layout->moduledata.size + word->offset);
                blob_u64(file, R_X86_64_RELATIVE);
                blob_u64(file, word->value);
        }
        b->rela_bytes = file->len - b->rela;
}

void go_elf_build_info(struct tables_blob *blob, const char *go_version, const char *modules) {
        static const uint8_t start[16] = "\x30\x77\xaf\x0c\x92\x74\x08\x02\x41\xe1\xc1\x07\xe6\xd6\x18\xe6";
        static const uint8_t end[16] = "\xf9\x32\x43\x31\x86\x18\x20\x72\x00\x82\x42\x10\x41\x16\xd8\xf2";
        blob_put(blob, "\xff Go buildinf:\x08\x02", 16);
        blob_u64(blob, 0);
        blob_u64(blob, 0);
        blob_uvarint(blob, strlen(go_version));
        blob_put(blob, go_version, strlen(go_version));
        if (!modules) {
                blob_uvarint(blob, 0);
                return;
        }
        blob_uvarint(blob, strlen(modules) + 32);
        blob_put(blob, start, 16);
        blob_put(blob, modules, strlen(modules));
        blob_put(blob, end, 16);
}

static void put_build_info(struct builder *b) {
        char version[32];
        snprintf(version, sizeof(version), "go1.%u", b->tables->layout->minor);
        struct tables_blob *info = calloc(1, sizeof(*info));
        if (!info)
                abort();
        go_elf_build_info(info, b->options->go_version ? b->options->go_version : version, b->options->modules);
        b->build_info = put(&b->elf->file, info, 16);
        free(info);
}

static void add_section(struct builder *b, const char *name, uint32_t type, size_t offset, size_t len) {
        b->sections[b->n_sections++] = (Elf64_Shdr){
                .sh_name = (Elf64_Word) b->names.len,
                .sh_type = type,
                .sh_flags = type == SHT_STRTAB ? 0 : SHF_ALLOC,
                .sh_addr = type == SHT_STRTAB ? 0 : b->base + offset,
                .sh_offset = offset,
                .sh_size = len,
                .sh_addralign = 1,
        };
        blob_put(&b->names, name, strlen(name) + 1);
}

static void put_sections(struct builder *b) {
        struct tables_blob *file = &b->elf->file;
        const struct go_elf_options *o = b->options;
        blob_u8(&b->names, 0);
        b->sections[b->n_sections++] = (Elf64_Shdr){ 0 };
        add_section(b, ".text", SHT_PROGBITS, b->text, b->tables->text_bytes);
        if (!o->no_tables) {
                if (o->form == GO_ELF_PIE_EXTERNAL)
                        add_section(b, ".data.rel.ro", SHT_PROGBITS, b->rodata, b->table + b->elf->table_bytes - b->rodata);
                else
                        add_section(b, o->form == GO_ELF_PIE ? ".data.rel.ro.gopclntab" : ".gopclntab", SHT_PROGBITS, b->table,
                                    b->elf->table_bytes);
        }
        if (!o->no_build_info)
                add_section(b, ".go.buildinfo", SHT_PROGBITS, b->build_info, b->data - b->build_info);
        if (o->form == GO_ELF_EXE_SECTION)
                add_section(b, ".go.module", SHT_PROGBITS, b->elf->moduledata_offset, b->data_end - b->elf->moduledata_offset);
        if (is_pie(b))
                add_section(b, ".rela.dyn", SHT_RELA, b->rela, b->rela_bytes);
        add_section(b, ".shstrtab", SHT_STRTAB, file->len, 0);
        b->sections[b->n_sections - 1].sh_size = b->names.len;
        blob_put(file, b->names.bytes, b->names.len);
        blob_align(file, 8);
        b->elf->section_headers_offset = file->len;
        b->elf->n_sections = b->n_sections;
        blob_put(file, b->sections, b->n_sections * sizeof(b->sections[0]));
}

static Elf64_Phdr segment(const struct builder *b, uint32_t flags, size_t from, size_t to) {
        return (Elf64_Phdr){
                .p_type = PT_LOAD,
                .p_flags = flags,
                .p_offset = from,
                .p_vaddr = b->base + from,
                .p_paddr = b->base + from,
                .p_filesz = to - from,
                .p_memsz = to - from,
                .p_align = ALIGNMENT,
        };
}

static void write_headers(struct builder *b) {
        const Elf64_Ehdr header = {
                .e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
                .e_type = is_pie(b) ? ET_DYN : ET_EXEC,
                .e_machine = EM_X86_64,
                .e_version = EV_CURRENT,
                .e_entry = b->tables->text_vaddr,
                .e_phoff = sizeof(header),
                .e_shoff = b->elf->section_headers_offset,
                .e_ehsize = sizeof(header),
                .e_phentsize = sizeof(Elf64_Phdr),
                .e_phnum = N_SEGMENTS,
                .e_shentsize = sizeof(Elf64_Shdr),
                .e_shnum = (Elf64_Half) b->n_sections,
                .e_shstrndx = (Elf64_Half) (b->n_sections - 1),
        };
        const Elf64_Phdr segments[N_SEGMENTS] = {
                segment(b, PF_R | PF_X, 0, b->rodata),
                segment(b, PF_R, b->rodata, b->data),
                segment(b, PF_R | PF_W, b->data, b->data_end),
        };
        memcpy(b->elf->file.bytes, &header, sizeof(header));
        memcpy(b->elf->file.bytes + sizeof(header), segments, sizeof(segments));
}

void go_elf_build(struct go_elf *elf, const struct go_tables *tables, const struct go_elf_options *options) {
        struct builder *b = calloc(1, sizeof(*b));
        if (!b || tables->functab.len == 0)
                abort();
        memset(elf, 0, sizeof(*elf));
        *b = (struct builder){ .elf = elf, .tables = tables, .options = options };
        elf->file.len = sizeof(Elf64_Ehdr) + N_SEGMENTS * sizeof(Elf64_Phdr);
        blob_align(&elf->file, ALIGNMENT);
        b->text = elf->file.len;
        b->base = tables->text_vaddr - b->text;
        for (uint32_t i = 0; i < tables->text_bytes; i++)
                blob_u8(&elf->file, 0xcc);
        blob_align(&elf->file, ALIGNMENT);
        b->rodata = elf->file.len;
        if (options->form == GO_ELF_PIE_EXTERNAL) /* .data.rel.ro holds other things first */
                for (int i = 0; i < 12; i++)
                        blob_u64(&elf->file, 0);
        put_table(b);
        b->gofunc = put(&elf->file, &tables->gofunc, 8);
        put_build_info(b);
        put_moduledata(b);
        put_sections(b);
        write_headers(b);
        free(b);
}

int go_elf_file(const void *bytes, size_t len) {
        int fd = memfd_create("go_elf", MFD_CLOEXEC);
        if (fd < 0 || write(fd, bytes, len) != (ssize_t) len)
                abort();
        return fd;
}

int go_elf_open(const void *bytes, size_t len, struct jail_image **ret_image, struct jail_error *err) {
        int fd = go_elf_file(bytes, len);
        int r = image_open_fd(fd, "prog", ret_image, err);
        close(fd);
        return r;
}

struct jail_image *go_elf_image(const struct go_tables *tables, const struct go_elf_options *options) {
        struct go_elf *elf = calloc(1, sizeof(*elf));
        struct jail_image *image = NULL;
        struct jail_error err;
        if (!elf)
                abort();
        go_elf_build(elf, tables, options);
        if (go_elf_open(elf->file.bytes, elf->file.len, &image, &err) < 0) {
                fprintf(stderr, "go_elf: %s\n", err.msg);
                abort();
        }
        free(elf);
        return image;
}
