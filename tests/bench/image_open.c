/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What opening a Go image costs: prints the microseconds of the fastest of 20, and the peak of the resident memory in KiB.
 *
 *     image_open PROG
 */
#include <inttypes.h>
#include <jail/image.h>
#include <stdio.h>
#include <time.h>

static int64_t now_ns(void) {
        struct timespec now;
        clock_gettime(CLOCK_MONOTONIC, &now);
        return (int64_t) now.tv_sec * 1000000000 + now.tv_nsec;
}

/* proc_pid_status(5): the peak since exec, which getrusage(2) does not tell. */
static long peak_kib(void) {
        char line[128];
        long peak = 0;
        FILE *file = fopen("/proc/self/status", "re");
        while (file && fgets(line, sizeof(line), file))
                if (sscanf(line, "VmHWM: %ld", &peak) == 1)
                        break;
        if (file)
                fclose(file);
        return peak;
}

int main(int argc, char **argv) {
        int64_t least = INT64_MAX;
        if (argc != 2) {
                fprintf(stderr, "usage: image_open PROG\n");
                return 125;
        }
        for (int i = 0; i < 20; i++) {
                struct jail_image *image;
                struct jail_error err;
                int64_t start = now_ns();
                if (jail_image_open(argv[1], &image, &err) < 0) {
                        fprintf(stderr, "image_open: %s\n", err.msg);
                        return 125;
                }
                int64_t took = now_ns() - start;
                least = took < least ? took : least;
                jail_image_free(image);
        }
        printf("%" PRId64 " %ld\n", least / 1000, peak_kib());
        return 0;
}
