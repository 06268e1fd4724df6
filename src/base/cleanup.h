/* SPDX-License-Identifier: Apache-2.0 */
/* Cleanup attributes for locals. A variable that carries one is initialised where it is declared. */
#ifndef BASE_CLEANUP_H
#define BASE_CLEANUP_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define CLEANUP(function) __attribute__((cleanup(function)))

static inline void cleanup_free(void *p) {
        free(*(void **) p);
}

static inline void cleanup_close(const int *fd) {
        if (*fd >= 0)
                close(*fd);
}

static inline void cleanup_fclose(FILE **file) {
        if (*file)
                fclose(*file);
}

#define CLEANUP_FREE   CLEANUP(cleanup_free)
#define CLEANUP_CLOSE  CLEANUP(cleanup_close)
#define CLEANUP_FCLOSE CLEANUP(cleanup_fclose)

/* Hands over what the cleanup attribute would have freed: returns the pointer and leaves NULL behind. */
#define STEAL(pointer)                                                                                                             \
        ({                                                                                                                         \
                __typeof__(pointer) steal_ = (pointer);                                                                            \
                (pointer) = NULL;                                                                                                  \
                steal_;                                                                                                            \
        })

/* The same for a file descriptor; leaves -1 behind. */
static inline int steal_fd(int *fd) {
        int stolen = *fd;
        *fd = -1;
        return stolen;
}

#endif
