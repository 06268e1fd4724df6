/* SPDX-License-Identifier: Apache-2.0 */
/* How this process allocates. */
#ifndef BASE_HEAP_H
#define BASE_HEAP_H

/*
 * From here on calloc(3) takes what is large from the kernel, which makes pages of zeros when they are first used: tables of which
 * a run uses little cost little. For main(), before the first allocation. See mallopt(3), M_MMAP_THRESHOLD.
 */
void heap_take_large_from_kernel(void);

#endif
