/* SPDX-License-Identifier: Apache-2.0 */
/*
 * launcher PROGRAM [ARG]...: runs PROGRAM where reading /proc/PID/mem fails with EPERM: pread(2) from where programs have their
 * memory, which no plain file reaches.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LOAD(field)                      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define JUMP(test, value, if_so, if_not) BPF_JUMP(BPF_JMP | (test) | BPF_K, (value), (if_so), (if_not))
#define ANSWER(action)                   BPF_STMT(BPF_RET | BPF_K, (action))
#define OFFSET_LOW                       args[3]
#define LOWEST_ADDRESS                   0x400000

int main(int argc, char *argv[]) {
        if (argc < 2)
                return 2;
        struct sock_filter filter[] = {
                LOAD(nr),
                JUMP(BPF_JEQ, SYS_pread64, 0, 4),
                BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, OFFSET_LOW) + 4),
                JUMP(BPF_JGT, 0, 3, 0),
                LOAD(OFFSET_LOW),
                JUMP(BPF_JGE, LOWEST_ADDRESS, 1, 0),
                ANSWER(SECCOMP_RET_ALLOW),
                ANSWER(SECCOMP_RET_ERRNO | EPERM),
        };
        struct sock_fprog program = { sizeof(filter) / sizeof(filter[0]), filter };
        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) {
                perror("launcher");
                return 3;
        }
        execv(argv[1], argv + 1);
        perror(argv[1]);
        return 4;
}
