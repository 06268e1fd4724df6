/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a pc outside the image's Go text is: known foreign code (file-backed text of the image's C code or of a library), the
 * dynamic loader, or unknown. /proc/PID/maps tells, one mapping at a time (PROCMAP_QUERY, since Linux 6.11) or all at once
 * (proc_pid_maps(5)); it is remembered until executable mappings may have changed.
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
        pid_t tid; /* a live thread of the process: of the one that asks, best */
        struct text_map_image image;
        uint64_t loader_inode; /* of the file that is mapped at loader_vaddr; 0 while that is not known */
        unsigned loader_major, loader_minor;
        bool changed;              /* executable mappings may have changed since the image began */
        bool prepared;             /* text_map_prepare() has been called since */
        bool complete;             /* ranges are all that there are; else those that were asked for */
        struct text_range *ranges; /* owned */
        size_t n_ranges, capacity;
};

void text_map_init(struct text_map *map, pid_t tid, const struct text_map_image *image);

/* That of process tid, which is a copy of the one that parent is of. */
void text_map_fork(struct text_map *map, pid_t tid, const struct text_map *parent);
void text_map_clear(struct text_map *map);

/* Executable mappings may have changed: look again at the next question. */
void text_map_invalidate(struct text_map *map);

/*
 * Looks at what is mapped now, ahead of the first question; does nothing where the kernel does not tell of single mappings. Cost: a
 * few calls for each of at most 64 files.
 */
void text_map_prepare(struct text_map *map);

/*
 * What the code at pc is; UNWIND_TEXT_UNKNOWN when the mappings cannot be read. Without /proc, the image's own text is known all
 * the same, until executable mappings may have changed.
 */
enum unwind_text text_map_classify(struct text_map *map, uint64_t pc);

#endif
