/* SPDX-License-Identifier: Apache-2.0 */
#include "operation/operation.h"
#include "operation/symbols.h"

#include <fcntl.h>

/* The target that came from argument arg, or NULL. */
static const struct operation_target *target_of(const struct operation *operation, size_t arg) {
        for (size_t i = 0; i < operation->n_targets; i++)
                if (operation->targets[i].arg == arg)
                        return &operation->targets[i];
        return NULL;
}

static void add_hex(struct text *text, uint64_t value) {
        text_printf(text, value == 0 ? "%llu" : "0x%llx", (unsigned long long) value);
}

static void add_pointer(struct text *text, uint64_t value) {
        if (value == 0)
                text_add(text, STR("NULL"));
        else
                text_printf(text, "0x%llx", (unsigned long long) value);
}

static void add_quoted(struct text *text, const struct operation_target *target) {
        text_add(text, STR("\""));
        text_add_escaped(text, (struct str){ target->text, target->len });
        text_add(text, target->cut ? STR("\"...") : STR("\""));
}

/* A target that was read, in the quotes or brackets of its kind; what could not be read as its address. */
static void add_target(struct text *text, const struct operation *operation, size_t arg) {
        const struct operation_target *target = target_of(operation, arg);

        if (!target || target->unreadable || (target->absent && operation->args[arg] == 0)) {
                add_pointer(text, operation->args[arg]);
                return;
        }
        switch (target->kind) {
        case OPERATION_TARGET_PATH:
        case OPERATION_TARGET_STRING: add_quoted(text, target); break;
        case OPERATION_TARGET_ADDRESS:
                if (target->absent)
                        text_add(text, STR("no address"));
                else
                        text_add_escaped(text, (struct str){ target->text, target->len });
                break;
        case OPERATION_TARGET_ARGV:
                text_add(text, STR("["));
                text_add(text, (struct str){ target->text, target->len });
                if (target->cut)
                        text_add(text, target->len > 0 ? STR(", ...") : STR("..."));
                text_add(text, STR("]"));
                break;
        case OPERATION_TARGET_PID: text_printf(text, "%lld", (long long) target->pid); break;
        }
}

static void add_memory_flags(struct text *text, const struct operation *operation, size_t arg) {
        if (!operation->has_memory_flags) {
                add_pointer(text, operation->args[arg]);
                return;
        }
        text_add(text, STR("{flags="));
        if (operation->desc->args[arg] == SYSCALL_ARG_OPEN_HOW)
                symbols_add_open_flags(text, operation->memory_flags);
        else
                symbols_add_clone_flags(text, operation->memory_flags);
        text_add(text, STR("}"));
}

static void add_dirfd(struct text *text, uint64_t value) {
        if ((int) value == AT_FDCWD)
                text_add(text, STR("AT_FDCWD"));
        else
                text_printf(text, "%d", (int) value);
}

/* The directory says nothing when the path does not start there. */
static bool dirfd_is_told(const struct operation *operation, size_t arg) {
        if ((int) operation->args[arg] == AT_FDCWD)
                return false;
        const struct operation_target *target = target_of(operation, arg + 1);
        return !target || target->len == 0 || target->text[0] != '/';
}

/* A mode is used only by an open that creates. */
static bool mode_is_told(const struct operation *operation, size_t arg) {
        if (arg == 0 || operation->desc->args[arg - 1] != SYSCALL_ARG_OPEN_FLAGS)
                return true;
        return (operation->args[arg - 1] & (O_CREAT | (O_TMPFILE & ~O_DIRECTORY))) != 0;
}

static bool is_told(const struct operation *operation, size_t arg) {
        const enum syscall_arg kind = operation->desc->args[arg];

        if (kind == SYSCALL_ARG_HIDDEN || kind == SYSCALL_ARG_SOCKLEN)
                return false;
        if (kind == SYSCALL_ARG_DIRFD)
                return dirfd_is_told(operation, arg);
        if (kind == SYSCALL_ARG_OCTAL)
                return mode_is_told(operation, arg);
        return kind != SYSCALL_ARG_AT_FLAGS || (uint32_t) operation->args[arg] != 0;
}

