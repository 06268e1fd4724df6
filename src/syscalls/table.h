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
        SYSCALL_ARG_PID,
        SYSCALL_ARG_CLONE_FLAGS,
        SYSCALL_ARG_PROT,
        SYSCALL_ARG_SOCKET_FAMILY,
        SYSCALL_ARG_SOCKET_TYPE,
};

/* One comparison of a register argument; all 64 bits count: (args[index] & mask) == value. */
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

struct syscall_desc {
        int number; /* native number */
        const char *name;
        const char *verb; /* what the user reads in notes: "open", "connect", "execute" */
        enum jail_class cls;
        enum syscall_rule rule;
        const struct syscall_alternative *alternatives; /* SYSCALL_ALLOW_IF only */
        size_t n_alternatives;
        enum syscall_arg args[6];
};

/* The row of a native system call number, or NULL when the table does not have it. O(1). */
const struct syscall_desc *syscall_by_number(long number);

/* The row by name, or NULL. Linear; for options and tests. */
const struct syscall_desc *syscall_by_name(const char *name);

/* All rows, in the order of their numbers. */
size_t syscall_count(void);
const struct syscall_desc *syscall_at(size_t index);

/*
 * The class of one call: the row's, refined by register arguments (an open that writes is fs.write, an mmap that executes
 * mem.exec). desc NULL gives JAIL_CLASS_OTHER. What only memory tells (openat2's flags) is taken at its most powerful.
 */
enum jail_class syscall_class(const struct syscall_desc *desc, const uint64_t args[6]);

#endif
