/* SPDX-License-Identifier: Apache-2.0 */
#include "base/heap.h"

#include <malloc.h>

#define LARGE_BYTES 16384

void heap_take_large_from_kernel(void) {
        (void) mallopt(M_MMAP_THRESHOLD, LARGE_BYTES);
        (void) mallopt(M_TOP_PAD, LARGE_BYTES); /* no larger piece is left that could be used instead */
}
