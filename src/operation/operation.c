/* SPDX-License-Identifier: Apache-2.0 */
#include "operation/operation.h"

#include "operation/target.h"

#include <assert.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <stdio.h>

#define X32_SYSCALL_BIT 0x40000000

static bool is_x32(const struct operation *operation) {
        return operation->audit_arch == AUDIT_ARCH_X86_64 && operation->number >= 0 && (operation->number & X32_SYSCALL_BIT) != 0;
}

void operation_init(struct operation *operation, uint32_t native_arch, uint32_t audit_arch, long number, const uint64_t args[6]) {
        operation->number = number;
        operation->audit_arch = audit_arch;
        operation->foreign_entry = audit_arch != native_arch || is_x32(operation);
        operation->desc = operation->foreign_entry ? NULL : syscall_by_number(number);
        operation->cls = syscall_class(operation->desc, args);
        for (size_t i = 0; i < 6; i++)
                operation->args[i] = args[i];
        operation->has_targets = false;
        operation->racy = false;
        operation->writes = operation->cls == JAIL_CLASS_FS_WRITE;
        operation->has_memory_flags = false;
        operation->memory_flags = 0;
        operation->n_targets = 0;
}

/* Starts the next target; the row's arguments never hold more than there is room for (table_test proves it). */
static struct operation_target *next_target(struct operation *operation, size_t arg, enum operation_target_kind kind) {
        assert(operation->n_targets < OPERATION_MAX_TARGETS);
        struct operation_target *target = &operation->targets[operation->n_targets++];

        target->kind = kind;
        target->arg = (uint8_t) arg;
        target->absent = target->unreadable = target->cut = false;
        target->dirfd = AT_FDCWD;
        target->pid = 0;
        target->len = 0;
        target->text[0] = '\0';
        return target;
}

static void read_path(struct operation *operation, size_t arg, struct memory_reader *reader) {
        struct operation_target *target = next_target(operation, arg, OPERATION_TARGET_PATH);

        if (arg > 0 && operation->desc->args[arg - 1] == SYSCALL_ARG_DIRFD)
                target->dirfd = (int) operation->args[arg - 1];
        target_read_string(target, reader, operation->args[arg]);
}

/* The flags come first in both structures (include/uapi/linux/openat2.h, sched.h). */
static void read_memory_flags(struct operation *operation, size_t arg, struct memory_reader *reader) {
        struct jail_error err;

        operation->has_memory_flags = memory_read_u64(reader, operation->args[arg], &operation->memory_flags, &err) == 0;
        operation->racy = true;
}

static void read_argument(struct operation *operation, size_t arg, struct memory_reader *reader) {
        uint64_t value = operation->args[arg];
        struct operation_target *target = NULL;

        switch (operation->desc->args[arg]) {
        case SYSCALL_ARG_PATH:
                read_path(operation, arg, reader);
                operation->racy |= value != 0;
                break;
        case SYSCALL_ARG_STRING:
                target_read_string(next_target(operation, arg, OPERATION_TARGET_STRING), reader, value);
                operation->racy |= value != 0;
                break;
        case SYSCALL_ARG_ARGV:
                target_read_argv(next_target(operation, arg, OPERATION_TARGET_ARGV), reader, value);
                operation->racy |= value != 0;
                break;
        case SYSCALL_ARG_SOCKADDR:
                target = next_target(operation, arg, OPERATION_TARGET_ADDRESS);
                target_read_sockaddr(target, reader, value, arg + 1 < 6 ? operation->args[arg + 1] : 0);
                operation->racy |= value != 0;
                break;
        case SYSCALL_ARG_MSGHDR:
                target_read_msghdr(next_target(operation, arg, OPERATION_TARGET_ADDRESS), reader, value);
                operation->racy = true; /* also when it names no address: another thread could write one */
                break;
        case SYSCALL_ARG_PID:
        case SYSCALL_ARG_PID_OR_SELF:
                target = next_target(operation, arg, OPERATION_TARGET_PID);
                target->pid = (int32_t) value;
                break;
        case SYSCALL_ARG_OPEN_HOW:
        case SYSCALL_ARG_CLONE_ARGS: read_memory_flags(operation, arg, reader); break;
        case SYSCALL_ARG_NONE:
        case SYSCALL_ARG_INT:
        case SYSCALL_ARG_UINT:
        case SYSCALL_ARG_HEX:
        case SYSCALL_ARG_OCTAL:
        case SYSCALL_ARG_POINTER:
        case SYSCALL_ARG_FD:
        case SYSCALL_ARG_DIRFD:
        case SYSCALL_ARG_SOCKLEN:
        case SYSCALL_ARG_OPEN_FLAGS:
        case SYSCALL_ARG_AT_FLAGS:
        case SYSCALL_ARG_SIGNAL:
        case SYSCALL_ARG_CLONE_FLAGS:
        case SYSCALL_ARG_PROT:
        case SYSCALL_ARG_MAP_FLAGS:
        case SYSCALL_ARG_SOCKET_FAMILY:
        case SYSCALL_ARG_SOCKET_TYPE:
        case SYSCALL_ARG_FCNTL_COMMAND:
        case SYSCALL_ARG_PRCTL_OPTION:
        case SYSCALL_ARG_HIDDEN: break;
        }
}

void operation_read_targets(struct operation *operation, struct memory_reader *reader) {
        if (operation->has_targets)
                return;
        operation->has_targets = true;
        for (size_t i = 0; operation->desc && i < 6; i++)
                read_argument(operation, i, reader);
}

const char *operation_name(const struct operation *operation, char *buffer, size_t size) {
        if (operation->desc)
                return operation->desc->name;
        if (is_x32(operation))
                snprintf(buffer, size, "x32 syscall %ld", operation->number & ~(long) X32_SYSCALL_BIT);
        else if (!operation->foreign_entry)
                snprintf(buffer, size, "syscall %ld", operation->number);
        else if (operation->audit_arch == AUDIT_ARCH_I386)
                snprintf(buffer, size, "i386 syscall %ld", operation->number);
        else
                snprintf(buffer, size, "foreign syscall %ld", operation->number);
        return buffer;
}
