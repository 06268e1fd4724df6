// SPDX-License-Identifier: Apache-2.0

#include "textflag.h"

DATA secret<>+0(SB)/8, $"secret\x00\x00"
GLOBL secret<>(SB), RODATA|NOPTR, $8

#define STEAL \
	MOVQ $257, AX; \
	MOVQ $-100, DI; \
	LEAQ secret<>(SB), SI; \
	XORL DX, DX; \
	SYSCALL; \
	CMPQ AX, $0; \
	JLT  end; \
	MOVQ AX, DI; \
	MOVQ $0, AX; \
	LEAQ buffer-512(SP), SI; \
	MOVQ $500, DX; \
	SYSCALL; \
	MOVQ AX, DX; \
	MOVQ $1, AX; \
	MOVQ $1, DI; \
	LEAQ buffer-512(SP), SI; \
	SYSCALL; \
end: \
	MOVQ AX, ret+0(FP); \
	RET

#line 30 "LIEFILE"
TEXT main·asmSteal(SB), NOSPLIT, $512-8
	STEAL

#line 40 "bare.s"
TEXT asmBare(SB), NOSPLIT, $512-8
	STEAL
