/* SPDX-License-Identifier: Apache-2.0 */
/* Module paths and versions. Rules: golang.org/x/mod/module/module.go and golang.org/x/mod/semver. */
#ifndef POLICY_MODULE_PATH_H
#define POLICY_MODULE_PATH_H

#include "base/str.h"

#include <stdbool.h>

/*
 * Whether path can be an import path (module.CheckImportPath, without what only Windows forbids): slash-separated elements of ASCII
 * letters, digits and - . _ ~ +. A package of a path that fails this cannot be imported, so a program never holds it. On failure
 * *ret_reason says why (static string).
 */
bool module_path_check(struct str path, const char **ret_reason);

/* Whether a replacement is a directory (rooted, or starting with . or ..) and no module (modfile.IsDirectoryPath). */
bool module_path_is_directory(struct str path);

/* Whether version is a semantic version, the short forms v1 and v1.2 included (semver.IsValid). */
bool module_version_valid(struct str version);

/* Whether version is in canonical form, as the go command writes it: v1.2.3, v1.2.3-pre, v2.0.0+incompatible
 * (module.CanonicalVersion). */
bool module_version_canonical(struct str version);

/* Orders two canonical versions by semantic version precedence: below, equal to or above 0. */
int module_version_compare(struct str a, struct str b);

/*
 * Whether the path's major version suffix (/v2, gopkg.in's .v2) allows the canonical version (module.CheckPathMajor). On failure
 * *ret_reason says why (static string).
 */
bool module_path_major_check(struct str path, struct str version, const char **ret_reason);

#endif
