/* SPDX-License-Identifier: Apache-2.0 */
/* The files that the build has made before. */
        .section .rodata
        .balign 16
        .globl parts_stub_begin, parts_stub_end, parts_supervisor_begin, parts_supervisor_end
        .hidden parts_stub_begin, parts_stub_end, parts_supervisor_begin, parts_supervisor_end
parts_stub_begin:
        .incbin JAIL_STUB_FILE
parts_stub_end:
        .balign 16
parts_supervisor_begin:
        .incbin JAIL_SUPERVISOR_FILE
parts_supervisor_end:

        .section .note.GNU-stack, "", @progbits
