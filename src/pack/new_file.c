/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/new_file.h"

#include "base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static int write_all(int fd, struct bytes content) {
        size_t done = 0;
        while (done < content.len) {
                ssize_t n = write(fd, content.ptr + done, content.len - done);
                if (n < 0 && errno == EINTR)
                        continue;
                if (n <= 0)
                        return -1;
                done += (size_t) n;
        }
        return 0;
}

/* DIRECTORY/.NAME.XXXXXX: by its name nobody takes it for the file. Owned by the caller; NULL when memory ran out. */
static char *temporary_name(const char *path) {
        const char *slash = strrchr(path, '/');
        int directory_len = slash ? (int) (slash + 1 - path) : 0;
        char *name = NULL;
        return asprintf(&name, "%.*s.%s.XXXXXX", directory_len, path, path + directory_len) < 0 ? NULL : name;
}

/* A rename would put the file in the place of a device or a link: nobody means that. */
static int check_place(const char *path, struct jail_error *err) {
        struct stat st;
        if (lstat(path, &st) < 0)
                return errno == ENOENT ? 0 : jail_error_set(err, JAIL_ESYS, errno, "%s", path);
        return S_ISREG(st.st_mode) ? 0 : jail_error_set(err, JAIL_EINVAL, 0, "%s: exists and is not a regular file", path);
}

int new_file_write(const char *path, mode_t mode, struct bytes content, struct jail_error *err) {
        int r = check_place(path, err);
        if (r < 0)
                return r;
        CLEANUP_FREE char *temporary = temporary_name(path);
        if (!temporary)
                return jail_error_set(err, JAIL_ENOMEM, 0, "out of memory");
        CLEANUP_CLOSE int fd = mkostemp(temporary, O_CLOEXEC);
        if (fd < 0)
                return jail_error_set(err, JAIL_ESYS, errno, "%s", path);
        /* Beyond a limit of file sizes (ulimit -f) a write fails like any other, and does not end the process. */
        void (*before)(int) = signal(SIGXFSZ, SIG_IGN);
        bool failed = write_all(fd, content) < 0 || fchmod(fd, mode & 07777) < 0 || fsync(fd) < 0;
        (void) signal(SIGXFSZ, before);
        /* Closed first: nobody can execute a file that is open for writing. */
        failed = close(steal_fd(&fd)) < 0 || failed;
        if (failed || rename(temporary, path) < 0) {
                int error_number = errno;
                unlink(temporary);
                return jail_error_set(err, JAIL_ESYS, error_number, "%s", path);
        }
        return 0;
}
