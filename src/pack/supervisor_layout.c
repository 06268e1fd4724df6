/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/supervisor_layout.h"

#include <elf.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>

#define MAX_HEADERS  64
#define MAX_VADDR    (UINT64_C(1) << 32)
#define PAGE(number) ((number) / STUB_PAGE_BYTES)

struct reading {
        struct bytes supervisor;
        struct stub_image image;
        size_t n_segments;
        struct jail_error *err;
};

static int damaged(struct jail_error *err) {
        return jail_error_set(err, JAIL_EFORMAT, 0, "the headers of the supervisor in this jail are damaged");
}

static int unfit(struct jail_error *err, const char *why) {
        return jail_error_set(err, JAIL_EUNSUPPORTED, 0, "the supervisor in this jail cannot be packed: %s", why);
}

static bool is_writable(const struct stub_segment *segment) {
        return (segment->protection & PROT_WRITE) != 0;
}

/* Whether one of both moves and takes a page along that the other needs. */
static bool share_pages(const struct stub_segment *a, const struct stub_segment *b) {
        bool in_file =
                PAGE(a->offset) <= PAGE(b->offset + b->file_bytes - 1) && PAGE(b->offset) <= PAGE(a->offset + a->file_bytes - 1);
        bool in_memory =
                PAGE(a->vaddr) <= PAGE(b->vaddr + b->memory_bytes - 1) && PAGE(b->vaddr) <= PAGE(a->vaddr + a->memory_bytes - 1);
        return in_memory || (in_file && !(is_writable(a) && is_writable(b)));
}

static int add_segment(struct reading *reading, const Elf64_Phdr *header) {
        struct stub_segment *segments = reading->image.segments, *segment = &segments[reading->n_segments];
        struct bytes content;
        if (header->p_memsz == 0 || header->p_filesz == 0)
                return unfit(reading->err, "a segment is empty");
        if (!bytes_slice(reading->supervisor, header->p_offset, header->p_filesz, &content) || header->p_vaddr > MAX_VADDR ||
            header->p_memsz > MAX_VADDR || header->p_memsz < header->p_filesz ||
            header->p_offset % STUB_PAGE_BYTES != header->p_vaddr % STUB_PAGE_BYTES)
                return damaged(reading->err);
        if (reading->n_segments == STUB_MAX_SEGMENTS)
                return unfit(reading->err, "it has too many segments");
        *segment = (struct stub_segment){
                .offset = header->p_offset,
                .vaddr = header->p_vaddr,
                .file_bytes = header->p_filesz,
                .memory_bytes = header->p_memsz,
                .protection = (header->p_flags & PF_R ? PROT_READ : 0U) | (header->p_flags & PF_W ? PROT_WRITE : 0U) |
                              (header->p_flags & PF_X ? PROT_EXEC : 0U),
        };
        if (is_writable(segment) ? (segment->protection & PROT_EXEC) != 0 || segment->offset % sizeof(uint64_t) != 0
                                 : segment->file_bytes != segment->memory_bytes ||
                                           PAGE(segment->offset + segment->file_bytes - 1) >= PAGE(reading->supervisor.len))
                return unfit(reading->err, "a segment is neither text nor data");
        for (size_t i = 0; i < reading->n_segments; i++)
                if (share_pages(&segments[i], segment))
                        return unfit(reading->err, "two segments share a page");
        uint64_t end = (PAGE(header->p_vaddr + header->p_memsz - 1) + 1) * STUB_PAGE_BYTES;
        if (end > reading->image.span_bytes)
                reading->image.span_bytes = end;
        reading->n_segments++;
        return 0;
}

/* Where the program headers are loaded. */
static bool find_headers(struct reading *reading, const Elf64_Ehdr *header) {
        for (size_t i = 0; i < reading->n_segments; i++) {
                const struct stub_segment *segment = &reading->image.segments[i];
                if (header->e_phoff < segment->offset ||
                    header->e_phoff + header->e_phnum * sizeof(Elf64_Phdr) > segment->offset + segment->file_bytes)
                        continue;
                reading->image.headers_vaddr = header->e_phoff - segment->offset + segment->vaddr;
                return true;
        }
        return false;
}

int supervisor_layout_read(struct bytes supervisor, struct stub_image *ret_image, struct jail_error *err) {
        struct reading reading = { .supervisor = supervisor, .err = err };
        struct bytes slice;
        Elf64_Ehdr header;
        if (!bytes_slice(supervisor, 0, sizeof(header), &slice))
                return damaged(err);
        memcpy(&header, slice.ptr, sizeof(header));
        if (memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 || header.e_phentsize != sizeof(Elf64_Phdr) ||
            header.e_phnum > MAX_HEADERS)
                return damaged(err);
        if (header.e_type != ET_DYN)
                return unfit(err, "it is not position-independent");
        for (uint64_t i = 0; i < header.e_phnum; i++) {
                Elf64_Phdr segment;
                if (!bytes_slice(supervisor, header.e_phoff + i * sizeof(segment), sizeof(segment), &slice))
                        return damaged(err);
                memcpy(&segment, slice.ptr, sizeof(segment));
                if (segment.p_type == PT_INTERP)
                        return unfit(err, "it is not static");
                int r = segment.p_type == PT_LOAD ? add_segment(&reading, &segment) : 0;
                if (r < 0)
                        return r;
        }
        if (header.e_phoff > MAX_VADDR || !find_headers(&reading, &header))
                return unfit(err, "its program headers are not loaded");
        reading.image.entry_vaddr = header.e_entry;
        reading.image.n_headers = header.e_phnum;
        *ret_image = reading.image;
        return 0;
}
