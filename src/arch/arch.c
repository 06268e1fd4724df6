/* SPDX-License-Identifier: Apache-2.0 */
#include "arch/arch.h"

#include "arch/amd64.h"

#include <stddef.h>

static const struct arch *const architectures[] = { &arch_amd64 };

const struct arch *arch_by_elf_machine(uint16_t elf_machine) {
        for (size_t i = 0; i < sizeof(architectures) / sizeof(architectures[0]); i++)
                if (architectures[i]->elf_machine == elf_machine)
                        return architectures[i];
        return NULL;
}

const struct arch *arch_native(void) {
#if defined(__x86_64__)
        return &arch_amd64;
#else
#error "jail does not support this architecture yet"
#endif
}
