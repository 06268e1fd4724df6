/* SPDX-License-Identifier: Apache-2.0 */
/* replay DIRECTORY...: runs a fuzz target over each file of its corpus, whole, cut in half and with a few bits flipped. */
#include "base/cleanup.h"
#include "fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Copies of exactly that length: a sanitizer sees what is read behind them. */
static void run(const uint8_t *data, size_t size, size_t flipped_bit) {
        CLEANUP_FREE uint8_t *copy = malloc(size + 1);
        if (!copy)
                abort();
        memcpy(copy + 1, data, size);
        if (flipped_bit < size * 8)
                copy[1 + flipped_bit / 8] ^= (uint8_t) (1 << flipped_bit % 8);
        LLVMFuzzerTestOneInput(copy + 1, size);
}

static int replay_file(const char *path) {
        static uint8_t data[1 << 20];
        CLEANUP_FCLOSE FILE *file = fopen(path, "rb");
        if (!file)
                return -1;
        size_t size = fread(data, 1, sizeof(data), file);
        run(data, size, SIZE_MAX);
        run(data, size / 2, SIZE_MAX);
        for (size_t bit = size % 13; bit < size * 8; bit += 101)
                run(data, size, bit);
        return 0;
}

int main(int argc, char **argv) {
        size_t n = 0;
        for (int i = 1; i < argc; i++) {
                DIR *dir = opendir(argv[i]);
                if (!dir) {
                        perror(argv[i]);
                        return 1;
                }
                for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
                        char path[4096];
                        if (entry->d_name[0] == '.')
                                continue;
                        snprintf(path, sizeof(path), "%s/%s", argv[i], entry->d_name);
                        if (replay_file(path) < 0) {
                                perror(path);
                                return 1;
                        }
                        n++;
                }
                closedir(dir);
        }
        printf("%zu files\n", n);
        return n > 0 ? 0 : 1;
}
