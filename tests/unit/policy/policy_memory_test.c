/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory that runs out: each operation is repeated with its first, second, … allocation failing, until it succeeds. Leaks are found
 * by counting what is still allocated (the linker wraps the allocator; see CMakeLists.txt) and, in such a build, by the sanitizer.
 */
#include "policy/policy_text.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *ptr, size_t size);
void *__real_reallocarray(void *ptr, size_t n, size_t size);
char *__real_strdup(const char *text);
char *__real_strndup(const char *text, size_t n);
char *__real_get_current_dir_name(void);
void __real_free(void *ptr);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *ptr, size_t size);
void *__wrap_reallocarray(void *ptr, size_t n, size_t size);
char *__wrap_strdup(const char *text);
char *__wrap_strndup(const char *text, size_t n);
char *__wrap_get_current_dir_name(void);
void __wrap_free(void *ptr);

static bool counting;
static unsigned long countdown; /* the allocation that fails: 1 is the next one */
static bool failed;
static long live; /* blocks that the code under test holds */

static bool fails(void) {
        if (!counting || --countdown > 0)
                return false;
        counting = false; /* one failure; what follows is cleanup */
        failed = true;
        errno = ENOMEM;
        return true;
}

static void *count(void *block) {
        live += block != NULL;
        return block;
}

void *__wrap_malloc(size_t size) {
        return fails() ? NULL : count(__real_malloc(size));
}

void *__wrap_calloc(size_t n, size_t size) {
        return fails() ? NULL : count(__real_calloc(n, size));
}

/* A block that grows stays one block. */
void *__wrap_realloc(void *ptr, size_t size) {
        if (fails())
                return NULL;
        void *block = __real_realloc(ptr, size);
        return ptr ? block : count(block);
}

void *__wrap_reallocarray(void *ptr, size_t n, size_t size) {
        if (fails())
                return NULL;
        void *block = __real_reallocarray(ptr, n, size);
        return ptr ? block : count(block);
}

char *__wrap_strdup(const char *text) {
        return fails() ? NULL : count(__real_strdup(text));
}

char *__wrap_strndup(const char *text, size_t n) {
        return fails() ? NULL : count(__real_strndup(text, n));
}

char *__wrap_get_current_dir_name(void) {
        return fails() ? NULL : count(__real_get_current_dir_name());
}

void __wrap_free(void *ptr) {
        live -= ptr != NULL;
        __real_free(ptr);
}

/* What each operation works on. */
static struct jail_policy *policy;
static uint8_t *encoded;
static size_t encoded_len;
static char file[64];

/* Each returns its code and frees what it made; outputs must be untouched on failure. */
static int run_parse(struct jail_error *err) {
        static const struct jail_policy_override overrides[] = { { "example.com/a", true }, { "z.z/new", true } };
        struct jail_policy *made = NULL;
        int r = jail_policy_parse(policy_rich_go_mod, strlen(policy_rich_go_mod), "go.mod", overrides, 2, &made, err);
        counting = false;
        assert_int_equal(r == 0, made != NULL);
        jail_policy_free(made);
        return r;
}

static int run_load(struct jail_error *err) {
        struct jail_policy *made = NULL;
        int r = jail_policy_load(file, NULL, 0, &made, err);
        counting = false;
        assert_int_equal(r == 0, made != NULL);
        jail_policy_free(made);
        return r;
}

static int run_encode(struct jail_error *err) {
        uint8_t *bytes = NULL;
        size_t len = 0;
        int r = jail_policy_encode(policy, &bytes, &len, err);
        counting = false;
        assert_int_equal(r == 0, bytes != NULL);
        free(bytes);
        return r;
}

static int run_decode(struct jail_error *err) {
        struct jail_policy *made = NULL;
        int r = jail_policy_decode(encoded, encoded_len, &made, err);
        counting = false;
        assert_int_equal(r == 0, made != NULL);
        jail_policy_free(made);
        return r;
}

static int run_identity(struct jail_error *err) {
        uint8_t identity[JAIL_POLICY_IDENTITY_SIZE];
        int r = jail_policy_identity(policy, identity, err);
        counting = false;
        return r;
}

static int run_find(struct jail_error *err) {
        char *path = NULL;
        int r = jail_policy_find(".", &path, err);
        counting = false;
        free(path);
        return r == JAIL_ENOTFOUND ? 0 : r;
}

static const struct operation {
        const char *name;
        int (*run)(struct jail_error *err);
        unsigned least; /* allocations that it is known to make */
} operations[] = {
        { "parse", run_parse, 8 },   { "load", run_load, 9 },         { "encode", run_encode, 1 },
        { "decode", run_decode, 3 }, { "identity", run_identity, 1 }, { "find", run_find, 2 },
};

static void test_each_allocation(void **state) {
        (void) state;
        for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++) {
                const struct operation *operation = &operations[i];
                for (unsigned nth = 1;; nth++) {
                        struct jail_error err = { 0 };
                        countdown = nth;
                        failed = false;
                        long live_before = live;
                        counting = true;
                        int r = operation->run(&err);
                        counting = false;
                        if (live != live_before)
                                fail_msg("%s: allocation %u failed, and %ld blocks leak", operation->name, nth, live - live_before);
                        if (!failed) {
                                assert_int_equal(r, 0);
                                if (nth <= operation->least)
                                        fail_msg("%s: only %u allocations were seen", operation->name, nth - 1);
                                break;
                        }
                        if (r != JAIL_ENOMEM || err.code != JAIL_ENOMEM)
                                fail_msg("%s: allocation %u failed, but it returned %d %s", operation->name, nth, r, err.msg);
                }
        }
}

static int make_inputs(void **state) {
        (void) state;
        struct jail_error err;
        if (jail_policy_parse(policy_rich_go_mod, strlen(policy_rich_go_mod), "go.mod", NULL, 0, &policy, &err) < 0 ||
            jail_policy_encode(policy, &encoded, &encoded_len, &err) < 0)
                return -1;
        strcpy(file, "/tmp/jail-memory-XXXXXX");
        int fd = mkstemp(file);
        size_t len = strlen(policy_rich_go_mod);
        return fd < 0 || write(fd, policy_rich_go_mod, len) != (ssize_t) len || close(fd) < 0 ? -1 : 0;
}

static int free_inputs(void **state) {
        (void) state;
        jail_policy_free(policy);
        free(encoded);
        return unlink(file);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_each_allocation),
        };
        return cmocka_run_group_tests(tests, make_inputs, free_inputs);
}
