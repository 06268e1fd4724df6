/* SPDX-License-Identifier: Apache-2.0 */
/* What jail packs into a program, over hostile bytes: laid out here by hand, as the header says. */
#include "gobin/packed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define HEADER_BYTES 288 /* 64, four sums of 32, six parts of 16 */
#define TOTAL_BYTES  (HEADER_BYTES + PACKED_PARTS * 8 + 16)
#define BEFORE_BYTES 40

static uint8_t packed_bytes[BEFORE_BYTES + TOTAL_BYTES];

static void put(uint8_t *to, uint64_t value, size_t len) {
        for (size_t i = 0; i < len; i++)
                to[i] = (uint8_t) (value >> 8 * i);
}

/* Something in front, then the header, six parts of 5 bytes, and the trailer. */
static uint8_t *write_packed(void) {
        uint8_t *own = packed_bytes + BEFORE_BYTES;
        memset(packed_bytes, 0xee, sizeof(packed_bytes));
        memcpy(own, "jailpack", 8);
        put(own + 8, 1, 4);
        put(own + 12, 64, 4);
        put(own + 16, PACKED_DENY_CHILDREN, 8);
        for (size_t i = 0; i < 5; i++)
                put(own + 24 + 8 * i, 1000 + i, 8);
        for (size_t i = 0; i < 4; i++)
                memset(own + 64 + 32 * i, (int) (0x11 * (i + 1)), 32);
        for (size_t i = 0; i < PACKED_PARTS; i++) {
                put(own + 192 + 16 * i, HEADER_BYTES + 8 * i, 8);
                put(own + 192 + 16 * i + 8, 5, 8);
                memset(own + HEADER_BYTES + 8 * i, (int) ('a' + i), 5);
        }
        put(own + TOTAL_BYTES - 16, TOTAL_BYTES, 8);
        memcpy(own + TOTAL_BYTES - 8, "jailpack", 8);
        return own;
}

static void test_valid(void **state) {
        (void) state;
        struct packed packed;
        struct bytes before;
        struct jail_error err;
        write_packed();
        assert_int_equal(packed_parse_end((struct bytes){ packed_bytes, sizeof(packed_bytes) }, &packed, &before, &err), 0);
        assert_int_equal(before.len, BEFORE_BYTES);
        assert_int_equal(packed.ancestors, 64);
        assert_int_equal(packed.options, PACKED_DENY_CHILDREN);
        assert_int_equal(packed.original_bytes, 1000);
        assert_int_equal(packed.original_entry_vaddr, 1001);
        assert_int_equal(packed.stub_vaddr, 1002);
        assert_int_equal(packed.stub_bytes, 1003);
        assert_int_equal(packed.call_vaddr, 1004);
        assert_int_equal(packed.file_sha256[31], 0x11);
        assert_int_equal(packed.stub_sha256[0], 0x44);
        for (size_t i = 0; i < PACKED_PARTS; i++) {
                assert_int_equal(packed.parts[i].len, 5);
                assert_int_equal(packed.parts[i].ptr[4], 'a' + i);
        }
}

/* Every truncation is refused, at either end. */
static void test_truncated(void **state) {
        (void) state;
        const uint8_t *own = write_packed();
        for (size_t len = 0; len < TOTAL_BYTES; len++) {
                uint8_t *copy = malloc(len + 1); /* so that a read beyond is a read out of bounds */
                struct packed packed;
                struct bytes before;
                struct jail_error err = { 0 };
                assert_non_null(copy);
                memcpy(copy, own, len);
                assert_int_equal(packed_parse((struct bytes){ copy, len }, &packed, &err), JAIL_EFORMAT);
                memcpy(copy, own + TOTAL_BYTES - len, len);
                assert_int_equal(packed_parse_end((struct bytes){ copy, len }, &packed, &before, &err), JAIL_EFORMAT);
                free(copy);
        }
}

/* A flipped bit is refused, or gives parts that lie inside. */
static void test_flipped(void **state) {
        (void) state;
        uint8_t *own = write_packed();
        size_t n_refused = 0;
        for (size_t bit = 0; bit < TOTAL_BYTES * 8; bit++) {
                struct packed packed;
                struct jail_error err = { 0 };
                own[bit / 8] ^= (uint8_t) (1U << bit % 8);
                int r = packed_parse((struct bytes){ own, TOTAL_BYTES }, &packed, &err);
                own[bit / 8] ^= (uint8_t) (1U << bit % 8);
                if (r < 0) {
                        assert_true(r == JAIL_EFORMAT || r == JAIL_EUNSUPPORTED);
                        n_refused++;
                        continue;
                }
                for (size_t i = 0; i < PACKED_PARTS; i++)
                        assert_true(packed.parts[i].ptr >= own && packed.parts[i].ptr + packed.parts[i].len <= own + TOTAL_BYTES);
        }
        assert_true(n_refused > 500);
}

static void test_other_format(void **state) {
        (void) state;
        struct packed packed;
        struct jail_error err;
        uint8_t *own = write_packed();
        own[8] = 2;
        assert_int_equal(packed_parse((struct bytes){ own, TOTAL_BYTES }, &packed, &err), JAIL_EUNSUPPORTED);
        assert_non_null(strstr(err.msg, "format 2"));
        own[8] = 1;
        own[17] = 2; /* the first option that is not known */
        assert_int_equal(packed_parse((struct bytes){ own, TOTAL_BYTES }, &packed, &err), JAIL_EFORMAT);
}

/* Offsets and lengths that overflow, or point into the header. */
static void test_parts_outside(void **state) {
        (void) state;
        static const uint64_t offsets[] = { 0, 8, HEADER_BYTES - 8, HEADER_BYTES + 1, TOTAL_BYTES + 8, UINT64_MAX - 7, UINT64_MAX };
        for (size_t i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
                struct packed packed;
                struct jail_error err;
                uint8_t *own = write_packed();
                put(own + 192, offsets[i], 8);
                assert_int_equal(packed_parse((struct bytes){ own, TOTAL_BYTES }, &packed, &err), JAIL_EFORMAT);
                own = write_packed();
                put(own + 200, offsets[i] | UINT64_C(1) << 63, 8);
                assert_int_equal(packed_parse((struct bytes){ own, TOTAL_BYTES }, &packed, &err), JAIL_EFORMAT);
        }
}

/* The stub's hash leaves out its checksum, and nothing else. */
static void test_stub_sha256(void **state) {
        (void) state;
        uint8_t stub[100] = { 1, 2, 3 }, before[32], after[32];
        struct jail_error err;
        assert_int_equal(packed_stub_sha256((struct bytes){ stub, sizeof(stub) }, before, &err), 0);
        for (size_t i = 0; i < sizeof(stub); i++) {
                stub[i] ^= 1;
                assert_int_equal(packed_stub_sha256((struct bytes){ stub, sizeof(stub) }, after, &err), 0);
                stub[i] ^= 1;
                bool is_checksum = i >= 56 && i < 64;
                assert_int_equal(memcmp(before, after, sizeof(after)) == 0, is_checksum);
        }
        assert_int_equal(packed_stub_sha256((struct bytes){ stub, 63 }, after, &err), JAIL_EFORMAT);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_valid),        cmocka_unit_test(test_truncated),     cmocka_unit_test(test_flipped),
                cmocka_unit_test(test_other_format), cmocka_unit_test(test_parts_outside), cmocka_unit_test(test_stub_sha256),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
