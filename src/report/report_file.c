/* SPDX-License-Identifier: Apache-2.0 */
#include "report/report_file.h"

#include "base/cleanup.h"
#include "report/json_report.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

/* Moves *fd above the standard descriptors, where a program that was started without them would find it. */
static int above_standard(int fd, int *ret_fd) {
        int moved = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
        if (moved < 0)
                return -1;
        *ret_fd = moved;
        return 0;
}

static int open_descriptor(const char *target, int *ret_fd, struct jail_error *err) {
        const char *digits = target + strlen("fd:");
        char *end = NULL;
        errno = 0;
        long number = strtol(digits, &end, 10);
        if (!isdigit((unsigned char) digits[0]) || *end != '\0' || errno != 0 || number > INT32_MAX)
                return jail_error_set(err, JAIL_EINVAL, 0, "%s: expected the number of an open descriptor after fd:", target);

        int fd = (int) number;
        int flags = fcntl(fd, F_GETFL);
        if (flags < 0)
                return jail_error_set(err, JAIL_ESYS, errno, "%s", target);
        if ((flags & O_ACCMODE) == O_RDONLY || (flags & O_PATH))
                return jail_error_set(err, JAIL_EINVAL, 0, "%s: the descriptor is not open for writing", target);
        if (above_standard(fd, ret_fd) < 0)
                return jail_error_set(err, JAIL_ESYS, errno, "%s", target);
        if (fd > STDERR_FILENO && fcntl(fd, F_SETFD, FD_CLOEXEC) < 0) {
                close(*ret_fd);
                *ret_fd = -1;
                return jail_error_set(err, JAIL_ESYS, errno, "%s", target);
        }
        return 0;
}

/* Whether the existing file may be appended to. */
static int check_existing(const char *target, int fd, struct jail_error *err) {
        struct stat st;
        if (fstat(fd, &st) < 0)
                return jail_error_set(err, JAIL_ESYS, errno, "%s", target);
        if (!S_ISREG(st.st_mode))
                return jail_error_set(err, JAIL_EINVAL, 0, "%s: exists and is not a regular file (fd:N takes an open pipe)",
                                      target);
        if (st.st_uid != geteuid())
                return jail_error_set(err, JAIL_EINVAL, 0, "%s: exists and belongs to another user", target);
        if (st.st_nlink != 1)
                return jail_error_set(err, JAIL_EINVAL, 0, "%s: exists and has other names (hard links)", target);
        if (st.st_size == 0)
                return 0;

        char start[sizeof(JSON_REPORT_PREFIX) - 1];
        ssize_t n = pread(fd, start, sizeof(start), 0);
        if (n < 0)
                return jail_error_set(err, JAIL_ESYS, errno, "%s", target);
        if ((size_t) n != sizeof(start) || memcmp(start, JSON_REPORT_PREFIX, sizeof(start)) != 0)
                return jail_error_set(err, JAIL_EINVAL, 0, "%s: exists and is not a report of jail: it is left as it is", target);
        return 0;
}

int report_file_open(const char *target, int *ret_fd, struct jail_error *err) {
        if (strncmp(target, "fd:", 3) == 0)
                return open_descriptor(target, ret_fd, err);
        if (target[0] == '\0')
                return jail_error_set(err, JAIL_EINVAL, 0, "expected a file name or fd:N");

        /* O_NONBLOCK: a FIFO without a reader must not hang; it is refused below. Regular files do not know it. */
        const int flags = O_RDWR | O_APPEND | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
        CLEANUP_CLOSE int fd = open(target, flags | O_CREAT | O_EXCL, 0600);
        if (fd < 0 && errno == EEXIST) {
                fd = open(target, flags);
                if (fd < 0 && errno == ELOOP)
                        return jail_error_set(err, JAIL_EINVAL, 0, "%s: is a symbolic link", target);
                if (fd < 0)
                        return jail_error_set(err, JAIL_ESYS, errno, "%s", target);
                int r = check_existing(target, fd, err);
                if (r < 0)
                        return r;
        }
        if (fd < 0)
                return jail_error_set(err, JAIL_ESYS, errno, "%s", target);
        if (above_standard(fd, ret_fd) < 0)
                return jail_error_set(err, JAIL_ESYS, errno, "%s", target);
        return 0;
}
