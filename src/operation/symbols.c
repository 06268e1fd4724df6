/* SPDX-License-Identifier: Apache-2.0 */
#include "operation/symbols.h"

#include <fcntl.h>
#include <linux/prctl.h>
#include <linux/sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>

struct symbol {
        uint64_t value;
        const char *name;
};

#define SYMBOL(constant)                                                                                                           \
        { (uint64_t)(constant), #constant }
#define N_SYMBOLS(table) (sizeof(table) / sizeof((table)[0]))

/* Adds the names of the bits in value, after what *first says; what has no name comes last as a number. */
static void add_bits(struct text *text, bool *first, uint64_t value, const struct symbol *table, size_t n) {
        for (size_t i = 0; i < n; i++) {
                if ((value & table[i].value) != table[i].value)
                        continue;
                text_printf(text, "%s%s", *first ? "" : "|", table[i].name);
                *first = false;
                value &= ~table[i].value;
        }
        if (value != 0) {
                text_printf(text, "%s0x%llx", *first ? "" : "|", (unsigned long long) value);
                *first = false;
        }
}

static void add_set(struct text *text, uint64_t value, const struct symbol *table, size_t n) {
        bool first = true;
        add_bits(text, &first, value, table, n);
        if (first)
                text_add(text, STR("0"));
}

static void add_one(struct text *text, uint64_t value, const struct symbol *table, size_t n) {
        for (size_t i = 0; i < n; i++)
                if (table[i].value == value) {
                        text_add(text, str_from(table[i].name));
                        return;
                }
        text_printf(text, value < 4096 ? "%llu" : "0x%llx", (unsigned long long) value);
}

/* Names that stand for several bits come before those of their bits. */
static const struct symbol open_flags[] = {
        SYMBOL(O_CREAT),   SYMBOL(O_EXCL),   SYMBOL(O_TRUNC),    SYMBOL(O_APPEND),    SYMBOL(O_PATH),
        SYMBOL(O_TMPFILE), SYMBOL(O_SYNC),   SYMBOL(O_DSYNC),    SYMBOL(O_DIRECT),    SYMBOL(O_NOATIME),
        SYMBOL(O_ASYNC),   SYMBOL(O_NOCTTY), SYMBOL(O_NONBLOCK), SYMBOL(O_DIRECTORY), SYMBOL(O_NOFOLLOW),
};

void symbols_add_open_flags(struct text *text, uint64_t flags) {
        static const char *const modes[] = { "O_RDONLY", "O_WRONLY", "O_RDWR", "O_ACCMODE" };
        const uint64_t kernel_o_largefile = 0100000; /* 0 in the C library of 64-bit CPUs, but programs pass it */
        bool first = false;

        text_add(text, str_from(modes[flags & O_ACCMODE]));
        add_bits(text, &first, flags & ~(O_ACCMODE | O_CLOEXEC | kernel_o_largefile), open_flags, N_SYMBOLS(open_flags));
}

/* The bit of AT_REMOVEDIR is AT_EACCESS in faccessat2, which never stops. */
static const struct symbol at_flags[] = {
        SYMBOL(AT_REMOVEDIR),    SYMBOL(AT_SYMLINK_NOFOLLOW), SYMBOL(AT_SYMLINK_FOLLOW),
        SYMBOL(AT_NO_AUTOMOUNT), SYMBOL(AT_EMPTY_PATH),
};

void symbols_add_at_flags(struct text *text, uint64_t flags) {
        add_set(text, (uint32_t) flags, at_flags, N_SYMBOLS(at_flags));
}

static const struct symbol clone_flags[] = {
        SYMBOL(CLONE_VM),
        SYMBOL(CLONE_FS),
        SYMBOL(CLONE_FILES),
        SYMBOL(CLONE_SIGHAND),
        SYMBOL(CLONE_PIDFD),
        SYMBOL(CLONE_PTRACE),
        SYMBOL(CLONE_VFORK),
        SYMBOL(CLONE_PARENT),
        SYMBOL(CLONE_THREAD),
        SYMBOL(CLONE_NEWNS),
        SYMBOL(CLONE_SYSVSEM),
        SYMBOL(CLONE_SETTLS),
        SYMBOL(CLONE_PARENT_SETTID),
        SYMBOL(CLONE_CHILD_CLEARTID),
        SYMBOL(CLONE_DETACHED),
        SYMBOL(CLONE_UNTRACED),
        SYMBOL(CLONE_CHILD_SETTID),
        SYMBOL(CLONE_NEWCGROUP),
        SYMBOL(CLONE_NEWUTS),
        SYMBOL(CLONE_NEWIPC),
        SYMBOL(CLONE_NEWUSER),
        SYMBOL(CLONE_NEWPID),
        SYMBOL(CLONE_NEWNET),
        SYMBOL(CLONE_IO),
        SYMBOL(CLONE_CLEAR_SIGHAND),
        SYMBOL(CLONE_INTO_CGROUP),
};

void symbols_add_clone_flags(struct text *text, uint64_t flags) {
        const uint64_t exit_signal = flags & CSIGNAL;
        bool first = true;

        add_bits(text, &first, flags & ~(uint64_t) CSIGNAL, clone_flags, N_SYMBOLS(clone_flags));
        if (exit_signal != 0 || first) {
                text_add(text, first ? STR("") : STR("|"));
                symbols_add_signal(text, exit_signal);
        }
}

static const struct symbol prot_flags[] = {
        SYMBOL(PROT_READ), SYMBOL(PROT_WRITE), SYMBOL(PROT_EXEC), SYMBOL(PROT_GROWSDOWN), SYMBOL(PROT_GROWSUP),
};

void symbols_add_prot(struct text *text, uint64_t prot) {
        if (prot == PROT_NONE)
                text_add(text, STR("PROT_NONE"));
        else
                add_set(text, prot, prot_flags, N_SYMBOLS(prot_flags));
}

static const struct symbol map_flags[] = {
        SYMBOL(MAP_SHARED_VALIDATE), SYMBOL(MAP_SHARED),    SYMBOL(MAP_PRIVATE),   SYMBOL(MAP_FIXED),
        SYMBOL(MAP_ANONYMOUS),       SYMBOL(MAP_GROWSDOWN), SYMBOL(MAP_DENYWRITE), SYMBOL(MAP_LOCKED),
        SYMBOL(MAP_NORESERVE),       SYMBOL(MAP_POPULATE),  SYMBOL(MAP_STACK),     SYMBOL(MAP_HUGETLB),
        SYMBOL(MAP_FIXED_NOREPLACE),
};

void symbols_add_map_flags(struct text *text, uint64_t flags) {
        add_set(text, flags, map_flags, N_SYMBOLS(map_flags));
}

static const struct symbol socket_types[] = {
        SYMBOL(SOCK_STREAM), SYMBOL(SOCK_DGRAM), SYMBOL(SOCK_RAW), SYMBOL(SOCK_RDM), SYMBOL(SOCK_SEQPACKET), SYMBOL(SOCK_PACKET),
};

void symbols_add_socket_type(struct text *text, uint64_t type) {
        add_one(text, (uint32_t) type & ~(uint32_t) (SOCK_CLOEXEC | SOCK_NONBLOCK), socket_types, N_SYMBOLS(socket_types));
}

static const struct symbol signals[] = {
        SYMBOL(SIGHUP),  SYMBOL(SIGINT),    SYMBOL(SIGQUIT), SYMBOL(SIGILL),  SYMBOL(SIGTRAP),   SYMBOL(SIGABRT), SYMBOL(SIGBUS),
        SYMBOL(SIGFPE),  SYMBOL(SIGKILL),   SYMBOL(SIGUSR1), SYMBOL(SIGSEGV), SYMBOL(SIGUSR2),   SYMBOL(SIGPIPE), SYMBOL(SIGALRM),
        SYMBOL(SIGTERM), SYMBOL(SIGSTKFLT), SYMBOL(SIGCHLD), SYMBOL(SIGCONT), SYMBOL(SIGSTOP),   SYMBOL(SIGTSTP), SYMBOL(SIGTTIN),
        SYMBOL(SIGTTOU), SYMBOL(SIGURG),    SYMBOL(SIGXCPU), SYMBOL(SIGXFSZ), SYMBOL(SIGVTALRM), SYMBOL(SIGPROF), SYMBOL(SIGWINCH),
        SYMBOL(SIGIO),   SYMBOL(SIGPWR),    SYMBOL(SIGSYS),
};

void symbols_add_signal(struct text *text, uint64_t number) {
        add_one(text, (uint32_t) number, signals, N_SYMBOLS(signals));
}

static const struct symbol families[] = {
        SYMBOL(AF_UNSPEC),    SYMBOL(AF_UNIX),  SYMBOL(AF_INET), SYMBOL(AF_INET6), SYMBOL(AF_NETLINK),
        SYMBOL(AF_PACKET),    SYMBOL(AF_KEY),   SYMBOL(AF_ALG),  SYMBOL(AF_CAN),   SYMBOL(AF_TIPC),
        SYMBOL(AF_BLUETOOTH), SYMBOL(AF_VSOCK), SYMBOL(AF_SMC),  SYMBOL(AF_XDP),
};

void symbols_add_socket_family(struct text *text, uint64_t family) {
        add_one(text, (uint32_t) family, families, N_SYMBOLS(families));
}

static const struct symbol fcntl_commands[] = {
        SYMBOL(F_SETFL),    SYMBOL(F_SETOWN), SYMBOL(F_SETOWN_EX), SYMBOL(F_SETSIG),
        SYMBOL(F_SETLEASE), SYMBOL(F_NOTIFY), SYMBOL(F_ADD_SEALS),
};

void symbols_add_fcntl_command(struct text *text, uint64_t command) {
        add_one(text, (uint32_t) command, fcntl_commands, N_SYMBOLS(fcntl_commands));
}

static const struct symbol prctl_options[] = {
        SYMBOL(PR_SET_PDEATHSIG),
        SYMBOL(PR_SET_DUMPABLE),
        SYMBOL(PR_SET_KEEPCAPS),
        SYMBOL(PR_SET_TIMING),
        SYMBOL(PR_SET_SECCOMP),
        SYMBOL(PR_CAPBSET_DROP),
        SYMBOL(PR_SET_TSC),
        SYMBOL(PR_SET_SECUREBITS),
        SYMBOL(PR_SET_TIMERSLACK),
        SYMBOL(PR_TASK_PERF_EVENTS_DISABLE),
        SYMBOL(PR_TASK_PERF_EVENTS_ENABLE),
        SYMBOL(PR_MCE_KILL),
        SYMBOL(PR_SET_MM),
        SYMBOL(PR_SET_PTRACER),
        SYMBOL(PR_SET_CHILD_SUBREAPER),
        SYMBOL(PR_SET_NO_NEW_PRIVS),
        SYMBOL(PR_SET_THP_DISABLE),
        SYMBOL(PR_CAP_AMBIENT),
        SYMBOL(PR_SET_SPECULATION_CTRL),
        SYMBOL(PR_SET_IO_FLUSHER),
        SYMBOL(PR_SET_SYSCALL_USER_DISPATCH),
        SYMBOL(PR_SCHED_CORE),
        SYMBOL(PR_SET_VMA),
};

void symbols_add_prctl_option(struct text *text, uint64_t option) {
        add_one(text, (uint32_t) option, prctl_options, N_SYMBOLS(prctl_options));
}
