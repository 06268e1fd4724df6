/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a pc outside the image's Go text is: known foreign code (file-backed text of the image's C code or of a library), the
 * dynamic loader, or unknown. Read from /proc/PID/maps (proc_pid_maps(5)) and remembered until executable mappings may have
 * changed.
 */
#ifndef SUPERVISE_TEXT_MAP_H
#define SUPERVISE_TEXT_MAP_H

#include "gobin/elf_file.h"
#include "unwind/unwind.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* One executable mapping, the half-open range [start, end). */
struct text_range {
        uint64_t start, end;
        enum unwind_text text;
};

/* What is known of an image before its mappings are looked at. */
struct text_map_image {
        const struct elf_file *file;         /* borrowed; NULL: nothing is known */
        uint64_t bias;                       /* run-time address = link-time address + bias */
        uint64_t loader_vaddr;               /* where the dynamic loader is mapped (AT_BASE), 0 without one */
        uint64_t stub_vaddr, stub_end_vaddr; /* the entry stub of a packed program, as run-time addresses: never a caller */
};

struct text_map {
        pid_t pid;
        struct text_map_image image;
        bool changed; /* executable mappings may have changed since the image began */
        bool valid;
        struct text_range *ranges; /* owned; in ascending order */
        size_t n_ranges, capacity;
};

void text_map_init(struct text_map *map, pid_t pid, const struct text_map_image *image);
void text_map_clear(struct text_map *map);

/* Executable mappings may have changed: look again at the next question. */
void text_map_invalidate(struct text_map *map);

/*
 * What the code at pc is; UNWIND_TEXT_UNKNOWN when the mappings cannot be read. Without /proc, the image's own text is known all
 * the same, until executable mappings may have changed.
 */
enum unwind_text text_map_classify(struct text_map *map, uint64_t pc);

#endif
