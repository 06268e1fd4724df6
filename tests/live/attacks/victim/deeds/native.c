/* SPDX-License-Identifier: Apache-2.0 */
/* A build constraint has no blank where clang-format would put one. */
/* clang-format off */
//go:build cgo
/* clang-format on */

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Standard I/O of C would have a buffer of its own. */
static void say(const char *text) {
        if (write(1, text, strlen(text)) < 0)
                _exit(4);
}

void deeds_steal(void) {
        char secret[101] = "";
        int fd = open("secret", O_RDONLY);
        if (fd >= 0 && read(fd, secret, 100) > 0) {
                say("deed: ok ");
                say(secret);
                say("\n");
        } else {
                say(errno == EPERM ? "deed: EPERM\n" : "deed: failed\n");
        }
}

static void *steal(void *nothing) {
        deeds_steal();
        return nothing;
}

void deeds_steal_in_thread(void) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, steal, NULL) != 0 || pthread_join(thread, NULL) != 0)
                say("deed: failed (no thread)\n");
}

void deeds_steal_in_go(void);

void deeds_call_go(void) {
        deeds_steal_in_go();
}

/* Before Go runs. */
static void __attribute__((constructor)) start(int argc, char **argv) {
        if (argc == 4 && strcmp(argv[1], "deeds") == 0 && strcmp(argv[2], "constructor") == 0)
                deeds_steal();
}
