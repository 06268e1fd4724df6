/* SPDX-License-Identifier: Apache-2.0 */
/* The buffer reader, what is built on any reader, and the stack window. */
#include "memory/buffer.h"
#include "memory/window.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static uint8_t bytes[40000];
static struct memory_buffer memory;

static int setup(void **state) {
        (void) state;
        for (size_t i = 0; i < sizeof(bytes); i++)
                bytes[i] = (uint8_t) (i * 7 + i / 256);
        memory_buffer_init(&memory, 0x10000, (struct bytes){ bytes, sizeof(bytes) });
        return 0;
}

#define END (0x10000 + sizeof(bytes))

static void test_buffer(void **state) {
        (void) state;
        uint8_t a[16], b[16], c[16], d[16];
        struct memory_range ranges[] = {
                { .vaddr = 0x10000, .buffer = a, .len_bytes = 16 },
                { .vaddr = END - 5, .buffer = b, .len_bytes = 16 },
                { .vaddr = END, .buffer = c, .len_bytes = 16, .got_bytes = 9 },
                { .vaddr = 0xffff, .buffer = d, .len_bytes = 16, .got_bytes = 9 },
                { .vaddr = UINT64_MAX, .buffer = d, .len_bytes = 16, .got_bytes = 9 },
                { .vaddr = 0x10001, .buffer = NULL, .len_bytes = 0, .got_bytes = 9 },
        };
        assert_int_equal(memory.reader.readv(&memory.reader, ranges, 6, NULL), 0);
        assert_int_equal(ranges[0].got_bytes, 16);
        assert_memory_equal(a, bytes, 16);
        assert_int_equal(ranges[1].got_bytes, 5);
        assert_memory_equal(b, bytes + sizeof(bytes) - 5, 5);
        for (int i = 2; i < 6; i++)
                assert_int_equal(ranges[i].got_bytes, 0);
}

static void test_read(void **state) {
        (void) state;
        struct jail_error err;
        uint64_t word = 7;
        assert_int_equal(memory_read_u64(&memory.reader, END - 8, &word, &err), 0);
        assert_memory_equal(&word, bytes + sizeof(bytes) - 8, 8);
        word = 7;
        assert_int_equal(memory_read_u64(&memory.reader, END - 7, &word, &err), JAIL_EREAD);
        assert_int_equal(err.code, JAIL_EREAD);
        assert_string_equal(err.msg, "cannot read 8 bytes at 0x19c39");
        assert_int_equal(memory_read_u64(&memory.reader, 0, &word, NULL), JAIL_EREAD);
        assert_int_equal(word, 7);
}

/* A string of this length that ends with the memory. */
static int read_string(size_t len, bool terminated, size_t size, char *buffer, size_t *ret_len, bool *ret_cut) {
        struct jail_error err;
        uint8_t *end = bytes + sizeof(bytes) - terminated;
        memset(bytes, 'x', sizeof(bytes));
        if (terminated)
                *end = '\0';
        return memory_read_string(&memory.reader, 0x10000 + (uint64_t) (end - len - bytes), buffer, size, ret_len, ret_cut, &err);
}

/* Lengths around those of a chunk and of the buffer. */
static void test_string(void **state) {
        (void) state;
        static const size_t sizes[] = { 1, 2, 8, 255, 256, 257, 512, 513, 4096 };
        for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++)
                for (size_t len = 0; len < 4100; len = len < 600 ? len + 1 : len + 97) {
                        size_t size = sizes[s], got = 9999;
                        bool cut = len % 2;
                        char *buffer = malloc(size);
                        assert_non_null(buffer);
                        assert_int_equal(read_string(len, true, size, buffer, &got, &cut), 0);
                        assert_int_equal(cut, len >= size);
                        assert_int_equal(got, len < size ? len : size - 1);
                        assert_int_equal(strlen(buffer), got);
                        free(buffer);
                }
}

