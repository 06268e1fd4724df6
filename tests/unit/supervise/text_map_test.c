/* SPDX-License-Identifier: Apache-2.0 */
/* The mappings of a process, this one: asked for one by one, and, where the kernel does not tell of one, read all at once. */
#include "supervise/mapping.h"
#include "supervise/text_map.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <seccomp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
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

/* Every kind of mapping, asked for twice: what is known, or was learnt ahead, is not learnt again. */
static void check_kinds(bool ahead) {
        char path[64];
        int fd = make_file(path, 0);
        uint8_t *at = reserve(4);
        map_code(at, fd);
        assert_ptr_not_equal(mmap(at + PAGE * 2, PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0),
                             MAP_FAILED);
        assert_ptr_not_equal(mmap(at + PAGE * 4, PAGE, PROT_READ | PROT_EXEC, MAP_SHARED | MAP_FIXED, fd, 0), MAP_FAILED);
        assert_ptr_not_equal(mmap(at + PAGE * 6, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_FIXED, fd, 0),
                             MAP_FAILED);
        if (ahead)
                text_map_prepare(&map);
        size_t n_ranges = map.n_ranges;
        assert_int_equal(n_ranges > 0, ahead);
        for (int i = 0; i < 2; i++) {
                assert_int_equal(classify(at), UNWIND_TEXT_C);
                assert_int_equal(classify((const uint8_t *) (uintptr_t) &memcpy), UNWIND_TEXT_C);
                assert_int_equal(classify((const uint8_t *) (uintptr_t) getauxval(AT_SYSINFO_EHDR)), UNWIND_TEXT_C);
                assert_int_equal(classify(at + PAGE), UNWIND_TEXT_UNKNOWN);     /* no code */
                assert_int_equal(classify(at + PAGE * 2), UNWIND_TEXT_UNKNOWN); /* of no file */
                assert_int_equal(classify(at + PAGE * 4), UNWIND_TEXT_UNKNOWN); /* others may write it */
                assert_int_equal(classify(at + PAGE * 6), UNWIND_TEXT_UNKNOWN); /* written */
                assert_int_equal(classify(NULL), UNWIND_TEXT_UNKNOWN);          /* nothing */
                if (i == 0 && !ahead)
                        n_ranges = map.n_ranges;
        }
        assert_int_equal(map.n_ranges, n_ranges);
        assert_int_equal(map.prepared, ahead);
        munmap(at, 4 * 2 * PAGE);
        text_map_invalidate(&map);
        assert_false(map.prepared);
        assert_int_equal(classify(at), UNWIND_TEXT_UNKNOWN);
        unlink(path);
        close(fd);
}

static void test_kinds(void **state) {
        (void) state;
        check_kinds(false);
}

static void test_kinds_ahead(void **state) {
        (void) state;
        check_kinds(true);
}

/* Where the kernel does not tell of single mappings, nothing is learnt ahead, and nothing lost. */
static void test_nothing_ahead(void **state) {
        (void) state;
        text_map_prepare(&map);
        assert_int_equal(map.n_ranges, 0);
        assert_int_equal(classify((const uint8_t *) (uintptr_t) &memcpy), UNWIND_TEXT_C);
}

/* The dynamic loader is the file that was mapped at its place when the image began, whatever is mapped there later. */
static void test_loader(void **state) {
        uint8_t *loader = (uint8_t *) getauxval(AT_BASE);
        char path[64];
        int fd = make_file(path, 0);
        uint8_t *at = reserve(1);
        (void) state;
        if (!loader) /* linked statically */
                skip();
        map.image.loader_vaddr = (uintptr_t) loader;
        const uint8_t *entry = loader + ((const Elf64_Ehdr *) (const void *) loader)->e_entry;
        assert_int_equal(classify(entry), UNWIND_TEXT_LOADER);
        map_code(at, fd);
        map.image.loader_vaddr = (uintptr_t) at;
        text_map_invalidate(&map);
        assert_int_equal(classify(at), UNWIND_TEXT_C);
        assert_int_equal(classify(entry), UNWIND_TEXT_LOADER);

        struct text_map copy;
        text_map_fork(&copy, getpid(), &map);
        assert_int_equal(text_map_classify(&copy, (uintptr_t) at), UNWIND_TEXT_C);
        assert_int_equal(text_map_classify(&copy, (uintptr_t) entry), UNWIND_TEXT_LOADER);
        text_map_clear(&copy);
        munmap(at, 2 * PAGE);
        unlink(path);
        close(fd);
}

/* Of a process that has ended nothing is known, and another thread may know more. What has changed since is looked for again. */
static void test_ended(void **state) {
        char path[64];
        uint8_t *at = reserve(1);
        (void) state;
        pid_t pid = fork();
        if (pid == 0)
                _exit(0);
        siginfo_t info;
        assert_int_equal(waitid(P_PID, (id_t) pid, &info, WEXITED | WNOWAIT), 0);
        map.tid = pid;
        assert_int_equal(classify((const uint8_t *) (uintptr_t) &memcpy), UNWIND_TEXT_UNKNOWN);
        map.tid = getpid();
        assert_int_equal(classify((const uint8_t *) (uintptr_t) &memcpy), UNWIND_TEXT_C);
        assert_int_equal(waitpid(pid, NULL, 0), pid);

        text_map_invalidate(&map);
        assert_int_equal(classify(at), UNWIND_TEXT_UNKNOWN);
        int fd = make_file(path, 0);
        map_code(at, fd);
        assert_int_equal(classify(at), UNWIND_TEXT_C);
        munmap(at, 2 * PAGE);
        unlink(path);
        close(fd);
}

/* As before Linux 6.11. */
static int forbid_queries(void **state) {
        scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);
        (void) state;
        if (!ctx)
                return -1;
        const struct scmp_arg_cmp query = { .arg = 1, .op = SCMP_CMP_EQ, .datum_a = MAPPING_QUERY };
        int r = seccomp_rule_add_array(ctx, SCMP_ACT_ERRNO(ENOTTY), SCMP_SYS(ioctl), 1, &query);
        if (r == 0)
                r = seccomp_load(ctx);
        seccomp_release(ctx);
        return r;
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_kinds, setup, teardown),
                cmocka_unit_test_setup_teardown(test_loader, setup, teardown),
                cmocka_unit_test_setup_teardown(test_ended, setup, teardown),
                cmocka_unit_test_setup_teardown(test_many_mappings, setup, teardown),
                cmocka_unit_test_setup_teardown(test_many_files, setup, teardown),
                cmocka_unit_test_setup_teardown(test_long_name, setup, teardown),
                cmocka_unit_test_setup_teardown(test_nothing_ahead, setup, teardown),
        };
        int failed = 0;
        char name[PATH_MAX];
        struct mapping mapping;
        int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
        if (mapping_query(fd, (uintptr_t) &map, name, sizeof(name), &mapping) == 0) {
                const struct CMUnitTest by_query[] = { tests[0], tests[1], tests[2],
                                                       cmocka_unit_test_setup_teardown(test_kinds_ahead, setup, teardown) };
                failed = cmocka_run_group_tests_name("one by one", by_query, NULL, NULL);
        }
        close(fd);
        return failed + cmocka_run_group_tests_name("all at once", tests, forbid_queries, NULL);
}
