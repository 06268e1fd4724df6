/* SPDX-License-Identifier: Apache-2.0 */
/* Build info as Go 1.18 and later write it: valid, poor, truncated, damaged. */
#include "gobin/build_info.h"

#include "gobin/go_elf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct tables_blob blob;
static struct build_info info;

static int parse(const char *version, const char *modules, struct jail_error *err) {
        blob.len = 0;
        go_elf_build_info(&blob, version, modules);
        return build_info_parse(&info, (struct bytes){ blob.bytes, blob.len }, err);
}

static void assert_module(const struct jail_image_module *module, const char *path, const char *version, const char *replace_path,
                          const char *replace_version) {
        assert_string_equal(module->path, path);
        assert_string_equal(module->version, version);
        if (!replace_path) {
                assert_null(module->replace_path);
                assert_null(module->replace_version);
                return;
        }
        assert_non_null(module->replace_path);
        assert_string_equal(module->replace_path, replace_path);
        assert_string_equal(module->replace_version, replace_version);
}

static void test_valid(void **state) {
        (void) state;
        struct jail_error err;
        assert_int_equal(parse("go1.25.5 X:nodwarf5",
                               "path\texample.com/main/cmd/x\n"
                               "mod\texample.com/main\t(devel)\t\n"
                               "dep\texample.com/evil\tv1.2.3\th1:AAAA=\n"
                               "dep\texample.com/local\tv0.0.0\n"
                               "=>\t../local\t(devel)\t\n"
                               "dep\tgopkg.in/yaml.v3\tv3.0.1\n"
                               "=>\tgithub.com/fork/yaml/v3\tv3.0.2\th1:BBBB=\n"
                               "dep\texample.com/dir\tv1.0.0\n"
                               "=>\t/abs/dir\t\t\n"
                               "build\t-buildmode=exe\n"
                               "build\tCGO_ENABLED=0\n",
                               &err),
                         0);
        assert_string_equal(info.go_version, "go1.25.5 X:nodwarf5");
        assert_string_equal(info.package, "example.com/main/cmd/x");
        assert_module(&info.main, "example.com/main", "(devel)", NULL, NULL);
        assert_int_equal(info.n_modules, 4);
        assert_module(&info.modules[0], "example.com/evil", "v1.2.3", NULL, NULL);
        assert_module(&info.modules[1], "example.com/local", "v0.0.0", "../local", "");
        assert_module(&info.modules[2], "gopkg.in/yaml.v3", "v3.0.1", "github.com/fork/yaml/v3", "v3.0.2");
        assert_module(&info.modules[3], "example.com/dir", "v1.0.0", "/abs/dir", "");
        build_info_clear(&info);
        build_info_clear(&info); /* a cleared one is fine */
}

/* What the go command leaves out. */
static void test_poor(void **state) {
        (void) state;
        struct jail_error err;
        assert_int_equal(parse("go1.26.8", "path\texample.com/main/lib.test\nmod\texample.com/main\t(devel)\t\n", &err), 0);
        assert_string_equal(info.package, "example.com/main/lib.test"); /* go test -c ./lib: no deps */
        assert_string_equal(info.main.path, "example.com/main");
        assert_int_equal(info.n_modules, 0);
        build_info_clear(&info);

        assert_int_equal(parse("go1.22.1", "path\tcommand-line-arguments\ndep\texample.com/evil\tv1.2.3\th1:AAAA=\n", &err), 0);
        assert_string_equal(info.package, "command-line-arguments"); /* go build main.go: no mod */
        assert_string_equal(info.main.path, "");
        assert_string_equal(info.main.version, "");
        assert_int_equal(info.n_modules, 1);
        build_info_clear(&info);

        assert_int_equal(parse("go1.20.14", NULL, &err), 0); /* go test -c with Go 1.20 */
        assert_string_equal(info.go_version, "go1.20.14");
        assert_string_equal(info.package, "");
        assert_string_equal(info.main.path, "");
        assert_int_equal(info.n_modules, 0);
        build_info_clear(&info);
}

/* Lines that no go command writes: nothing is made up of them. */
static void test_odd_lines(void **state) {
        (void) state;
        struct jail_error err;
        assert_int_equal(
                parse("go1.22.1", "=>\texample.com/x\tv1.0.0\n\ndep\ndep\t\n\t\npath\ndep\tonly\nmod\tmain\nzzz\ta\tb\n=>\n", &err),
                0);
        assert_string_equal(info.package, "");
        assert_module(&info.main, "main", "", NULL, NULL);
        assert_int_equal(info.n_modules, 2);
        assert_module(&info.modules[0], "", "", NULL, NULL);
        assert_module(&info.modules[1], "only", "", NULL, NULL);
        build_info_clear(&info);
}

/* Up to Go 1.17 the header holds pointers (src/debug/buildinfo/buildinfo.go). */
static void test_pointer_format(void **state) {
        (void) state;
        uint8_t section[64] = "\xff Go buildinf:\x08\x00";
        struct jail_error err;
        struct build_info untouched;
        memset(&info, 0x5a, sizeof(info));
        memset(&untouched, 0x5a, sizeof(untouched));
        assert_int_equal(build_info_parse(&info, (struct bytes){ section, sizeof(section) }, &err), JAIL_EUNSUPPORTED);
        assert_non_null(strstr(err.msg, "before 1.18"));
        assert_non_null(strstr(err.msg, "go1.18 to go1.26"));
        section[15] = 1; /* big endian */
        assert_int_equal(build_info_parse(&info, (struct bytes){ section, sizeof(section) }, &err), JAIL_EUNSUPPORTED);
        assert_memory_equal(&info, &untouched, sizeof(info));
}

static const char modules[] = "path\ta/b\nmod\ta/b\t(devel)\t\ndep\tc/d\tv1.2.3\th1:AAAA=\n=>\t../d\t(devel)\t\n";

