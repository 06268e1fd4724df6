/* SPDX-License-Identifier: Apache-2.0 */
/* Where the loader puts a thread-local variable, for files that say it in several ways, and for files that contradict themselves.
 */
#include "gobin/elf_tls.h"

#include "gobin/go_elf.h"

#include <elf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { GOT = 0x5000, N_SYMBOLS = 2, N_RELOCATIONS = 3 };

/* A file with .rela.dyn, .dynsym and PT_TLS, and what is needed to find them. */
struct sample {
        Elf64_Ehdr header;
        Elf64_Phdr segments[2];
        Elf64_Rela relocations[N_RELOCATIONS];
        Elf64_Sym symbols[N_SYMBOLS];
        char names[32];
        Elf64_Shdr sections[4];
};

static const char section_names[] = "\0.rela.dyn\0.dynsym\0.names";

static struct sample make_sample(void) {
        struct sample sample = {
                .header = { .e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
                            .e_type = ET_DYN,
                            .e_machine = EM_X86_64,
                            .e_version = EV_CURRENT,
                            .e_phoff = offsetof(struct sample, segments),
                            .e_shoff = offsetof(struct sample, sections),
                            .e_ehsize = sizeof(Elf64_Ehdr),
                            .e_phentsize = sizeof(Elf64_Phdr),
                            .e_phnum = 2,
                            .e_shentsize = sizeof(Elf64_Shdr),
                            .e_shnum = 4,
                            .e_shstrndx = 3 },
                .segments = { { .p_type = PT_LOAD, .p_filesz = sizeof(struct sample), .p_memsz = sizeof(struct sample) },
                              { .p_type = PT_TLS, .p_vaddr = 0x6000, .p_memsz = 0x14, .p_align = 8 } },
                .relocations = { { GOT - 8, ELF64_R_INFO(0, R_X86_64_RELATIVE), 1 },
                                 { GOT, ELF64_R_INFO(1, R_X86_64_TPOFF64), 0 },
                                 { GOT + 8, ELF64_R_INFO(0, R_X86_64_TPOFF64), 8 } },
                .symbols = { { 0 }, { .st_info = ELF64_ST_INFO(STB_GLOBAL, STT_TLS), .st_shndx = 1, .st_value = 0x10 } },
                .sections = { { 0 },
                              { .sh_name = 1,
                                .sh_type = SHT_RELA,
                                .sh_offset = offsetof(struct sample, relocations),
                                .sh_size = sizeof(sample.relocations) },
                              { .sh_name = 11,
                                .sh_type = SHT_DYNSYM,
                                .sh_offset = offsetof(struct sample, symbols),
                                .sh_size = sizeof(sample.symbols) },
                              { .sh_name = 19,
                                .sh_type = SHT_STRTAB,
                                .sh_offset = offsetof(struct sample, names),
                                .sh_size = sizeof(section_names) } },
        };
        memcpy(sample.names, section_names, sizeof(section_names));
        return sample;
}

static bool find(const struct sample *sample, uint64_t got_vaddr, int64_t *ret_offset) {
        struct elf_file file;
        struct jail_error err;
        int fd = go_elf_file(sample, sizeof(*sample));
        int r = elf_file_open_fd(&file, fd, "prog", &err);
        close(fd);
        assert_int_equal(r, 0);
        bool found = elf_tls_offset(&file, got_vaddr, ret_offset);
        elf_file_close(&file);
        return found;
}

static void test_variable_lies_below_the_thread_pointer(void **state) {
        (void) state;
        struct sample sample = make_sample();
        int64_t offset = 0;
        assert_true(find(&sample, GOT, &offset));
        assert_int_equal(offset, 0x10 - 0x18);        /* 0x14 bytes, rounded up to 0x18 */
        assert_true(find(&sample, GOT + 8, &offset)); /* no symbol: the addend alone says it */
        assert_int_equal(offset, 8 - 0x18);
}

static void test_word_that_nobody_fills(void **state) {
        (void) state;
        struct sample sample = make_sample();
        int64_t offset = 42;
        assert_false(find(&sample, GOT + 16, &offset));
        assert_false(find(&sample, GOT - 8, &offset)); /* filled, with something else */
        assert_int_equal(offset, 42);
}

static void test_files_that_contradict_themselves(void **state) {
        (void) state;
        const struct sample good = make_sample();
        struct sample bad;
        int64_t offset = 42;

        bad = good;
        bad.relocations[2].r_offset = GOT; /* two fill the word */
        assert_false(find(&bad, GOT, &offset));
        bad = good;
        bad.symbols[1].st_value = 0x11; /* eight bytes from there on are not the variables' */
        assert_false(find(&bad, GOT, &offset));
        bad = good;
        bad.symbols[1].st_value = UINT64_MAX - 7;
        bad.relocations[1].r_addend = 0x10; /* wraps around */
        assert_false(find(&bad, GOT, &offset));
        bad = good;
        bad.symbols[1].st_shndx = SHN_UNDEF; /* a variable of some library */
        assert_false(find(&bad, GOT, &offset));
        bad = good;
        bad.symbols[1].st_info = ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT);
        assert_false(find(&bad, GOT, &offset));
        bad = good;
        bad.relocations[1].r_info = ELF64_R_INFO(2, R_X86_64_TPOFF64); /* behind the last symbol */
        assert_false(find(&bad, GOT, &offset));
        bad = good;
        bad.segments[1].p_type = PT_NULL;
        assert_false(find(&bad, GOT, &offset));
        bad = good;
        bad.segments[1].p_align = 3;
        assert_false(find(&bad, GOT, &offset));
        bad = good;
        bad.segments[1].p_vaddr = 0x6004; /* not aligned: loaders differ */
        assert_false(find(&bad, GOT, &offset));
        bad = good;
        bad.segments[1].p_memsz = UINT64_MAX;
        assert_false(find(&bad, GOT, &offset));
        bad = good;
        bad.sections[1].sh_name = 0; /* no .rela.dyn */
        assert_false(find(&bad, GOT, &offset));
        bad = good;
        bad.sections[1].sh_size = sizeof(bad.relocations[0]) * 2 - 1; /* cut within the entry */
        assert_false(find(&bad, GOT, &offset));
        assert_int_equal(offset, 42);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_variable_lies_below_the_thread_pointer),
                cmocka_unit_test(test_word_that_nobody_fills),
                cmocka_unit_test(test_files_that_contradict_themselves),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
