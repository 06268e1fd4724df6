/* SPDX-License-Identifier: Apache-2.0 */
#include "gobin/build_info.h"

#include "base/array.h"

#include <stdlib.h>
#include <string.h>

#define HEADER_BYTES      32
#define MAX_VERSION_BYTES 256
#define MAX_INFO_BYTES    (16 << 20)
#define MAX_MODULES       100000
#define MAX_SEARCH_BYTES  (256u << 20) /* of a file without sections: a sparse one may claim any size */
/* Go frames the module lines with two 16-byte markers (cmd/go/internal/modload/build.go, infoStart and infoEnd). */
#define MARKER_BYTES 16
#define FLAG_INLINE  0x2

static const char magic[] = "\xff Go buildinf:";

static bool read_varint_string(struct bytes b, uint64_t *offset, size_t max_len_bytes, struct str *ret_string) {
        uint64_t len;
        struct bytes slice;
        if (!bytes_uvarint64(b, offset, &len) || len > max_len_bytes || !bytes_slice(b, *offset, len, &slice))
                return false;
        *offset += len;
        *ret_string = (struct str){ (const char *) slice.ptr, slice.len };
        return true;
}

/* Cuts the next field off *line at a tab, and terminates it in place. */
static const char *next_field(char **line) {
        return *line ? strsep(line, "\t") : NULL;
}

static void read_module_line(char *line, struct jail_image_module *module) {
        const char *path = next_field(&line), *version = next_field(&line);
        module->path = path ? path : "";
        module->version = version ? version : "";
}

static int build_info_add_line(struct build_info *info, size_t *capacity, char *line, struct jail_image_module **last,
                               struct jail_error *err) {
        const char *key = next_field(&line);
        if (!key || !line)
                return 0;
        if (strcmp(key, "path") == 0) {
                info->package = line;
        } else if (strcmp(key, "mod") == 0) {
                read_module_line(line, &info->main);
                *last = &info->main;
        } else if (strcmp(key, "dep") == 0) {
                int r = ARRAY_RESERVE(info->modules, capacity, info->n_modules, MAX_MODULES, err);
                if (r < 0)
                        return r;
                *last = &info->modules[info->n_modules++];
                **last = (struct jail_image_module){ 0 };
                read_module_line(line, *last);
        } else if (strcmp(key, "=>") == 0 && *last) {
                struct jail_image_module replacement = { 0 };
                read_module_line(line, &replacement);
                (*last)->replace_path = replacement.path;
                /* A directory has no version; the go command then writes "(devel)" (modload/build.go, debugModFromModinfo). */
                (*last)->replace_version = strcmp(replacement.version, "(devel)") == 0 ? "" : replacement.version;
        }
        return 0;
}

int build_info_parse(struct build_info *info, struct bytes section, struct jail_error *err) {
        uint8_t flags;
        uint64_t offset = HEADER_BYTES;
        struct str version, modules;

        if (section.len < HEADER_BYTES || memcmp(section.ptr, magic, sizeof(magic) - 1) != 0)
                return jail_error_set(err, JAIL_EFORMAT, 0, "the Go build info has no header");
        if (!bytes_u8(section, 15, &flags) || !(flags & FLAG_INLINE))
                return jail_error_set(err, JAIL_EUNSUPPORTED, 0, "built by a Go version before 1.18; supported are %s",
                                      jail_image_supported_versions());
        if (!read_varint_string(section, &offset, MAX_VERSION_BYTES, &version) ||
            !read_varint_string(section, &offset, MAX_INFO_BYTES, &modules) || version.len == 0)
                return jail_error_set(err, JAIL_EFORMAT, 0, "the Go build info is truncated");
        if (modules.len >= 2 * MARKER_BYTES + 1 && modules.ptr[modules.len - MARKER_BYTES - 1] == '\n')
                modules = (struct str){ modules.ptr + MARKER_BYTES, modules.len - 2 * MARKER_BYTES };
        else
                modules.len = 0;
        if (memchr(version.ptr, '\0', version.len) || (modules.len > 0 && memchr(modules.ptr, '\0', modules.len)))
                return jail_error_set(err, JAIL_EFORMAT, 0, "the Go build info is damaged");

        struct build_info parsed = { .package = "", .main = { .path = "", .version = "" } };
        parsed.text = malloc(version.len + 1 + modules.len + 1);
        if (!parsed.text)
                return jail_error_set(err, JAIL_ENOMEM, 0, "out of memory");
        memcpy(parsed.text, version.ptr, version.len);
        parsed.text[version.len] = '\0';
        parsed.go_version = parsed.text;
        char *text = parsed.text + version.len + 1;
        if (modules.len > 0)
                memcpy(text, modules.ptr, modules.len);
        text[modules.len] = '\0';

        size_t capacity = 0;
        struct jail_image_module *last = NULL;
        for (char *line; (line = strsep(&text, "\n")) != NULL;) {
                int r = build_info_add_line(&parsed, &capacity, line, &last, err);
                if (r < 0) {
                        build_info_clear(&parsed);
                        return r;
                }
        }
        *info = parsed;
        return 0;
}

/*
 * Without section headers the build info is found by its magic, at a multiple of 16 (debug/buildinfo/buildinfo.go, searchMagic).
 * Errors: JAIL_ENOTFOUND, JAIL_ELIMIT.
 */
static int find_by_magic(const struct elf_file *file, struct bytes *ret_bytes, struct jail_error *err) {
        size_t searched = 0;
        for (size_t i = 0; i < file->n_segments; i++) {
                struct bytes rest = file->segments[i].bytes;
                const uint8_t *found;
                searched += rest.len;
                if (rest.len > MAX_SEARCH_BYTES || searched > MAX_SEARCH_BYTES)
                        return jail_error_set(err, JAIL_ELIMIT, 0, "it has no sections, and is too large to be searched");
                while (rest.len > 0 && (found = memmem(rest.ptr, rest.len, magic, sizeof(magic) - 1)) != NULL) {
                        uint64_t vaddr = file->segments[i].vaddr + (uint64_t) (found - file->segments[i].bytes.ptr);
                        (void) bytes_from(rest, (uint64_t) (found - rest.ptr), &rest);
                        if (vaddr % 16 == 0) {
                                *ret_bytes = rest;
                                return 0;
                        }
                        (void) bytes_from(rest, 1, &rest);
                }
        }
        return jail_error_set(err, JAIL_ENOTFOUND, 0, "no Go build info");
}

int build_info_read(struct build_info *info, const struct elf_file *file, struct jail_error *err) {
        struct elf_section section;
        if (!elf_file_section(file, ".go.buildinfo", &section)) {
                if (elf_file_has_sections(file))
                        return jail_error_set(err, JAIL_ENOTFOUND, 0, "no Go build info");
                int r = find_by_magic(file, &section.bytes, err);
                if (r < 0)
                        return r;
        }
        return build_info_parse(info, section.bytes, err);
}

void build_info_clear(struct build_info *info) {
        free(info->text);
        free(info->modules);
        *info = (struct build_info){ 0 };
}
