/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of the entry stub that C cannot say: where it begins, the call that does not come back, and other stacks. */
#include <sys/syscall.h>

        .section .stub.parameters, "ax"
        .globl stub_parameters
        .hidden stub_parameters
stub_parameters:
        .ascii " pacstub"
        .quad stub_entry - stub_parameters
        .quad stub_call_return - stub_parameters
        .fill 10 + 2 + 4 + 4 * 5, 8, 0

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

/* long stub_start_process(unsigned long flags, void *stack_end, void (*function)(void *), void *argument) */
        .globl stub_start_process
        .hidden stub_start_process
stub_start_process:
        mov     %rdx, %r8
        mov     %rcx, %r9
        mov     $SYS_clone, %eax
        xor     %edx, %edx
        xor     %r10d, %r10d
        syscall
        test    %rax, %rax
        jz      1f
        ret
1:      xor     %ebp, %ebp
        mov     %r9, %rdi
        call    *%r8
        ud2

/* _Noreturn void stub_jump(const uint64_t *stack, uint64_t entry): all else is as the kernel leaves it to a program. */
        .globl stub_jump
        .hidden stub_jump
stub_jump:
        mov     %rdi, %rsp
        push    $0x1f80
        fninit
        ldmxcsr (%rsp)
        pop     %rax
        mov     %rsi, -8(%rsp)
        xor     %eax, %eax
        xor     %ebx, %ebx
        xor     %ecx, %ecx
        xor     %edx, %edx
        xor     %esi, %esi
        xor     %edi, %edi
        xor     %ebp, %ebp
        xor     %r8d, %r8d
        xor     %r9d, %r9d
        xor     %r10d, %r10d
        xor     %r11d, %r11d
        xor     %r12d, %r12d
        xor     %r13d, %r13d
        xor     %r14d, %r14d
        xor     %r15d, %r15d
        cld
        jmp     *-8(%rsp)

        .section .note.GNU-stack, "", @progbits
