/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The build info that the linker puts into a Go program (Go: debug/buildinfo/buildinfo.go, runtime/debug/mod.go): the toolchain's
 * version and the modules. Since Go 1.18 both strings stand inline behind a 32-byte header.
 */
#ifndef GOBIN_BUILD_INFO_H
#define GOBIN_BUILD_INFO_H

#include "base/bytes.h"
#include "gobin/elf_file.h"

#include <jail/error.h>
#include <jail/image.h>

struct build_info {
        char *text; /* owned: what the strings below point into */
        const char *go_version;
        const char *package;               /* main package path, "" when absent */
        struct jail_image_module main;     /* path "" when there is no mod line */
        struct jail_image_module *modules; /* owned; dep lines in their order */
        size_t n_modules;
};

/*
 * Reads the build info of a Go program. Errors: JAIL_ENOTFOUND (the file has none: not a Go program), JAIL_EUNSUPPORTED (the format
 * of Go before 1.18), JAIL_EFORMAT, JAIL_ELIMIT, JAIL_ENOMEM. Cost: linear in the build info.
 */
int build_info_read(struct build_info *info, const struct elf_file *file, struct jail_error *err) JAIL_MUST_USE;

/* The same from the bytes of the section. */
int build_info_parse(struct build_info *info, struct bytes section, struct jail_error *err) JAIL_MUST_USE;

void build_info_clear(struct build_info *info);

#endif
