/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/source_scan.h"

#include "base/cleanup.h"
#include "base/str.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#define MAX_DEPTH      32
#define MAX_LINKNAMES  1000
#define MAX_FILE_BYTES (64L << 20)

/* The functions that one file gives other names. */
struct linknames {
        struct {
                char *local;
                unsigned line;
        } * names;
        size_t n;
};

static void note(struct source_scan *scan, enum source_finding finding, const char *file, unsigned line) {
        if (scan->at[finding])
                return;
        int len = line > 0 ? asprintf(&scan->at[finding], "%s:%u", file, line) : asprintf(&scan->at[finding], "%s", file);
        if (len < 0) {
                scan->at[finding] = NULL;
                scan->incomplete = true;
        }
}

static void add_linkname(struct source_scan *scan, struct linknames *names, const char *local, size_t len, unsigned line) {
        void *larger = names->n < MAX_LINKNAMES ? realloc(names->names, (names->n + 1) * sizeof(*names->names)) : NULL;
        char *copy = strndup(local, len);
        if (larger)
                names->names = larger;
        if (!larger || !copy) {
                free(copy);
                scan->incomplete = true;
                return;
        }
        names->names[names->n].local = copy;
        names->names[names->n++].line = line;
}

/* "//go:linkname local target": a push when the file has a body for local, which a later look tells. */
static void look_at_linkname(struct source_scan *scan, struct linknames *names, const char *text, unsigned line) {
        text += strspn(text, " \t");
        size_t local_len = strcspn(text, " \t\r\n");
        const char *target = text + local_len + strspn(text + local_len, " \t");
        if (local_len > 0 && *target != '\0' && *target != '\r' && *target != '\n')
                add_linkname(scan, names, text, local_len, line);
}

/* "//line file:N" and its like in a block comment; a name without a slash stays in the directory. */
static bool names_other_file(const char *text) {
        size_t len = strcspn(text, "*\r\n");
        return memchr(text, '/', len) != NULL;
}

/* "func local(…) … {": with a body. */
static void look_at_function(struct source_scan *scan, const struct linknames *names, const char *text, const char *file) {
        size_t len = strcspn(text, "([ \t");
        for (size_t i = 0; i < names->n; i++) {
                if (strlen(names->names[i].local) != len || strncmp(names->names[i].local, text, len) != 0)
                        continue;
                if (strchr(text, '{') || text[strcspn(text, "\r\n") - 1] == '(' || text[strcspn(text, "\r\n") - 1] == ',')
                        note(scan, SOURCE_LINKNAME, file, names->names[i].line);
        }
}

/* import "C", alone or in a block of imports. */
static bool is_import_of_c(const char *text, bool *in_block) {
        static const char block[] = "import (";
        if (strncmp(text, block, sizeof(block) - 1) == 0)
                *in_block = true;
        else if (text[0] == ')')
                *in_block = false;
        else if (*in_block)
                return strncmp(text + strspn(text, " \t"), "\"C\"", 3) == 0;
        return strncmp(text, "import \"C\"", 10) == 0;
}

/* A file that is never built, only run by hand. */
static bool is_ignored(const char *text) {
        return strncmp(text, "//go:build ignore", 17) == 0 || strncmp(text, "// +build ignore", 16) == 0;
}

/* name_GOOS_GOARCH.s, and so on, for another system or CPU (go help buildconstraint). */
static bool is_for_others(struct str name) {
        static const char *const others[] = { "386",      "aix",     "android", "arm",     "arm64",   "darwin", "dragonfly",
                                              "freebsd",  "illumos", "ios",     "js",      "loong64", "mips",   "mips64",
                                              "mips64le", "mipsle",  "netbsd",  "openbsd", "plan9",   "ppc64",  "ppc64le",
                                              "riscv64",  "s390x",   "solaris", "wasip1",  "wasm",    "windows" };
        name.len = (size_t) str_last_index(name, '.');
        for (unsigned part = 0; part < 2; part++) {
                ptrdiff_t at = str_last_index(name, '_');
                if (at < 0)
                        return false;
                for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
                        if (str_equal(str_from_offset(name, (size_t) at + 1), str_from(others[i])))
                                return true;
                name.len = (size_t) at;
        }
        return false;
}

static void clear_linknames(struct linknames *names) {
        for (size_t i = 0; i < names->n; i++)
                free(names->names[i].local);
        free(names->names);
}

