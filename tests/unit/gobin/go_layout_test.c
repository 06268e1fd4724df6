/* SPDX-License-Identifier: Apache-2.0 */
/* Which toolchains' versions have a row in the table. */
#include "gobin/go_layout.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <jail/image.h>

static void test_known(void **state) {
        (void) state;
        static const struct {
                const char *version;
                unsigned minor;
        } cases[] = {
                { "go1.18", 18 },
                { "go1.18.10", 18 },
                { "go1.19.8-debian", 19 },
                { "go1.19.8", 19 },
                { "go1.20beta1", 20 },
                { "go1.21.0", 21 },
                { "go1.22.12", 22 },
                { "go1.23rc2", 23 },
                { "go1.24.2 (Red Hat 1.24.2-1.el9)", 24 },
                { "go1.25.5 X:nodwarf5", 25 },
                { "go1.25.5 X:jsonv2,greenteagc", 25 },
                { "go1.26rc1", 26 },
                { "go1.26.8", 26 },
                { "go1.26.1+auto", 26 },
                { "go1.26-vendor", 26 },
        };
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                const struct go_layout *layout = NULL;
                struct jail_error err;
                if (go_layout_find(cases[i].version, &layout, &err) < 0)
                        fail_msg("%s: %s", cases[i].version, err.msg);
                assert_int_equal(layout->minor, cases[i].minor);
        }
}

static void test_refused(void **state) {
        (void) state;
        static const struct {
                const char *version, *says;
        } cases[] = {
                { "go1.17.5", "is older than" },
                { "go1.9", "is older than" },
                { "go1.0.3", "is older than" },
                { "go1.27", "is newer than" },
                { "go1.27.1", "is newer than" },
                { "go1.999", "is newer than" },
                { "go1.2600", "unknown Go version" },
                { "go1.18446744073709551642", "unknown Go version" },
                { "go1.026", "unknown Go version" },
                { "go1.26foo", "unknown Go version" },
                { "go1.26r", "unknown Go version" },
                { "go1.", "unknown Go version" },
                { "go1.x", "unknown Go version" },
                { "go1.-26", "unknown Go version" },
                { "go1. 26", "unknown Go version" },
                { "go2.0", "unknown Go version" },
                { "go2.26", "unknown Go version" },
                { "go126", "unknown Go version" },
                { "1.26", "unknown Go version" },
                { "Go1.26", "unknown Go version" },
                { " go1.26", "unknown Go version" },
                { "", "unknown Go version" },
                { "garbage", "unknown Go version" },
                { "devel +abc", "development version" },
                { "devel go1.26-0123456789 Tue Jan 6 12:00:00 2026 +0000", "development version" },
                { "go1.26-devel_0123456789", "development version" },
        };
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                const struct go_layout *layout = NULL;
                struct jail_error err = { 0 };
                if (go_layout_find(cases[i].version, &layout, &err) != JAIL_EUNSUPPORTED)
                        fail_msg("\"%s\" is not refused", cases[i].version);
                assert_null(layout);
                assert_int_equal(err.code, JAIL_EUNSUPPORTED);
                if (!strstr(err.msg, cases[i].says) || !strstr(err.msg, cases[i].version) || !strstr(err.msg, "go1.18 to go1.26"))
                        fail_msg("\"%s\": the message is \"%s\"", cases[i].version, err.msg);
        }
}

/* Values of the runtime's structs, read from the DWARF of programs that these releases built. */
static void test_rows(void **state) {
        (void) state;
        static const struct {
                const char *version;
                uint32_t magic;
                int goid, parent_goid, gopc, ancestors, curg, procid, gsignal, gofunc, next, flag, inlined;
        } rows[] = {
                { "go1.18", 0xfffffff0, 152, -1, 296, 304, 192, 72, 80, 304, 544, 37, 20 },
                { "go1.19", 0xfffffff0, 152, -1, 296, 304, 192, 72, 80, 304, 544, 37, 20 },
                { "go1.20", 0xfffffff1, 152, -1, 296, 304, 192, 72, 80, 320, 560, 41, 16 },
                { "go1.21", 0xfffffff1, 152, 272, 280, 288, 192, 72, 80, 320, 584, 41, 16 },
                { "go1.22", 0xfffffff1, 152, 272, 280, 288, 192, 72, 80, 320, 584, 41, 16 },
                { "go1.23", 0xfffffff1, 160, 280, 288, 296, 192, 72, 80, 320, 576, 41, 16 },
                { "go1.24", 0xfffffff1, 160, 280, 288, 296, 192, 72, 80, 320, 576, 41, 16 },
                { "go1.25", 0xfffffff1, 152, 272, 280, 288, 184, 64, 72, 320, 576, 41, 16 },
                { "go1.26", 0xfffffff1, 152, 280, 288, 296, 184, 64, 72, 320, 584, 41, 16 },
        };
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                const struct go_layout *l = NULL;
                struct jail_error err;
                assert_int_equal(go_layout_find(rows[i].version, &l, &err), 0);
                assert_int_equal(l->pcln_magic, rows[i].magic);
                assert_int_equal(l->g.goid, rows[i].goid);
                assert_int_equal(l->g.parent_goid, rows[i].parent_goid);
                assert_int_equal(l->g.gopc, rows[i].gopc);
                assert_int_equal(l->g.ancestors, rows[i].ancestors);
                assert_int_equal(l->m.curg, rows[i].curg);
                assert_int_equal(l->m.procid, rows[i].procid);
                assert_int_equal(l->m.gsignal, rows[i].gsignal);
                assert_int_equal(l->moduledata.gofunc, rows[i].gofunc);
                assert_int_equal(l->moduledata.next, rows[i].next);
                assert_int_equal(l->func.flag, rows[i].flag);
                assert_int_equal(l->inlined.size, rows[i].inlined);
        }
}

static void test_supported_versions(void **state) {
        (void) state;
        assert_string_equal(jail_image_supported_versions(), "go1.18 to go1.26");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_known),
                cmocka_unit_test(test_refused),
                cmocka_unit_test(test_rows),
                cmocka_unit_test(test_supported_versions),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
