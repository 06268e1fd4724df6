/* SPDX-License-Identifier: Apache-2.0 */
#include "report/allocation.h"

#include <stddef.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);

static int n_left = -1;
static bool has_failed;

void allocation_fail_after(int n) {
        n_left = n;
        has_failed = false;
}

bool allocation_has_failed(void) {
        return has_failed;
}

static bool fails(void) {
        if (n_left < 0)
                return false;
        if (n_left-- > 0)
                return false;
        n_left = -1;
        has_failed = true;
        return true;
}

void *__wrap_malloc(size_t size) {
        return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size) {
        return fails() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t size) {
        return fails() ? NULL : __real_realloc(p, size);
}
