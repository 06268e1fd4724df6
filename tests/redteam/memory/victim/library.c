/* SPDX-License-Identifier: Apache-2.0 */
/* A library whose loading is noticed. */
/* clang-format off */
//go:build ignore
/* clang-format on */
#include <fcntl.h>

static void __attribute__((constructor)) loaded(void) {
        (void) open("new", O_CREAT | O_WRONLY, 0644);
}
