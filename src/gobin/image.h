/* SPDX-License-Identifier: Apache-2.0 */
/* A Go image as the rest of the core sees it: the file, its build info and its tables. The public face is <jail/image.h>. */
#ifndef GOBIN_IMAGE_H
#define GOBIN_IMAGE_H

#include "gobin/build_info.h"
#include "gobin/elf_file.h"
#include "gobin/go_layout.h"
#include "gobin/pclntab.h"

#include <jail/image.h>

struct jail_image {
        char *path; /* owned, for messages */
        struct elf_file file;
        struct build_info build;
        const struct go_layout *layout;
        struct pclntab tab;
};

/*
 * Begins to open the image at fd, which is not closed; path is for messages. Reads no more than the ELF header, sections and build
 * info: what tells whether a file is a Go program, and of which main module. Errors as jail_image_open(), but a Go version that is
 * not supported is none. *ret_image is owned by the caller (jail_image_free).
 */
int image_begin_fd(int fd, const char *path, struct jail_image **ret_image, struct jail_error *err) JAIL_MUST_USE;

/* Opens the rest. Errors as jail_image_open(). */
int image_open_tables(struct jail_image *image, struct jail_error *err) JAIL_MUST_USE;

/* Both: jail_image_open() for a descriptor that is already open. */
int image_open_fd(int fd, const char *path, struct jail_image **ret_image, struct jail_error *err) JAIL_MUST_USE;

#endif
