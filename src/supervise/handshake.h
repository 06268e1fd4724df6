/* SPDX-License-Identifier: Apache-2.0 */
/* What the supervisor and the process that becomes the program say to each other, over a socket that is gone after the exec. */
#ifndef SUPERVISE_HANDSHAKE_H
#define SUPERVISE_HANDSHAKE_H

#include <jail/error.h>
#include <stdint.h>
#include <sys/types.h>

enum handshake_kind {
        HANDSHAKE_GO = 1, /* launcher: I am process pid, and you may seize me */
        HANDSHAKE_READY,  /* supervisor: you are seized */
        HANDSHAKE_FAILED, /* supervisor: I cannot, and why */
};

/* One message, always whole: the socket keeps them apart. */
struct handshake_message {
        enum handshake_kind kind;
        pid_t pid; /* the sender's */
        /* HANDSHAKE_GO of a packed program, else 0: where its initial stack and its entry stub are. */
        uint64_t initial_stack, stub;
        struct jail_error error;
};

/* Both ends: close-on-exec, and none of the standard descriptors. Errors: JAIL_ESYS. */
int handshake_open(int ret_fds[2], struct jail_error *err) JAIL_MUST_USE;

/* Sends kind with the sender's pid. Errors: JAIL_ESYS (the other end is gone). */
int handshake_send(int fd, enum handshake_kind kind, struct jail_error *err) JAIL_MUST_USE;

/* Tells the other side why. Nobody may be there any more to hear it. */
void handshake_send_failure(int fd, const struct jail_error *reason);

/*
 * Waits for kind; *ret_message (or NULL) is all that was said. Errors: what HANDSHAKE_FAILED carries, or JAIL_ESYS (the other side
 * has ended, or said something else).
 */
int handshake_receive(int fd, enum handshake_kind kind, struct handshake_message *ret_message,
                      struct jail_error *err) JAIL_MUST_USE;

#endif
