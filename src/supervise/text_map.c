/* SPDX-License-Identifier: Apache-2.0 */
#include "supervise/text_map.h"

#include "base/array.h"
#include "base/cleanup.h"
#include "gobin/image.h"

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#define MAX_RANGES 65536

/* One line of /proc/PID/maps. */
struct mapping {
        uint64_t start, end;
        char permissions[5];
        unsigned device_major, device_minor;
        uint64_t inode;
        const char *path; /* into the line, "" for an anonymous mapping */
};

static bool mapping_parse(char *line, struct mapping *mapping) {
        int path_at = 0;
        uint64_t offset;
        if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %4s %" SCNx64 " %x:%x %" SCNu64 " %n", &mapping->start, &mapping->end,
                   mapping->permissions, &offset, &mapping->device_major, &mapping->device_minor, &mapping->inode, &path_at) < 7)
                return false;
        mapping->path = path_at > 0 ? line + path_at : "";
        line[strcspn(line, "\n")] = '\0';
        return true;
}

void text_map_init(struct text_map *map, pid_t pid, uint64_t loader_vaddr) {
        *map = (struct text_map){ .pid = pid, .loader_vaddr = loader_vaddr };
}

void text_map_clear(struct text_map *map) {
        free(map->ranges);
        *map = (struct text_map){ 0 };
}

void text_map_invalidate(struct text_map *map) {
        map->valid = false;
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

/* exe is the first mapping of the executable itself: its Go text is asked for elsewhere, the rest of its text is C. */
static enum unwind_text text_of(const struct text_map *map, const struct mapping *mapping, const struct mapping *loader,
                                uint64_t exe_device, uint64_t exe_inode) {
        if (!is_file_text(mapping))
                return UNWIND_TEXT_UNKNOWN;
        if (loader->inode != 0 && same_file(mapping, loader))
                return UNWIND_TEXT_LOADER;
        if (strcmp(mapping->path, "[vdso]") == 0 ||
            (mapping->inode == exe_inode && makedev(mapping->device_major, mapping->device_minor) == exe_device))
                return UNWIND_TEXT_C;
        return is_go_library(map, mapping) ? UNWIND_TEXT_UNKNOWN : UNWIND_TEXT_C;
}

static bool read_maps(struct text_map *map) {
        char path[32], exe_path[32], line[4096 + 128];
        struct stat exe;
        snprintf(path, sizeof(path), "/proc/%d/maps", map->pid);
        snprintf(exe_path, sizeof(exe_path), "/proc/%d/exe", map->pid);
        CLEANUP_FCLOSE FILE *file = fopen(path, "re");
        if (!file || stat(exe_path, &exe) < 0)
                return false;

        struct mapping mapping, loader = { 0 };
        while (map->loader_vaddr != 0 && fgets(line, sizeof(line), file))
                if (mapping_parse(line, &mapping) && map->loader_vaddr >= mapping.start && map->loader_vaddr < mapping.end)
                        loader = mapping;
        rewind(file);
        while (fgets(line, sizeof(line), file)) {
                if (!mapping_parse(line, &mapping) || mapping.permissions[2] != 'x')
                        continue;
                if (add_range(map, &mapping, text_of(map, &mapping, &loader, exe.st_dev, exe.st_ino)) < 0)
                        return false;
        }
        return true;
}

enum unwind_text text_map_classify(struct text_map *map, uint64_t pc) {
        if (!map->valid) {
                map->n_ranges = 0;
                if (!read_maps(map))
                        return UNWIND_TEXT_UNKNOWN;
                map->valid = true;
        }
        for (size_t i = 0; i < map->n_ranges; i++)
                if (pc >= map->ranges[i].start && pc < map->ranges[i].end)
                        return map->ranges[i].text;
        return UNWIND_TEXT_UNKNOWN;
}
