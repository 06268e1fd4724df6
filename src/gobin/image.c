/* SPDX-License-Identifier: Apache-2.0 */
#include "gobin/image.h"

#include "base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

/* A file that has any of these was made by the Go linker, whatever else it lacks. */
static bool looks_like_go(const struct elf_file *file) {
        static const char *const names[] = { ".go.buildinfo", ".note.go.buildid", ".gopclntab", ".data.rel.ro.gopclntab",
                                             ".go.module" };
        struct elf_section section;
        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
                if (elf_file_section(file, names[i], &section))
                        return true;
        return false;
}

/* Puts the file's path in front of a message about its content. */
static int about(const char *path, int code, struct jail_error *err) {
        if (err)
                jail_error_set(err, code, 0, "%s: %s", path, err->msg);
        return code;
}

static int read_build_info(const struct elf_file *file, const char *path, struct build_info *info, struct jail_error *err) {
        int r = build_info_read(info, file, err);
        if (r == JAIL_ENOTFOUND) {
                if (looks_like_go(file))
                        return jail_error_set(err, JAIL_EFORMAT, 0, "%s: a Go program without build info", path);
                return jail_error_set(err, JAIL_ENOTFOUND, 0, "%s is not a Go program", path);
        }
        return r < 0 ? about(path, r, err) : 0;
}

int image_open_tables(struct jail_image *image, struct jail_error *err) {
        int r = go_layout_find(image->build.go_version, &image->layout, err);
        if (r == 0)
                r = pclntab_open(&image->tab, &image->file, image->layout, err);
        if (r == JAIL_ENOTFOUND)
                r = jail_error_set(err, JAIL_EFORMAT, 0,
                                   elf_file_has_sections(&image->file) ? "a Go program without .gopclntab"
                                                                       : "a Go program without section names (truncated?)");
        return r < 0 ? about(image->path, r, err) : 0;
}

int image_begin_fd(int fd, const char *path, struct jail_image **ret_image, struct jail_error *err) {
        struct jail_image *image = calloc(1, sizeof(*image));
        if (!image || !(image->path = strdup(path))) {
                jail_image_free(image);
                return jail_error_set(err, JAIL_ENOMEM, 0, "out of memory");
        }
        int r = elf_file_open_fd(&image->file, fd, path, err);
        if (r == 0)
                r = read_build_info(&image->file, path, &image->build, err);
        if (r < 0) {
                jail_image_free(image);
                return r;
        }
        *ret_image = image;
        return 0;
}

int image_open_fd(int fd, const char *path, struct jail_image **ret_image, struct jail_error *err) {
        struct jail_image *image = NULL;
        int r = image_begin_fd(fd, path, &image, err);
        if (r == 0)
                r = image_open_tables(image, err);
        if (r < 0) {
                jail_image_free(image);
                return r;
        }
        *ret_image = image;
        return 0;
}

int jail_image_open(const char *path, struct jail_image **ret_image, struct jail_error *err) {
        CLEANUP_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
        if (fd < 0)
                return jail_error_set(err, JAIL_ESYS, errno, "%s", path);
        return image_open_fd(fd, path, ret_image, err);
}

void jail_image_free(struct jail_image *image) {
        if (!image)
                return;
        elf_file_close(&image->file);
        build_info_clear(&image->build);
        free(image->path);
        free(image);
}

const char *jail_image_go_version(const struct jail_image *image) {
        return image->build.go_version;
}

const char *jail_image_main_package(const struct jail_image *image) {
        return image->build.package;
}

const struct jail_image_module *jail_image_main_module(const struct jail_image *image) {
        return &image->build.main;
}

size_t jail_image_module_count(const struct jail_image *image) {
        return image->build.n_modules;
}

const struct jail_image_module *jail_image_module_at(const struct jail_image *image, size_t index) {
        return &image->build.modules[index];
}
