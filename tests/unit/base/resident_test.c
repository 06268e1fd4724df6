/* SPDX-License-Identifier: Apache-2.0 */
/* What is in memory, as it grows and as it is let go of. */
#include "base/resident.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

#define MANY  ((size_t) 64 << 20)
#define SLACK ((size_t) 4 << 20)

static void test_resident(void **state) {
        (void) state;
        size_t before = resident_bytes();
        assert_true(before > 0 && before < SIZE_MAX);
        char *memory = mmap(NULL, MANY, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        assert_true(memory != MAP_FAILED);
        assert_true(resident_bytes() < before + SLACK);
        memset(memory, 1, MANY);
        size_t all = resident_bytes();
        assert_true(all > before + MANY - SLACK && all < before + MANY + SLACK);
        assert_int_equal(madvise(memory, MANY, MADV_DONTNEED), 0);
        assert_true(resident_bytes() < before + SLACK);
        munmap(memory, MANY);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_resident),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
