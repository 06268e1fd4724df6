/* SPDX-License-Identifier: Apache-2.0 */
/* Bounded reads: the values, and that nothing outside the range is touched or believed. */
#include "base/bytes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const uint8_t raw[] = { 0x01, 0x82, 0x03, 0x84, 0x05, 0x86, 0x07, 0x88, 0xff };

/* A copy at the end of its allocation. */
static struct bytes exact(const void *bytes, size_t len, uint8_t **ret_free) {
        *ret_free = malloc(len + 1);
        assert_non_null(*ret_free);
        if (len > 0)
                memcpy(*ret_free + 1, bytes, len);
        return (struct bytes){ *ret_free + 1, len };
}

static void test_integers(void **state) {
        (void) state;
        uint8_t *memory;
        struct bytes b = exact(raw, sizeof(raw), &memory);
        uint8_t u8;
        uint16_t u16;
        uint32_t u32;
        int32_t i32;
        uint64_t u64;
        assert_true(bytes_u8(b, 8, &u8));
        assert_int_equal(u8, 0xff);
        assert_true(bytes_u16(b, 0, &u16));
        assert_int_equal(u16, 0x8201);
        assert_true(bytes_u32(b, 0, &u32));
        assert_int_equal(u32, 0x84038201);
        assert_true(bytes_i32(b, 0, &i32));
        assert_int_equal(i32, INT32_C(-2080144895));
        assert_true(bytes_u64(b, 0, &u64));
        assert_true(u64 == UINT64_C(0x8807860584038201));
        assert_true(bytes_u64(b, 1, &u64));
        assert_true(u64 == UINT64_C(0xff88078605840382));
        free(memory);
}

/* Every offset near the end and near the end of the address space, for every length of the range. */
static void test_integers_outside(void **state) {
        (void) state;
        for (size_t len = 0; len <= sizeof(raw); len++) {
                uint8_t *memory;
                struct bytes b = exact(raw, len, &memory);
                for (uint64_t i = 0; i < 2 * sizeof(raw); i++) {
                        const uint64_t offsets[] = { i, UINT64_MAX - i, (uint64_t) UINT32_MAX + i, (UINT64_C(1) << 63) + i };
                        for (int k = 0; k < 4; k++) {
                                uint64_t at = offsets[k], u64 = 7;
                                uint8_t u8 = 7;
                                uint16_t u16 = 7;
                                uint32_t u32 = 7;
                                int32_t i32 = 7;
                                assert_int_equal(bytes_u8(b, at, &u8), at < len);
                                assert_int_equal(bytes_u16(b, at, &u16), at < len && len - at >= 2);
                                assert_int_equal(bytes_u32(b, at, &u32), at < len && len - at >= 4);
                                assert_int_equal(bytes_i32(b, at, &i32), at < len && len - at >= 4);
                                assert_int_equal(bytes_u64(b, at, &u64), at < len && len - at >= 8);
                                if (at >= len)
                                        assert_true(u8 == 7 && u16 == 7 && u32 == 7 && i32 == 7 && u64 == 7);
                        }
                }
                free(memory);
        }
}

static void test_slice(void **state) {
        (void) state;
        struct bytes b = { raw, sizeof(raw) }, slice = { NULL, 99 };
        assert_true(bytes_slice(b, 2, 3, &slice));
        assert_ptr_equal(slice.ptr, raw + 2);
        assert_int_equal(slice.len, 3);
        assert_true(bytes_slice(b, 9, 0, &slice));
        assert_int_equal(slice.len, 0);
        slice.len = 99;
        assert_false(bytes_slice(b, 9, 1, &slice));
        assert_false(bytes_slice(b, 10, 0, &slice));
        assert_false(bytes_slice(b, 1, UINT64_MAX, &slice));
        assert_false(bytes_slice(b, UINT64_MAX, 1, &slice));
        assert_false(bytes_slice(b, UINT64_MAX, UINT64_MAX, &slice));
        assert_int_equal(slice.len, 99);
        assert_true(bytes_from(b, 9, &slice));
        assert_int_equal(slice.len, 0);
        assert_true(bytes_from(b, 7, &slice));
        assert_int_equal(slice.len, 2);
        assert_false(bytes_from(b, 10, &slice));
        assert_true(bytes_from((struct bytes){ NULL, 0 }, 0, &slice));
        assert_null(slice.ptr);
}

