/* SPDX-License-Identifier: Apache-2.0 */
/* make_corpus DIRECTORY: writes the files of the corpora that are made of imaginary programs; how tests/fuzz/corpus came to be. */
#include "gobin/go_elf.h"
#include "gobin/packed.h"
#include "gobin/sample.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

/* A whole stack, then later a return address, a frame pointer and a register that were others. */
static void make_chains(const char *directory) {
        static struct tables_blob blob;
        const uint64_t later = UINT64_C(1) << 63, other = UINT64_C(5) << 56, code = UINT64_C(1) << 62;
        blob.len = 0;
        blob_u8(&blob, 0x80 | 8);
        write_file(directory, "unwind", "whole", &blob);
        blob_u64(&blob, later | other | (0x200 + 13) << 8);
        blob_u64(&blob, code | 100);
        write_file(directory, "unwind", "whole-then-return", &blob);
        blob.len = 1;
        blob_u64(&blob, later | other | (0x200 + 12) << 8);
        blob_u64(&blob, 0x1000);
        write_file(directory, "unwind", "whole-then-frame-pointer", &blob);
        blob.len = 1;
        blob_u64(&blob, later | UINT64_C(1) << 56);
        blob_u64(&blob, UINT64_C(2) << 62 | 0x1010);
        write_file(directory, "unwind", "whole-then-moved", &blob);
}

static void put_string(struct tables_blob *blob, const char *string) {
        blob_put(blob, string, strlen(string) + 1);
}

/* The fields of an event in the order of tests/fuzz/report.c. */
static void make_report(const char *directory, const char *name, uint8_t kind, uint8_t flags, uint8_t n_frames, const char *bad) {
        static struct tables_blob blob;
        const uint8_t begin[] = { kind, 6 /* confined */, 0, flags, n_frames };
        const char *const fields[] = { "/src/prog",        "",       "openat", "openat(\"/x\", O_RDONLY)", "/x",
                                       "example.com/evil", "v1.2.3", "go.mod" };
        blob.len = 0;
        blob_put(&blob, begin, sizeof(begin));
        for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
                put_string(&blob, bad && i != 1 ? bad : fields[i]);
        put_string(&blob, bad ? bad : "why");
        put_string(&blob, bad ? bad : "a message");
        put_string(&blob, bad ? bad : "go1.26.8");
        for (unsigned i = 0; i < n_frames; i++) {
                put_string(&blob, bad ? bad : "example.com/evil.(*T[go.shape.int]).F.func1");
                put_string(&blob, bad ? bad : "/root/go/pkg/mod/example.com/evil@v1.2.3/evil.go");
                put_string(&blob, bad ? bad : "example.com/evil");
                put_string(&blob, bad ? bad : "");
        }
        write_file(directory, "report", name, &blob);
}

static void make_reports(const char *directory) {
        for (uint8_t kind = 0; kind < 4; kind++) {
                char name[32];
                snprintf(name, sizeof(name), "plain-%u", kind);
                make_report(directory, name, kind, 1 | 2 | 16, 7, NULL);
        }
        make_report(directory, "controls", 1, 1 | 2 | 32, 3, "\n\x1b[31mjail: \x7f\xc2\x9b\r");
        make_report(directory, "bidirectional", 1, 1 | 2 | 32, 3, "\xe2\x80\xae\xe2\x80\xa8\xef\xbb\xbf");
        make_report(directory, "malformed", 1, 1 | 2 | 32, 3, "\xff\xc0\xaf\xed\xa0\x80\xf4\x90\x80\x80\xe2\x80");
        make_report(directory, "ascii-note", 2, 2 | 32, 0, "\xc3\xa4\xe2\x86\x90");
}

/* Parts of 0, 5, 10 … bytes behind the header that gobin/packed.h describes, and something in front. */
static void make_packed(const char *directory) {
        static struct tables_blob blob;
        size_t offset = PACKED_HEADER_BYTES;
        blob_put(&blob, "the supervisor's", 16);
        blob_put(&blob, PACKED_MAGIC, PACKED_MAGIC_BYTES);
        blob_u64(&blob, UINT64_C(64) << 32 | PACKED_FORMAT);
        for (uint64_t i = 0; i < 6 + 4 * PACKED_SHA256_BYTES / 8; i++)
                blob_u64(&blob, i & PACKED_ALL_OPTIONS);
        for (uint64_t i = 0; i < PACKED_PARTS; i++) {
                blob_u64(&blob, offset);
                blob_u64(&blob, 5 * i);
                offset += (5 * i + 7) / 8 * 8;
        }
        while (blob.len < 16 + offset)
                blob_u8(&blob, 'p');
        blob_u64(&blob, offset + PACKED_TRAILER_BYTES);
        blob_put(&blob, PACKED_MAGIC, PACKED_MAGIC_BYTES);
        write_file(directory, "packed", "parts", &blob);
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
        make_chains(argv[1]);
        make_reports(argv[1]);
        make_packed(argv[1]);
        return 0;
}
