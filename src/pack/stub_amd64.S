/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of the entry stub that C cannot say: where it begins, and the call that does not come back. */

        .section .stub.parameters, "ax"
        .globl stub_parameters
        .hidden stub_parameters
stub_parameters:
        .ascii " pacstub"
        .quad stub_entry - stub_parameters
        .quad stub_call_return - stub_parameters
        .fill 5, 8, 0

        .section .stub.entry, "ax"
/* System V ABI: rsp is the initial stack, rdx what the dynamic loader passes on. There is no caller. */
        .globl stub_entry
        .hidden stub_entry
stub_entry:
        xor     %ebp, %ebp
        mov     %rsp, %rdi
        mov     %rdx, %rsi
        and     $-16, %rsp
        call    stub_main
        ud2

/* long stub_call(long number, long operation, long flags, const void *initial_stack, uint64_t loader_word) */
        .globl stub_call
        .hidden stub_call
stub_call:
        mov     %rdi, %rax
        mov     %rsi, %rdi
        mov     %rdx, %rsi
        mov     %rcx, %rdx
        mov     %r8, %r10
        syscall
stub_call_return:
        ret

        .section .note.GNU-stack, "", @progbits
