/* SPDX-License-Identifier: Apache-2.0 */
/* Bounded texts, and what the program's bytes look like in them. */
#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void test_add(void **state) {
        (void) state;
        char buffer[8];
        struct text text;
        text_init(&text, buffer, sizeof(buffer));
        assert_string_equal(buffer, "");
        text_add(&text, STR("abc"));
        text_add(&text, (struct str){ NULL, 0 });
        text_add(&text, STR("defg"));
        assert_string_equal(buffer, "abcdefg");
        assert_int_equal(text.len, 7);
        assert_false(text.cut);
        text_add(&text, STR(""));
        assert_false(text.cut);
        text_add(&text, STR("h"));
        assert_true(text.cut);
        assert_string_equal(buffer, "abcdefg");

        text_init(&text, buffer, 1);
        text_add(&text, STR("x"));
        assert_true(text.cut);
        assert_string_equal(buffer, "");
}

static void test_printf(void **state) {
        (void) state;
        char buffer[8];
        struct text text;
        text_init(&text, buffer, sizeof(buffer));
        text_printf(&text, "%d-%s", 12, "ab");
        assert_string_equal(buffer, "12-ab");
        assert_false(text.cut);
        text_printf(&text, "%s", "cd");
        assert_string_equal(buffer, "12-abcd");
        assert_false(text.cut);
        text_printf(&text, "%s", "e");
        assert_string_equal(buffer, "12-abcd");
        assert_int_equal(text.len, 7);
        assert_true(text.cut);
        text_add(&text, STR("x"));
        text_printf(&text, "y");
        assert_string_equal(buffer, "12-abcd");

        text_init(&text, buffer, sizeof(buffer));
        text_printf(&text, "%s", "0123456789");
        assert_string_equal(buffer, "0123456");
        assert_true(text.cut);
}

static const struct {
        const char *raw;
        size_t len;
        const char *escaped;
} cases[] = {
#define CASE(raw, escaped)                                                                                                         \
        { raw, sizeof(raw) - 1, escaped }
        CASE("plain /path-1 ~", "plain /path-1 ~"),
        CASE("\n\t\r", "\\n\\t\\r"),
        CASE("a\"b\\c", "a\\\"b\\\\c"),
        CASE("\0\x01\x1b[31m\x7f", "\\x00\\x01\\x1b[31m\\x7f"),
        CASE("\x80\xff\xc0\xc1\xf8", "\\x80\\xff\\xc0\\xc1\\xf8"),
        /* Well-formed UTF-8 of two, three and four bytes. */
        CASE("gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f"),
        CASE("\xe2\x82\xac\xef\xbf\xbd", "\xe2\x82\xac\xef\xbf\xbd"),
        CASE("\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80"),
        CASE("\xc2\xa0\xc2\xa1", "\xc2\xa0\xc2\xa1"),
        CASE("\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf"),
        CASE("\xed\x9f\xbf\xee\x80\x80", "\xed\x9f\xbf\xee\x80\x80"),
        /* Overlong, surrogate, too large. */
        CASE("\xc0\xaf", "\\xc0\\xaf"),
        CASE("\xc1\xbf", "\\xc1\\xbf"),
        CASE("\xe0\x80\xaf", "\\xe0\\x80\\xaf"),
        CASE("\xe0\x9f\xbf", "\\xe0\\x9f\\xbf"),
        CASE("\xf0\x80\x80\xaf", "\\xf0\\x80\\x80\\xaf"),
        CASE("\xf0\x8f\xbf\xbf", "\\xf0\\x8f\\xbf\\xbf"),
        CASE("\xed\xa0\x80", "\\xed\\xa0\\x80"),
        CASE("\xed\xbf\xbf", "\\xed\\xbf\\xbf"),
        CASE("\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"),
        CASE("\xf5\x80\x80\x80", "\\xf5\\x80\\x80\\x80"),
        /* Cut sequences, and ones whose next byte is none of theirs. */
        CASE("\xc3", "\\xc3"),
        CASE("\xe2\x82", "\\xe2\\x82"),
        CASE("\xf0\x9f\x98", "\\xf0\\x9f\\x98"),
        CASE("\xc3x", "\\xc3x"),
        CASE("\xe2\x82x", "\\xe2\\x82x"),
        CASE("\xc3\xc3\xbc", "\\xc3\xc3\xbc"),
        /* C1 controls, and what is invisible or turns the writing direction. */
        CASE("\xc2\x80\xc2\x9b\xc2\x9f", "\\xc2\\x80\\xc2\\x9b\\xc2\\x9f"),
        CASE("\xc2\xad", "\\xc2\\xad"),                               /* U+00AD soft hyphen */
        CASE("\xd8\x9c", "\\xd8\\x9c"),                               /* U+061C */
        CASE("\xe2\x80\x8b", "\\xe2\\x80\\x8b"),                      /* U+200B zero width space */
        CASE("\xe2\x80\xae", "\\xe2\\x80\\xae"),                      /* U+202E right to left */
        CASE("\xe2\x80\xa8", "\\xe2\\x80\\xa8"),                      /* U+2028 line separator */
        CASE("\xe2\x81\xa6", "\\xe2\\x81\\xa6"),                      /* U+2066 isolate */
        CASE("\xef\xbb\xbf", "\\xef\\xbb\\xbf"),                      /* U+FEFF */
        CASE("\xef\xbf\xb9", "\\xef\\xbf\\xb9"),                      /* U+FFF9 */
        CASE("\xf3\xa0\x80\xa1", "\\xf3\\xa0\\x80\\xa1"),             /* U+E0021 tag */
        CASE("\xe2\x80\xaf\xe2\x80\x90", "\xe2\x80\xaf\xe2\x80\x90"), /* U+202F, U+2010: their neighbours are harmless */
        CASE("", ""),
};