static void test_truncated(void **state) {
        (void) state;
        struct jail_error err;
        struct build_info untouched;
        blob.len = 0;
        go_elf_build_info(&blob, "go1.26.8", modules);
        memset(&info, 0x5a, sizeof(info));
        memset(&untouched, 0x5a, sizeof(untouched));
        for (size_t len = 0; len < blob.len; len++) {
                uint8_t *copy = malloc(len + 1);
                assert_non_null(copy);
                memcpy(copy + 1, blob.bytes, len);
                err.msg[0] = '\0';
                if (build_info_parse(&info, (struct bytes){ copy + 1, len }, &err) != JAIL_EFORMAT || err.msg[0] == '\0')
                        fail_msg("truncated to %zu bytes, it is not refused as damaged", len);
                assert_memory_equal(&info, &untouched, sizeof(info));
                free(copy);
        }
}

static void test_flipped(void **state) {
        (void) state;
        struct jail_error err;
        blob.len = 0;
        go_elf_build_info(&blob, "go1.26.8", modules);
        for (size_t bit = 0; bit < blob.len * 8; bit++) {
                uint8_t *copy = malloc(blob.len);
                assert_non_null(copy);
                memcpy(copy, blob.bytes, blob.len);
                copy[bit / 8] ^= (uint8_t) (1 << bit % 8);
                int r = build_info_parse(&info, (struct bytes){ copy, blob.len }, &err);
                if (r == 0) {
                        assert_int_not_equal(strlen(info.go_version), 0);
                        for (size_t i = 0; i < info.n_modules; i++)
                                assert_in_range(strlen(info.modules[i].path) + strlen(info.modules[i].version), 0, sizeof(modules));
                        build_info_clear(&info);
                } else {
                        assert_true(r == JAIL_EFORMAT || r == JAIL_EUNSUPPORTED);
                }
                free(copy);
        }
}

/* Header, then what follows it byte by byte. */
static int parse_raw(const char *strings, size_t len) {
        struct jail_error err;
        blob.len = 0;
        blob_put(&blob, "\xff Go buildinf:\x08\x02", 16);
        blob_u64(&blob, 0);
        blob_u64(&blob, 0);
        blob_put(&blob, strings, len);
        int r = build_info_parse(&info, (struct bytes){ blob.bytes, blob.len }, &err);
        if (r == 0)
                build_info_clear(&info);
        return r;
}

#define PARSE_RAW(strings) parse_raw(strings, sizeof(strings) - 1)

static void test_lengths(void **state) {
        (void) state;
        assert_int_equal(PARSE_RAW("\x06go1.26\x00"), 0);
        assert_int_equal(PARSE_RAW("\x86\x00go1.26\x80\x00"), 0); /* longer than needed, as encoding/binary accepts it */
        assert_int_equal(PARSE_RAW("\x00\x00"), JAIL_EFORMAT);    /* no version */
        assert_int_equal(PARSE_RAW("\x06go1.26"), JAIL_EFORMAT);
        assert_int_equal(PARSE_RAW("\x06go1.26\x01"), JAIL_EFORMAT);
        assert_int_equal(PARSE_RAW("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01x"), JAIL_EFORMAT); /* 2^64 - 1 */
        assert_int_equal(PARSE_RAW("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02x"), JAIL_EFORMAT); /* does not fit */
        assert_int_equal(PARSE_RAW("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x00x"), JAIL_EFORMAT);
        assert_int_equal(PARSE_RAW("\x06go1.26\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), JAIL_EFORMAT);
        assert_int_equal(PARSE_RAW("\x06go1.26\xff\xff\xff\xff\x0f"), JAIL_EFORMAT);
        assert_int_equal(PARSE_RAW("\x07go1.\x00"
                                   "26\x00"),
                         JAIL_EFORMAT);
        /* Module lines without the markers' newline are none (debug/buildinfo does the same). */
        assert_int_equal(PARSE_RAW("\x06go1.26\x04path"), 0);
}

static void test_long_version(void **state) {
        (void) state;
        char version[300];
        struct jail_error err;
        memset(version, 'x', sizeof(version));
        version[256] = '\0';
        assert_int_equal(parse(version, NULL, &err), 0);
        build_info_clear(&info);
        version[256] = 'x';
        version[257] = '\0';
        assert_int_equal(parse(version, NULL, &err), JAIL_EFORMAT);
}

static void test_too_many_modules(void **state) {
        (void) state;
        const size_t n = 100001;
        struct jail_error err;
        char *text = malloc(n * 6 + 128);
        assert_non_null(text);
        char *end = text;
        end += sprintf(end, "\xff Go buildinf:\x08\x02%16s", "");
        *end++ = 6;
        end += sprintf(end, "go1.26");
        size_t len = n * 6 + 32;
        for (size_t rest = len; rest > 0; rest >>= 7)
                *end++ = (char) (rest | (rest > 0x7f ? 0x80 : 0));
        memset(end, 'x', 16);
        end += 16;
        for (size_t i = 0; i < n; i++)
                end += sprintf(end, "dep\ta\n");
        memset(end, 'x', 16);
        end += 16;
        int r = build_info_parse(&info, (struct bytes){ (const uint8_t *) text, (size_t) (end - text) }, &err);
        free(text);
        assert_int_equal(r, JAIL_ELIMIT);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_valid),          cmocka_unit_test(test_poor),         cmocka_unit_test(test_odd_lines),
                cmocka_unit_test(test_pointer_format), cmocka_unit_test(test_truncated),    cmocka_unit_test(test_flipped),
                cmocka_unit_test(test_lengths),        cmocka_unit_test(test_long_version), cmocka_unit_test(test_too_many_modules),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
