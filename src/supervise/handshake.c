/* SPDX-License-Identifier: Apache-2.0 */
#include "supervise/handshake.h"

#include "base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_TRIES 200 /* each below a microsecond */

/* Moves a descriptor away from 0 to 2: a caller may have started with some of these closed, and they must stay so. */
static int move_up(int *fd) {
        int moved = fcntl(*fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
        if (moved < 0)
                return -1;
        close(*fd);
        *fd = moved;
        return 0;
}

int handshake_open(int ret_fds[2], struct jail_error *err) {
        int fds[2] = { -1, -1 };
        if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0)
                return jail_error_set(err, JAIL_ESYS, errno, "cannot make a socket pair");
        if (move_up(&fds[0]) < 0 || move_up(&fds[1]) < 0) {
                int error_number = errno;
                close(fds[0]);
                close(fds[1]);
                return jail_error_set(err, JAIL_ESYS, error_number, "cannot make a socket pair");
        }
        ret_fds[0] = fds[0];
        ret_fds[1] = fds[1];
        return 0;
}

static int send_message(int fd, const struct handshake_message *message) {
        for (;;) {
                if (send(fd, message, sizeof(*message), MSG_NOSIGNAL) == (ssize_t) sizeof(*message))
                        return 0;
                if (errno != EINTR)
                        return -1;
        }
}

int handshake_send(int fd, enum handshake_kind kind, struct jail_error *err) {
        const struct handshake_message message = { .kind = kind, .pid = getpid() };
        if (send_message(fd, &message) < 0)
                return jail_error_set(err, JAIL_ESYS, errno, "the launch was broken off");
        return 0;
}

void handshake_send_failure(int fd, const struct jail_error *reason) {
        const struct handshake_message message = { .kind = HANDSHAKE_FAILED, .pid = getpid(), .error = *reason };
        (void) send_message(fd, &message);
}

/*
 * The other end answers within microseconds, on a CPU of its own: to sleep meanwhile, and to be woken, takes longer than that. It
 * may have to share this one, so it is let through.
 */
static ssize_t receive(int fd, struct handshake_message *message) {
        for (int i = 0; i < MAX_TRIES; i++) {
                ssize_t len_bytes = recv(fd, message, sizeof(*message), MSG_DONTWAIT);
                if (len_bytes > 0 || (len_bytes < 0 && errno != EAGAIN && errno != EINTR))
                        return len_bytes;
                if (len_bytes == 0) /* may be too early: a last message came in between (unix_dgram_recvmsg, net/unix/af_unix.c) */
                        break;
                sched_yield();
        }
        for (;;) {
                ssize_t len_bytes = recv(fd, message, sizeof(*message), 0);
                if (len_bytes >= 0 || errno != EINTR)
                        return len_bytes;
        }
}

int handshake_receive(int fd, enum handshake_kind kind, struct handshake_message *ret_message, struct jail_error *err) {
        struct handshake_message message = { 0 };
        ssize_t len_bytes = receive(fd, &message);
        if (len_bytes == (ssize_t) sizeof(message) && message.kind == HANDSHAKE_FAILED) {
                if (err)
                        *err = message.error;
                return message.error.code;
        }
        if (len_bytes != (ssize_t) sizeof(message) || message.kind != kind)
                return jail_error_set(err, JAIL_ESYS, len_bytes < 0 ? errno : 0,
                                      "the supervisor ended before the program was started");
        if (ret_message)
                *ret_message = message;
        return 0;
}
