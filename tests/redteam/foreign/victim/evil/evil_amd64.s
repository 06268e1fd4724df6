// SPDX-License-Identifier: Apache-2.0

#include "textflag.h"

// func without(pc, number, a, b, c uintptr) uintptr
// Calls C code that makes a system call, in a thread that says that it has no goroutine.
TEXT ·without(SB), NOSPLIT, $16-48
	MOVQ pc+0(FP), BX
	MOVQ number+8(FP), AX
	MOVQ a+16(FP), DI
	MOVQ b+24(FP), SI
	MOVQ c+32(FP), DX
	MOVQ TLS, R12
	MOVQ 0(R12)(TLS*1), R13
	MOVQ $0, 0(R12)(TLS*1)
	CALL BX
	MOVQ R13, 0(R12)(TLS*1)
	MOVQ AX, ret+40(FP)
	RET

// func register() uintptr
// The goroutine.
TEXT ·register(SB), NOSPLIT, $0-8
	MOVQ (TLS), AX
	MOVQ AX, ret+0(FP)
	RET

// func scheduling(pc, number, a, b, c, curg, goroutine uintptr) uintptr
// Likewise, in a thread that says that its scheduler's stack is in use, which it is, for this goroutine or none.
TEXT ·scheduling(SB), NOSPLIT, $16-64
	MOVQ pc+0(FP), BX
	MOVQ number+8(FP), AX
	MOVQ a+16(FP), DI
	MOVQ b+24(FP), SI
	MOVQ c+32(FP), DX
	MOVQ curg+40(FP), R15
	MOVQ TLS, R12
	MOVQ 0(R12)(TLS*1), R13
	MOVQ 48(R13), R8 // m
	MOVQ 0(R8), R9   // g0
	ADDQ R8, R15
	MOVQ goroutine+48(FP), R11
	MOVQ R11, 0(R15)
	TESTQ R11, R11
	JEQ  made
	MOVQ R8, 48(R11) // which says so itself
made:
	MOVQ R9, 0(R12)(TLS*1)
	MOVQ SP, BP
	MOVQ 56(R9), SP // where the scheduler left it
	SUBQ $64, SP
	CALL BX
	MOVQ BP, SP
	MOVQ goroutine+48(FP), R11
	TESTQ R11, R11
	JEQ  alone
	MOVQ $0, 48(R11)
alone:
	MOVQ R13, 0(R12)(TLS*1)
	MOVQ R13, 0(R15)
	MOVQ AX, ret+56(FP)
	RET

// func thread(pc, stack, flags uintptr, path *byte) uintptr
// Makes a thread by the instruction in C code; it opens a file by the same, and puts the descriptor where the stack begins.
TEXT ·thread(SB), NOSPLIT, $16-40
	MOVQ pc+0(FP), BX
	MOVQ stack+8(FP), SI
	MOVQ flags+16(FP), DI
	MOVQ path+24(FP), R15
	LEAQ child(SB), AX
	MOVQ AX, 0(SI)
	MOVQ SI, R8
	ADDQ $1024, R8 // thread-local storage, where all is zero
	MOVQ TLS, R12
	MOVQ 0(R12)(TLS*1), R13
	MOVQ $0, 0(R12)(TLS*1)
	XORL DX, DX
	XORL R10, R10
	MOVQ $56, AX
	CALL BX
	MOVQ R13, 0(R12)(TLS*1)
	MOVQ AX, ret+32(FP)
	RET

// What the thread returns to.
TEXT child(SB), NOSPLIT|NOFRAME, $0-0
	MOVQ SP, R14
	MOVQ $2, AX
	MOVQ R15, DI
	XORL SI, SI
	XORL DX, DX
	CALL BX
	MOVQ AX, 0(R14)
	MOVQ $60, AX
	XORL DI, DI
	CALL BX
	INT  $3
