/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/elf_layout.h"

#include "gobin/packed.h"

#include <stdbool.h>
#include <string.h>

#define NEW_SEGMENTS 2
#define NEW_SECTIONS 3
#define MAX_HEADERS  4096

static const char new_names[] = PACKED_SECTION_STUB "\0" PACKED_SECTION_SUPERVISOR "\0" PACKED_SECTION_POLICY;

static uint64_t align_up(uint64_t value, uint64_t alignment) {
        return (value + alignment - 1) / alignment * alignment;
}

/* Copies a structure out of the original; false when it lies outside. */
static bool read_struct(struct bytes bytes, uint64_t offset, void *ret_struct, size_t len) {
        struct bytes slice;
        if (!bytes_slice(bytes, offset, len, &slice))
                return false;
        memcpy(ret_struct, slice.ptr, len);
        return true;
}

static bool read_segment(const struct elf_layout *layout, uint64_t index, Elf64_Phdr *ret_segment) {
        return read_struct(layout->original, layout->header.e_phoff + index * sizeof(Elf64_Phdr), ret_segment,
                           sizeof(*ret_segment));
}

/* By the original's section table, whose offset the caller keeps: the header's is that of the new one later on. */
static bool read_section(const struct elf_layout *layout, uint64_t index, Elf64_Shdr *ret_section) {
        Elf64_Ehdr header;
        return read_struct(layout->original, 0, &header, sizeof(header)) &&
               read_struct(layout->original, header.e_shoff + index * sizeof(Elf64_Shdr), ret_section, sizeof(*ret_section));
}

static int damaged(struct jail_error *err, const char *what) {
        return jail_error_set(err, JAIL_EFORMAT, 0, "its ELF headers are damaged: %s", what);
}

static int no_way(struct jail_error *err, const char *why) {
        return jail_error_set(err, JAIL_EUNSUPPORTED, 0, "no segments can be added to it: %s", why);
}

/* --- room -------------------------------------------------------------------------------------------------------------------- */

struct room {
        uint64_t from;                       /* the end of the program headers */
        uint64_t first_fixed;                /* where something stands that cannot move */
        uint64_t first_movable, movable_end; /* what can, in front of that; first_movable UINT64_MAX: nothing */
};

static void room_note(struct room *room, uint64_t offset, uint64_t len, bool movable) {
        if (len == 0 || offset < room->from)
                return;
        if (!movable) {
                if (offset < room->first_fixed)
                        room->first_fixed = offset;
                return;
        }
        if (offset < room->first_movable)
                room->first_movable = offset;
        if (offset + len > room->movable_end)
                room->movable_end = offset + len;
}

static bool is_movable_segment(const Elf64_Phdr *segment) {
        return segment->p_type == PT_INTERP || segment->p_type == PT_NOTE || segment->p_type == PT_GNU_PROPERTY;
}

static bool is_movable_section(struct bytes names, const Elf64_Shdr *section) {
        struct str name = { NULL, 0 };
        if (section->sh_type == SHT_NOTE)
                return true;
        return bytes_cstring(names, section->sh_name, 64, &name) && str_equal(name, STR(".interp"));
}

static int section_names(const struct elf_layout *layout, struct bytes *ret_names, struct jail_error *err) {
        Elf64_Shdr section;
        if (!read_section(layout, layout->header.e_shstrndx, &section) ||
            !bytes_slice(layout->original, section.sh_offset, section.sh_size, ret_names))
                return damaged(err, "the section names lie outside");
        return 0;
}

/* What stands behind the program headers, as sections and segments say. */
static int look_at_room(const struct elf_layout *layout, struct room *room, struct jail_error *err) {
        struct bytes names = { 0 };
        int r = section_names(layout, &names, err);
        for (uint64_t i = 1; r == 0 && i < layout->header.e_shnum; i++) {
                Elf64_Shdr section;
                if (!read_section(layout, i, &section))
                        return damaged(err, "the section headers lie outside");
                if (section.sh_type != SHT_NOBITS && section.sh_type != SHT_NULL)
                        room_note(room, section.sh_offset, section.sh_size, is_movable_section(names, &section));
        }
        for (uint64_t i = 0; r == 0 && i < layout->n_segments; i++) {
                Elf64_Phdr segment;
                if (!read_segment(layout, i, &segment))
                        return damaged(err, "the program headers lie outside");
                room_note(room, segment.p_offset, segment.p_filesz, is_movable_segment(&segment));
        }
        return r;
}

/* The table must stay in the segment that it is loaded with, or the program could not find it (AT_PHDR). */
static bool is_loaded(const struct elf_layout *layout, uint64_t end) {
        for (uint64_t i = 0; i < layout->n_segments; i++) {
                Elf64_Phdr segment;
                if (read_segment(layout, i, &segment) && segment.p_type == PT_LOAD && segment.p_offset <= layout->header.e_phoff &&
                    segment.p_offset + segment.p_filesz >= end)
                        return true;
        }
        return false;
}

