/* SPDX-License-Identifier: Apache-2.0 */
#include "supervise/program_path.h"

#include "base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <jail/supervisor.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEFAULT_SEARCH_PATH "/bin:/usr/bin"

int program_path_exit_code(int error_number) {
        return error_number == ENOENT || error_number == ENOTDIR ? JAIL_EXIT_NOT_FOUND : JAIL_EXIT_NOT_EXECUTABLE;
}

/* 0, or why the file cannot be executed. */
static int executable_errno(const char *path) {
        struct stat status;
        if (stat(path, &status) < 0)
                return errno;
        if (S_ISDIR(status.st_mode))
                return EISDIR;
        if (!S_ISREG(status.st_mode) || faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) < 0)
                return EACCES;
        return 0;
}

static int fail(const char *name, int error_number, int *ret_exit_code, struct jail_error *err) {
        *ret_exit_code = program_path_exit_code(error_number);
        return jail_error_set(err, *ret_exit_code == JAIL_EXIT_NOT_FOUND ? JAIL_ENOTFOUND : JAIL_ESYS, error_number, "%s", name);
}

/* Whether the search goes on behind a directory where the file is not, or not for us (execvp(3)). */
static bool search_goes_on(int error_number) {
        return error_number == ENOENT || error_number == ENOTDIR || error_number == EACCES || error_number == EISDIR ||
               error_number == ESTALE || error_number == ENODEV || error_number == ETIMEDOUT || error_number == ENAMETOOLONG;
}

static int search(const char *name, const char *search_path, char *buffer, char **ret_path, int *ret_exit_code,
                  struct jail_error *err) {
        int found_errno = ENOENT;
        for (const char *dir = search_path;;) {
                const char *end = strchrnul(dir, ':');
                size_t dir_len = (size_t) (end - dir);
                char *p = mempcpy(buffer, dir, dir_len);
                if (dir_len > 0) /* an empty entry is the working directory */
                        *p++ = '/';
                strcpy(p, name);

                int error_number = executable_errno(buffer);
                if (error_number == 0) {
                        *ret_path = buffer;
                        return 0;
                }
                if (error_number == EACCES || error_number == EISDIR) /* to execvp a directory is no different */
                        found_errno = EACCES;
                if (!search_goes_on(error_number))
                        return fail(name, error_number, ret_exit_code, err);
                if (!*end)
                        return fail(name, found_errno, ret_exit_code, err);
                dir = end + 1;
        }
}

int program_path_find(const char *name, const char *search_path, char **ret_path, int *ret_exit_code, struct jail_error *err) {
        if (!*name)
                return fail("(empty program name)", ENOENT, ret_exit_code, err);
        if (!search_path)
                search_path = DEFAULT_SEARCH_PATH;
        size_t size = strlen(search_path) + strlen(name) + 2;
        CLEANUP_FREE char *buffer = malloc(size);
        *ret_exit_code = JAIL_EXIT_FAILURE;
        if (!buffer)
                return jail_error_set(err, JAIL_ENOMEM, 0, "out of memory: %s", name);

        if (strchr(name, '/')) {
                int error_number = executable_errno(name);
                if (error_number != 0)
                        return fail(name, error_number, ret_exit_code, err);
                strcpy(buffer, name);
                *ret_path = STEAL(buffer);
                return 0;
        }
        int r = search(name, search_path, buffer, ret_path, ret_exit_code, err);
        if (r == 0)
                buffer = NULL;
        return r;
}
