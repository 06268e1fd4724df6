/* SPDX-License-Identifier: Apache-2.0 */
/* long stub_syscall(long number, long a, long b, long c, long d, long e, long f), for this CPU. */
#ifndef PACK_STUB_SYSCALL_H
#define PACK_STUB_SYSCALL_H

#include "pack/stub_syscall_amd64.h"

#endif
