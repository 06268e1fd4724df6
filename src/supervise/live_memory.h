/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The memory of a live tracee. Two ways, tried in this order: pread(2) on a /proc/PID/mem that was opened while that was allowed,
 * and PTRACE_PEEKDATA on the stopped thread. A way that the kernel refuses is not tried again for that process. Neither waits for a
 * page whose fault nobody serves (userfaultfd): it cannot be read then. process_vm_readv(2) does wait, for ever, and costs several
 * times as much per range.
 */
#ifndef SUPERVISE_LIVE_MEMORY_H
#define SUPERVISE_LIVE_MEMORY_H

#include "memory/reader.h"

#include <stdbool.h>
#include <sys/types.h>

enum live_memory_way {
        LIVE_MEMORY_PROC_MEM = 1 << 0,
        LIVE_MEMORY_PEEK = 1 << 1,
        LIVE_MEMORY_ALL = LIVE_MEMORY_PROC_MEM | LIVE_MEMORY_PEEK,
};

struct live_memory {
        struct memory_reader reader; /* pass &memory.reader on */
        pid_t pid;
        /*
         * The thread at whose stop the memory is read: set before each read. It need not be of process pid, which may have ended
         * already, while a child that shares its memory lives on.
         */
        pid_t stopped_tid;
        int mem_fd;    /* /proc/PID/mem, or -1; owned */
        unsigned ways; /* enum live_memory_way that are still usable */
};

/* Opens the memory of process pid. Cannot fail: without /proc/PID/mem the other way remains. ways is LIVE_MEMORY_ALL but in tests.
 */
void live_memory_open(struct live_memory *memory, pid_t pid, unsigned ways);

/* Closes the descriptor; a memory that is all zero is fine. */
void live_memory_close(struct live_memory *memory);

#endif
