/* SPDX-License-Identifier: Apache-2.0 */
#include "supervise/loaded_image.h"

#include "base/cleanup.h"

#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#define CHUNK_BYTES     (1U << 20)
#define MAX_FILE_OFFSET (UINT64_C(1) << 36)

struct copy {
        pid_t pid;
        int fd;
        uint8_t *chunk; /* CHUNK_BYTES; owned */
};

static void copy_clear(struct copy *copy) {
        free(copy->chunk);
        cleanup_close(&copy->fd);
}

static int damaged(struct jail_error *err) {
        return jail_error_set(err, JAIL_EFORMAT, 0, "what jail packed of its headers is damaged");
}

static int put(const struct copy *copy, uint64_t offset, const void *bytes, size_t len, struct jail_error *err) {
        if (offset > MAX_FILE_OFFSET)
                return damaged(err);
        ssize_t n = pwrite(copy->fd, bytes, len, (off_t) offset);
        if (n != (ssize_t) len)
                return jail_error_set(err, JAIL_ESYS, n < 0 ? errno : 0, "cannot copy the program's image");
        return 0;
}

/* Copies [vaddr, vaddr + len) of the process to offset of the file. */
static int copy_range(const struct copy *copy, uint64_t vaddr, uint64_t offset, uint64_t len, struct jail_error *err) {
        for (uint64_t done = 0; done < len;) {
                size_t n = len - done < CHUNK_BYTES ? (size_t) (len - done) : CHUNK_BYTES;
                struct iovec local = { copy->chunk, n }, remote = { (void *) (uintptr_t) (vaddr + done), n };
                /* It waits in its stub, and nothing of it has run: no page of it can be one whose fault nobody serves. */
                ssize_t got = process_vm_readv(copy->pid, &local, 1, &remote, 1, 0);
                if (got != (ssize_t) n)
                        return jail_error_set(err, JAIL_EREAD, got < 0 ? errno : 0,
                                              "the program's image cannot be read from its memory");
                int r = put(copy, offset + done, copy->chunk, n, err);
                if (r < 0)
                        return r;
                done += n;
        }
        return 0;
}

/* Where the beginning of the file is loaded, by the program headers of the original. */
static bool find_head_vaddr(struct bytes head, uint64_t *ret_vaddr) {
        uint64_t table;
        uint16_t n;
        if (!bytes_u64(head, offsetof(Elf64_Ehdr, e_phoff), &table) || !bytes_u16(head, offsetof(Elf64_Ehdr, e_phnum), &n))
                return false;
        for (uint16_t i = 0; i < n; i++) {
                uint64_t at = table + i * sizeof(Elf64_Phdr), offset;
                uint32_t type;
                if (!bytes_u32(head, at, &type) || !bytes_u64(head, at + offsetof(Elf64_Phdr, p_offset), &offset))
                        return false;
                if (type == PT_LOAD && offset == 0)
                        return bytes_u64(head, at + offsetof(Elf64_Phdr, p_vaddr), ret_vaddr);
        }
        return false;
}

static int copy_sections(const struct copy *copy, struct bytes sections, uint64_t bias, struct jail_error *err) {
        for (uint64_t at = 0; at + sizeof(Elf64_Shdr) <= sections.len; at += sizeof(Elf64_Shdr)) {
                Elf64_Shdr section;
                memcpy(&section, sections.ptr + at, sizeof(section));
                if (!(section.sh_flags & SHF_ALLOC) || section.sh_type == SHT_NOBITS)
                        continue;
                if (section.sh_size > MAX_FILE_OFFSET)
                        return damaged(err);
                int r = copy_range(copy, section.sh_addr + bias, section.sh_offset, section.sh_size, err);
                if (r < 0)
                        return r;
        }
        return 0;
}

/* What is not loaded: the section headers and their names. */
static int put_headers(const struct copy *copy, const struct packed *packed, struct jail_error *err) {
        struct bytes sections = packed->parts[PACKED_SECTIONS], names = packed->parts[PACKED_SECTION_NAMES];
        Elf64_Ehdr header;
        Elf64_Shdr section;
        struct bytes slice;
        if (pread(copy->fd, &header, sizeof(header), 0) != (ssize_t) sizeof(header) ||
            !bytes_slice(sections, header.e_shstrndx * sizeof(section), sizeof(section), &slice))
                return damaged(err);
        memcpy(&section, slice.ptr, sizeof(section));
        int r = put(copy, section.sh_offset, names.ptr, names.len, err);
        return r == 0 ? put(copy, header.e_shoff, sections.ptr, sections.len, err) : r;
}

int loaded_image_open(pid_t pid, const struct packed *packed, uint64_t stub, int *ret_fd, struct jail_error *err) {
        CLEANUP(copy_clear) struct copy copy = { .pid = pid, .fd = -1, .chunk = malloc(CHUNK_BYTES) };
        uint64_t head_vaddr, bias = stub - packed->stub_vaddr;
        if (!copy.chunk)
                return jail_error_set(err, JAIL_ENOMEM, 0, "out of memory");
        if (!find_head_vaddr(packed->parts[PACKED_HEAD], &head_vaddr))
                return damaged(err);
        copy.fd = memfd_create("image", MFD_CLOEXEC);
        if (copy.fd < 0)
                return jail_error_set(err, JAIL_ESYS, errno, "memfd_create");
        int r = copy_range(&copy, head_vaddr + bias, 0, packed->parts[PACKED_HEAD].len, err);
        if (r == 0)
                r = copy_sections(&copy, packed->parts[PACKED_SECTIONS], bias, err);
        if (r == 0)
                r = put_headers(&copy, packed, err);
        if (r == 0)
                *ret_fd = steal_fd(&copy.fd);
        return r;
}
