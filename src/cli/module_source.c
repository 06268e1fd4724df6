/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/module_source.h"

#include "base/cleanup.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

static bool is_directory(const char *path) {
        struct stat st;
        return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* "…/go.mod" without its last element. */
static int dirname_len(const char *file) {
        const char *slash = strrchr(file, '/');
        return slash ? (int) (slash - file) : 0;
}

/* Joins what printf makes, when it is a directory. */
static char *existing(const char *format, ...) __attribute__((format(printf, 1, 2)));

static char *existing(const char *format, ...) {
        char *path = NULL;
        va_list args;
        va_start(args, format);
        int len = vasprintf(&path, format, args);
        va_end(args);
        if (len < 0)
                return NULL;
        if (is_directory(path))
                return path;
        free(path);
        return NULL;
}

/* Below go.mod's directory, or anywhere. */
static char *beside(const char *go_mod, const char *path) {
        int len = dirname_len(go_mod);
        if (path[0] == '/')
                return existing("%s", path);
        return len > 0 ? existing("%.*s/%s", len, go_mod, path) : existing("./%s", path);
}

/* The module cache writes !a for A (golang.org/x/mod/module, EscapePath). */
static char *escape(const char *path) {
        char *escaped = malloc(2 * strlen(path) + 1), *out = escaped;
        if (!escaped)
                return NULL;
        for (const char *c = path; *c != '\0'; c++) {
                if (isupper((unsigned char) *c))
                        *out++ = '!';
                *out++ = (char) tolower((unsigned char) *c);
        }
        *out = '\0';
        return escaped;
}

static char *in_cache(const char *path, const char *version) {
        CLEANUP_FREE char *escaped = escape(path);
        CLEANUP_FREE char *escaped_version = escape(version);
        const char *cache = getenv("GOMODCACHE"), *go_path = getenv("GOPATH"), *home = getenv("HOME");
        if (!escaped || !escaped_version || version[0] == '\0')
                return NULL;
        if (cache && *cache)
                return existing("%s/%s@%s", cache, escaped, escaped_version);
        if (go_path && *go_path)
                return existing("%.*s/pkg/mod/%s@%s", (int) strcspn(go_path, ":"), go_path, escaped, escaped_version);
        return home ? existing("%s/go/pkg/mod/%s@%s", home, escaped, escaped_version) : NULL;
}

char *module_source_find(const struct jail_policy *policy, const struct jail_policy_module *module, const char *version) {
        const char *go_mod = jail_policy_file(policy);
        if (module->replace_path && module->replace_version[0] == '\0')
                return beside(go_mod, module->replace_path);
        CLEANUP_FREE char *below_vendor = NULL;
        if (asprintf(&below_vendor, "vendor/%s", module->path) < 0) {
                below_vendor = NULL;
                return NULL;
        }
        char *vendored = beside(go_mod, below_vendor);
        if (vendored)
                return vendored;
        return module->replace_path ? in_cache(module->replace_path, module->replace_version) : in_cache(module->path, version);
}