static int find_room(struct elf_layout *layout, struct jail_error *err) {
        struct room room = {
                .from = layout->header.e_phoff + layout->n_segments * sizeof(Elf64_Phdr),
                .first_fixed = layout->original.len,
                .first_movable = UINT64_MAX,
        };
        uint64_t end = room.from + NEW_SEGMENTS * sizeof(Elf64_Phdr);
        int r = look_at_room(layout, &room, err);
        if (r < 0)
                return r;
        if (room.first_fixed < end)
                return no_way(err, "there is no room behind its program headers");
        if (!is_loaded(layout, end))
                return no_way(err, "its program headers are not loaded");
        layout->head_bytes = end;
        if (room.first_movable >= end)
                return 0;
        if (room.movable_end > room.first_fixed)
                return no_way(err, "what stands behind its program headers cannot be moved");
        layout->moved_offset = room.first_movable;
        layout->moved_bytes = room.movable_end - room.first_movable;
        return 0;
}

int elf_layout_begin(struct bytes original, struct elf_layout *ret_layout, struct jail_error *err) {
        struct elf_layout layout = { .original = original };
        struct bytes names = { 0 };
        if (!read_struct(original, 0, &layout.header, sizeof(layout.header)))
                return damaged(err, "truncated");
        layout.n_segments = layout.header.e_phnum;
        if (layout.header.e_phentsize != sizeof(Elf64_Phdr) || layout.header.e_phnum == 0 || layout.header.e_phnum > MAX_HEADERS)
                return no_way(err, "its program headers are of an unknown kind");
        if (layout.header.e_shentsize != sizeof(Elf64_Shdr) || layout.header.e_shnum == 0 || layout.header.e_shnum > MAX_HEADERS ||
            layout.header.e_shstrndx >= layout.header.e_shnum)
                return no_way(err, "it has no section headers");
        int r = section_names(&layout, &names, err);
        if (r == 0)
                r = find_room(&layout, err);
        if (r < 0)
                return r;
        layout.names_bytes = names.len + sizeof(new_names);
        layout.sections_bytes = (layout.header.e_shnum + NEW_SECTIONS) * sizeof(Elf64_Shdr);
        *ret_layout = layout;
        return 0;
}

/* --- places ------------------------------------------------------------------------------------------------------------------ */

/* The first page above everything that is loaded. */
static uint64_t end_vaddr(const struct elf_layout *layout) {
        uint64_t end = 0;
        for (uint64_t i = 0; i < layout->n_segments; i++) {
                Elf64_Phdr segment;
                if (read_segment(layout, i, &segment) && segment.p_type == PT_LOAD && segment.p_vaddr + segment.p_memsz > end)
                        end = segment.p_vaddr + segment.p_memsz;
        }
        return align_up(end, ELF_LAYOUT_PAGE_BYTES);
}

void elf_layout_place(struct elf_layout *layout, const struct elf_layout_sizes *sizes) {
        layout->sizes = *sizes;
        layout->stub_offset = align_up(layout->original.len, ELF_LAYOUT_PAGE_BYTES);
        layout->stub_vaddr = end_vaddr(layout);
        uint64_t stub_pages = align_up(sizes->stub_bytes, ELF_LAYOUT_PAGE_BYTES);
        layout->supervisor_offset = layout->stub_offset + stub_pages;
        layout->supervisor_vaddr = layout->stub_vaddr + stub_pages;
        layout->policy_offset = layout->supervisor_offset + sizes->supervisor_bytes;
        uint64_t end = layout->policy_offset + sizes->policy_bytes;
        if (layout->moved_bytes > 0) {
                layout->moved_to = align_up(end, 16) + layout->moved_offset % 16; /* notes keep their alignment */
                end = layout->moved_to + layout->moved_bytes;
        }
        layout->segment_bytes = end - layout->supervisor_offset;
        layout->names_offset = end;
        layout->sections_offset = align_up(end + layout->names_bytes, 8);
        layout->total_bytes = layout->sections_offset + layout->sections_bytes;
}

/* --- writing ----------------------------------------------------------------------------------------------------------------- */

static uint64_t moved_vaddr(const struct elf_layout *layout, uint64_t offset) {
        return layout->supervisor_vaddr + (layout->moved_to - layout->supervisor_offset) + (offset - layout->moved_offset);
}

static bool is_moved(const struct elf_layout *layout, uint64_t offset, uint64_t len) {
        return len > 0 && offset >= layout->moved_offset && offset + len <= layout->moved_offset + layout->moved_bytes;
}

