/* SPDX-License-Identifier: Apache-2.0 */
/* Makes the supervisor's own filter at build time (confinement.h says what it is for), from the table below. */
#include "base/cleanup.h"
#include "supervise/filter_source.h"
#include "supervise/mapping.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/kcmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <unistd.h>

enum rule {
        ALLOW,
        ALLOW_IF, /* when one of the alternatives holds */
        KILL,     /* neither jail nor the C library calls it on its own: somebody else runs here */
};

struct call {
        int number;
        const char *name;
        enum rule rule;
        const struct syscall_alternative *alternatives; /* ALLOW_IF */
        size_t n_alternatives;
};

#define INT_MASK   UINT32_MAX /* what the kernel takes as an int */
#define WHOLE_MASK UINT64_MAX
#define ONE(index, mask, value)                                                                                                    \
        {                                                                                                                          \
                1, {                                                                                                               \
                        { index, mask, (uint64_t) (value) }                                                                        \
                }                                                                                                                  \
        }
#define TWO(index1, mask1, value1, index2, mask2, value2)                                                                          \
        {                                                                                                                          \
                2, {                                                                                                               \
                        { index1, mask1, (uint64_t) (value1) }, {                                                                  \
                                index2, mask2, (uint64_t) (value2)                                                                 \
                        }                                                                                                          \
                }                                                                                                                  \
        }

/* What the backend asks for, and memory. No PTRACE_SEIZE: what the program makes is seized already. */
static const struct syscall_alternative ptrace_requests[] = {
        ONE(0, WHOLE_MASK, PTRACE_CONT),        ONE(0, WHOLE_MASK, PTRACE_GETREGS),
        ONE(0, WHOLE_MASK, PTRACE_POKEUSER),    ONE(0, WHOLE_MASK, PTRACE_GET_SYSCALL_INFO),
        ONE(0, WHOLE_MASK, PTRACE_GETEVENTMSG), ONE(0, WHOLE_MASK, PTRACE_SYSCALL),
        ONE(0, WHOLE_MASK, PTRACE_GETSIGINFO),  ONE(0, WHOLE_MASK, PTRACE_LISTEN),
        ONE(0, WHOLE_MASK, PTRACE_INTERRUPT),   ONE(0, WHOLE_MASK, PTRACE_SETOPTIONS),
        ONE(0, WHOLE_MASK, PTRACE_PEEKDATA),    ONE(0, WHOLE_MASK, PTRACE_POKEDATA),
};

#define WRITING_FLAGS (O_ACCMODE | O_CREAT | O_TRUNC | (O_TMPFILE & ~O_DIRECTORY))
static const struct syscall_alternative reading[] = { ONE(2, WRITING_FLAGS, O_RDONLY) };
static const struct syscall_alternative no_code[] = { ONE(2, PROT_EXEC, 0) };
static const struct syscall_alternative one_mapping[] = { ONE(1, INT_MASK, MAPPING_QUERY) };
static const struct syscall_alternative flags_of_fd[] = { ONE(1, INT_MASK, F_GETFL) };
static const struct syscall_alternative sigkill[] = { ONE(1, INT_MASK, SIGKILL) };
static const struct syscall_alternative no_signal[] = { ONE(2, INT_MASK, 0) };
static const struct syscall_alternative same_memory[] = { ONE(2, INT_MASK, KCMP_VM) };
static const struct syscall_alternative null_to_stderr[] = { TWO(0, INT_MASK, STDIN_FILENO, 1, INT_MASK, STDERR_FILENO) };
static const struct syscall_alternative no_address[] = { ONE(4, WHOLE_MASK, 0) };

