/* SPDX-License-Identifier: Apache-2.0 */
#include "supervise/mapping.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* vm.max_map_count is 65530 unless it was raised; a process beyond these has unknown code everywhere. */
#define MAX_MAPPINGS 262144

/* enum procmap_query_flags, include/uapi/linux/fs.h. */
#define QUERY_WRITABLE UINT64_C(2)
#define QUERY_EXEC     UINT64_C(4)
#define QUERY_SHARED   UINT64_C(8)
#define QUERY_OR_NEXT  UINT64_C(16)

static int query(int fd, uint64_t flags, uint64_t vaddr, char *name, uint32_t name_size, struct mapping *ret_mapping) {
        struct mapping_query query = {
                .size = sizeof(query), .flags = flags, .vaddr = vaddr, .name = (uintptr_t) name, .name_size = name_size
        };
        name[0] = '\0';
        if (ioctl(fd, MAPPING_QUERY, &query) < 0)
                return -errno;
        *ret_mapping = (struct mapping){
                .start = query.start,
                .end = query.end,
                .permissions = { 'r', query.permissions & QUERY_WRITABLE ? 'w' : '-', query.permissions & QUERY_EXEC ? 'x' : '-',
                                 query.permissions & QUERY_SHARED ? 's' : 'p' },
                .device_major = query.device_major,
                .device_minor = query.device_minor,
                .inode = query.inode,
                .path = name,
        };
        return 0;
}

int mapping_query(int fd, uint64_t vaddr, char *name, uint32_t name_size, struct mapping *ret_mapping) {
        return query(fd, 0, vaddr, name, name_size, ret_mapping);
}

int mapping_query_code(int fd, uint64_t vaddr, char *name, uint32_t name_size, struct mapping *ret_mapping) {
        return query(fd, QUERY_EXEC | QUERY_OR_NEXT, vaddr, name, name_size, ret_mapping);
}

/* A number and the character behind it. */
static bool take_number(char **at, int base, char behind, uint64_t *ret_number) {
        char *end = NULL;
        *ret_number = strtoull(*at, &end, base);
        if (end == *at || *end != behind)
                return false;
        *at = end + 1;
        return true;
}

/* proc_pid_maps(5). Not sscanf(3): it is read in the middle of a stop. */
static bool mapping_parse(char *line, struct mapping *mapping) {
        uint64_t offset, device_major, device_minor;
        char *at = line;
        line[strcspn(line, "\n")] = '\0';
        if (!take_number(&at, 16, '-', &mapping->start) || !take_number(&at, 16, ' ', &mapping->end) || strnlen(at, 5) < 5 ||
            at[4] != ' ')
                return false;
        memcpy(mapping->permissions, at, 4);
        mapping->permissions[4] = '\0';
        at += 5;
        if (!take_number(&at, 16, ' ', &offset) || !take_number(&at, 16, ':', &device_major) ||
            !take_number(&at, 16, ' ', &device_minor))
                return false;
        char *end = NULL;
        mapping->inode = strtoull(at, &end, 10);
        if (end == at)
                return false;
        mapping->device_major = (unsigned) device_major;
        mapping->device_minor = (unsigned) device_minor;
        mapping->path = end + strspn(end, " ");
        return true;
}

bool mapping_next(FILE *file, char *line, size_t size, size_t *n, struct mapping *mapping, bool *ret_failed) {
        while (fgets(line, (int) size, file)) {
                *ret_failed = !strchr(line, '\n') || ++*n > MAX_MAPPINGS;
                if (*ret_failed)
                        return false;
                if (mapping_parse(line, mapping))
                        return true;
        }
        return false;
}
