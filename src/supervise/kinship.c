/* SPDX-License-Identifier: Apache-2.0 */
#include "supervise/kinship.h"

#include "base/cleanup.h"

#include <errno.h>

int kinship_read(pid_t tid, pid_t *ret_pid, pid_t *ret_parent_pid) {
        char path[48], line[256];
        pid_t pid = 0, parent_pid = 0;
        snprintf(path, sizeof(path), "/proc/%d/status", tid);
        CLEANUP_FCLOSE FILE *file = fopen(path, "re");
        if (!file)
                return -errno;
        while (fgets(line, sizeof(line), file)) {
                if (sscanf(line, "Tgid: %d", &pid) != 1)
                        (void) sscanf(line, "PPid: %d", &parent_pid);
        }
        if (pid == 0)
                return -ESRCH;
        *ret_pid = pid;
        *ret_parent_pid = parent_pid;
        return 0;
}

size_t kinship_children(pid_t pid, pid_t tid, pid_t *children, size_t size) {
        char path[64];
        size_t n = 0;
        snprintf(path, sizeof(path), "/proc/%d/task/%d/children", pid, tid);
        CLEANUP_FCLOSE FILE *file = fopen(path, "re");
        while (file && n < size && fscanf(file, "%d", &children[n]) == 1)
                n++;
        return n;
}
