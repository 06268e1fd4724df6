/* SPDX-License-Identifier: Apache-2.0 */
/* Where go.mod is: findModuleRoot and its caller in cmd/go/internal/modload/init.go. */
#include "base/cleanup.h"

#include <errno.h>
#include <jail/policy.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define GO_MOD "/go.mod"

/* Makes path, which is absolute, clean in place: no empty, . or .. elements, as Go's filepath.Clean does; "/" becomes "". */
static void path_clean(char *path) {
        size_t used = 0;
        for (char *element = path; *element != '\0';) {
                element += strspn(element, "/");
                size_t len = strcspn(element, "/");
                if (len == 2 && memcmp(element, "..", 2) == 0) {
                        while (used > 0 && path[--used] != '/')
                                ;
                } else if (len > 0 && !(len == 1 && element[0] == '.')) {
                        path[used++] = '/';
                        memmove(path + used, element, len);
                        used += len;
                }
                element += len;
        }
        path[used] = '\0';
}

/*
 * An absolute, clean form of dir with room for GO_MOD after it; NULL with errno set on failure. A relative dir starts at the
 * working directory under the name that the shell gave it ($PWD), as the go command does.
 */
static char *path_absolute(const char *dir) {
        CLEANUP_FREE char *cwd = NULL;
        if (dir[0] != '/') {
                cwd = get_current_dir_name();
                if (!cwd)
                        return NULL;
        }
        size_t cwd_len = cwd ? strlen(cwd) : 0, dir_len = strlen(dir);
        char *path = malloc(cwd_len + 1 + dir_len + sizeof(GO_MOD));
        if (!path)
                return NULL;
        memcpy(path, cwd ? cwd : "", cwd_len);
        path[cwd_len] = '/';
        memcpy(path + cwd_len + 1, dir, dir_len + 1);
        path_clean(path);
        return path;
}

/* The go command ignores a go.mod right in the directory for temporary files, where anybody can put one. */
static bool is_temporary_root(const char *path, size_t len) {
        const char *temporary = secure_getenv("TMPDIR");
        struct stat a, b;
        char dir[PATH_MAX];
        if (!temporary || temporary[0] == '\0')
                temporary = "/tmp";
        int n = snprintf(dir, sizeof(dir), "%.*s/", (int) len, path);
        return n > 0 && (size_t) n < sizeof(dir) && stat(dir, &a) == 0 && stat(temporary, &b) == 0 && a.st_dev == b.st_dev &&
               a.st_ino == b.st_ino;
}

int jail_policy_find(const char *dir, char **ret_path, struct jail_error *err) {
        CLEANUP_FREE char *path = path_absolute(dir);
        if (!path && errno == ENOMEM)
                return jail_error_set(err, JAIL_ENOMEM, 0, "out of memory");
        if (!path)
                return jail_error_set(err, JAIL_ESYS, errno, "cannot find the working directory");

        for (size_t len = strlen(path);;) {
                struct stat st;
                memcpy(path + len, GO_MOD, sizeof(GO_MOD));
                if (stat(path, &st) == 0) {
                        if (!S_ISDIR(st.st_mode)) {
                                if (is_temporary_root(path, len))
                                        return jail_error_set(err, JAIL_ENOTFOUND, 0,
                                                              "no go.mod found (%s is ignored, since anybody can put it there)",
                                                              path);
                                *ret_path = STEAL(path);
                                return 0;
                        }
                } else if (errno != ENOENT && errno != ENOTDIR) {
                        return jail_error_set(err, JAIL_ESYS, errno, "cannot look for %s", path);
                }
                path[len] = '\0';
                if (len == 0)
                        return jail_error_set(err, JAIL_ENOTFOUND, 0, "no go.mod found in %s or its parents", dir);
                len = (size_t) (strrchr(path, '/') - path);
        }
}
