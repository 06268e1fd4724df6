/* SPDX-License-Identifier: Apache-2.0 */
/* Files that claim more than anybody wants to hold or search. */
#include "gobin/go_elf.h"
#include "gobin/image.h"
#include "gobin/sample.h"

#include <elf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

static struct go_elf elf;
static Elf64_Ehdr header; /* to be changed, and put back */

static int setup(void **state) {
        static struct go_tables tables;
        (void) state;
        sample_tables(&tables, 26);
        go_elf_build(&elf, &tables, &(const struct go_elf_options){ .form = GO_ELF_EXE, .modules = SAMPLE_MODULES });
        memcpy(&header, elf.file.bytes, sizeof(header));
        return 0;
}

/* The result of opening the file, whose size is size_bytes if that is not 0: a sparse one. */
static int probe(off_t size_bytes, struct jail_error *err) {
        struct jail_image *image = NULL;
        memcpy(elf.file.bytes, &header, sizeof(header));
        int fd = memfd_create("image", MFD_CLOEXEC);
        assert_true(fd >= 0);
        assert_int_equal(write(fd, elf.file.bytes, elf.file.len), elf.file.len);
        if (size_bytes != 0)
                assert_int_equal(ftruncate(fd, size_bytes), 0);
        int r = image_begin_fd(fd, "prog", &image, err);
        jail_image_free(image);
        close(fd);
        return r;
}

static void test_as_it_is(void **state) {
        struct jail_error err;
        (void) state;
        assert_int_equal(probe(0, &err), 0);
}

/* Section 0 has the count where a short has no room for it; libelf would make an object for each. */
static void test_sections(void **state) {
        struct jail_error err;
        Elf64_Shdr *first = (Elf64_Shdr *) (void *) (elf.file.bytes + header.e_shoff);
        (void) state;
        header.e_shnum = 0;
        first->sh_size = 1 << 24;
        assert_int_equal(probe((off_t) 2 << 30, &err), JAIL_ELIMIT);
        assert_non_null(strstr(err.msg, "sections"));
}

/* The names' section claims to be packed: libelf would unpack it, to whatever size. */
static void test_compressed_names(void **state) {
        struct jail_error err;
        Elf64_Shdr *names = (Elf64_Shdr *) (void *) (elf.file.bytes + header.e_shoff) + header.e_shstrndx;
        (void) state;
        names->sh_flags |= SHF_COMPRESSED;
        assert_int_equal(probe(0, &err), JAIL_EFORMAT);
        assert_non_null(strstr(err.msg, "compressed"));
}

/* Half a terabyte of nothing, without sections: the build info would be searched for in all of it. */
static void test_sparse(void **state) {
        struct jail_error err;
        const uint64_t huge = UINT64_C(1) << 39;
        Elf64_Phdr *program = (Elf64_Phdr *) (void *) (elf.file.bytes + header.e_phoff);
        (void) state;
        for (uint16_t i = 0; i < header.e_phnum; i++)
                program[i].p_type = PT_NULL;
        program[0] = (Elf64_Phdr){ .p_type = PT_LOAD, .p_flags = PF_R, .p_vaddr = 0x400000, .p_filesz = huge, .p_memsz = huge };
        header.e_shoff = 0;
        header.e_shnum = header.e_shstrndx = 0;
        assert_int_equal(probe((off_t) huge, &err), JAIL_ELIMIT);
        assert_non_null(strstr(err.msg, "too large to be searched"));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup(test_as_it_is, setup),
                cmocka_unit_test_setup(test_sections, setup),
                cmocka_unit_test_setup(test_compressed_names, setup),
                cmocka_unit_test_setup(test_sparse, setup),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
