/* SPDX-License-Identifier: Apache-2.0 */
#include "supervise/child_env_check.h"

#include "base/cleanup.h"
#include "base/text.h"
#include "supervise/child_env.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

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

/* What is looked for in the environment of an image, and found. */
struct looked {
        struct judge *judge;
        struct judge_process *process;
        pid_t pid;
        bool differs;
        char detail[JAIL_ERROR_MSG_SIZE];
};

static void look_at(struct looked *looked, struct str entry) {
        struct judge *judge = looked->judge;
        struct str name;
        if (!child_env_differs(judge->child_env, entry, &name))
                return;
        looked->differs = true;
        if (judge->options->strict_child_env)
                describe(name, looked->detail, sizeof(looked->detail));
        else if (child_env_show(judge->child_env, name))
                judge_report_note(judge, looked->pid, false, "%s runs with a changed %.*s (see --child-env)",
                                  judge_process_path(looked->process, looked->pid),
                                  (int) (name.len < NAME_SHOWN ? name.len : NAME_SHOWN), name.ptr);
}

/* The entries that are whole: the rest of the bytes is moved to the front. Returns how many those are. */
static size_t look_at_all(struct looked *looked, char *bytes, size_t n_bytes) {
        size_t begin = 0;
        for (char *end; (end = memchr(bytes + begin, '\0', n_bytes - begin)) != NULL; begin = (size_t) (end - bytes) + 1)
                look_at(looked, (struct str){ bytes + begin, (size_t) (end - bytes) - begin });
        memmove(bytes, bytes + begin, n_bytes - begin);
        return n_bytes - begin;
}

/* The kernel's own pointers to the strings (proc_pid_environ(5)): nothing has run yet that could have changed them. */
static bool read_environment(struct looked *looked) {
        static char bytes[MAX_ENTRY_BYTES * 2];
        char path[32];
        size_t n_bytes = 0;
        ssize_t got;
        snprintf(path, sizeof(path), "/proc/%d/environ", looked->pid);
        CLEANUP_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
        while ((got = fd < 0 ? -1 : read(fd, bytes + n_bytes, sizeof(bytes) - n_bytes)) > 0) {
                n_bytes = look_at_all(looked, bytes, n_bytes + (size_t) got);
                if (n_bytes == sizeof(bytes))
                        return false;
        }
        if (n_bytes > 0)
                look_at(looked, (struct str){ bytes, n_bytes });
        return got == 0;
}

bool child_env_check_image(struct judge *judge, struct judge_process *process, pid_t pid) {
        struct looked looked = { .judge = judge, .process = process, .pid = pid };
        bool strict = judge->options->strict_child_env;
        if (!read_environment(&looked) && strict) {
                looked.differs = true;
                snprintf(looked.detail, sizeof(looked.detail), "its environment cannot be read, and --child-env=strict");
        }
        if (!strict || !looked.differs)
                return true;
        judge_report_refused(judge, pid, judge_process_path(process, pid), JAIL_REASON_CHILD_ENV, looked.detail);
        return false;
}
