// SPDX-License-Identifier: Apache-2.0

#include "textflag.h"

// func here(number, a, b, c, d uintptr) uintptr
TEXT ·here(SB), NOSPLIT, $0-48
	MOVQ number+0(FP), AX
	MOVQ a+8(FP), DI
	MOVQ b+16(FP), SI
	MOVQ c+24(FP), DX
	MOVQ d+32(FP), R10
	XORL R8, R8
	XORL R9, R9
	SYSCALL
	MOVQ AX, ret+40(FP)
	RET

// func hereWithFrame(frame, number, a, b, c uintptr) uintptr
TEXT ·hereWithFrame(SB), NOSPLIT|NOFRAME, $0-48
	MOVQ BP, R12
	MOVQ 8(SP), BP
	MOVQ 16(SP), AX
	MOVQ 24(SP), DI
	MOVQ 32(SP), SI
	MOVQ 40(SP), DX
	SYSCALL
	MOVQ R12, BP
	MOVQ AX, 48(SP)
	RET

// func hereOnStack(stack, g, number, a, b, c uintptr) uintptr
// The call is made here, on another stack and with another g.
TEXT ·hereOnStack(SB), NOSPLIT|NOFRAME, $0-56
	MOVQ SP, R12
	MOVQ R14, R13
	MOVQ 24(SP), AX
	MOVQ 32(SP), DI
	MOVQ 40(SP), SI
	MOVQ 48(SP), DX
	MOVQ 16(SP), BX
	TESTQ BX, BX
	JEQ  keep
	MOVQ BX, R14
keep:
	MOVQ 8(SP), BX
	TESTQ BX, BX
	JEQ  go
	MOVQ BX, SP
go:
	SYSCALL
	MOVQ R12, SP
	MOVQ R13, R14
	MOVQ AX, 56(SP)
	RET

// func thread(stack, flags uintptr) uintptr
// Makes a thread as the runtime does, which creates the file whose name is at ·path; it has no goroutine.
TEXT ·thread(SB), NOSPLIT, $0-24
	MOVQ stack+0(FP), SI
	MOVQ flags+8(FP), DI
	XORL DX, DX
	XORL R10, R10
	XORL R8, R8
	MOVQ $56, AX
	SYSCALL
	TESTQ AX, AX
	JEQ  child
	MOVQ AX, ret+16(FP)
	RET
child:
	MOVQ $85, AX
	MOVQ ·path(SB), DI
	MOVQ $0x1a4, SI
	SYSCALL
	MOVQ $60, AX
	XORL DI, DI
	SYSCALL

// func int80(number, a, b, c uintptr) uintptr
TEXT ·int80(SB), NOSPLIT, $0-40
	MOVQ number+0(FP), AX
	MOVQ a+8(FP), BX
	MOVQ b+16(FP), CX
	MOVQ c+24(FP), DX
	INT  $0x80
	MOVQ AX, ret+32(FP)
	RET

// func frame() uintptr
TEXT ·frame(SB), NOSPLIT|NOFRAME, $0-8
	MOVQ BP, ret+8(SP)
	RET

// func register() uintptr
// What R14 holds: g.
TEXT ·register(SB), NOSPLIT|NOFRAME, $0-8
	MOVQ R14, ret+8(SP)
	RET

// func jump(pc, sp, bp, g, number, a, b, c uintptr)
// Goes on at pc, with another stack; comes back as whoever is on it.
TEXT ·jump(SB), NOSPLIT|NOFRAME, $0-64
	MOVQ 8(SP), R12
	MOVQ 16(SP), R13
	MOVQ 24(SP), BP
	MOVQ 40(SP), AX
	MOVQ 48(SP), DI
	MOVQ 56(SP), SI
	MOVQ 64(SP), DX
	MOVQ 32(SP), BX
	TESTQ BX, BX
	JEQ  go
	MOVQ BX, R14
go:
	XORL R10, R10
	MOVQ R13, SP
	JMP  R12

// func sigreturn(frame uintptr)
TEXT ·sigreturn(SB), NOSPLIT|NOFRAME, $0-8
	MOVQ 8(SP), SP
	MOVQ $15, AX
	SYSCALL
	INT  $3

// The handler of a signal: creates the file whose name is at ·path.
TEXT ·handler(SB), NOSPLIT|NOFRAME, $0-0
	MOVQ $85, AX
	MOVQ ·path(SB), DI
	MOVQ $0x1a4, SI
	SYSCALL
	MOVQ AX, ·handled(SB)
	RET

TEXT ·restorer(SB), NOSPLIT|NOFRAME, $0-0
	MOVQ $15, AX
	SYSCALL
	INT  $3

// func call(pc uintptr) uintptr
TEXT ·call(SB), NOSPLIT, $8-16
	MOVQ pc+0(FP), AX
	MOVQ ·path(SB), DI
	CALL AX
	MOVQ AX, ret+8(FP)
	RET

// func handlers() (handler, restorer uintptr)
TEXT ·handlers(SB), NOSPLIT, $0-16
	LEAQ ·handler(SB), AX
	MOVQ AX, handler+0(FP)
	LEAQ ·restorer(SB), AX
	MOVQ AX, restorer+8(FP)
	RET

// func patched()
// A function to be overwritten.
TEXT ·patched(SB), NOSPLIT|NOFRAME, $0-0
	XORL AX, AX
	BYTE $0x90; BYTE $0x90; BYTE $0x90; BYTE $0x90
	BYTE $0x90; BYTE $0x90; BYTE $0x90; BYTE $0x90
	BYTE $0x90; BYTE $0x90; BYTE $0x90; BYTE $0x90
	BYTE $0x90; BYTE $0x90; BYTE $0x90; BYTE $0x90
	RET

// func patchedAddress() uintptr
TEXT ·patchedAddress(SB), NOSPLIT, $0-8
	LEAQ ·patched(SB), AX
	MOVQ AX, ret+0(FP)
	RET

// func threadStart() uintptr
TEXT ·threadStart(SB), NOSPLIT, $0-8
	LEAQ runtime·mstart(SB), AX
	MOVQ AX, ret+0(FP)
	RET
