/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What first_instruction puts in the place of a program's first instructions: writes the time (struct timespec, CLOCK_MONOTONIC) to
 * descriptor 1, and ends. It runs wherever it stands.
 */
#include <sys/syscall.h>

        .section .rodata
        .globl first_code, first_code_end
first_code:
        sub     $16, %rsp
        mov     $SYS_clock_gettime, %eax
        mov     $1, %edi                /* CLOCK_MONOTONIC */
        mov     %rsp, %rsi
        syscall
        mov     $SYS_write, %eax
        mov     $1, %edi
        mov     %rsp, %rsi
        mov     $16, %edx
        syscall
        mov     $SYS_exit_group, %eax
        xor     %edi, %edi
        syscall
first_code_end:

        .section .note.GNU-stack, "", @progbits
