/* SPDX-License-Identifier: Apache-2.0 */
#include "supervise/text_map.h"

#include "base/array.h"
#include "base/cleanup.h"
#include "gobin/image.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

/* vm.max_map_count is 65530 unless it was raised; a process beyond these has unknown code everywhere. */
#define MAX_MAPPINGS 262144
#define MAX_RANGES   65536
#define MAX_FILES    1024 /* that are looked into */

/* One line of /proc/PID/maps. */
struct mapping {
        uint64_t start, end;
        char permissions[5];
        unsigned device_major, device_minor;
        uint64_t inode;
        const char *path; /* into the line, "" for an anonymous mapping */
};

/* A number and the character behind it. */
static bool take_number(char **at, int base, char behind, uint64_t *ret_number) {
        char *end = NULL;
        *ret_number = strtoull(*at, &end, base);
        if (end == *at || *end != behind)
                return false;
        *at = end + 1;
        return true;
}

/* proc_pid_maps(5). Not sscanf(3): it is read in the middle of a stop. */
static bool mapping_parse(char *line, struct mapping *mapping) {
        uint64_t offset, device_major, device_minor;
        char *at = line;
        line[strcspn(line, "\n")] = '\0';
        if (!take_number(&at, 16, '-', &mapping->start) || !take_number(&at, 16, ' ', &mapping->end) || strnlen(at, 5) < 5 ||
            at[4] != ' ')
                return false;
        memcpy(mapping->permissions, at, 4);
        mapping->permissions[4] = '\0';
        at += 5;
        if (!take_number(&at, 16, ' ', &offset) || !take_number(&at, 16, ':', &device_major) ||
            !take_number(&at, 16, ' ', &device_minor))
                return false;
        char *end = NULL;
        mapping->inode = strtoull(at, &end, 10);
        if (end == at)
                return false;
        mapping->device_major = (unsigned) device_major;
        mapping->device_minor = (unsigned) device_minor;
        mapping->path = end + strspn(end, " ");
        return true;
}

void text_map_init(struct text_map *map, pid_t pid, const struct text_map_image *image) {
        *map = (struct text_map){ .pid = pid, .image = *image };
}

void text_map_clear(struct text_map *map) {
        free(map->ranges);
        *map = (struct text_map){ 0 };
}

void text_map_invalidate(struct text_map *map) {
        map->valid = false;
        map->changed = true;
        map->n_ranges = 0;
}

/* A library that the Go linker made (a plugin, a c-shared library) has Go frames that jail cannot attribute. */
static bool is_go_library(const struct text_map *map, const struct mapping *mapping) {
        char path[80];
        struct build_info info;
        snprintf(path, sizeof(path), "/proc/%d/map_files/%" PRIx64 "-%" PRIx64, map->pid, mapping->start, mapping->end);
        CLEANUP_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0) { /* /proc/PID/map_files needs a capability (proc_pid_map_files(5)): go by the name */
                char by_name[4096 + 32];
                if ((size_t) snprintf(by_name, sizeof(by_name), "/proc/%d/root%s", map->pid, mapping->path) >= sizeof(by_name))
                        return true;
                fd = open(by_name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
        }
        if (fd < 0)
                return false; /* deleted since: a library that was upgraded */
        int r = image_probe_fd(fd, mapping->path, &info, NULL);
        if (r == 0)
                build_info_clear(&info);
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

static bool same_file(const struct mapping *a, const struct mapping *b) {
        return a->inode == b->inode && a->device_major == b->device_major && a->device_minor == b->device_minor;
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
        struct mapping loader;  /* the dynamic loader's */
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
        if (reading->loader.inode != 0 && same_file(mapping, &reading->loader))
                return UNWIND_TEXT_LOADER;
        if (strcmp(mapping->path, "[vdso]") == 0 ||
            (mapping->inode == reading->executable.st_ino &&
             makedev(mapping->device_major, mapping->device_minor) == reading->executable.st_dev))
                return UNWIND_TEXT_C;
        return text_of_file(reading, mapping);
}

/* The next mapping; false at the end, and *ret_failed where there are too many, or a line is too long and the rest of it could be
 * anything. */
static bool next_mapping(FILE *file, char *line, size_t size, size_t *n, struct mapping *mapping, bool *ret_failed) {
        while (fgets(line, (int) size, file)) {
                *ret_failed = !strchr(line, '\n') || ++*n > MAX_MAPPINGS;
                if (*ret_failed)
                        return false;
                if (mapping_parse(line, mapping))
                        return true;
        }
        return false;
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

/* False when nothing can be said of any code. */
static bool read_maps(struct text_map *map) {
        static struct reading reading;
        char path[32], exe_path[32], line[4096 + 128];
        struct mapping mapping;
        bool failed = false;
        size_t n = 0;
        reading.map = map;
        reading.loader.inode = 0;
        reading.n_files = 0;
        snprintf(path, sizeof(path), "/proc/%d/maps", map->pid);
        snprintf(exe_path, sizeof(exe_path), "/proc/%d/exe", map->pid);
        CLEANUP_FCLOSE FILE *file = fopen(path, "re");
        struct stat self;
        if (!file && errno == ENOENT && stat("/proc/self", &self) < 0 && !map->changed)
                return use_image(map);
        if (!file || stat(exe_path, &reading.executable) < 0)
                return false;

        while (map->image.loader_vaddr != 0 && next_mapping(file, line, sizeof(line), &n, &mapping, &failed))
                if (map->image.loader_vaddr >= mapping.start && map->image.loader_vaddr < mapping.end) {
                        reading.loader = mapping;
                        reading.loader.path = ""; /* the line is used again */
                }
        rewind(file);
        n = 0;
        while (!failed && next_mapping(file, line, sizeof(line), &n, &mapping, &failed))
                if (mapping.permissions[2] == 'x' && add_range(map, &mapping, text_of(&reading, &mapping)) < 0)
                        failed = true;
        return !failed;
}

enum unwind_text text_map_classify(struct text_map *map, uint64_t pc) {
        if (!map->valid) {
                map->n_ranges = 0;
                if (!read_maps(map)) {
                        map->n_ranges = 0;
                        return UNWIND_TEXT_UNKNOWN;
                }
                map->valid = true;
        }
        for (size_t i = 0; i < map->n_ranges; i++)
                if (pc >= map->ranges[i].start && pc < map->ranges[i].end)
                        return map->ranges[i].text;
        return UNWIND_TEXT_UNKNOWN;
}
