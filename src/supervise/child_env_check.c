/* SPDX-License-Identifier: Apache-2.0 */
#include "supervise/child_env_check.h"

#include "base/cleanup.h"
#include "base/text.h"
#include "supervise/child_env.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define MAX_ENTRIES     65536
#define MAX_BYTES       (8 << 20)   /* more than execve(2) takes of arguments and environment together, whatever the limits */
#define MAX_ENTRY_BYTES (128 << 10) /* as of a single string in execve(2) */
#define NAME_SHOWN      60

static void describe(struct str name, char *detail, size_t size) {
        struct text text;
        text_init(&text, detail, size);
        text_add_escaped(&text, str_head(name, name.len < NAME_SHOWN ? name.len : NAME_SHOWN));
        text_add(&text, STR(" is not what it was at the program's start, and --child-env=strict"));
}

bool child_env_check_call(const struct judge *judge, struct memory_reader *memory, uint64_t envp, char *detail, size_t size) {
        static char entry[MAX_ENTRY_BYTES];
        struct jail_error err;
        struct str name;
        size_t bytes = 0;
        for (size_t i = 0; envp != 0; i++) {
                uint64_t vaddr = 0;
                size_t len = 0;
                bool cut = false;
                if (i == MAX_ENTRIES || bytes > MAX_BYTES) {
                        snprintf(detail, size, "its environment is too large, and --child-env=strict");
                        return false;
                }
                if (memory_read_u64(memory, envp + i * sizeof(vaddr), &vaddr, &err) < 0 || vaddr == 0)
                        return true; /* what the kernel cannot read, it answers itself */
                if (memory_read_string(memory, vaddr, entry, sizeof(entry), &len, &cut, &err) < 0)
                        return true;
                bytes += len;
                if (child_env_differs(judge->child_env, (struct str){ entry, len }, &name)) {
                        describe(name, detail, size);
                        return false;
                }
        }
        return true;
}

/* The kernel's own pointers to the strings (proc_pid_environ(5)): nothing has run yet that could have changed them. */
bool child_env_check_image(struct judge *judge, const char *path, pid_t pid) {
        char environ_path[32], detail[JAIL_ERROR_MSG_SIZE] = "";
        bool strict = judge->options->strict_child_env, differs = false;
        CLEANUP_FREE char *entry = NULL;
        size_t capacity = 0;
        snprintf(environ_path, sizeof(environ_path), "/proc/%d/environ", pid);
        CLEANUP_FCLOSE FILE *file = fopen(environ_path, "re");
        ssize_t len = 0;
        errno = 0;
        while (file && (len = getdelim(&entry, &capacity, '\0', file)) > 0) {
                struct str name;
                if (!child_env_differs(judge->child_env, str_from(entry), &name))
                        continue;
                differs = true;
                if (strict)
                        describe(name, detail, sizeof(detail));
                else if (child_env_show(judge->child_env, name))
                        judge_report_note(judge, pid, false, "%s runs with a changed %.*s (see --child-env)", path,
                                          (int) (name.len < NAME_SHOWN ? name.len : NAME_SHOWN), name.ptr);
        }
        if (strict && (!file || (len < 0 && errno == ENOMEM))) {
                differs = true;
                snprintf(detail, sizeof(detail), "its environment cannot be read, and --child-env=strict");
        }
        if (!strict || !differs)
                return true;
        judge_report_refused(judge, pid, path, JAIL_REASON_CHILD_ENV, detail);
        return false;
}