static void test_escaped(void **state) {
        (void) state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                char buffer[128];
                struct text text;
                text_init(&text, buffer, sizeof(buffer));
                text_add_escaped(&text, (struct str){ cases[i].raw, cases[i].len });
                if (strcmp(buffer, cases[i].escaped) != 0)
                        fail_msg("case %zu: \"%s\" is not \"%s\"", i, buffer, cases[i].escaped);
                assert_false(text.cut);
        }
}

/* Cut at every length: never within an escape or a sequence, always terminated. */
static void test_escaped_cut(void **state) {
        (void) state;
        static const struct str raw = { "ab\n\xc3\xbc\x01\xf0\x9f\x98\x80z", 11 };
        static const char whole[] = "ab\\n\xc3\xbc\\x01\xf0\x9f\x98\x80z";
        static const size_t ends[] = { 0, 1, 2, 4, 6, 10, 14, 15 }; /* where a piece ends in `whole` */
        for (size_t size = 1; size <= sizeof(whole) + 1; size++) {
                char buffer[32];
                struct text text;
                memset(buffer, 'x', sizeof(buffer));
                text_init(&text, buffer, size);
                text_add_escaped(&text, raw);
                size_t want = 0;
                for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
                        if (ends[i] < size)
                                want = ends[i];
                assert_int_equal(text.len, want);
                assert_int_equal(strlen(buffer), want);
                assert_memory_equal(buffer, whole, want);
                assert_int_equal(text.cut, size < sizeof(whole));
                assert_int_equal(buffer[size], 'x');
        }
}

/* Every byte, and every pair of bytes: nothing but printable ASCII and whole sequences comes out. */
static void test_escaped_pairs(void **state) {
        (void) state;
        for (unsigned a = 0; a < 256; a++)
                for (unsigned b = 0; b < 256; b++) {
                        const char raw[2] = { (char) a, (char) b };
                        char buffer[16];
                        struct text text;
                        text_init(&text, buffer, sizeof(buffer));
                        text_add_escaped(&text, (struct str){ raw, 2 });
                        bool sequence = a >= 0xc2 && a <= 0xdf && b >= 0x80 && b <= 0xbf;
                        for (size_t i = 0; i < text.len; i++) {
                                unsigned char c = (unsigned char) buffer[i];
                                assert_true((c >= 0x20 && c < 0x7f) || (sequence && c >= 0x80));
                        }
                }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_add),         cmocka_unit_test(test_printf),        cmocka_unit_test(test_escaped),
                cmocka_unit_test(test_escaped_cut), cmocka_unit_test(test_escaped_pairs),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
