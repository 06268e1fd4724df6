/* SPDX-License-Identifier: Apache-2.0 */
#include "gobin/elf_file.h"

#include "base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#define MAX_SEGMENTS 64
#define MAX_SECTIONS 0xfeff

#define PIECE_BYTES    (1u << 20)
#define MAX_PIECES     128
#define PIECES_AT_ONCE 4

static int elf_file_map(struct elf_file *file, int fd, const char *path, struct jail_error *err) {
        struct stat st;
        if (fstat(fd, &st) < 0)
                return jail_error_set(err, JAIL_ESYS, errno, "%s", path);
        if (S_ISDIR(st.st_mode))
                return jail_error_set(err, JAIL_ENOTFOUND, 0, "%s is a directory", path);
        if (!S_ISREG(st.st_mode))
                return jail_error_set(err, JAIL_ENOTFOUND, 0, "%s is not a regular file", path);
        if (st.st_size == 0)
                return jail_error_set(err, JAIL_ENOTFOUND, 0, "%s is empty", path);

        void *map = mmap(NULL, (size_t) st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (map == MAP_FAILED)
                return jail_error_set(err, JAIL_ESYS, errno, "cannot map %s", path);
        file->bytes = (struct bytes){ map, (size_t) st.st_size };
        file->device = st.st_dev;
        file->inode = st.st_ino;
        return 0;
}

/* What kind of file it is, by its first bytes; only ELF for a known CPU goes on. */
static int elf_file_identify(struct elf_file *file, const char *path, struct jail_error *err) {
        const uint8_t *ident = file->bytes.ptr;
        if (file->bytes.len >= 2 && memcmp(ident, "#!", 2) == 0)
                return jail_error_set(err, JAIL_ENOTFOUND, 0, "%s is a script, not a Go program", path);
        if (file->bytes.len < SELFMAG || memcmp(ident, ELFMAG, SELFMAG) != 0)
                return jail_error_set(err, JAIL_ENOTFOUND, 0, "%s is not an ELF executable", path);
        if (file->bytes.len < sizeof(Elf64_Ehdr))
                return jail_error_set(err, JAIL_EFORMAT, 0, "%s: truncated ELF header", path);
        if (ident[EI_CLASS] != ELFCLASS64)
                return jail_error_set(err, JAIL_EUNSUPPORTED, 0, "%s is a 32-bit program; jail supervises %s programs", path,
                                      arch_native()->name);
        if (ident[EI_DATA] != ELFDATA2LSB)
                return jail_error_set(err, JAIL_EUNSUPPORTED, 0, "%s is a big-endian program", path);

        uint16_t type, machine;
        if (!bytes_u16(file->bytes, offsetof(Elf64_Ehdr, e_type), &type) ||
            !bytes_u16(file->bytes, offsetof(Elf64_Ehdr, e_machine), &machine))
                return jail_error_set(err, JAIL_EFORMAT, 0, "%s: truncated ELF header", path);
        file->arch = arch_by_elf_machine(machine);
        if (file->arch != arch_native())
                return jail_error_set(err, JAIL_EUNSUPPORTED, 0,
                                      "%s is a program for another CPU (ELF machine %u); jail supervises %s programs", path,
                                      machine, arch_native()->name);
        if (type != ET_EXEC && type != ET_DYN)
                return jail_error_set(err, JAIL_ENOTFOUND, 0, "%s is an ELF file, but not an executable", path);
        file->position_independent = type == ET_DYN;
        return 0;
}

/* What libelf would do without a bound: make an object per section, and unpack the sections' names. */
static int elf_file_check_sections(const struct elf_file *file, const char *path, struct jail_error *err) {
        uint64_t at, flags, count;
        uint16_t n, names;
        struct bytes table, header;
        if (!bytes_u64(file->bytes, offsetof(Elf64_Ehdr, e_shoff), &at) ||
            !bytes_u16(file->bytes, offsetof(Elf64_Ehdr, e_shnum), &n) ||
            !bytes_u16(file->bytes, offsetof(Elf64_Ehdr, e_shstrndx), &names))
                return jail_error_set(err, JAIL_EFORMAT, 0, "%s: truncated ELF header", path);
        if (at == 0 || !bytes_from(file->bytes, at, &table))
                return 0;
        count = n; /* 0 where section 0 has it, for more than a short can count (elf(5)) */
        if (n == 0)
                (void) bytes_u64(table, offsetof(Elf64_Shdr, sh_size), &count);
        if (count > MAX_SECTIONS)
                return jail_error_set(err, JAIL_ELIMIT, 0, "%s: more than %d sections", path, MAX_SECTIONS);
        if (bytes_from(table, (uint64_t) names * sizeof(Elf64_Shdr), &header) &&
            bytes_u64(header, offsetof(Elf64_Shdr, sh_flags), &flags) && (flags & SHF_COMPRESSED))
                return jail_error_set(err, JAIL_EFORMAT, 0, "%s: the names of its sections are compressed", path);
        return 0;
}

/* The kernel maps the later of two segments over the earlier one; no linker makes such a file. */
static bool overlaps_earlier(const struct elf_file *file, const Elf64_Phdr *header) {
        for (size_t i = 0; i < file->n_segments; i++) {
                const struct elf_segment *earlier = &file->segments[i];
                if (header->p_vaddr < earlier->vaddr + earlier->mem_size_bytes &&
                    earlier->vaddr < header->p_vaddr + header->p_memsz)
                        return true;
        }
        return false;
}

static int elf_file_read_segments(struct elf_file *file, const char *path, struct jail_error *err) {
        size_t n;
        if (elf_getphdrnum(file->elf, &n) != 0)
                return jail_error_set(err, JAIL_EFORMAT, 0, "%s: %s", path, elf_errmsg(-1));
        if (n == 0 || n > MAX_SEGMENTS)
                return jail_error_set(err, JAIL_EFORMAT, 0, "%s: no usable program headers", path);

        file->segments = calloc(n, sizeof(*file->segments));
        if (!file->segments)
                return jail_error_set(err, JAIL_ENOMEM, 0, "out of memory");
        for (size_t i = 0; i < n; i++) {
                Elf64_Phdr header; /* a copy: they may stand at any place in the file */
                if (!gelf_getphdr(file->elf, (int) i, &header))
                        return jail_error_set(err, JAIL_EFORMAT, 0, "%s: %s", path, elf_errmsg(-1));
                if (header.p_type == PT_INTERP)
                        file->has_interpreter = true;
                if (header.p_type != PT_LOAD)
                        continue;
                struct elf_segment *segment = &file->segments[file->n_segments];
                if (!bytes_slice(file->bytes, header.p_offset, header.p_filesz, &segment->bytes) ||
                    header.p_memsz < header.p_filesz || header.p_vaddr + header.p_memsz < header.p_vaddr)
                        return jail_error_set(err, JAIL_EFORMAT, 0, "%s: segment %zu lies outside the file (truncated?)", path, i);
                if (overlaps_earlier(file, &header))
                        return jail_error_set(err, JAIL_EFORMAT, 0, "%s: segment %zu lies over another one", path, i);
                segment->vaddr = header.p_vaddr;
                segment->mem_size_bytes = header.p_memsz;
                segment->offset = header.p_offset;
                segment->flags = header.p_flags;
                file->n_segments++;
        }
        return 0;
}

int elf_file_open_fd(struct elf_file *file, int fd, const char *path, struct jail_error *err) {
        struct elf_file opened = { 0 };
        int r = elf_file_map(&opened, fd, path, err);
        if (r == 0)
                r = elf_file_identify(&opened, path, err);
        if (r == 0)
                r = elf_file_check_sections(&opened, path, err);
        if (r == 0 && elf_version(EV_CURRENT) == EV_NONE)
                r = jail_error_set(err, JAIL_EUNSUPPORTED, 0, "libelf: %s", elf_errmsg(-1));
        if (r == 0) {
                /* libelf does not write to an image that it only reads. */
                opened.elf = elf_memory((char *) (uintptr_t) opened.bytes.ptr, opened.bytes.len);
                if (!opened.elf)
                        r = jail_error_set(err, JAIL_EFORMAT, 0, "%s: %s", path, elf_errmsg(-1));
        }
        if (r == 0)
                r = elf_file_read_segments(&opened, path, err);
        if (r < 0) {
                elf_file_close(&opened);
                return r;
        }
        *file = opened;
        return 0;
}

int elf_file_open(struct elf_file *file, const char *path, struct jail_error *err) {
        CLEANUP_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
        if (fd < 0)
                return jail_error_set(err, JAIL_ESYS, errno, "%s", path);
        return elf_file_open_fd(file, fd, path, err);
}

/*
 * Since Linux 6.18 a fault maps all of the large folio that it hits (mm/filemap.c, filemap_map_pages), up to 2 MiB for the few
 * bytes that are wanted of a table; but nothing beyond the mapping it is in. So each other piece is made a mapping of its own, by
 * advice that changes nothing else.
 */
bool elf_file_map_sparsely(const struct elf_file *file, size_t *at) {
        size_t piece = PIECE_BYTES;
        if (file->bytes.len < ELF_FILE_LARGE_BYTES)
                return false;
        while (file->bytes.len / piece > MAX_PIECES)
                piece *= 2;
        for (int n = 0; n < PIECES_AT_ONCE && *at + piece <= file->bytes.len; n++, *at += 2 * piece)
                (void) madvise((void *) (uintptr_t) (file->bytes.ptr + *at), piece, MADV_DONTDUMP);
        return *at + piece <= file->bytes.len;
}

void elf_file_close(struct elf_file *file) {
        if (file->elf)
                elf_end(file->elf);
        if (file->bytes.ptr)
                munmap((void *) (uintptr_t) file->bytes.ptr, file->bytes.len);
        free(file->segments);
        *file = (struct elf_file){ 0 };
}

bool elf_file_has_sections(const struct elf_file *file) {
        size_t index;
        Elf64_Shdr names;
        struct bytes bytes;
        Elf_Scn *scn = elf_getshdrstrndx(file->elf, &index) == 0 && index != SHN_UNDEF ? elf_getscn(file->elf, index) : NULL;
        return scn && gelf_getshdr(scn, &names) && bytes_slice(file->bytes, names.sh_offset, names.sh_size, &bytes);
}

bool elf_file_section(const struct elf_file *file, const char *name, struct elf_section *ret_section) {
        size_t names;
        if (elf_getshdrstrndx(file->elf, &names) != 0)
                return false;
        for (Elf_Scn *scn = NULL; (scn = elf_nextscn(file->elf, scn)) != NULL;) {
                Elf64_Shdr header;
                const char *found = gelf_getshdr(scn, &header) ? elf_strptr(file->elf, names, header.sh_name) : NULL;
                if (!found || strcmp(found, name) != 0)
                        continue;
                struct elf_section section = { .vaddr = header.sh_addr, .size_bytes = header.sh_size };
                if (header.sh_type != SHT_NOBITS && !bytes_slice(file->bytes, header.sh_offset, header.sh_size, &section.bytes))
                        return false;
                *ret_section = section;
                return true;
        }
        return false;
}

bool elf_file_at(const struct elf_file *file, uint64_t vaddr, struct bytes *ret_bytes) {
        for (size_t i = 0; i < file->n_segments; i++) {
                const struct elf_segment *segment = &file->segments[i];
                if (vaddr >= segment->vaddr && vaddr - segment->vaddr < segment->bytes.len)
                        return bytes_from(segment->bytes, vaddr - segment->vaddr, ret_bytes);
        }
        return false;
}

void elf_file_each_relative(const struct elf_file *file, bool (*visit)(void *data, uint64_t where, uint64_t addend), void *data) {
        static const char *const names[] = { ".rela.dyn", ".rela" };
        for (size_t n = 0; n < sizeof(names) / sizeof(names[0]); n++) {
                struct elf_section section;
                if (!elf_file_section(file, names[n], &section))
                        continue;
                for (uint64_t at = 0; at + sizeof(Elf64_Rela) <= section.bytes.len; at += sizeof(Elf64_Rela)) {
                        uint64_t where, info, addend;
                        if (!bytes_u64(section.bytes, at, &where) || !bytes_u64(section.bytes, at + 8, &info) ||
                            !bytes_u64(section.bytes, at + 16, &addend))
                                return;
                        if (ELF64_R_TYPE(info) == R_X86_64_RELATIVE && visit(data, where, addend))
                                return;
                }
        }
}

struct relocation_window {
        uint64_t vaddr;
        uint8_t *buffer;
        size_t len;
};

static bool relocate_word(void *data, uint64_t where, uint64_t addend) {
        const struct relocation_window *window = data;
        if (where >= window->vaddr && window->len >= 8 && where - window->vaddr <= window->len - 8)
                memcpy(window->buffer + (where - window->vaddr), &addend, sizeof(addend));
        return false;
}

int elf_file_relocated(const struct elf_file *file, uint64_t vaddr, void *buffer, size_t len, struct jail_error *err) {
        struct bytes at;
        if (!elf_file_at(file, vaddr, &at) || at.len < len)
                return jail_error_set(err, JAIL_EFORMAT, 0, "no %zu bytes at 0x%llx in the file", len, (unsigned long long) vaddr);
        memcpy(buffer, at.ptr, len);
        if (file->position_independent) {
                struct relocation_window window = { vaddr, buffer, len };
                elf_file_each_relative(file, relocate_word, &window);
        }
        return 0;
}
