/* SPDX-License-Identifier: Apache-2.0 */
/* The policy: which modules a go.mod confines, and where it says so. The language is described in docs/policy.md. */
#ifndef JAIL_POLICY_H
#define JAIL_POLICY_H

#include <jail/class.h>
#include <jail/error.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define JAIL_POLICY_IDENTITY_SIZE 32

struct jail_policy;

/* Where a module's confinement comes from. */
enum jail_policy_origin {
        JAIL_POLICY_ORIGIN_NONE,     /* nothing speaks of it: unconfined */
        JAIL_POLICY_ORIGIN_MODULE,   /* the directive on the module line, the default of all requirements */
        JAIL_POLICY_ORIGIN_BLOCK,    /* a directive at a require block */
        JAIL_POLICY_ORIGIN_LINE,     /* a directive at the requirement itself */
        JAIL_POLICY_ORIGIN_OVERRIDE, /* --module on the command line */
};

/* One module of the policy. All strings are borrowed from the policy and live as long as it does. */
struct jail_policy_module {
        const char *path;    /* module path, as in go.mod */
        const char *version; /* required version (of a module that is only replaced: the replaced one), "" when none is known */
        const char *replace_path;    /* right side of its replace directive, or NULL; a directory when replace_version is "" */
        const char *replace_version; /* "" for a directory, NULL when not replaced */
        bool confined;
        bool callbacks;         /* jail:callbacks */
        uint32_t quiet_classes; /* bit 1 << enum jail_class for each jail:quiet */
        enum jail_policy_origin origin;
        unsigned origin_line;  /* the line of the directive that decided, 1-based; 0 for NONE and OVERRIDE */
        unsigned require_line; /* the line of the requirement, 1-based; 0 when only --module names it */
};

/* One `--module PATH=confined|unconfined`. */
struct jail_policy_override {
        const char *path; /* borrowed for the call */
        bool confined;
};

/*
 * Reads the go.mod file at go_mod_path and applies n_overrides overrides in order. On success *ret_policy is owned by the caller
 * (jail_policy_free). Errors: JAIL_ESYS (cannot be read), JAIL_ESYNTAX (msg begins with file:line:column), JAIL_EINVAL (an override
 * of the main module, or of what is no module path), JAIL_ELIMIT (larger than 16 MiB, a line of more than 64 KiB, more than 100,000
 * modules), JAIL_ENOMEM. Cost: linear in the file, n log n in the modules. Grammar: https://go.dev/ref/mod#go-mod-file-grammar.
 */
int jail_policy_load(const char *go_mod_path, const struct jail_policy_override *overrides, size_t n_overrides,
                     struct jail_policy **ret_policy, struct jail_error *err) JAIL_MUST_USE;

/*
 * The same from len bytes of text, borrowed for the call; file_name appears in messages and is kept as jail_policy_file(). Errors:
 * as jail_policy_load(), without JAIL_ESYS.
 */
int jail_policy_parse(const char *text, size_t len, const char *file_name, const struct jail_policy_override *overrides,
                      size_t n_overrides, struct jail_policy **ret_policy, struct jail_error *err) JAIL_MUST_USE;

/* NULL is fine. */
void jail_policy_free(struct jail_policy *policy);

/*
 * Looks for go.mod in dir and its parents, as the go command does; a relative dir starts at the working directory. A go.mod right
 * in $TMPDIR (or /tmp) is not taken. *ret_path is absolute and owned by the caller (free). Errors: JAIL_ENOTFOUND, JAIL_ESYS (a
 * directory could not be looked into), JAIL_ENOMEM. Upstream: findModuleRoot in cmd/go/internal/modload/init.go. Two stat calls per
 * directory.
 */
int jail_policy_find(const char *dir, char **ret_path, struct jail_error *err) JAIL_MUST_USE;

/* The main module's path. Borrowed from the policy. */
const char *jail_policy_main_module(const struct jail_policy *policy);

/* The file name that the policy was read from. Borrowed from the policy. */
const char *jail_policy_file(const struct jail_policy *policy);

/* The modules in the order of their paths (bytewise), each path once. */
size_t jail_policy_module_count(const struct jail_policy *policy);
const struct jail_policy_module *jail_policy_module_at(const struct jail_policy *policy, size_t index);

/* Finds a module by its exact path; NULL when the policy does not name it. O(log n). */
const struct jail_policy_module *jail_policy_module_find(const struct jail_policy *policy, const char *path, size_t path_len);

/*
 * What holds for a linked module that the policy does not name (the module-line default): path, version and the replace fields are
 * NULL, origin is JAIL_POLICY_ORIGIN_MODULE or _NONE. Borrowed from the policy.
 */
const struct jail_policy_module *jail_policy_default(const struct jail_policy *policy);

/* Whether any module of the policy, or its default, is confined. */
bool jail_policy_confines(const struct jail_policy *policy);

/*
 * The canonical encoding. Its first part is the same bytes for the same grants, whatever the layout of go.mod; its second part
 * holds what reports need (file name, lines). *ret_bytes is owned by the caller (free). Begins with the magic "jailpol" and a
 * version byte; docs/policy.md has the layout. Errors: JAIL_ELIMIT (4 GiB or more), JAIL_ENOMEM. Linear.
 */
int jail_policy_encode(const struct jail_policy *policy, uint8_t **ret_bytes, size_t *ret_len,
                       struct jail_error *err) JAIL_MUST_USE;

/*
 * The reverse, over hostile bytes: what is not exactly what jail_policy_encode() makes is refused. *ret_policy is owned by the
 * caller (jail_policy_free). Errors: JAIL_EFORMAT, JAIL_EUNSUPPORTED (another version), JAIL_ELIMIT (more than 100,000 modules),
 * JAIL_ENOMEM. Linear.
 */
int jail_policy_decode(const uint8_t *bytes, size_t len, struct jail_policy **ret_policy, struct jail_error *err) JAIL_MUST_USE;

/*
 * The SHA-256 of the first part of the canonical encoding: equal for the same main module, default, modules, versions,
 * replacements, confinement, callbacks and quiet classes, wherever they are written. Errors: as jail_policy_encode().
 */
int jail_policy_identity(const struct jail_policy *policy, uint8_t ret_identity[JAIL_POLICY_IDENTITY_SIZE],
                         struct jail_error *err) JAIL_MUST_USE;

#ifdef __cplusplus
}
#endif

#endif
