/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A shared library whose constructor makes a thread that opens a file until it may not, and says why. Until then, nothing comes
 * from standard input.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int ends[2];

static void *open_again_and_again(void *data) {
        int fd;
        (void) data;
        while ((fd = open("/dev/null", O_RDONLY)) >= 0)
                close(fd);
        dprintf(STDOUT_FILENO, "thread: %s\n", strerrorname_np(errno));
        close(ends[1]);
        return NULL;
}

__attribute__((constructor)) static void before_main(void) {
        pthread_t thread;
        if (pipe(ends) != 0 || dup2(ends[0], STDIN_FILENO) != STDIN_FILENO || close(ends[0]) != 0 ||
            pthread_create(&thread, NULL, open_again_and_again, NULL) != 0)
                dprintf(STDOUT_FILENO, "thread: not started\n");
}
