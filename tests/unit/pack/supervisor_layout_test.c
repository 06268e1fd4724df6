/* SPDX-License-Identifier: Apache-2.0 */
/* How the supervisor is to be loaded: the one of this build, and damaged or unfit ones. */
#include "pack/supervisor_layout.h"

#include "pack/parts.h"

#include <elf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

/* A copy of the supervisor, with its headers to change. */
struct copy {
        uint8_t *bytes;
        size_t len;
        Elf64_Ehdr *header;
        Elf64_Phdr *segments;
};

static struct copy copy_begin(void) {
        struct bytes supervisor = parts_supervisor();
        struct copy copy = { .bytes = malloc(supervisor.len), .len = supervisor.len };
        assert_non_null(copy.bytes);
        memcpy(copy.bytes, supervisor.ptr, supervisor.len);
        copy.header = (Elf64_Ehdr *) (void *) copy.bytes;
        copy.segments = (Elf64_Phdr *) (void *) (copy.bytes + copy.header->e_phoff);
        return copy;
}

/* The first loaded segment whose flags hold these. */
static Elf64_Phdr *find(const struct copy *copy, Elf64_Word flags) {
        for (size_t i = 0; i < copy->header->e_phnum; i++)
                if (copy->segments[i].p_type == PT_LOAD && (copy->segments[i].p_flags & flags) == flags)
                        return &copy->segments[i];
        fail();
        return NULL;
}

static void copy_end(struct copy *copy, int wanted, const char *says) {
        struct jail_error err = { 0 };
        struct stub_image image = { 0 };
        assert_int_equal(supervisor_layout_read((struct bytes){ copy->bytes, copy->len }, &image, &err), wanted);
        if (says)
                assert_non_null(strstr(err.msg, says));
        assert_int_equal(image.span_bytes, 0); /* untouched */
        free(copy->bytes);
}

/* Every segment of the real one once, text and data apart, and all that the stub relies on. */
static void test_own(void **state) {
        (void) state;
        struct jail_error err = { 0 };
        struct stub_image image;
        struct bytes supervisor = parts_supervisor();
        assert_int_equal(supervisor_layout_read(supervisor, &image, &err), 0);
        struct copy copy = copy_begin();
        size_t n = 0, n_text = 0, n_data = 0, n_whole = 0;
        for (size_t i = 0; i < copy.header->e_phnum; i++) {
                const Elf64_Phdr *segment = &copy.segments[i];
                if (segment->p_type != PT_LOAD)
                        continue;
                assert_int_equal(image.segments[n].vaddr, segment->p_vaddr);
                assert_int_equal(image.segments[n].offset, segment->p_offset);
                assert_int_equal(image.segments[n].file_bytes, segment->p_filesz);
                assert_int_equal(image.segments[n].memory_bytes, segment->p_memsz);
                assert_true(segment->p_vaddr + segment->p_memsz <= image.span_bytes);
                n_text += image.segments[n].protection == (PROT_READ | PROT_EXEC);
                n_data += image.segments[n].protection == (PROT_READ | PROT_WRITE);
                n_whole +=
                        image.segments[n].protection == PROT_READ && (segment->p_offset + segment->p_filesz) % STUB_PAGE_BYTES == 0;
                n++;
        }
        assert_true(n <= STUB_MAX_SEGMENTS && n_text == 1 && n_data == 1);
        assert_int_equal(n_whole, 1); /* the constants, before the data: not by the luck of their size (supervisor.ld) */
        assert_int_equal(image.entry_vaddr, copy.header->e_entry);
        assert_int_equal(image.headers_vaddr, copy.header->e_phoff); /* the first segment begins at 0 */
        assert_int_equal(image.n_headers, copy.header->e_phnum);
        assert_int_equal(image.span_bytes % STUB_PAGE_BYTES, 0);
        free(copy.bytes);
}

static void test_unfit(void **state) {
        (void) state;
        struct copy copy = copy_begin();
        copy.header->e_type = ET_EXEC;
        copy_end(&copy, JAIL_EUNSUPPORTED, "not position-independent");

        copy = copy_begin();
        find(&copy, PF_X)->p_flags |= PF_W;
        copy_end(&copy, JAIL_EUNSUPPORTED, "neither text nor data");

        copy = copy_begin();
        find(&copy, PF_X)->p_memsz++;
        copy_end(&copy, JAIL_EUNSUPPORTED, "neither text nor data");

        /* Text that ends in the page in which the data begins, as a linker without separate-code leaves it. */
        copy = copy_begin();
        Elf64_Phdr *text = find(&copy, PF_X), *data = find(&copy, PF_W);
        for (size_t i = 0; i < copy.header->e_phnum; i++)
                if (copy.segments[i].p_type == PT_LOAD && &copy.segments[i] != text && &copy.segments[i] != data &&
                    copy.segments[i].p_offset > text->p_offset)
                        copy.segments[i].p_type = PT_NULL;
        text->p_filesz = text->p_memsz = data->p_offset - text->p_offset;
        copy_end(&copy, JAIL_EUNSUPPORTED, "share a page");

        /* Text in the page that .jail.policy follows in. */
        copy = copy_begin();
        text = find(&copy, PF_X);
        text->p_filesz = text->p_memsz = copy.len - text->p_offset;
        copy_end(&copy, JAIL_EUNSUPPORTED, "neither text nor data");

        copy = copy_begin();
        copy.header->e_phoff = copy.len - copy.header->e_phnum * sizeof(Elf64_Phdr);
        memmove(copy.bytes + copy.header->e_phoff, copy.segments, copy.header->e_phnum * sizeof(Elf64_Phdr));
        copy_end(&copy, JAIL_EUNSUPPORTED, "are not loaded");
}

/* Cut anywhere in its headers, and with any bit of them flipped: an error, or what lies inside. */
static void test_hostile(void **state) {
        (void) state;
        struct jail_error err;
        struct stub_image image;
        struct copy copy = copy_begin();
        size_t headers_end = copy.header->e_phoff + copy.header->e_phnum * sizeof(Elf64_Phdr);
        for (size_t len = 0; len < headers_end; len++)
                assert_true(supervisor_layout_read((struct bytes){ copy.bytes, len }, &image, &err) < 0);
        for (size_t bit = 0; bit < headers_end * 8; bit++) {
                copy.bytes[bit / 8] ^= (uint8_t) (1U << bit % 8);
                if (supervisor_layout_read((struct bytes){ copy.bytes, copy.len }, &image, &err) == 0) {
                        for (size_t i = 0; i < STUB_MAX_SEGMENTS; i++) {
                                const struct stub_segment *segment = &image.segments[i];
                                assert_true(segment->offset + segment->file_bytes <= copy.len);
                                assert_true(segment->vaddr + segment->memory_bytes <= image.span_bytes);
                        }
                }
                copy.bytes[bit / 8] ^= (uint8_t) (1U << bit % 8);
        }
        free(copy.bytes);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_own),
                cmocka_unit_test(test_unfit),
                cmocka_unit_test(test_hostile),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
