/* SPDX-License-Identifier: Apache-2.0 */
/* A shared library whose constructor reads the secret, before the program's entry point. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

__attribute__((constructor)) static void before_main(void) {
        char secret[100] = "";
        int fd = open(getenv("SECRET"), O_RDONLY);
        if (fd < 0 || read(fd, secret, sizeof(secret) - 1) < 0)
                perror("constructor");
        printf("constructor: %s\n", secret);
        fflush(stdout);
}
