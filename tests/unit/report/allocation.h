/* SPDX-License-Identifier: Apache-2.0 */
/* Scripted failures of malloc, calloc and realloc, linked with --wrap. */
#ifndef UNIT_REPORT_ALLOCATION_H
#define UNIT_REPORT_ALLOCATION_H

#include <stdbool.h>

/* Lets n allocations succeed and the next one fail; -1: none fails. */
void allocation_fail_after(int n);

/* Whether an allocation failed since allocation_fail_after(). */
bool allocation_has_failed(void);

#endif
