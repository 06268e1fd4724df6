/* SPDX-License-Identifier: Apache-2.0 */
#include "supervise/bpf_simulator.h"

#include <string.h>

struct machine {
        uint32_t a, x;
        uint32_t mem[BPF_MEMWORDS];
};

static bool load(struct machine *machine, const struct sock_filter *instruction, const struct seccomp_data *data) {
        switch (instruction->code) {
        case BPF_LD | BPF_W | BPF_ABS:
                if (instruction->k % 4 != 0 || instruction->k + 4 > sizeof(*data))
                        return false;
                memcpy(&machine->a, (const char *) data + instruction->k, 4);
                return true;
        case BPF_LD | BPF_IMM: machine->a = instruction->k; return true;
        case BPF_LDX | BPF_IMM: machine->x = instruction->k; return true;
        case BPF_LD | BPF_MEM:
                if (instruction->k >= BPF_MEMWORDS)
                        return false;
                machine->a = machine->mem[instruction->k];
                return true;
        case BPF_LDX | BPF_MEM:
                if (instruction->k >= BPF_MEMWORDS)
                        return false;
                machine->x = machine->mem[instruction->k];
                return true;
        default: return false;
        }
}

static bool store(struct machine *machine, const struct sock_filter *instruction) {
        if (instruction->k >= BPF_MEMWORDS)
                return false;
        machine->mem[instruction->k] = BPF_CLASS(instruction->code) == BPF_ST ? machine->a : machine->x;
        return true;
}

static bool calculate(struct machine *machine, const struct sock_filter *instruction) {
        const uint32_t operand = BPF_SRC(instruction->code) == BPF_X ? machine->x : instruction->k;

        switch (BPF_OP(instruction->code)) {
        case BPF_ADD: machine->a += operand; return true;
        case BPF_SUB: machine->a -= operand; return true;
        case BPF_AND: machine->a &= operand; return true;
        case BPF_OR: machine->a |= operand; return true;
        case BPF_XOR: machine->a ^= operand; return true;
        case BPF_LSH: machine->a = operand < 32 ? machine->a << operand : 0; return true;
        case BPF_RSH: machine->a = operand < 32 ? machine->a >> operand : 0; return true;
        case BPF_NEG: machine->a = 0 - machine->a; return true;
        default: return false;
        }
}

/* How many instructions are skipped. */
static bool jump(const struct machine *machine, const struct sock_filter *instruction, size_t *ret_skip) {
        const uint32_t operand = BPF_SRC(instruction->code) == BPF_X ? machine->x : instruction->k;
        bool holds;

        switch (BPF_OP(instruction->code)) {
        case BPF_JA: *ret_skip = instruction->k; return true;
        case BPF_JEQ: holds = machine->a == operand; break;
        case BPF_JGT: holds = machine->a > operand; break;
        case BPF_JGE: holds = machine->a >= operand; break;
        case BPF_JSET: holds = (machine->a & operand) != 0; break;
        default: return false;
        }
        *ret_skip = holds ? instruction->jt : instruction->jf;
        return true;
}

bool bpf_simulate(const struct sock_filter *instructions, size_t n, const struct seccomp_data *data,
                  struct bpf_result *ret_result) {
        struct machine machine = { 0 };
        size_t steps = 0;

        for (size_t pc = 0; pc < n; pc++) { /* jumps go forward only: this ends */
                const struct sock_filter *instruction = &instructions[pc];
                size_t skip = 0;
                bool valid;

                steps++;
                switch (BPF_CLASS(instruction->code)) {
                case BPF_LD:
                case BPF_LDX: valid = load(&machine, instruction, data); break;
                case BPF_ST:
                case BPF_STX: valid = store(&machine, instruction); break;
                case BPF_ALU: valid = calculate(&machine, instruction); break;
                case BPF_JMP: valid = jump(&machine, instruction, &skip); break;
                case BPF_RET:
                        *ret_result =
                                (struct bpf_result){ BPF_RVAL(instruction->code) == BPF_A ? machine.a : instruction->k, steps };
                        return true;
                case BPF_MISC:
                        valid = true;
                        if (BPF_MISCOP(instruction->code) == BPF_TAX)
                                machine.x = machine.a;
                        else
                                machine.a = machine.x;
                        break;
                default: valid = false; break;
                }
                if (!valid || skip >= n - pc)
                        return false;
                pc += skip;
        }
        return false;
}
