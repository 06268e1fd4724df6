/* SPDX-License-Identifier: Apache-2.0 */
#include "gobin/elf_tls.h"

#include <gelf.h>
#include <stddef.h>

#define MAX_ALIGN_BYTES 4096

/* The size of the executable's thread-local variables, rounded up as the loader does; 0 when there are none. */
static uint64_t read_block_bytes(const struct elf_file *file) {
        size_t n;
        if (elf_getphdrnum(file->elf, &n) != 0)
                return 0;
        for (size_t i = 0; i < n; i++) {
                Elf64_Phdr header;
                if (!gelf_getphdr(file->elf, (int) i, &header) || header.p_type != PT_TLS)
                        continue;
                uint64_t align = header.p_align > 0 ? header.p_align : 1;
                bool plain = align <= MAX_ALIGN_BYTES && (align & (align - 1)) == 0 && header.p_vaddr % align == 0;
                return plain && header.p_memsz <= INT32_MAX ? (header.p_memsz + align - 1) / align * align : 0;
        }
        return 0;
}

/* The value of a symbol of the file's own: an offset into its thread-local variables. Symbol 0 stands for none, at their start. */
static bool read_symbol(const struct elf_file *file, uint64_t index, uint64_t *ret_value) {
        struct elf_section section;
        uint8_t info;
        uint16_t defined_in;
        if (index == 0) {
                *ret_value = 0;
                return true;
        }
        uint64_t at = index * sizeof(Elf64_Sym);
        return elf_file_section(file, ".dynsym", &section) && bytes_u8(section.bytes, at + offsetof(Elf64_Sym, st_info), &info) &&
               ELF64_ST_TYPE(info) == STT_TLS && bytes_u16(section.bytes, at + offsetof(Elf64_Sym, st_shndx), &defined_in) &&
               defined_in != SHN_UNDEF && bytes_u64(section.bytes, at + offsetof(Elf64_Sym, st_value), ret_value);
}

bool elf_tls_offset(const struct elf_file *file, uint64_t got_vaddr, int64_t *ret_offset) {
        struct elf_section section;
        uint64_t found_info = 0, found_addend = 0, value;
        unsigned n_found = 0;
        if (!elf_file_section(file, ".rela.dyn", &section))
                return false;
        for (uint64_t at = 0; at + sizeof(Elf64_Rela) <= section.bytes.len; at += sizeof(Elf64_Rela)) {
                uint64_t where, info;
                if (!bytes_u64(section.bytes, at, &where) || !bytes_u64(section.bytes, at + offsetof(Elf64_Rela, r_info), &info))
                        return false;
                if (where != got_vaddr)
                        continue;
                if (!bytes_u64(section.bytes, at + offsetof(Elf64_Rela, r_addend), &found_addend))
                        return false;
                found_info = info;
                n_found++;
        }
        if (n_found != 1 || ELF64_R_TYPE(found_info) != R_X86_64_TPOFF64)
                return false;

        uint64_t block_bytes = read_block_bytes(file);
        if (!read_symbol(file, ELF64_R_SYM(found_info), &value))
                return false;
        uint64_t offset = value + found_addend;
        if (value > block_bytes || offset > block_bytes || block_bytes - offset < sizeof(uint64_t))
                return false;
        *ret_offset = (int64_t) offset - (int64_t) block_bytes;
        return true;
}
