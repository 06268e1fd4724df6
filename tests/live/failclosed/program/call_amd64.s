// SPDX-License-Identifier: Apache-2.0

#include "textflag.h"

// func call(code, argument uintptr) uintptr
TEXT ·call(SB), 0, $8-24
	MOVQ code+0(FP), AX
	MOVQ argument+8(FP), DI
	CALL AX
	MOVQ AX, ret+16(FP)
	RET