#define CALL(name)                                                                                                                 \
        { SYS_##name, #name, ALLOW, NULL, 0 }
#define CALL_IF(name, alternatives)                                                                                                \
        { SYS_##name, #name, ALLOW_IF, alternatives, sizeof(alternatives) / sizeof((alternatives)[0]) }
#define NEVER(name)                                                                                                                \
        { SYS_##name, #name, KILL, NULL, 0 }

static const struct call calls[] = {
        /* at each stop */
        CALL(wait4),
        CALL(waitid),
        CALL_IF(ptrace, ptrace_requests),
        CALL(pread64),
        CALL(sched_getaffinity),
        CALL(sched_setaffinity),
        CALL(getcpu),
        CALL(clock_gettime), /* where the kernel's own page of code does not answer it */
        /* files of /proc, executables, /dev/urandom (jansson), time zones (C library): read, or mapped to be read */
        CALL_IF(openat, reading),
        CALL(read),
        CALL(close),
        CALL(lseek),
        CALL(fstat),
        CALL(newfstatat),
        CALL(readlink),
        CALL_IF(ioctl, one_mapping),
        CALL_IF(fcntl, flags_of_fd), /* fdopen(3): the mappings where the kernel does not tell of single ones (before Linux 6.11) */
        CALL_IF(mmap, no_code),
        CALL(munmap),
        CALL(madvise),
        /* processes */
        CALL_IF(kill, sigkill),
        CALL_IF(tgkill, no_signal),
        CALL_IF(kcmp, same_memory),
        /* words: to stderr, the report, the jail in front */
        CALL(write),
        CALL(writev),
        CALL(poll),
        CALL_IF(sendto, no_address),
        CALL_IF(dup2, null_to_stderr),
        /* memory, waiting and the rest of what the C library makes of ordinary functions, by version and when memory is short */
        CALL(brk),
        CALL(mremap),
        CALL_IF(mprotect, no_code),
        CALL(nanosleep),
        CALL(clock_nanosleep),
        CALL(restart_syscall), /* a sleep that a stop signal has interrupted */
        CALL(futex),
        CALL(gettimeofday),
        CALL(time),
        CALL(getrandom),
        CALL(sysinfo), /* qsort(3) */
        CALL(getpid),
        CALL(gettid),
        CALL(exit),
        CALL(exit_group),

        NEVER(execve),
        NEVER(execveat),
        NEVER(fork),
        NEVER(vfork),
        NEVER(clone),
        NEVER(clone3),
};

/* What the tests plant. */
struct variant {
        bool kill_rest;      /* whatever is not allowed kills */
        const char *without; /* a call of the table that is left out, or NULL */
};

static int add_call(scmp_filter_ctx ctx, const struct call *call, const struct variant *variant, struct jail_error *err) {
        int r;
        switch (call->rule) {
        case ALLOW:
        case ALLOW_IF: return filter_source_allow(ctx, call->number, call->name, call->alternatives, call->n_alternatives, err);
        case KILL:
                if (variant->kill_rest) /* as all the rest does; libseccomp refuses a rule with the default action */
                        return 0;
                r = seccomp_rule_add_exact_array(ctx, SCMP_ACT_KILL_PROCESS, call->number, 0, NULL);
                return r == 0 ? 0 : filter_source_failed(err, r, call->name);
        }
        return jail_error_set(err, JAIL_EFORMAT, 0, "%s has no rule", call->name);
}

static int make(const struct variant *variant, struct filter_source *ret_source, struct jail_error *err) {
        bool left_out = !variant->without;
        CLEANUP(filter_source_release)
        scmp_filter_ctx ctx = seccomp_init(variant->kill_rest ? SCMP_ACT_KILL_PROCESS : SCMP_ACT_ERRNO(ENOSYS));
        if (!ctx)
                return jail_error_set(err, JAIL_ENOMEM, 0, "memory ran out while making the filter");
        int r = seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS); /* i386 and x32 */
        if (r < 0)
                return filter_source_failed(err, r, "SCMP_FLTATR_ACT_BADARCH");
        r = seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2); /* a binary tree over the numbers */
        if (r < 0)
                return filter_source_failed(err, r, "SCMP_FLTATR_CTL_OPTIMIZE");
        for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
                if (variant->without && strcmp(calls[i].name, variant->without) == 0) {
                        left_out = true;
                        continue;
                }
                r = add_call(ctx, &calls[i], variant, err);
                if (r < 0)
                        return r;
        }
        if (!left_out)
                return jail_error_set(err, JAIL_EINVAL, 0, "%s is not in the table", variant->without);
        return filter_source_read(ctx, ret_source, err);
}

/* confinement_generate FILE [--kill-rest] [--without=CALL] */
int main(int argc, char *argv[]) {
        static const char without[] = "--without=";
        struct filter_source source = { 0 };
        struct variant variant = { 0 };
        struct jail_error err;
        if (argc < 2)
                return 2;
        for (int i = 2; i < argc; i++) {
                if (strcmp(argv[i], "--kill-rest") == 0)
                        variant.kill_rest = true;
                else if (strncmp(argv[i], without, strlen(without)) == 0)
                        variant.without = argv[i] + strlen(without);
                else
                        return 2;
        }
        int r = make(&variant, &source, &err);
        if (r == 0)
                r = filter_source_write(&source, argv[1], "confinement_program", &err);
        free(source.instructions);
        if (r < 0)
                fprintf(stderr, "confinement_generate: %s\n", err.msg);
        return r < 0 ? 1 : 0;
}
