// SPDX-License-Identifier: Apache-2.0

#include "textflag.h"

// func Sum(a, b, c, d uintptr) (r1, r2, number uintptr)
TEXT ·Sum(SB), NOSPLIT, $0-56
	JMP syscall·RawSyscall(SB)

// func openPivoted(path, stack uintptr) uintptr
TEXT ·openPivoted(SB), NOSPLIT, $0-24
	MOVQ path+0(FP), DI
	MOVQ stack+8(FP), BX
	XORL SI, SI
	MOVL $2, AX
	MOVQ SP, R12
	MOVQ BX, SP
	SYSCALL
	MOVQ R12, SP
	MOVQ AX, ret+16(FP)
	RET

// func openHigher(path, by uintptr) uintptr
TEXT ·openHigher(SB), NOSPLIT, $0-24
	MOVQ path+0(FP), DI
	MOVQ by+8(FP), BX
	XORL SI, SI
	MOVL $2, AX
	MOVQ SP, R12
	ADDQ BX, SP
	SYSCALL
	MOVQ R12, SP
	MOVQ AX, ret+16(FP)
	RET

// func openI386(path uintptr) uintptr
TEXT ·openI386(SB), NOSPLIT, $0-16
	MOVQ path+0(FP), BX
	XORL CX, CX
	XORL DX, DX
	MOVL $5, AX
	INT $0x80
	MOVQ AX, ret+8(FP)
	RET
