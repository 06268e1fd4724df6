/* SPDX-License-Identifier: Apache-2.0 */
/* An ELF file, mapped read-only: its segments, its sections by name, and reads by link-time address. elf(5). */
#ifndef GOBIN_ELF_FILE_H
#define GOBIN_ELF_FILE_H

#include "arch/arch.h"
#include "base/bytes.h"

#include <jail/error.h>
#include <stdbool.h>
#include <stdint.h>

/* From this size on a file is read here and there, and only what is needed of it is to stay mapped. */
#define ELF_FILE_LARGE_BYTES (24u << 20)

/* One PT_LOAD, its file-backed part [vaddr, vaddr + bytes.len) and its flags (PF_…). */
struct elf_segment {
        uint64_t vaddr;
        uint64_t mem_size_bytes;
        uint64_t offset; /* in the file */
        uint32_t flags;
        struct bytes bytes; /* borrowed from the file */
};

struct elf_section {
        uint64_t vaddr;
        uint64_t size_bytes;
        struct bytes bytes; /* borrowed from the file; empty for SHT_NOBITS */
};

struct elf_file {
        struct bytes bytes; /* the whole file, mapped; owned */
        void *elf;          /* libelf's handle; owned */
        const struct arch *arch;
        bool position_independent;    /* ET_DYN */
        bool has_interpreter;         /* PT_INTERP: a dynamic loader runs first */
        struct elf_segment *segments; /* owned */
        size_t n_segments;
        uint64_t device, inode;
};

/*
 * Opens and maps the file. Errors: JAIL_ESYS; JAIL_ENOTFOUND (no ELF file: a directory, a script, anything else; msg says what it
 * is); JAIL_EUNSUPPORTED (another CPU, 32 bits, big endian); JAIL_EFORMAT (truncated, damaged); JAIL_ENOMEM.
 */
int elf_file_open(struct elf_file *file, const char *path, struct jail_error *err) JAIL_MUST_USE;
/* The same for a descriptor that is already open; it is not closed. path is for messages. */
int elf_file_open_fd(struct elf_file *file, int fd, const char *path, struct jail_error *err) JAIL_MUST_USE;
void elf_file_close(struct elf_file *file);

/*
 * To be called until it returns false, with *at 0 at first. From then on little of a large file (ELF_FILE_LARGE_BYTES) is mapped
 * with each place that is read, whatever the kernel would like to map with it. Cost: 4 system calls of 3 µs; 64 in all.
 */
bool elf_file_map_sparsely(const struct elf_file *file, size_t *at);

/* Whether there are sections with names; a program runs without them, and a truncated file has lost them, since they stand last. */
bool elf_file_has_sections(const struct elf_file *file);

/* Finds a section by name; false when there is none, or its content is not in the file. */
bool elf_file_section(const struct elf_file *file, const char *name, struct elf_section *ret_section);

/* The file-backed bytes from vaddr to the end of its segment; false when vaddr is in none. */
bool elf_file_at(const struct elf_file *file, uint64_t vaddr, struct bytes *ret_bytes);

/*
 * Copies [vaddr, vaddr + len) into buffer as it will be after relocation with load bias 0: words that a R_X86_64_RELATIVE entry
 * fills get its addend. Errors: JAIL_EFORMAT. Cost: linear in .rela.dyn for position-independent files.
 */
int elf_file_relocated(const struct elf_file *file, uint64_t vaddr, void *buffer, size_t len, struct jail_error *err) JAIL_MUST_USE;

/* Calls visit for every relative relocation (where, addend) until it returns true. */
void elf_file_each_relative(const struct elf_file *file, bool (*visit)(void *data, uint64_t where, uint64_t addend), void *data);

#endif
