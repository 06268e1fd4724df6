/* SPDX-License-Identifier: Apache-2.0 */
/* A Go executable: what it is made of. */
#ifndef JAIL_IMAGE_H
#define JAIL_IMAGE_H

#include <jail/error.h>
#include <jail/policy.h>
#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct jail_image;

/* One module of the build info. Strings are borrowed from the image. */
struct jail_image_module {
        const char *path;
        const char *version;         /* "" or "(devel)" for the main module */
        const char *replace_path;    /* NULL when not replaced */
        const char *replace_version; /* NULL when not replaced, "" for a directory */
};

/*
 * Opens the Go executable at path. The file is mapped, and tables are read on demand. On success *ret_image is owned by the caller
 * (jail_image_free). Errors: JAIL_ESYS (cannot be read), JAIL_ENOTFOUND (not a Go program: not ELF, or no Go tables),
 * JAIL_EUNSUPPORTED (CPU, Go version, plugin or shared build), JAIL_EFORMAT (its tables are damaged), JAIL_ENOMEM.
 */
int jail_image_open(const char *path, struct jail_image **ret_image, struct jail_error *err) JAIL_MUST_USE;

/* NULL is fine. */
void jail_image_free(struct jail_image *image);

/* The toolchain's version as the file states it: "go1.26.1", "go1.25.5 X:nodwarf5". Borrowed. */
const char *jail_image_go_version(const struct jail_image *image);

/* The main package's path, "command-line-arguments" for files given by name, "" when the build info lacks it. Borrowed. */
const char *jail_image_main_package(const struct jail_image *image);

/* The main module (path "" when the build info has no mod line), and the dependencies that the build info lists. Borrowed. */
const struct jail_image_module *jail_image_main_module(const struct jail_image *image);
size_t jail_image_module_count(const struct jail_image *image);
const struct jail_image_module *jail_image_module_at(const struct jail_image *image, size_t index);

/* One module of an image or of the policy. Strings are borrowed from the image and the policy. */
struct jail_image_link {
        const char *path;
        const char *version;                     /* as built, else as required; "" when unknown */
        const struct jail_policy_module *policy; /* the policy's default when it does not name the module */
        bool linked;                             /* a function or an inlined call of it is in the image */
        bool inlined;                            /* a call of it is inlined into a function of another module */
};

/*
 * The modules that policy or image name, each once, in no particular order, and whether their code is in the image; a module that
 * is neither named by the policy nor linked is left out. *ret_links is owned by the caller (free). Errors: JAIL_ENOMEM. Cost:
 * linear in the image's names and functions.
 */
int jail_image_links(const struct jail_image *image, const struct jail_policy *policy, struct jail_image_link **ret_links,
                     size_t *ret_n, struct jail_error *err) JAIL_MUST_USE;

/* The Go versions that jail knows: "go1.18 to go1.26". Static string. */
const char *jail_image_supported_versions(void);

#ifdef __cplusplus
}
#endif

#endif
