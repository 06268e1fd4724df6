/* SPDX-License-Identifier: Apache-2.0 */
/*
 * refuse WHAT[,WHAT...] PROG [ARG...]: executes PROG where the kernel refuses some of what an exec can be done without by: mremap,
 * mprotect (to text, as systemd's MemoryDenyWriteExecute= does it), mdwe (the same by prctl(2); Linux 6.3), memfd (memory files),
 * random (getrandom). Exits with 77 where this kernel has no such refusal.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef PR_SET_MDWE
#define PR_SET_MDWE 65
#endif
#define REFUSE_EXEC_GAIN 1

static const struct refusal {
        const char *name;
        unsigned number;
        unsigned third_argument; /* a bit of it; 0: whatever the arguments are */
} refusals[] = {
        { "mremap", SYS_mremap, 0 },
        { "mprotect", SYS_mprotect, PROT_EXEC },
        { "memfd", SYS_memfd_create, 0 },
        { "random", SYS_getrandom, 0 },
};

static int refuse(const struct refusal *refusal) {
        struct sock_filter any[] = {
                BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
                BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, refusal->number, 0, 3),
                BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[2])),
                BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, refusal->third_argument, 0, refusal->third_argument ? 1 : 0),
                BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
                BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        };
        struct sock_fprog program = { sizeof(any) / sizeof(any[0]), any };
        return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? -1 : prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

int main(int argc, char **argv) {
        if (argc < 3)
                return 2;
        for (char *name = strtok(argv[1], ","); name; name = strtok(NULL, ",")) {
                size_t i = 0;
                if (strcmp(name, "mdwe") == 0) {
                        if (prctl(PR_SET_MDWE, REFUSE_EXEC_GAIN, 0, 0, 0) < 0)
                                return 77;
                        continue;
                }
                while (i < sizeof(refusals) / sizeof(refusals[0]) && strcmp(refusals[i].name, name) != 0)
                        i++;
                if (i == sizeof(refusals) / sizeof(refusals[0]) || refuse(&refusals[i]) < 0) {
                        perror(name);
                        return 3;
                }
        }
        execv(argv[2], argv + 2);
        perror(argv[2]);
        return 3;
}