/* Memory ends before the string does. */
static void test_string_that_does_not_end(void **state) {
        (void) state;
        char buffer[512];
        size_t len = 7;
        bool cut = true;
        assert_int_equal(read_string(100, false, sizeof(buffer), buffer, &len, &cut), JAIL_EREAD);
        assert_int_equal(read_string(0, false, sizeof(buffer), buffer, &len, &cut), JAIL_EREAD);
        assert_int_equal(read_string(256, false, sizeof(buffer), buffer, &len, &cut), JAIL_EREAD);
        assert_int_equal(len, 7);
        assert_true(cut);
        assert_int_equal(read_string(600, false, sizeof(buffer), buffer, &len, &cut),
                         0); /* it does not fit: the rest is not read */
        assert_int_equal(len, 511);
        assert_true(cut);
}

struct counting {
        struct memory_reader reader;
        unsigned n;
        bool fail;
};

static int counting_readv(struct memory_reader *reader, struct memory_range *ranges, size_t n, struct jail_error *err) {
        struct counting *counting = (struct counting *) reader;
        counting->n++;
        if (counting->fail)
                return jail_error_set(err, JAIL_EREAD, 0, "gone");
        return memory.reader.readv(&memory.reader, ranges, n, err);
}

static uint64_t word_at(uint64_t vaddr) {
        uint64_t word;
        memcpy(&word, bytes + (vaddr - 0x10000), 8);
        return word;
}

static void test_window(void **state) {
        (void) state;
        static struct memory_window window;
        struct counting counting = { .reader.readv = counting_readv };
        struct jail_error err;
        uint64_t word = 0;
        memory_window_init(&window, &counting.reader);
        assert_int_equal(memory_window_u64(&window, 0x10100, &word, &err), 0);
        assert_true(word == word_at(0x10100));
        assert_int_equal(counting.n, 1);
        assert_int_equal(memory_window_u64(&window, 0x10100 + MEMORY_WINDOW_BYTES - 8, &word, &err), 0);
        assert_true(word == word_at(0x10100 + MEMORY_WINDOW_BYTES - 8));
        assert_int_equal(memory_window_u64(&window, 0x10103, &word, &err), 0); /* not aligned */
        assert_true(word == word_at(0x10103));
        assert_int_equal(counting.n, 1);
        assert_int_equal(memory_window_u64(&window, 0x10100 + MEMORY_WINDOW_BYTES - 7, &word, &err), 0);
        assert_true(word == word_at(0x10100 + MEMORY_WINDOW_BYTES - 7));
        assert_int_equal(counting.n, 2);
        assert_int_equal(memory_window_u64(&window, 0x10100, &word, &err), 0); /* below the window */
        assert_true(word == word_at(0x10100));
        assert_int_equal(counting.n, 3);

        /* A first window, filled in part. */
        assert_int_equal(memory_window_fill(&window, END - 100, SIZE_MAX, &err), 0);
        assert_int_equal(counting.n, 4);
        assert_int_equal(window.len_bytes, 100);
        assert_int_equal(memory_window_u64(&window, END - 8, &word, &err), 0);
        assert_true(word == word_at(END - 8));
        assert_int_equal(counting.n, 4);
        word = 7;
        assert_int_equal(memory_window_u64(&window, END - 7, &word, &err), JAIL_EREAD);
        assert_int_equal(counting.n, 5);
        assert_int_equal(memory_window_u64(&window, END - 8, &word, &err), 0); /* and is not confused by that */
        assert_true(word == word_at(END - 8));
        word = 7;
        assert_int_equal(memory_window_u64(&window, UINT64_MAX - 3, &word, &err), JAIL_EREAD);
        assert_int_equal(memory_window_u64(&window, 0, &word, &err), JAIL_EREAD);
        counting.fail = true;
        assert_int_equal(memory_window_u64(&window, 0x10000, &word, &err), JAIL_EREAD);
        assert_string_equal(err.msg, "gone");
        assert_int_equal(word, 7);
        counting.fail = false;
        assert_int_equal(memory_window_u64(&window, 0x10000, &word, &err), 0);
        assert_true(word == word_at(0x10000));
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void) {
        const struct CMUnitTest tests[] = {
                TEST(test_buffer), TEST(test_read), TEST(test_string), TEST(test_string_that_does_not_end), TEST(test_window),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
