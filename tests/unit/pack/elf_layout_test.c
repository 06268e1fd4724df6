/* SPDX-License-Identifier: Apache-2.0 */
/* Adding segments: to this very executable, which the C linker made without room for them, and to damaged copies of it. */
#include "pack/elf_layout.h"

#include "gobin/elf_file.h"
#include "gobin/packed.h"
#include "pack/stub.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#define STUB_BYTES       3000
#define SUPERVISOR_BYTES 6400
#define POLICY_BYTES     320

static struct elf_file self;
static struct elf_layout_sizes sizes = { STUB_BYTES, SUPERVISOR_BYTES, POLICY_BYTES };

static int open_self(void **state) {
        (void) state;
        struct jail_error err;
        return elf_file_open(&self, "/proc/self/exe", &err);
}

static int close_self(void **state) {
        (void) state;
        elf_file_close(&self);
        return 0;
}

/* The packed bytes, with a pattern for what is added. Owned by the caller. */
static uint8_t *make(struct bytes original, struct elf_layout *layout, struct jail_error *err) {
        if (elf_layout_begin(original, layout, err) < 0)
                return NULL;
        elf_layout_place(layout, &sizes);
        uint8_t *out = calloc(1, layout->total_bytes);
        assert_non_null(out);
        memcpy(out, original.ptr, original.len);
        memset(out + layout->stub_offset, 0xcc, STUB_BYTES);
        memset(out + layout->supervisor_offset, 's', SUPERVISOR_BYTES);
        memset(out + layout->policy_offset, 'p', POLICY_BYTES);
        elf_layout_write(layout, layout->stub_vaddr + 64, out);
        return out;
}

static int file_of(const uint8_t *bytes, size_t len) {
        int fd = memfd_create("packed", MFD_CLOEXEC);
        assert_true(fd >= 0);
        assert_int_equal(write(fd, bytes, len), len);
        return fd;
}

static bool overlaps(const struct elf_segment *a, const struct elf_segment *b) {
        return a->vaddr < b->vaddr + b->mem_size_bytes && b->vaddr < a->vaddr + a->mem_size_bytes;
}

/* Read back by the reader that the supervisor uses: all sections of the original, the three new ones, and no overlap. */
static void test_added(void **state) {
        (void) state;
        struct elf_layout layout;
        struct elf_file packed;
        struct jail_error err;
        uint8_t *out = make(self.bytes, &layout, &err);
        assert_non_null(out);
        int fd = file_of(out, layout.total_bytes);
        assert_int_equal(elf_file_open_fd(&packed, fd, "packed", &err), 0);
        close(fd);

        struct elf_section section, old;
        assert_true(elf_file_section(&packed, PACKED_SECTION_STUB, &section));
        assert_int_equal(section.bytes.len, STUB_BYTES);
        assert_int_equal(section.bytes.ptr[STUB_BYTES - 1], 0xcc);
        assert_true(elf_file_section(&packed, PACKED_SECTION_SUPERVISOR, &section));
        assert_int_equal(section.bytes.ptr[SUPERVISOR_BYTES - 1], 's');
        assert_true(elf_file_section(&packed, PACKED_SECTION_POLICY, &section));
        assert_int_equal(section.bytes.ptr[POLICY_BYTES - 1], 'p');
        static const char *const names[] = { ".interp", ".note.gnu.build-id", ".text", ".dynamic", ".data", ".symtab" };
        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
                if (!elf_file_section(&self, names[i], &old))
                        continue;
                assert_true(elf_file_section(&packed, names[i], &section));
                assert_int_equal(section.bytes.len, old.bytes.len);
                assert_memory_equal(section.bytes.ptr, old.bytes.ptr, old.bytes.len);
        }
        assert_int_equal(packed.n_segments, self.n_segments + 2);
        for (size_t i = 0; i < packed.n_segments; i++)
                for (size_t j = 0; j < i; j++)
                        assert_false(overlaps(&packed.segments[i], &packed.segments[j]));
        assert_true(packed.has_interpreter == self.has_interpreter);
        elf_file_close(&packed);
        free(out);
}

/* The original comes back from its first bytes and the rest, which nothing has touched. */
static void test_head(void **state) {
        (void) state;
        struct elf_layout layout;
        struct jail_error err;
        uint8_t *out = make(self.bytes, &layout, &err);
        assert_non_null(out);
        assert_true(layout.head_bytes < ELF_LAYOUT_PAGE_BYTES);
        assert_memory_not_equal(out, self.bytes.ptr, layout.head_bytes);
        assert_memory_equal(out + layout.head_bytes, self.bytes.ptr + layout.head_bytes, self.bytes.len - layout.head_bytes);
        free(out);
}

static void test_no_sections(void **state) {
        (void) state;
        struct elf_layout layout;
        struct jail_error err;
        uint8_t *copy = malloc(self.bytes.len);
        assert_non_null(copy);
        memcpy(copy, self.bytes.ptr, self.bytes.len);
        memset(copy + offsetof(Elf64_Ehdr, e_shnum), 0, sizeof(Elf64_Half));
        assert_int_equal(elf_layout_begin((struct bytes){ copy, self.bytes.len }, &layout, &err), JAIL_EUNSUPPORTED);
        assert_non_null(strstr(err.msg, "no section headers"));
        free(copy);
}

/* Cut anywhere, and with any bit of the headers flipped: an error, or a layout that can be written. */
static void test_hostile(void **state) {
        (void) state;
        struct elf_layout layout;
        struct jail_error err;
        for (size_t len = 0; len < 2048; len++) {
                uint8_t *copy = malloc(len + 1);
                assert_non_null(copy);
                memcpy(copy, self.bytes.ptr, len);
                assert_true(elf_layout_begin((struct bytes){ copy, len }, &layout, &err) < 0);
                free(copy);
        }
        uint8_t *copy = malloc(self.bytes.len);
        assert_non_null(copy);
        memcpy(copy, self.bytes.ptr, self.bytes.len);
        for (size_t bit = 0; bit < 1024 * 8; bit += 3) {
                copy[bit / 8] ^= (uint8_t) (1U << bit % 8);
                if (elf_layout_begin((struct bytes){ copy, self.bytes.len }, &layout, &err) == 0) {
                        elf_layout_place(&layout, &sizes);
                        uint8_t *out = calloc(1, layout.total_bytes);
                        assert_non_null(out);
                        elf_layout_write(&layout, 0, out);
                        free(out);
                }
                copy[bit / 8] ^= (uint8_t) (1U << bit % 8);
        }
        free(copy);
}

/* Any change of a word changes the sum. */
static void test_checksum(void **state) {
        (void) state;
        _Alignas(8) uint8_t bytes[256];
        for (size_t i = 0; i < sizeof(bytes); i++)
                bytes[i] = (uint8_t) (i * 7);
        uint64_t sum = stub_checksum(bytes, sizeof(bytes));
        for (size_t bit = 0; bit < sizeof(bytes) * 8; bit++) {
                bytes[bit / 8] ^= (uint8_t) (1U << bit % 8);
                assert_int_not_equal(stub_checksum(bytes, sizeof(bytes)), sum);
                bytes[bit / 8] ^= (uint8_t) (1U << bit % 8);
        }
        assert_int_not_equal(stub_checksum(bytes, sizeof(bytes) - 32), sum);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_added),   cmocka_unit_test(test_head),     cmocka_unit_test(test_no_sections),
                cmocka_unit_test(test_hostile), cmocka_unit_test(test_checksum),
        };
        return cmocka_run_group_tests(tests, open_self, close_self);
}
