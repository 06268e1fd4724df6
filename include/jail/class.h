/* SPDX-License-Identifier: Apache-2.0 */
/* The classes of operations: what a policy grants. docs/policy.md lists the system calls of each. */
#ifndef JAIL_CLASS_H
#define JAIL_CLASS_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

enum jail_class {
        JAIL_CLASS_FS_READ,     /* fs.read: open for reading, list */
        JAIL_CLASS_FS_WRITE,    /* fs.write: create, write, rename, link, unlink, chmod, chown, xattr, times, truncate */
        JAIL_CLASS_NET_CONNECT, /* net.connect: socket, connect, send with an address */
        JAIL_CLASS_NET_LISTEN,  /* net.listen: bind, listen */
        JAIL_CLASS_EXEC,        /* exec: run programs, make processes */
        JAIL_CLASS_PROC,        /* proc: signal, trace or look into processes */
        JAIL_CLASS_MEM_EXEC,    /* mem.exec: executable memory */
        JAIL_CLASS_SYS,         /* sys: ids, mounts, namespaces, cwd, limits, kernel interfaces */
        JAIL_CLASS_OTHER,       /* other: whatever the table does not name */
        JAIL_CLASS_COUNT
};

/* The class's word in reports and policies ("fs.read"). cls must be below JAIL_CLASS_COUNT. Static string. */
const char *jail_class_name(enum jail_class cls);

/* Finds a class by its word, len bytes of text. Returns 0 and sets *ret_class, or -1 when no class has that word. */
int jail_class_parse(const char *text, size_t len, enum jail_class *ret_class);

#ifdef __cplusplus
}
#endif

#endif
