/* SPDX-License-Identifier: Apache-2.0 */
#include "base/resident.h"

#include "base/cleanup.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>

size_t resident_bytes(void) {
        char line[128], *rest = line;
        CLEANUP_CLOSE int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
        ssize_t len = fd < 0 ? -1 : read(fd, line, sizeof(line) - 1);
        if (len <= 0)
                return SIZE_MAX;
        line[len] = '\0';
        (void) strtoul(line, &rest, 10); /* the first field: of the address space */
        unsigned long pages = strtoul(rest, NULL, 10);
        return pages > 0 ? pages * (size_t) sysconf(_SC_PAGESIZE) : SIZE_MAX;
}
