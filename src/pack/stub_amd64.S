/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of the entry stub that C cannot say: where it begins, the call that does not come back, and processes that share memory. */
#include <sys/syscall.h>

#define CLONE_VM    0x00000100
#define CLONE_VFORK 0x00004000
#define SIGCHLD     17

        .section .stub.parameters, "ax"
        .globl stub_parameters
        .hidden stub_parameters
stub_parameters:
        .ascii " pacstub"
        .quad stub_entry - stub_parameters
        .quad stub_call_return - stub_parameters
        .fill 10, 8, 0

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

/*
 * long stub_start_orphan(void *stack_end, void (*function)(void *), long *argument)
 *
 * The child in between has its parent's stack, and so must not write to it: it is here alone, in registers.
 */
        .globl stub_start_orphan
        .hidden stub_start_orphan
stub_start_orphan:
        push    %rbx
        push    %rbp
        push    %r12
        mov     %rdi, %rbx
        mov     %rsi, %rbp
        mov     %rdx, %r12
        mov     $SYS_clone, %eax
        mov     $(CLONE_VM | CLONE_VFORK), %edi /* no signal at its end */
        xor     %esi, %esi
        xor     %edx, %edx
        xor     %r10d, %r10d
        syscall
        test    %rax, %rax
        jz      1f
        pop     %r12
        pop     %rbp
        pop     %rbx
        ret
1:      mov     $SYS_clone, %eax
        mov     $(CLONE_VM | SIGCHLD), %edi
        mov     %rbx, %rsi
        xor     %edx, %edx
        xor     %r10d, %r10d
        syscall
        test    %rax, %rax
        jz      2f
        mov     %rax, (%r12)
        xor     %edi, %edi
        mov     $SYS_exit_group, %eax
        syscall
        ud2
2:      mov     %r12, %rdi
        call    *%rbp
        ud2

        .section .note.GNU-stack, "", @progbits