static void add_argument(struct text *text, const struct operation *operation, size_t arg) {
        const uint64_t value = operation->args[arg];

        switch (operation->desc->args[arg]) {
        case SYSCALL_ARG_INT:
        case SYSCALL_ARG_FD: text_printf(text, "%d", (int) value); break;
        case SYSCALL_ARG_UINT: text_printf(text, "%llu", (unsigned long long) value); break;
        case SYSCALL_ARG_HEX: add_hex(text, value); break;
        case SYSCALL_ARG_OCTAL: text_printf(text, "%#o", (unsigned) value); break;
        case SYSCALL_ARG_POINTER: add_pointer(text, value); break;
        case SYSCALL_ARG_DIRFD: add_dirfd(text, value); break;
        case SYSCALL_ARG_PATH:
        case SYSCALL_ARG_STRING:
        case SYSCALL_ARG_ARGV:
        case SYSCALL_ARG_SOCKADDR:
        case SYSCALL_ARG_MSGHDR: add_target(text, operation, arg); break;
        case SYSCALL_ARG_PID:
        case SYSCALL_ARG_PID_OR_SELF: text_printf(text, "%d", (int) value); break;
        case SYSCALL_ARG_OPEN_FLAGS: symbols_add_open_flags(text, (uint32_t) value); break;
        case SYSCALL_ARG_OPEN_HOW:
        case SYSCALL_ARG_CLONE_ARGS: add_memory_flags(text, operation, arg); break;
        case SYSCALL_ARG_AT_FLAGS: symbols_add_at_flags(text, value); break;
        case SYSCALL_ARG_SIGNAL: symbols_add_signal(text, value); break;
        case SYSCALL_ARG_CLONE_FLAGS: symbols_add_clone_flags(text, value); break;
        case SYSCALL_ARG_PROT: symbols_add_prot(text, value); break;
        case SYSCALL_ARG_MAP_FLAGS: symbols_add_map_flags(text, value); break;
        case SYSCALL_ARG_SOCKET_FAMILY: symbols_add_socket_family(text, value); break;
        case SYSCALL_ARG_SOCKET_TYPE: symbols_add_socket_type(text, value); break;
        case SYSCALL_ARG_FCNTL_COMMAND: symbols_add_fcntl_command(text, value); break;
        case SYSCALL_ARG_PRCTL_OPTION: symbols_add_prctl_option(text, value); break;
        case SYSCALL_ARG_NONE:
        case SYSCALL_ARG_SOCKLEN:
        case SYSCALL_ARG_HIDDEN: break;
        }
}

void operation_format(const struct operation *operation, struct text *text) {
        char name[32];
        bool first = true;

        text_add(text, str_from(operation_name(operation, name, sizeof(name))));
        text_add(text, STR("("));
        for (size_t i = 0; i < 6; i++) {
                if (operation->desc && operation->desc->args[i] == SYSCALL_ARG_NONE)
                        break;
                if (operation->desc && !is_told(operation, i))
                        continue;
                text_add(text, first ? STR("") : STR(", "));
                first = false;
                if (operation->desc)
                        add_argument(text, operation, i);
                else
                        add_hex(text, operation->args[i]);
        }
        text_add(text, STR(")"));
}

void operation_format_target(const struct operation_target *target, struct text *text) {
        if (target->kind == OPERATION_TARGET_PID) {
                text_printf(text, "%lld", (long long) target->pid);
                return;
        }
        if (target->absent || target->unreadable)
                return;
        struct str raw = { target->text, target->len };
        if (target->kind == OPERATION_TARGET_ARGV)
                text_add(text, raw); /* escaped when it was read */
        else
                text_add_escaped(text, raw);
        if (target->cut)
                text_add(text, target->kind == OPERATION_TARGET_ARGV ? STR(", ...") : STR("..."));
}
