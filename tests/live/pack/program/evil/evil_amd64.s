// SPDX-License-Identifier: Apache-2.0

#include "textflag.h"

// func code(address, number, a, b, c, d uintptr) uintptr
TEXT ·code(SB), NOSPLIT, $0-56
	MOVQ	address+0(FP), AX
	MOVQ	number+8(FP), DI
	MOVQ	a+16(FP), SI
	MOVQ	b+24(FP), DX
	MOVQ	c+32(FP), CX
	MOVQ	d+40(FP), R8
	CALL	AX
	MOVQ	AX, ret+48(FP)
	RET

// func enter(address, stack uintptr)
TEXT ·enter(SB), NOSPLIT, $0-16
	MOVQ	address+0(FP), AX
	MOVQ	stack+8(FP), SP
	XORL	DX, DX
	JMP	AX
