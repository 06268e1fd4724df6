/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a pc outside the image's Go text is: known foreign code (file-backed text of the image's C code or of a library), the
 * dynamic loader, or unknown. Read from /proc/PID/maps (proc_pid_maps(5)) and remembered until executable mappings may have
 * changed.
 */
#ifndef SUPERVISE_TEXT_MAP_H
#define SUPERVISE_TEXT_MAP_H

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

struct text_map {
        pid_t pid;
        uint64_t loader_vaddr; /* where the dynamic loader is mapped (AT_BASE), 0 without one */
        bool valid;
        struct text_range *ranges; /* owned; in ascending order */
        size_t n_ranges, capacity;
};

void text_map_init(struct text_map *map, pid_t pid, uint64_t loader_vaddr);
void text_map_clear(struct text_map *map);

/* Executable mappings may have changed: look again at the next question. */
void text_map_invalidate(struct text_map *map);

/* What the code at pc is; UNWIND_TEXT_UNKNOWN when the mappings cannot be read. */
enum unwind_text text_map_classify(struct text_map *map, uint64_t pc);

#endif