static FILE *open_file(int directory_fd, const char *name) {
        struct stat st;
        int fd = openat(directory_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
        if (fd < 0)
                return NULL;
        FILE *file = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size <= MAX_FILE_BYTES ? fdopen(fd, "r") : NULL;
        if (!file)
                close(fd);
        return file;
}

/* The directives stand above or below the functions, so these are looked for in a second pass. */
static void scan_go_file(struct source_scan *scan, int directory_fd, const char *name, const char *shown) {
        CLEANUP_FCLOSE FILE *file = open_file(directory_fd, name);
        CLEANUP_FREE char *text = NULL;
        size_t capacity = 0;
        struct linknames names = { 0 };
        bool in_block = false;
        if (!file) {
                scan->incomplete = true;
                return;
        }
        for (unsigned line = 1; getline(&text, &capacity, file) >= 0; line++) {
                if (is_ignored(text))
                        return;
                const char *inline_line = strstr(text, "/*line ");
                if (strncmp(text, "//go:linkname ", 14) == 0)
                        look_at_linkname(scan, &names, text + 14, line);
                if ((strncmp(text, "//line ", 7) == 0 && names_other_file(text + 7)) ||
                    (inline_line && names_other_file(inline_line + 7)))
                        note(scan, SOURCE_LINE, shown, line);
                if (is_import_of_c(text, &in_block))
                        note(scan, SOURCE_CGO, shown, line);
        }
        rewind(file);
        while (names.n > 0 && getline(&text, &capacity, file) >= 0)
                if (strncmp(text, "func ", 5) == 0)
                        look_at_function(scan, &names, text + 5, shown);
        if (ferror(file))
                scan->incomplete = true;
        clear_linknames(&names);
}

static bool is_skipped(const char *name) {
        return name[0] == '.' || name[0] == '_' || strcmp(name, "testdata") == 0 || strcmp(name, "vendor") == 0;
}

static void scan_directory(struct source_scan *scan, int parent_fd, const char *name, const char *shown, unsigned depth);

static void scan_entry(struct source_scan *scan, int directory_fd, const struct dirent *entry, const char *shown, unsigned depth) {
        CLEANUP_FREE char *path = NULL;
        struct str name = str_from(entry->d_name);
        struct stat st;
        if (is_skipped(entry->d_name) || fstatat(directory_fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
                return;
        if (asprintf(&path, "%s%s%s", shown, *shown ? "/" : "", entry->d_name) < 0) {
                path = NULL;
                scan->incomplete = true;
                return;
        }
        if (S_ISDIR(st.st_mode) && depth < MAX_DEPTH)
                scan_directory(scan, directory_fd, entry->d_name, path, depth + 1);
        else if (str_index(name, '.') < 0 || is_for_others(name))
                return;
        else if (S_ISREG(st.st_mode) && str_ends(name, STR(".go")) && !str_ends(name, STR("_test.go")))
                scan_go_file(scan, directory_fd, entry->d_name, path);
        else if (S_ISREG(st.st_mode) && (str_ends(name, STR(".s")) || str_ends(name, STR(".syso"))))
                note(scan, SOURCE_ASSEMBLY, path, 0);
}

static void scan_directory(struct source_scan *scan, int parent_fd, const char *name, const char *shown, unsigned depth) {
        int fd = openat(parent_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        DIR *directory = fd >= 0 ? fdopendir(fd) : NULL;
        if (!directory) {
                if (fd >= 0)
                        close(fd);
                scan->incomplete = true;
                return;
        }
        if (depth == 0 || faccessat(fd, "go.mod", F_OK, 0) < 0) /* else another module */
                for (struct dirent *entry; (entry = readdir(directory)) != NULL;)
                        scan_entry(scan, fd, entry, shown, depth);
        closedir(directory);
}

void source_scan_run(const char *directory, struct source_scan *ret_scan) {
        *ret_scan = (struct source_scan){ 0 };
        scan_directory(ret_scan, AT_FDCWD, directory, "", 0);
}

void source_scan_clear(struct source_scan *scan) {
        for (unsigned i = 0; i < SOURCE_FINDING_COUNT; i++)
                free(scan->at[i]);
        *scan = (struct source_scan){ 0 };
}

const char *source_finding_name(enum source_finding finding) {
        static const char *const names[SOURCE_FINDING_COUNT] = { "assembly", "cgo", "linkname", "line" };
        return names[finding];
}
