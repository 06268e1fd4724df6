/* SPDX-License-Identifier: Apache-2.0 */
#include "arch/amd64.h"

#include <elf.h>
#include <linux/audit.h>

/*
 * The encodings of CALL (Intel SDM volume 2, CALL): E8 rel32, and FF /2 with every addressing form, optionally with prefixes, which
 * do not matter here since only the end of the instruction is compared.
 */
static bool amd64_ends_in_indirect_call(struct bytes before) {
        uint8_t opcode, modrm, sib;
        for (size_t len = 2; len <= 7 && len <= before.len; len++) {
                if (!bytes_u8(before, before.len - len, &opcode) || opcode != 0xff ||
                    !bytes_u8(before, before.len - len + 1, &modrm) || (modrm >> 3 & 7) != 2)
                        continue;
                unsigned mod = modrm >> 6, rm = modrm & 7;
                size_t want = 2;
                if (mod != 3 && rm == 4) {
                        if (len < 3 || !bytes_u8(before, before.len - len + 2, &sib))
                                continue;
                        want++;
                        if (mod == 0 && (sib & 7) == 5)
                                want += 4;
                }
                if (mod == 1)
                        want += 1;
                else if (mod == 2 || (mod == 0 && rm == 5))
                        want += 4;
                if (want == len)
                        return true;
        }
        return false;
}

static bool amd64_ends_in_call(struct bytes before, bool *ret_direct, int64_t *ret_displacement) {
        uint8_t opcode;
        int32_t displacement;
        *ret_direct = before.len >= 5 && bytes_u8(before, before.len - 5, &opcode) && opcode == 0xe8 &&
                      bytes_i32(before, before.len - 4, &displacement);
        if (*ret_direct)
                *ret_displacement = displacement;
        return *ret_direct || amd64_ends_in_indirect_call(before);
}

/* SYSCALL (0F 05), SYSENTER (0F 34), INT 0x80 (CD 80). */
static bool amd64_ends_in_syscall(struct bytes before) {
        uint8_t first, second;
        return before.len >= 2 && bytes_u8(before, before.len - 2, &first) && bytes_u8(before, before.len - 1, &second) &&
               ((first == 0x0f && (second == 0x05 || second == 0x34)) || (first == 0xcd && second == 0x80));
}

/* JMP rel32 (E9) and JMP rel8 (EB). */
static bool amd64_next_jump(struct bytes code, uint64_t vaddr, uint64_t *at, uint64_t *ret_target_vaddr) {
        for (uint8_t opcode; bytes_u8(code, *at, &opcode); ++*at) {
                uint8_t near;
                int32_t displacement;
                if (opcode == 0xe9 && bytes_i32(code, *at + 1, &displacement))
                        *ret_target_vaddr = vaddr + *at + 5 + (uint64_t) (int64_t) displacement;
                else if (opcode == 0xeb && bytes_u8(code, *at + 1, &near))
                        *ret_target_vaddr = vaddr + *at + 2 + (uint64_t) (int64_t) (int8_t) near;
                else
                        continue;
                ++*at;
                return true;
        }
        return false;
}

/*
 * Go's assembly loads g from thread-local storage in one of these forms (cmd/internal/obj/x86/obj6.go, "TLS handling"), where REG
 * is any register and the offset is negative: 64 [48|4c] 8b modrm(mod 0, rm 4) 25 disp32              mov %fs:disp32, REG local
 * exec [48|49] c7 (c0|reg) imm32 ; 64 … 8b … (REG)             mov $imm32, REG; mov %fs:(REG), …   relaxed by the linker [48|4c] 8b
 * modrm(mod 0, rm 5) disp32 ; 64 … 8b …        mov disp32(%rip), REG; mov %fs:(REG), …   initial exec: the GOT has it
 */
static struct arch_tls_access amd64_find_tls_access(struct bytes code, uint64_t vaddr) {
        uint8_t b[8];
        for (uint64_t at = 0; at + 9 <= code.len; at++) {
                for (unsigned i = 0; i < 4; i++)
                        if (!bytes_u8(code, at + i, &b[i]))
                                return (struct arch_tls_access){ .kind = ARCH_TLS_NONE };
                int32_t value;

                uint8_t sib;
                if (b[0] == 0x64 && (b[1] & 0xf8) == 0x48 && b[2] == 0x8b && (b[3] & 0xc7) == 0x04 &&
                    bytes_u8(code, at + 4, &sib) && sib == 0x25 && bytes_i32(code, at + 5, &value))
                        return (struct arch_tls_access){ .kind = ARCH_TLS_OFFSET, .offset = value };

                /* The other two load a register; the very next instruction must use FS. */
                uint8_t next;
                if (!bytes_u8(code, at + 7, &next) || next != 0x64 || !bytes_i32(code, at + 3, &value))
                        continue;
                if ((b[0] & 0xf8) == 0x48 && b[1] == 0xc7 && (b[2] & 0xf8) == 0xc0)
                        return (struct arch_tls_access){ .kind = ARCH_TLS_OFFSET, .offset = value };
                if ((b[0] & 0xf8) == 0x48 && b[1] == 0x8b && (b[2] & 0xc7) == 0x05)
                        return (struct arch_tls_access){ .kind = ARCH_TLS_GOT,
                                                         .got_vaddr = vaddr + at + 7 + (uint64_t) (int64_t) value };
        }
        return (struct arch_tls_access){ .kind = ARCH_TLS_NONE };
}

const struct arch arch_amd64 = {
        .name = "amd64",
        .elf_machine = EM_X86_64,
        .audit_arch = AUDIT_ARCH_X86_64,
        .pointer_bytes = 8,
        .pc_quantum = 1,
        .ends_in_call = amd64_ends_in_call,
        .ends_in_indirect_call = amd64_ends_in_indirect_call,
        .ends_in_syscall = amd64_ends_in_syscall,
        .next_jump = amd64_next_jump,
        .find_tls_access = amd64_find_tls_access,
};
