/* SPDX-License-Identifier: Apache-2.0 */
/* The mappings of a process, as /proc/PID/maps tells them. */
#ifndef SUPERVISE_MAPPING_H
#define SUPERVISE_MAPPING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/ioctl.h>

struct mapping {
        uint64_t start, end; /* the half-open range [start, end) */
        char permissions[5]; /* as in "r-xp" */
        unsigned device_major, device_minor;
        uint64_t inode;
        const char *path; /* borrowed; "" for an anonymous mapping */
};

/* struct procmap_query, since Linux 6.11 (include/uapi/linux/fs.h). */
struct mapping_query {
        uint64_t size, flags, vaddr, start, end, permissions, page_size, offset, inode;
        uint32_t device_major, device_minor, name_size, build_id_size;
        uint64_t name, build_id;
};

#define MAPPING_QUERY _IOWR('f', 17, struct mapping_query) /* PROCMAP_QUERY */

/*
 * Asks /proc/PID/maps, open at fd, for the mapping that holds vaddr. *ret_mapping borrows name, of at least PATH_MAX bytes. Returns
 * 0, -ENOENT when nothing is mapped there, or another -errno when the kernel does not tell (-ENOTTY before Linux 6.11). One call.
 */
int mapping_query(int fd, uint64_t vaddr, char *name, uint32_t name_size, struct mapping *ret_mapping);

/* The same for the first executable mapping that holds vaddr or stands behind it; -ENOENT when there is none. */
int mapping_query_code(int fd, uint64_t vaddr, char *name, uint32_t name_size, struct mapping *ret_mapping);

/*
 * Reads the next mapping, of *n before, from /proc/PID/maps. *mapping borrows line, of size bytes. False at the end, and with
 * *ret_failed where there are too many, or a line is too long and the rest of it could be anything.
 */
bool mapping_next(FILE *file, char *line, size_t size, size_t *n, struct mapping *mapping, bool *ret_failed);

#endif
