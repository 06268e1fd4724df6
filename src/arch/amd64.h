/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ARCH_AMD64_H
#define ARCH_AMD64_H

#include "arch/arch.h"

extern const struct arch arch_amd64;

#endif
