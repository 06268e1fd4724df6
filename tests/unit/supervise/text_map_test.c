/* SPDX-License-Identifier: Apache-2.0 */
/* The mappings of a process that has very many, this one. */
#include "supervise/text_map.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define PAGE 4096u

static struct text_map map;
static char directory[] = "/tmp/jail-text-map-XXXXXX";

static int setup(void **state) {
        (void) state;
        text_map_init(&map, getpid(), &(struct text_map_image){ 0 });
        return mkdtemp(directory) ? 0 : -1;
}

static int teardown(void **state) {
        (void) state;
        text_map_clear(&map);
        rmdir(directory);
        strcpy(directory + strlen(directory) - 6, "XXXXXX");
        return 0;
}

/* A file of two pages of nothing, which is no library of Go's. It has a name only as long as it is not mapped. */
static int make_file(char path[64], unsigned number) {
        snprintf(path, 64, "%s/%u", directory, number);
        FILE *file = fopen(path, "w+e");
        assert_non_null(file);
        assert_int_equal(ftruncate(fileno(file), 2 * PAGE), 0);
        int fd = dup(fileno(file));
        fclose(file);
        assert_true(fd >= 0);
        return fd;
}

/* At a place of its own, so that mappings do not grow together. */
static void map_code(uint8_t *at, int fd) {
        void *mapped = mmap(at, PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_FIXED, fd, 0);
        assert_ptr_equal(mapped, at);
}

static uint8_t *reserve(size_t n) {
        uint8_t *at = mmap(NULL, n * 2 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        assert_ptr_not_equal(at, MAP_FAILED);
        return at;
}

static enum unwind_text classify(const uint8_t *at) {
        return text_map_classify(&map, (uint64_t) (uintptr_t) at);
}

/* One file, mapped as often as the kernel lets. */
static void test_many_mappings(void **state) {
        enum { N = 15000 };
        char path[64];
        int fd = make_file(path, 0);
        uint8_t *at = reserve(N);
        (void) state;
        for (size_t i = 0; i < N; i++)
                map_code(at + i * 2 * PAGE, fd);
        assert_int_equal(classify(at), UNWIND_TEXT_C);
        assert_int_equal(classify(at + (N - 1) * 2 * (size_t) PAGE), UNWIND_TEXT_C);
        assert_int_equal(classify(at + PAGE), UNWIND_TEXT_UNKNOWN);
        assert_true(map.n_ranges >= N);
        munmap(at, N * 2 * PAGE);
        unlink(path);
        close(fd);
}

/* More files than are looked into: what was not, is not known. */
static void test_many_files(void **state) {
        enum { N = 1400 };
        char path[64];
        uint8_t *at = reserve(N);
        unsigned n_known = 0;
        (void) state;
        for (unsigned i = 0; i < N; i++) {
                int fd = make_file(path, i);
                map_code(at + i * 2 * (size_t) PAGE, fd);
                close(fd);
        }
        for (unsigned i = 0; i < N; i++)
                n_known += classify(at + i * 2 * (size_t) PAGE) == UNWIND_TEXT_C;
        assert_in_range(n_known, 900, 1024);
        munmap(at, N * 2 * PAGE);
        for (unsigned i = 0; i < N; i++) {
                snprintf(path, sizeof(path), "%s/%u", directory, i);
                unlink(path);
        }
}

/* A name whose line in /proc/PID/maps does not fit, and whose end looks like another mapping: it is not believed, nor anything. */
static void test_long_name(void **state) {
        static char path[4000];
        int fds[20];
        unsigned n = 0;
        uint8_t *at = reserve(1);
        (void) state;
        /* Every newline takes four characters there (proc_pid_maps(5)). */
        int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        assert_true(fd >= 0);
        memset(path, '\n', 250);
        path[250] = '\0';
        for (fds[n++] = fd; n < 8; fds[n++] = fd) {
                assert_int_equal(mkdirat(fd, path, 0755), 0);
                fd = openat(fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
                assert_true(fd >= 0);
        }
        int file = openat(fd, "file", O_RDWR | O_CREAT | O_CLOEXEC, 0755);
        assert_true(file >= 0);
        assert_int_equal(ftruncate(file, PAGE), 0);
        assert_int_equal(classify((const uint8_t *) (uintptr_t) &memcpy), UNWIND_TEXT_C);
        map_code(at, file);
        text_map_invalidate(&map);
        assert_int_equal(classify(at), UNWIND_TEXT_UNKNOWN);
        munmap(at, 2 * PAGE);
        unlinkat(fd, "file", 0);
        close(file);
        while (n > 1) {
                close(fds[--n]);
                unlinkat(fds[n - 1], path, AT_REMOVEDIR);
        }
        close(fds[0]);
        text_map_invalidate(&map);
        assert_int_equal(classify((const uint8_t *) (uintptr_t) &memcpy), UNWIND_TEXT_C);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_many_mappings, setup, teardown),
                cmocka_unit_test_setup_teardown(test_many_files, setup, teardown),
                cmocka_unit_test_setup_teardown(test_long_name, setup, teardown),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
