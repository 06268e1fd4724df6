/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An operation: what a stopped system call is about to do, in the words that verdict and reports share. It is made in two steps,
 * since most stops are allowed without looking at memory: operation_init() uses registers only, operation_read_targets() reads
 * paths, addresses and argument vectors.
 */
#ifndef OPERATION_OPERATION_H
#define OPERATION_OPERATION_H

#include "base/str.h"
#include "base/text.h"
#include "memory/reader.h"
#include "syscalls/table.h"

#include <stdbool.h>
#include <stdint.h>

#define OPERATION_MAX_TARGETS  2
#define OPERATION_TARGET_BYTES 4096

enum operation_target_kind {
        OPERATION_TARGET_PATH,    /* text: the path as given; dirfd: what it is relative to */
        OPERATION_TARGET_STRING,  /* text: a name that is no path, or what a new symbolic link will hold */
        OPERATION_TARGET_ADDRESS, /* text: "192.0.2.1:443", "[2001:db8::1]:53", "unix:/run/x", "unix:@abstract", "family 40" */
        OPERATION_TARGET_ARGV, /* text: the arguments, each quoted and escaped, separated by ", "; only whole ones, cut when long */
        OPERATION_TARGET_PID,  /* pid: the process */
};

struct operation_target {
        enum operation_target_kind kind;
        uint8_t arg;                       /* index of the argument that it came from */
        bool absent;                       /* the program passed no pointer, or a message without an address: text is empty */
        bool unreadable;                   /* its memory could not be read: text is empty */
        bool cut;                          /* longer than is kept */
        int dirfd;                         /* PATH: the descriptor that a relative path starts at, or AT_FDCWD */
        int64_t pid;                       /* PID */
        size_t len;                        /* bytes of text, which may hold NUL bytes (abstract socket names) */
        char text[OPERATION_TARGET_BYTES]; /* but for ARGV raw bytes from the program, not escaped; a NUL follows them */
};

struct operation {
        const struct syscall_desc *desc; /* NULL: unknown call */
        long number;
        uint32_t audit_arch; /* AUDIT_ARCH_… of the entry that was used */
        bool foreign_entry;  /* entered through i386 or x32: number has another meaning and desc is NULL */
        enum jail_class cls;
        uint64_t args[6];
        bool has_targets; /* operation_read_targets() has run */
        bool racy;        /* a target is in memory that another thread could rewrite */
        bool writes;      /* fs.*: opens for writing, creates or changes */

        /* What operation_read_targets() found in a structure: the flags of clone3 and openat2. Always racy. */
        bool has_memory_flags;
        uint64_t memory_flags;

        size_t n_targets;
        struct operation_target targets[OPERATION_MAX_TARGETS];
};

/*
 * Fills everything that registers tell; cannot fail. audit_arch is what the stop reported (PTRACE_GET_SYSCALL_INFO), native_arch
 * the AUDIT_ARCH_… of the supervised program. A number with x32's bit set, or an entry other than native, is foreign_entry, class
 * other. Does not clear the targets' text (the struct is large): only n_targets.
 */
void operation_init(struct operation *operation, uint32_t native_arch, uint32_t audit_arch, long number, const uint64_t args[6]);

/*
 * Reads the targets, in the order of the arguments. A target that cannot be read is marked unreadable; that is no error. Does
 * nothing the second time. Cost: one read per target, plus one per argument of an argv (at most 32).
 */
void operation_read_targets(struct operation *operation, struct memory_reader *reader);

/* The call's name: "openat", or "syscall 999", "i386 syscall 5", "x32 syscall 2" written into buffer (at least 32 bytes). */
const char *operation_name(const struct operation *operation, char *buffer, size_t size);

/*
 * Adds the call as one line, like strace: openat("/root/.ssh/id_rsa", O_RDONLY), connect(3, 192.0.2.1:443), execve("/bin/sh",
 * ["sh", "-c", "id"]). Everything that came from the program is escaped. Needs operation_read_targets() for its targets; without it
 * their addresses are shown. The directory's descriptor is left out where the path is absolute or relative to the working
 * directory; so are lengths, buffers, a mode that is not used, and flags that concern the descriptor alone (O_CLOEXEC,
 * SOCK_NONBLOCK).
 */
void operation_format(const struct operation *operation, struct text *text);

/* The word for a target's class in "one entry per distinct event": its path, address, argv or pid as text, escaped. "" for none. */
void operation_format_target(const struct operation_target *target, struct text *text);

#endif
