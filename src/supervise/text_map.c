/* SPDX-License-Identifier: Apache-2.0 */
#include "supervise/text_map.h"

#include "base/array.h"
#include "base/cleanup.h"
#include "gobin/image.h"
#include "supervise/mapping.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#define MAX_RANGES 65536
#define MAX_FILES  1024 /* that are looked into */

#define MAX_PREPARED 64

void text_map_init(struct text_map *map, pid_t tid, const struct text_map_image *image) {
        *map = (struct text_map){ .tid = tid, .image = *image };
}

void text_map_fork(struct text_map *map, pid_t tid, const struct text_map *parent) {
        text_map_init(map, tid, &parent->image);
        map->changed = parent->changed;
        map->loader_inode = parent->loader_inode;
        map->loader_major = parent->loader_major;
        map->loader_minor = parent->loader_minor;
}

void text_map_clear(struct text_map *map) {
        free(map->ranges);
        *map = (struct text_map){ 0 };
}

static void forget(struct text_map *map) {
        map->complete = false;
        map->n_ranges = 0;
}

void text_map_invalidate(struct text_map *map) {
        map->changed = true;
        map->prepared = false;
        forget(map);
}

/* A library that the Go linker made (a plugin, a c-shared library) has Go frames that jail cannot attribute. */
static bool is_go_library(const struct text_map *map, const struct mapping *mapping) {
        char path[80];
        struct jail_image *image = NULL;
        snprintf(path, sizeof(path), "/proc/%d/map_files/%" PRIx64 "-%" PRIx64, map->tid, mapping->start, mapping->end);
        CLEANUP_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0) { /* /proc/PID/map_files needs a capability (proc_pid_map_files(5)): go by the name */
                char by_name[4096 + 32];
                if ((size_t) snprintf(by_name, sizeof(by_name), "/proc/%d/root%s", map->tid, mapping->path) >= sizeof(by_name))
                        return true;
                fd = open(by_name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
        }
        if (fd < 0)
                return false; /* deleted since: a library that was upgraded */
        int r = image_begin_fd(fd, mapping->path, &image, NULL);
        jail_image_free(image);
        return r != JAIL_ENOTFOUND && r != JAIL_EUNSUPPORTED;
}

/* Text that cannot have been written after it was mapped, from a file that is no memory of the program's own. */
static bool is_file_text(const struct mapping *mapping) {
        if (strcmp(mapping->path, "[vdso]") == 0)
                return true;
        return mapping->inode != 0 && mapping->path[0] == '/' && mapping->permissions[1] != 'w' && mapping->permissions[3] == 'p' &&
               strncmp(mapping->path, "/memfd:", 7) != 0 && strncmp(mapping->path, "/dev/", 5) != 0 &&
               strncmp(mapping->path, "/SYSV", 5) != 0;
}

static bool is_loader(const struct text_map *map, const struct mapping *mapping) {
        return map->loader_inode != 0 && mapping->inode == map->loader_inode && mapping->device_major == map->loader_major &&
               mapping->device_minor == map->loader_minor;
}

static int add_range(struct text_map *map, const struct mapping *mapping, enum unwind_text text) {
        int r = ARRAY_RESERVE(map->ranges, &map->capacity, map->n_ranges, MAX_RANGES, NULL);
        if (r == 0)
                map->ranges[map->n_ranges++] = (struct text_range){ mapping->start, mapping->end, text };
        return r;
}

/* A file with code, and what it is: each is looked into once, however often it is mapped. */
struct code_file {
        unsigned device_major, device_minor;
        uint64_t inode;
        enum unwind_text text;
};

/* One reading of /proc/PID/maps. */
struct reading {
        const struct text_map *map;
        struct stat executable; /* whose Go text is asked for elsewhere; the rest of its text is C */
        struct code_file files[MAX_FILES];
        size_t n_files;
};

static enum unwind_text text_of_file(struct reading *reading, const struct mapping *mapping) {
        for (size_t i = 0; i < reading->n_files; i++) {
                const struct code_file *file = &reading->files[i];
                if (file->inode == mapping->inode && file->device_major == mapping->device_major &&
                    file->device_minor == mapping->device_minor)
                        return file->text;
        }
        if (reading->n_files == MAX_FILES)
                return UNWIND_TEXT_UNKNOWN;
        enum unwind_text text = is_go_library(reading->map, mapping) ? UNWIND_TEXT_UNKNOWN : UNWIND_TEXT_C;
        reading->files[reading->n_files++] =
                (struct code_file){ mapping->device_major, mapping->device_minor, mapping->inode, text };
        return text;
}

static enum unwind_text text_of(struct reading *reading, const struct mapping *mapping) {
        const struct text_map_image *image = &reading->map->image;
        if (!is_file_text(mapping) || (mapping->start < image->stub_end_vaddr && image->stub_vaddr < mapping->end))
                return UNWIND_TEXT_UNKNOWN;
        if (is_loader(reading->map, mapping))
                return UNWIND_TEXT_LOADER;
        if (strcmp(mapping->path, "[vdso]") == 0 ||
            (mapping->inode == reading->executable.st_ino &&
             makedev(mapping->device_major, mapping->device_minor) == reading->executable.st_dev))
                return UNWIND_TEXT_C;
        return text_of_file(reading, mapping);
}