static void write_segments(const struct elf_layout *layout, uint8_t *out) {
        Elf64_Phdr *to = (Elf64_Phdr *) (void *) (out + layout->header.e_phoff);
        const uint64_t added_bytes = NEW_SEGMENTS * sizeof(Elf64_Phdr);
        Elf64_Phdr segment;
        for (uint64_t i = 0; i < layout->n_segments && read_segment(layout, i, &segment); i++) {
                if (segment.p_type == PT_PHDR) {
                        segment.p_filesz += added_bytes;
                        segment.p_memsz += added_bytes;
                } else if (is_movable_segment(&segment) && is_moved(layout, segment.p_offset, segment.p_filesz)) {
                        segment.p_vaddr = segment.p_paddr = moved_vaddr(layout, segment.p_offset);
                        segment.p_offset = layout->moved_to + (segment.p_offset - layout->moved_offset);
                }
                memcpy(to++, &segment, sizeof(segment));
        }
        const Elf64_Phdr added[NEW_SEGMENTS] = {
                { .p_type = PT_LOAD,
                  .p_flags = PF_R | PF_X,
                  .p_offset = layout->stub_offset,
                  .p_vaddr = layout->stub_vaddr,
                  .p_paddr = layout->stub_vaddr,
                  .p_filesz = layout->sizes.stub_bytes,
                  .p_memsz = layout->sizes.stub_bytes,
                  .p_align = ELF_LAYOUT_PAGE_BYTES },
                { .p_type = PT_LOAD,
                  .p_flags = PF_R,
                  .p_offset = layout->supervisor_offset,
                  .p_vaddr = layout->supervisor_vaddr,
                  .p_paddr = layout->supervisor_vaddr,
                  .p_filesz = layout->segment_bytes,
                  .p_memsz = layout->segment_bytes,
                  .p_align = ELF_LAYOUT_PAGE_BYTES },
        };
        memcpy(to, added, sizeof(added));
}

static void write_sections(const struct elf_layout *layout, uint8_t *out) {
        uint8_t *to = out + layout->sections_offset;
        uint32_t first_name = (uint32_t) (layout->names_bytes - sizeof(new_names));
        Elf64_Shdr section;
        for (uint64_t i = 0; i < layout->header.e_shnum && read_section(layout, i, &section); i++, to += sizeof(section)) {
                if (i == layout->header.e_shstrndx) {
                        memcpy(out + layout->names_offset, layout->original.ptr + section.sh_offset, section.sh_size);
                        section.sh_offset = layout->names_offset;
                        section.sh_size = layout->names_bytes;
                } else if (section.sh_type != SHT_NOBITS && is_moved(layout, section.sh_offset, section.sh_size)) {
                        section.sh_addr = moved_vaddr(layout, section.sh_offset);
                        section.sh_offset = layout->moved_to + (section.sh_offset - layout->moved_offset);
                }
                memcpy(to, &section, sizeof(section));
        }
        memcpy(out + layout->names_offset + first_name, new_names, sizeof(new_names));
        const Elf64_Shdr added[NEW_SECTIONS] = {
                { .sh_name = first_name,
                  .sh_type = SHT_PROGBITS,
                  .sh_flags = SHF_ALLOC | SHF_EXECINSTR,
                  .sh_addr = layout->stub_vaddr,
                  .sh_offset = layout->stub_offset,
                  .sh_size = layout->sizes.stub_bytes,
                  .sh_addralign = 16 },
                { .sh_name = first_name + sizeof(PACKED_SECTION_STUB),
                  .sh_type = SHT_PROGBITS,
                  .sh_flags = SHF_ALLOC,
                  .sh_addr = layout->supervisor_vaddr,
                  .sh_offset = layout->supervisor_offset,
                  .sh_size = layout->sizes.supervisor_bytes,
                  .sh_addralign = 16 },
                { .sh_name = first_name + sizeof(PACKED_SECTION_STUB) + sizeof(PACKED_SECTION_SUPERVISOR),
                  .sh_type = SHT_PROGBITS,
                  .sh_flags = SHF_ALLOC,
                  .sh_addr = layout->supervisor_vaddr + layout->sizes.supervisor_bytes,
                  .sh_offset = layout->policy_offset,
                  .sh_size = layout->sizes.policy_bytes,
                  .sh_addralign = 16 },
        };
        memcpy(to, added, sizeof(added));
}

void elf_layout_write(const struct elf_layout *layout, uint64_t entry_vaddr, uint8_t *out) {
        Elf64_Ehdr header = layout->header;
        header.e_entry = entry_vaddr;
        header.e_phnum = (Elf64_Half) (layout->n_segments + NEW_SEGMENTS);
        header.e_shoff = layout->sections_offset;
        header.e_shnum = (Elf64_Half) (layout->header.e_shnum + NEW_SECTIONS);
        if (layout->moved_bytes > 0)
                memcpy(out + layout->moved_to, layout->original.ptr + layout->moved_offset, layout->moved_bytes);
        memcpy(out, &header, sizeof(header));
        write_segments(layout, out);
        write_sections(layout, out);
}