static void test_cstring(void **state) {
        (void) state;
        uint8_t *memory;
        struct bytes b = exact("ab\0c", 4, &memory);
        struct str s = STR("before");
        assert_true(bytes_cstring(b, 0, 100, &s));
        assert_true(str_equal(s, STR("ab")));
        assert_true(bytes_cstring(b, 2, 100, &s));
        assert_int_equal(s.len, 0);
        assert_true(bytes_cstring(b, 0, 3, &s)); /* the terminator is the third byte */
        s = STR("before");
        assert_false(bytes_cstring(b, 0, 2, &s));
        assert_false(bytes_cstring(b, 0, 0, &s));
        assert_false(bytes_cstring(b, 3, 100, &s)); /* no terminator */
        assert_false(bytes_cstring(b, 4, 100, &s));
        assert_false(bytes_cstring(b, UINT64_MAX, 100, &s));
        assert_true(str_equal(s, STR("before")));
        free(memory);
}

static const struct {
        const char *bytes;
        size_t len;
        bool ok32, ok64;
        uint64_t value;
        uint64_t used;
} varints[] = {
        { "\x00", 1, true, true, 0, 1 },
        { "\x7f", 1, true, true, 127, 1 },
        { "\x80\x01", 2, true, true, 128, 2 },
        { "\xac\x02", 2, true, true, 300, 2 },
        { "\x80\x00", 2, true, true, 0, 2 }, /* longer than needed */
        { "\x80\x80\x80\x80\x00", 5, true, true, 0, 5 },
        { "\xff\xff\xff\xff\x0f", 5, true, true, UINT32_MAX, 5 },
        { "\xff\xff\xff\xff\x1f", 5, false, true, UINT64_C(0x1ffffffff), 5 },
        { "\x80\x80\x80\x80\x80\x00", 6, false, true, 0, 6 },
        { "\xff\xff\xff\xff\xff\xff\xff\xff\x7f", 9, false, true, INT64_MAX, 9 },
        { "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 10, false, true, UINT64_MAX, 10 },
        { "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", 10, false, false, 0, 0 },
        { "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x81\x00", 11, false, false, 0, 0 },
        { "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x00", 11, false, false, 0, 0 },
        { "", 0, false, false, 0, 0 },
        { "\x80", 1, false, false, 0, 0 },
        { "\xff\xff\xff\xff", 4, false, false, 0, 0 },
};

static void test_varints(void **state) {
        (void) state;
        for (size_t i = 0; i < sizeof(varints) / sizeof(varints[0]); i++) {
                uint8_t *memory;
                struct bytes b = exact(varints[i].bytes, varints[i].len, &memory);
                uint64_t at = 0, value64 = 7;
                uint32_t value32 = 7;
                assert_int_equal(bytes_uvarint64(b, &at, &value64), varints[i].ok64);
                assert_true(at == (varints[i].ok64 ? varints[i].used : 0));
                assert_true(value64 == (varints[i].ok64 ? varints[i].value : 7));
                at = 0;
                assert_int_equal(bytes_uvarint32(b, &at, &value32), varints[i].ok32);
                assert_true(at == (varints[i].ok32 ? varints[i].used : 0));
                assert_true(value32 == (varints[i].ok32 ? varints[i].value : 7));
                at = UINT64_MAX;
                assert_false(bytes_uvarint64(b, &at, &value64));
                assert_false(bytes_uvarint32(b, &at, &value32));
                free(memory);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_integers), cmocka_unit_test(test_integers_outside), cmocka_unit_test(test_slice),
                cmocka_unit_test(test_cstring),  cmocka_unit_test(test_varints),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
