/* SPDX-License-Identifier: Apache-2.0 */
#include "report/output.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

enum { FULL_TIMEOUT_MS = 1000 };

/* Returns 0, or the errno that ended it; *ret_left is what was not written. */
static int write_all(int fd, struct str entry, struct str *ret_left) {
        int error = 0;
        while (entry.len > 0 && error == 0) {
                ssize_t n = write(fd, entry.ptr, entry.len);
                if (n > 0) {
                        entry = str_from_offset(entry, (size_t) n);
                } else if (n == 0) {
                        error = EIO;
                } else if (errno == EAGAIN) {
                        struct pollfd full = { .fd = fd, .events = POLLOUT };
                        int n_ready = poll(&full, 1, FULL_TIMEOUT_MS);
                        if (n_ready == 0)
                                error = EAGAIN;
                        else if (n_ready < 0 && errno != EINTR)
                                error = errno;
                } else if (errno != EINTR) {
                        error = errno;
                }
        }
        *ret_left = entry;
        return error;
}

bool output_write(struct output *output, struct str entry) {
        if (output->fd < 0)
                return true;
        if (output->broken)
                return false;

        struct str left;
        int error = output->line_is_cut ? write_all(output->fd, STR("\n"), &left) : 0;
        if (error == 0) {
                output->line_is_cut = false;
                error = write_all(output->fd, entry, &left);
                if (error != 0 && left.len < entry.len)
                        output->line_is_cut = true;
        }
        if (error == EPIPE || error == EBADF)
                output->broken = true;
        if (error != 0 && output->first_errno == 0)
                output->first_errno = error;
        return error == 0;
}
