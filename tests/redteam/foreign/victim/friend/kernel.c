/* SPDX-License-Identifier: Apache-2.0 */

/* What any C library has: an instruction that enters the kernel, and a return. */
__asm__(".text\n"
        ".globl friend_kernel\n"
        "friend_kernel:\n"
        "        syscall\n"
        "        ret\n");
