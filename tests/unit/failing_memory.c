/* SPDX-License-Identifier: Apache-2.0 */
#include "failing_memory.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *ptr, size_t size);
char *__real_strdup(const char *text);
char *__real_strndup(const char *text, size_t n);
void __real_free(void *ptr);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *ptr, size_t size);
char *__wrap_strdup(const char *text);
char *__wrap_strndup(const char *text, size_t n);
int __wrap_asprintf(char **ret_text, const char *format, ...) __attribute__((format(printf, 2, 3)));
int __wrap___asprintf_chk(char **ret_text, int flag, const char *format, ...) __attribute__((format(printf, 3, 4)));
void __wrap_free(void *ptr);

static unsigned countdown;
static bool failed;
static long live;

void failing_memory_arm(unsigned nth) {
        countdown = nth;
        failed = false;
}

bool failing_memory_disarm(void) {
        countdown = 0;
        return failed;
}

long failing_memory_live(void) {
        return live;
}

static bool fails(void) {
        if (countdown == 0 || --countdown > 0)
                return false;
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

char *__wrap_strdup(const char *text) {
        return fails() ? NULL : count(__real_strdup(text));
}

char *__wrap_strndup(const char *text, size_t n) {
        return fails() ? NULL : count(__real_strndup(text, n));
}

static int format_text(char **ret_text, const char *format, va_list args) {
        if (fails())
                return -1;
        int len = vasprintf(ret_text, format, args);
        live += len >= 0;
        return len;
}

int __wrap_asprintf(char **ret_text, const char *format, ...) {
        va_list args;
        va_start(args, format);
        int len = format_text(ret_text, format, args);
        va_end(args);
        return len;
}

/* What asprintf becomes with _FORTIFY_SOURCE. */
int __wrap___asprintf_chk(char **ret_text, int flag, const char *format, ...) {
        va_list args;
        (void) flag;
        va_start(args, format);
        int len = format_text(ret_text, format, args);
        va_end(args);
        return len;
}

void __wrap_free(void *ptr) {
        live -= ptr != NULL;
        __real_free(ptr);
}

void failing_memory_each(const char *name, int (*run)(struct jail_error *err), unsigned least) {
        for (unsigned nth = 1;; nth++) {
                struct jail_error err = { 0 };
                long before = live;
                failing_memory_arm(nth);
                int r = run(&err);
                bool has_failed = failing_memory_disarm();
                if (live != before)
                        fail_msg("%s: allocation %u failed, and %ld blocks leak", name, nth, live - before);
                if (!has_failed) {
                        if (r != 0)
                                fail_msg("%s: %d %s", name, r, err.msg);
                        if (nth <= least)
                                fail_msg("%s: only %u allocations were seen", name, nth - 1);
                        return;
                }
                if (r != JAIL_ENOMEM)
                        fail_msg("%s: allocation %u failed, but it returned %d %s", name, nth, r, err.msg);
        }
}
