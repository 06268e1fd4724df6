/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/policy_option.h"

#include "base/array.h"
#include "base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

enum { MAX_OVERRIDES = 16384, MAX_GO_MOD_BYTES = 16 * 1024 * 1024 };

void policy_option_clear(struct policy_option *option) {
        free(option->overrides);
        *option = (struct policy_option){ 0 };
}

enum option_result policy_option_add(const struct command *command, struct policy_option *option, const char *name, char *value) {
        char *equals = strrchr(value, '=');
        bool confined = equals && strcmp(equals + 1, "confined") == 0;
        if (!equals || equals == value || (!confined && strcmp(equals + 1, "unconfined") != 0))
                return option_fail(command, "--%s=%s: expected MODULE=confined or MODULE=unconfined", name, value);

        struct jail_error err;
        if (ARRAY_RESERVE(option->overrides, &option->capacity, option->n_overrides, MAX_OVERRIDES, &err) < 0)
                return option_fail(command, "--%s=%s: %s", name, value, err.msg);
        *equals = '\0';
        option->overrides[option->n_overrides++] = (struct jail_policy_override){ .path = value, .confined = confined };
        return OPTION_OK;
}

/* go.mod in the working directory or a parent; plainly "go.mod" when it is in the working directory. */
static int find_go_mod(char **ret_path, struct jail_error *err) {
        CLEANUP_FREE char *directory = get_current_dir_name();
        if (!directory)
                return jail_error_set(err, JAIL_ESYS, errno, "the working directory");
        CLEANUP_FREE char *path = NULL;
        int r = jail_policy_find(directory, &path, err);
        if (r == JAIL_ENOTFOUND)
                return jail_error_set(err, r, 0, "no go.mod in %s or a directory above it; --go-mod=FILE names one", directory);
        if (r < 0)
                return r;

        size_t len = strlen(directory);
        if (strncmp(path, directory, len) == 0 && strcmp(path + len, "/go.mod") == 0)
                memmove(path, path + len + 1, strlen("go.mod") + 1);
        *ret_path = STEAL(path);
        return 0;
}

/* The file's bytes, or an empty text: it is for comfort only. */
static struct str read_text(const char *path) {
        CLEANUP_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
        struct stat st;
        if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size <= 0 || st.st_size > MAX_GO_MOD_BYTES)
                return (struct str){ NULL, 0 };
        size_t size = (size_t) st.st_size, len = 0;
        CLEANUP_FREE char *bytes = malloc(size);
        while (bytes && len < size) {
                ssize_t n = read(fd, bytes + len, size - len);
                if (n <= 0)
                        break;
                len += (size_t) n;
        }
        return (struct str){ STEAL(bytes), len };
}

int policy_option_load(const struct policy_option *option, struct jail_policy **ret_policy, struct str *ret_go_mod,
                       struct jail_error *err) {
        CLEANUP_FREE char *found = NULL;
        const char *path = option->go_mod;
        if (!path) {
                int r = find_go_mod(&found, err);
                if (r < 0)
                        return r;
                path = found;
        }
        int r = jail_policy_load(path, option->overrides, option->n_overrides, ret_policy, err);
        if (r < 0)
                return r;
        *ret_go_mod = read_text(path);
        return 0;
}
