/* SPDX-License-Identifier: Apache-2.0 */
#include "syscalls/table.h"

#include "syscalls/rows.h"

#include <assert.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <string.h>

const struct syscall_desc *syscall_by_number(long number) {
        for (size_t i = 0; i < syscall_n_runs; i++) {
                const struct syscall_run *run = &syscall_runs[i];
                if (number >= run->first && (size_t) (number - run->first) < run->n)
                        return &syscall_rows[run->index + (size_t) (number - run->first)];
        }
        return NULL;
}

const struct syscall_desc *syscall_by_name(const char *name) {
        for (size_t i = 0; i < syscall_n_rows; i++)
                if (strcmp(syscall_rows[i].name, name) == 0)
                        return &syscall_rows[i];
        return NULL;
}

size_t syscall_count(void) {
        return syscall_n_rows;
}

const struct syscall_desc *syscall_at(size_t index) {
        assert(index < syscall_n_rows);
        return &syscall_rows[index];
}

static bool alternative_holds(const struct syscall_alternative *alternative, const uint64_t args[6]) {
        for (size_t i = 0; i < alternative->n_conditions; i++) {
                const struct syscall_condition *condition = &alternative->conditions[i];
                if ((args[condition->index] & condition->mask) != condition->value)
                        return false;
        }
        return true;
}

bool syscall_goes_on(const struct syscall_desc *desc, const uint64_t args[6]) {
        if (!desc)
                return false;
        switch (desc->rule) {
        case SYSCALL_ALLOW: return true;
        case SYSCALL_STOP: return false;
        case SYSCALL_ALLOW_IF: break;
        }
        for (size_t i = 0; i < desc->n_alternatives; i++)
                if (alternative_holds(&desc->alternatives[i], args))
                        return true;
        return false;
}

/* The kernel takes open flags as int; a path-only descriptor (O_PATH) reads nothing, but finds out and can be reopened. */
static bool open_flags_write(uint64_t flags) {
        return (flags & O_ACCMODE) != O_RDONLY || (flags & (O_CREAT | O_TRUNC | (O_TMPFILE & ~O_DIRECTORY))) != 0;
}

#define CLONE_NEW_ANY (CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET)

static enum jail_class fcntl_class(uint64_t command) {
        switch ((unsigned) command) {
        case F_SETOWN:
        case F_SETOWN_EX:
        case F_SETSIG:
        case F_SETFL: /* with O_ASYNC */ return JAIL_CLASS_PROC;
        case F_NOTIFY: return JAIL_CLASS_FS_READ;
        case F_SETLEASE:
        case F_ADD_SEALS: return JAIL_CLASS_FS_WRITE;
        default: return JAIL_CLASS_SYS;
        }
}

enum jail_class syscall_class(const struct syscall_desc *desc, const uint64_t args[6]) {
        if (!desc)
                return JAIL_CLASS_OTHER;
        for (size_t i = 0; i < 6; i++) {
                if (desc->args[i] == SYSCALL_ARG_OPEN_FLAGS)
                        return open_flags_write(args[i]) ? JAIL_CLASS_FS_WRITE : JAIL_CLASS_FS_READ;
                if (desc->args[i] == SYSCALL_ARG_CLONE_FLAGS)
                        return (args[i] & CLONE_NEW_ANY) ? JAIL_CLASS_SYS : desc->cls;
                if (desc->args[i] == SYSCALL_ARG_PID_OR_SELF)
                        return (uint32_t) args[i] == 0 ? JAIL_CLASS_SYS : desc->cls;
                if (desc->args[i] == SYSCALL_ARG_FCNTL_COMMAND)
                        return fcntl_class(args[i]);
        }
        return desc->cls;
}
