/* SPDX-License-Identifier: Apache-2.0 */
/* Writes docs/syscalls.md from the table. */
#include "syscalls/table.h"

#include <stdio.h>

static const char preface[] =
        "# Which system calls stop\n"
        "\n"
        "Made from `src/syscalls/` by `print_table`; a test compares the two.\n"
        "\n"
        "- A call that *goes on* is never seen by jail.\n"
        "- A call that *stops* is judged: jail looks at who asks, and lets it go on or answers EPERM.\n"
        "- A call that *goes on when* a register argument is harmless stops otherwise. All 64 bits are compared, so a value with\n"
        "  junk in its high bits stops. The longer lists of harmless values are in `src/syscalls/rules.h`.\n"
        "- Calls through the i386 and x32 entries stop, whatever their number, and so does every number that is not here.\n"
        "\n"
        "The class is what a policy would grant. It depends on arguments too: an `open` or `openat` that only reads is `fs.read`,\n"
        "else `fs.write`; a `clone` with a new namespace is `sys`; limits and scheduling of the caller itself are `sys`, those of\n"
        "others `proc`; an `fcntl` that asks for signals is `proc`, one that watches a directory `fs.read`, one that leases or\n"
        "seals a file `fs.write`.\n"
        "\n"
        "| number | call | rule | class | what it does |\n"
        "|---|---|---|---|---|\n";

static void print_row(const struct syscall_desc *desc) {
        printf("| %d | `%s` | ", desc->number, desc->name);
        switch (desc->rule) {
        case SYSCALL_ALLOW: printf("goes on | | |\n"); return;
        case SYSCALL_STOP: printf("stops"); break;
        case SYSCALL_ALLOW_IF: printf("goes on when %s", desc->when); break;
        }
        printf(" | `%s` | %s |\n", jail_class_name(desc->cls),
               desc->cls == JAIL_CLASS_OTHER ? "no kernel has it any more" : desc->verb);
}

int main(void) {
        fputs(preface, stdout);
        for (size_t i = 0; i < syscall_count(); i++)
                print_row(syscall_at(i));
        return ferror(stdout) || fflush(stdout) != 0;
}
