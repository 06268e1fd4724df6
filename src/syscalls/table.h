/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of system calls: one row each, with its class, its rule and what its arguments are (docs/policy.md shows it). A call
 * that is not in the table stops, with class `other`.
 */
#ifndef SYSCALLS_TABLE_H
#define SYSCALLS_TABLE_H

#include <jail/class.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum syscall_rule {
        SYSCALL_ALLOW,    /* never stops */
        SYSCALL_STOP,     /* always stops */
        SYSCALL_ALLOW_IF, /* goes on without a stop when one of its alternatives holds, else stops */
};

/* What an argument is: how it is shown, and which are targets. */
enum syscall_arg {
        SYSCALL_ARG_NONE, /* no more arguments */
        SYSCALL_ARG_INT,
        SYSCALL_ARG_UINT,
        SYSCALL_ARG_HEX,
        SYSCALL_ARG_OCTAL,   /* a mode */
        SYSCALL_ARG_POINTER, /* shown as an address, not followed */
        SYSCALL_ARG_FD,
        SYSCALL_ARG_DIRFD,    /* the directory that the next SYSCALL_ARG_PATH is relative to */
        SYSCALL_ARG_PATH,     /* target: a NUL-terminated path */
        SYSCALL_ARG_STRING,   /* a NUL-terminated string that is no path */
        SYSCALL_ARG_ARGV,     /* target: a NULL-terminated vector of strings */
        SYSCALL_ARG_SOCKADDR, /* target: a socket address; the next argument is its length */
        SYSCALL_ARG_SOCKLEN,
        SYSCALL_ARG_MSGHDR, /* target: a struct msghdr whose msg_name is a socket address */
        SYSCALL_ARG_OPEN_FLAGS,
        SYSCALL_ARG_OPEN_HOW, /* a struct open_how; the next argument is its size */
        SYSCALL_ARG_AT_FLAGS,
        SYSCALL_ARG_SIGNAL,
        SYSCALL_ARG_PID,         /* target: a process or thread */
        SYSCALL_ARG_PID_OR_SELF, /* the same; 0 is the caller, and the call is then `sys` instead of `proc` */
        SYSCALL_ARG_CLONE_FLAGS, /* CLONE_…, with the exit signal in the low byte */
        SYSCALL_ARG_CLONE_ARGS,  /* a struct clone_args; the next argument is its size */
        SYSCALL_ARG_PROT,
        SYSCALL_ARG_MAP_FLAGS,
        SYSCALL_ARG_SOCKET_FAMILY,
        SYSCALL_ARG_SOCKET_TYPE,
        SYSCALL_ARG_FCNTL_COMMAND,
        SYSCALL_ARG_PRCTL_OPTION,
        SYSCALL_ARG_HIDDEN, /* an argument that says nothing to the reader: not shown */
};

/*
 * One comparison of a register argument: (args[index] & mask) == value. All 64 bits are compared, although the kernel takes many
 * arguments as int: a value with junk in its high bits stops.
 */
struct syscall_condition {
        uint8_t index;
        uint64_t mask;
        uint64_t value;
};

/* All conditions of an alternative must hold. */
#define SYSCALL_MAX_CONDITIONS 3
struct syscall_alternative {
        uint8_t n_conditions;
        struct syscall_condition conditions[SYSCALL_MAX_CONDITIONS];
};

/*
 * One row. A row that never stops has no operation: its class is JAIL_CLASS_OTHER, its verb its name, and its arguments are not
 * listed. All strings are static.
 */
struct syscall_desc {
        int number; /* native number */
        const char *name;
        const char *verb; /* what the user reads in notes: "open", "connect", "execute" */
        enum jail_class cls;
        enum syscall_rule rule;
        const char *when;                               /* SYSCALL_ALLOW_IF: the alternatives in words, else NULL */
        const struct syscall_alternative *alternatives; /* SYSCALL_ALLOW_IF: at least one, else NULL */
        size_t n_alternatives;
        enum syscall_arg args[6];
};

/* The row of a native system call number, or NULL when the table does not have it. O(1). */
const struct syscall_desc *syscall_by_number(long number);

/* Whether the filter lets the call go on without a stop. desc NULL (not in the table) gives false. */
bool syscall_goes_on(const struct syscall_desc *desc, const uint64_t args[6]);

/* The row by name, or NULL. Linear; for options and tests. */
const struct syscall_desc *syscall_by_name(const char *name);

/* All rows, in the order of their numbers. */
size_t syscall_count(void);
const struct syscall_desc *syscall_at(size_t index);

/*
 * The class of one call: the row's, refined by register arguments (an open that writes is fs.write, a clone with a new namespace
 * sys, a limit of one's own sys instead of proc). desc NULL gives JAIL_CLASS_OTHER. What only memory tells (openat2's flags) is
 * taken at its most powerful.
 */
enum jail_class syscall_class(const struct syscall_desc *desc, const uint64_t args[6]);

#endif
