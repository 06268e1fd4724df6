/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a classic BPF program over a struct seccomp_data, as the kernel would (net/core/filter.c, kernel/seccomp.c). */
#ifndef BPF_SIMULATOR_H
#define BPF_SIMULATOR_H

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bpf_result {
        uint32_t action; /* what the program returned */
        size_t steps;    /* instructions that ran */
};

/*
 * Runs the n instructions. Returns false for a program that the kernel would refuse: an unknown instruction, a jump or a load out
 * of range, no return.
 */
bool bpf_simulate(const struct sock_filter *instructions, size_t n, const struct seccomp_data *data, struct bpf_result *ret_result);

#endif