/* The text that the image's own program headers name. */
static bool use_image(struct text_map *map) {
        const struct text_map_image *image = &map->image;
        for (size_t i = 0; image->file && i < image->file->n_segments; i++) {
                const struct elf_segment *segment = &image->file->segments[i];
                const struct mapping mapping = {
                        .start = segment->vaddr + image->bias,
                        .end = segment->vaddr + image->bias + segment->mem_size_bytes,
                };
                bool is_stub = mapping.start < image->stub_end_vaddr && image->stub_vaddr < mapping.end;
                if ((segment->flags & PF_X) && !(segment->flags & PF_W) && !is_stub && add_range(map, &mapping, UNWIND_TEXT_C) < 0)
                        return false;
        }
        return image->file != NULL;
}

static void set_loader(struct text_map *map, const struct mapping *mapping) {
        map->loader_inode = mapping->inode;
        map->loader_major = mapping->device_major;
        map->loader_minor = mapping->device_minor;
}

/* Once, when the image begins: what is mapped there later may be anything. */
static bool wants_loader(const struct text_map *map) {
        return map->image.loader_vaddr != 0 && map->loader_inode == 0;
}

/* False when the kernel does not tell of single mappings. */
static bool look_up_loader(struct text_map *map, int fd, char *name, uint32_t name_size) {
        struct mapping mapping;
        if (!wants_loader(map))
                return true;
        if (mapping_query(fd, map->image.loader_vaddr, name, name_size, &mapping) < 0)
                return false;
        set_loader(map, &mapping);
        return true;
}

/* Adds the range of the mapping that holds pc, if it is one of code. False when the kernel does not tell of single mappings. */
static bool look_up(struct text_map *map, struct reading *reading, int fd, uint64_t pc) {
        char name[PATH_MAX];
        struct mapping mapping;
        if (!look_up_loader(map, fd, name, sizeof(name)))
                return false;
        int r = mapping_query(fd, pc, name, sizeof(name), &mapping);
        if (r == 0 && mapping.permissions[2] == 'x')
                r = add_range(map, &mapping, text_of(reading, &mapping));
        return r == 0 || r == -ENOENT;
}

static void find_loader(struct text_map *map, FILE *file, char *line, size_t size, bool *ret_failed) {
        struct mapping mapping;
        size_t n = 0;
        while (mapping_next(file, line, size, &n, &mapping, ret_failed))
                if (map->image.loader_vaddr >= mapping.start && map->image.loader_vaddr < mapping.end) {
                        set_loader(map, &mapping);
                        return;
                }
}

/* False when nothing can be said of any code. */
static bool read_all(struct text_map *map, struct reading *reading, FILE *file) {
        char line[PATH_MAX + 128];
        struct mapping mapping;
        bool failed = false;
        size_t n = 0;
        map->n_ranges = 0;
        if (wants_loader(map)) {
                find_loader(map, file, line, sizeof(line), &failed);
                rewind(file);
        }
        while (!failed && mapping_next(file, line, sizeof(line), &n, &mapping, &failed))
                if (mapping.permissions[2] == 'x' && add_range(map, &mapping, text_of(reading, &mapping)) < 0)
                        failed = true;
        map->complete = true;
        return !failed && n != 0; /* of a process that has ended there are none */
}

static const struct text_range *find(const struct text_map *map, uint64_t pc) {
        for (size_t i = 0; i < map->n_ranges; i++)
                if (pc >= map->ranges[i].start && pc < map->ranges[i].end)
                        return &map->ranges[i];
        return NULL;
}

/* Begins a reading, of which there is one at a time: the descriptor of /proc/PID/maps, or -errno. */
static int begin_reading(const struct text_map *map, struct reading **ret_reading) {
        static struct reading reading;
        char path[32], exe_path[32];
        *ret_reading = &reading;
        reading.map = map;
        reading.n_files = 0;
        snprintf(path, sizeof(path), "/proc/%d/maps", map->tid);
        snprintf(exe_path, sizeof(exe_path), "/proc/%d/exe", map->tid);
        CLEANUP_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0 || stat(exe_path, &reading.executable) < 0)
                return -errno;
        return steal_fd(&fd);
}

/* Adds what is known of the code at pc. False when nothing can be said. */
static bool learn(struct text_map *map, uint64_t pc) {
        struct reading *reading = NULL;
        struct stat self;
        CLEANUP_CLOSE int fd = begin_reading(map, &reading);
        if (fd == -ENOENT && stat("/proc/self", &self) < 0 && !map->changed) {
                map->complete = true;
                return use_image(map);
        }
        if (fd < 0)
                return false;
        if (look_up(map, reading, fd, pc))
                return true;
        CLEANUP_FCLOSE FILE *file = fdopen(fd, "re");
        if (!file)
                return false;
        fd = -1;
        return read_all(map, reading, file);
}

void text_map_prepare(struct text_map *map) {
        struct reading *reading = NULL;
        char name[PATH_MAX];
        struct mapping mapping = { 0 };
        map->prepared = true;
        CLEANUP_CLOSE int fd = map->complete ? -1 : begin_reading(map, &reading);
        if (fd < 0 || !look_up_loader(map, fd, name, sizeof(name)))
                return;
        for (int n = 0; n < MAX_PREPARED && mapping_query_code(fd, mapping.end, name, sizeof(name), &mapping) == 0; n++)
                if (!find(map, mapping.start) && add_range(map, &mapping, text_of(reading, &mapping)) < 0)
                        return;
}

enum unwind_text text_map_classify(struct text_map *map, uint64_t pc) {
        const struct text_range *range = find(map, pc);
        if (!range && (!map->complete || map->changed)) { /* what changed them may not have been over when they were read */
                if (!learn(map, pc))
                        forget(map);
                range = find(map, pc);
        }
        return range ? range->text : UNWIND_TEXT_UNKNOWN;
}
