/* SPDX-License-Identifier: Apache-2.0 */
#include "supervise/exec_check.h"

#include "base/cleanup.h"
#include "supervise/child_env_check.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>

/* The way to the target for us: through the task's own root, working directory and descriptors (proc_pid_root(5)). */
static int open_target(pid_t tid, const struct operation_target *target) {
        char path[OPERATION_TARGET_BYTES + 64];
        static const struct str self = { "/proc/self/", 11 };
        if (str_starts((struct str){ target->text, target->len }, self))
                snprintf(path, sizeof(path), "/proc/%d/%s", tid, target->text + self.len); /* ours would be another */
        else if (target->len == 0)
                snprintf(path, sizeof(path), "/proc/%d/fd/%d", tid, target->dirfd); /* execveat with AT_EMPTY_PATH */
        else if (target->text[0] == '/')
                snprintf(path, sizeof(path), "/proc/%d/root%s", tid, target->text);
        else if (target->dirfd == AT_FDCWD)
                snprintf(path, sizeof(path), "/proc/%d/cwd/%s", tid, target->text);
        else
                snprintf(path, sizeof(path), "/proc/%d/fd/%d/%s", tid, target->dirfd, target->text);
        return open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
}

enum jail_reason exec_check(struct judge *judge, struct judge_process *process, const struct judge_stop *stop, char *detail,
                            size_t size) {
        struct operation *operation = &judge->operation;
        struct jail_error err = { 0 };
        struct judged_image *image;

        operation_read_targets(operation, &process->memory.reader);
        if (operation->n_targets == 0 || operation->targets[0].kind != OPERATION_TARGET_PATH || operation->targets[0].unreadable ||
            operation->targets[0].cut)
                return JAIL_REASON_ALLOWED;
        /* Opening it through /proc/PID costs ten times as much. Where the process has another root, its image is the last to say.
         */
        if (!judge->options->strict_child_env && !judge->options->deny_children && operation->targets[0].text[0] == '/' &&
            judge_knows_file(judge, operation->targets[0].text))
                return JAIL_REASON_ALLOWED;
        CLEANUP_CLOSE int fd = open_target(stop->tid, &operation->targets[0]);
        if (fd < 0)
                return JAIL_REASON_ALLOWED;

        switch (judge_open_image(judge, fd, operation->targets[0].text, false, &image, &err)) {
        case JUDGED_OF_POLICY: return JAIL_REASON_ALLOWED;
        case JUDGED_OTHER:
                if (judge->options->strict_child_env &&
                    !child_env_check_call(judge, &process->memory.reader, operation->args[stop->number == SYS_execveat ? 3 : 2],
                                          detail, size))
                        return JAIL_REASON_CHILD_ENV;
                if (!judge->options->deny_children)
                        return JAIL_REASON_ALLOWED;
                snprintf(detail, size, "it is no image of the policy, and --children=deny");
                return JAIL_REASON_CHILDREN;
        case JUDGED_REFUSED: break;
        }
        snprintf(detail, size, "%s", err.msg);
        return JAIL_REASON_UNSUPPORTED;
}
