/* SPDX-License-Identifier: Apache-2.0 */
/* What the judge asks the kernel about a process that begins with a new image, and where else it looks. */
#include "base/cleanup.h"
#include "memory/window.h"
#include "supervise/judge_internal.h"
#include "supervise/loaded_image.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

/* AT_VECTOR_SIZE is below 60 (include/linux/auxvec.h, arch/x86/include/asm/elf.h). */
#define MAX_AUXILIARY_WORDS 128

char *judge_read_path(pid_t pid) {
        char link[32], path[4096];
        snprintf(link, sizeof(link), "/proc/%d/exe", pid);
        ssize_t len = readlink(link, path, sizeof(path) - 1);
        return strndup(len > 0 ? path : "?", len > 0 ? (size_t) len : 1);
}

const char *judge_process_path(struct judge_process *process, pid_t pid) {
        if (!process->path)
                process->path = judge_read_path(pid);
        return process->path ? process->path : "?";
}

int judge_open_executable(pid_t pid) {
        char link[32];
        snprintf(link, sizeof(link), "/proc/%d/exe", pid);
        return open(link, O_RDONLY | O_CLOEXEC);
}

int judge_check_packed(struct judge *judge, const struct judge_start *start, struct jail_error *err) {
        struct judged_image *image = NULL;
        judge->start = *start;
        CLEANUP_FREE char *path = judge_read_path(start->pid);
        if (!path)
                return jail_error_set(err, JAIL_ENOMEM, 0, "out of memory");
        CLEANUP_CLOSE int fd = judge_open_executable(start->pid);
        bool from_memory = fd < 0;
        if (fd < 0) {
                int r = loaded_image_open(start->pid, start->packed, start->stub, &fd, err);
                if (r < 0)
                        return r;
        }
        if (judge_open_image(judge, fd, path, true, &image, err) != JUDGED_OF_POLICY)
                return err->code;
        if (from_memory) {
                judge_rename_image(image, start->pid);
                judge->start_image = image;
        }
        return image->is_packed ? 0 : jail_error_set(err, JAIL_EFORMAT, 0, "%s: what jail packed into it is gone", path);
}

static void auxiliary_note(struct judged_auxiliary *auxiliary, uint64_t type, uint64_t value) {
        if (type == AT_ENTRY)
                auxiliary->entry = value;
        else if (type == AT_BASE)
                auxiliary->base = value;
}

/* From the initial stack, behind the arguments and the environment. */
static int read_auxiliary_from_stack(struct memory_reader *memory, uint64_t initial_stack, struct judged_auxiliary *auxiliary,
                                     struct jail_error *err) {
        struct memory_window window;
        uint64_t at = initial_stack, argc = 0, word = 0, value = 0;
        memory_window_init(&window, memory);
        int r = memory_window_u64(&window, at, &argc, err);
        at += (argc + 2) * sizeof(word);
        do {
                if (r == 0)
                        r = memory_window_u64(&window, at, &word, err);
                at += sizeof(word);
        } while (r == 0 && word != 0);
        do {
                if (r == 0)
                        r = memory_window_u64(&window, at, &word, err);
                if (r == 0)
                        r = memory_window_u64(&window, at + sizeof(word), &value, err);
                if (r == 0)
                        auxiliary_note(auxiliary, word, value);
                at += 2 * sizeof(word);
        } while (r == 0 && word != AT_NULL);
        return r;
}

int judge_read_auxiliary(const struct judge *judge, struct judge_process *process, pid_t pid, struct judged_auxiliary *auxiliary,
                         struct jail_error *err) {
        char path[32];
        uint64_t pairs[MAX_AUXILIARY_WORDS];
        snprintf(path, sizeof(path), "/proc/%d/auxv", pid);
        CLEANUP_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0 && judge->start.pid == pid && judge->start.initial_stack != 0) {
                process->memory.stopped_tid = pid;
                return read_auxiliary_from_stack(&process->memory.reader, judge->start.initial_stack, auxiliary, err);
        }
        ssize_t len_bytes = fd < 0 ? -1 : read(fd, pairs, sizeof(pairs)); /* the kernel has all of it, and gives it at once */
        if (len_bytes < 0)
                return jail_error_set(err, JAIL_ESYS, errno, "%s", path);
        for (size_t i = 0; i + 1 < (size_t) len_bytes / sizeof(pairs[0]); i += 2)
                auxiliary_note(auxiliary, pairs[i], pairs[i + 1]);
        return auxiliary->entry != 0 ? 0 : jail_error_set(err, JAIL_EFORMAT, 0, "%s has no entry point", path);
}
