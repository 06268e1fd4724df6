/* SPDX-License-Identifier: Apache-2.0 */
/* make_corpus DIRECTORY: writes the files of the corpora that are made of imaginary programs; how tests/fuzz/corpus came to be. */
#include "gobin/go_elf.h"
#include "gobin/sample.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static void write_file(const char *directory, const char *target, const char *name, const struct tables_blob *blob) {
        char path[4096];
        snprintf(path, sizeof(path), "%s/%s", directory, target);
        mkdir(path, 0755);
        snprintf(path, sizeof(path), "%s/%s/%s", directory, target, name);
        FILE *file = fopen(path, "wb");
        if (!file || fwrite(blob->bytes, 1, blob->len, file) != blob->len || fclose(file) != 0) {
                perror(path);
                exit(1);
        }
}

static void put_u16(struct tables_blob *blob, size_t value) {
        blob_u8(blob, (uint8_t) value);
        blob_u8(blob, (uint8_t) (value >> 8));
}

static void make_image(const char *directory, const char *name, unsigned minor, enum go_elf_form form) {
        static struct go_tables tables;
        static struct go_elf elf;
        sample_tables(&tables, minor);
        go_elf_build(&elf, &tables, &(const struct go_elf_options){ .form = form, .modules = SAMPLE_MODULES });
        write_file(directory, "image", name, &elf.file);

        static struct tables_blob blob;
        const struct tables_blob *parts[] = { &tables.names, &tables.cutab, &tables.files, &tables.pctab, &tables.gofunc };
        blob.len = 0;
        blob_u8(&blob, (uint8_t) (minor - 18));
        for (size_t i = 0; i < 5; i++)
                put_u16(&blob, parts[i]->len);
        for (size_t i = 0; i < 5; i++)
                blob_put(&blob, parts[i]->bytes, parts[i]->len);
        blob_put(&blob, tables.functab.bytes, tables.functab.len);
        write_file(directory, "tables", name, &blob);
}

static void make_build_info(const char *directory, const char *name, const char *version, const char *modules) {
        static struct tables_blob blob;
        blob.len = 0;
        go_elf_build_info(&blob, version, modules);
        write_file(directory, "build_info", name, &blob);
}

/* Words for the target `unwind`: a return address of each frame, then a loop of frames. */
static void make_unwind(const char *directory) {
        static struct tables_blob blob;
        const uint64_t other = UINT64_C(5) << 56, code = UINT64_C(1) << 62;
        blob.len = 0;
        blob_u8(&blob, 8);
        for (uint64_t i = 0; i < 24; i++) {
                blob_u64(&blob, other | (0x200 + i) << 8);
                blob_u64(&blob, code | (i * 64 + 12));
        }
        write_file(directory, "unwind", "return-addresses", &blob);
        blob_u64(&blob, UINT64_C(4) << 56);
        blob_u64(&blob, 0);
        write_file(directory, "unwind", "c-code", &blob);
        blob_u64(&blob, UINT64_C(2) << 56);
        blob_u64(&blob, UINT64_C(2) << 62 | 5 << 16);
        write_file(directory, "unwind", "system-stack", &blob);
}

int main(int argc, char **argv) {
        if (argc != 2)
                return 2;
        make_image(argv[1], "go1.18-exe", 18, GO_ELF_EXE);
        make_image(argv[1], "go1.20-pie", 20, GO_ELF_PIE);
        make_image(argv[1], "go1.22-pie-external", 22, GO_ELF_PIE_EXTERNAL);
        make_image(argv[1], "go1.26-section", 26, GO_ELF_EXE_SECTION);
        make_build_info(argv[1], "plain", "go1.26.8", SAMPLE_MODULES);
        make_build_info(argv[1], "replaced", "go1.25.5 X:nodwarf5",
                        "path\ta\nmod\ta\t(devel)\t\ndep\tb\tv1.0.0\n=>\t../b\t(devel)\t\ndep\tc\tv1.0.0\n=>\td\tv2.0.0\th1:A=\n");
        make_build_info(argv[1], "none", "go1.20.14", NULL);
        make_unwind(argv[1]);
        return 0;
}
