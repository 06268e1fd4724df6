/* SPDX-License-Identifier: Apache-2.0 */
#include "supervise/live_memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <unistd.h>

/* Each way returns 1 when done, 0 when it does not work for this process, or an error. */
static int read_proc_mem(struct live_memory *memory, struct memory_range *range, struct jail_error *err) {
        (void) err;
        if (memory->mem_fd < 0)
                return 0;
        range->got_bytes = 0;
        if (range->vaddr > INT64_MAX - range->len_bytes) /* the kernel's half, which is no offset */
                return 1;
        ssize_t got;
        do {
                got = pread(memory->mem_fd, range->buffer, range->len_bytes, (off_t) range->vaddr);
        } while (got < 0 && errno == EINTR);
        if (got < 0 && errno != EIO && errno != EFAULT)
                return 0;
        if (got > 0) /* fewer than asked for: up to what is not mapped (mem_rw, fs/proc/base.c) */
                range->got_bytes = (size_t) got;
        return 1;
}

static int read_peek(struct live_memory *memory, struct memory_range *range, struct jail_error *err) {
        range->got_bytes = 0;
        while (range->got_bytes < range->len_bytes) {
                uint64_t vaddr = range->vaddr + range->got_bytes;
                uint64_t aligned = vaddr & ~(uint64_t) (sizeof(long) - 1);
                size_t skip = (size_t) (vaddr - aligned);
                size_t len = sizeof(long) - skip;
                if (len > range->len_bytes - range->got_bytes)
                        len = range->len_bytes - range->got_bytes;

                errno = 0;
                long word = ptrace(PTRACE_PEEKDATA, memory->stopped_tid, (void *) (uintptr_t) aligned, NULL);
                if (errno == ESRCH)
                        return jail_error_set(err, JAIL_EREAD, ESRCH, "memory of process %d", memory->pid);
                if (errno != 0)
                        break;
                memcpy((char *) range->buffer + range->got_bytes, (const char *) &word + skip, len);
                range->got_bytes += len;
        }
        return 1;
}

static int read_each(struct live_memory *memory, struct memory_range *ranges, size_t n,
                     int (*read_one)(struct live_memory *, struct memory_range *, struct jail_error *), struct jail_error *err) {
        for (size_t i = 0; i < n; i++) {
                int r = read_one(memory, &ranges[i], err);
                if (r <= 0)
                        return r;
        }
        return 1;
}

static int live_readv(struct memory_reader *reader, struct memory_range *ranges, size_t n, struct jail_error *err) {
        struct live_memory *memory = (struct live_memory *) reader;
        int r = 0;

        for (size_t i = 0; i < n; i++)
                ranges[i].got_bytes = 0;

        if (memory->ways & LIVE_MEMORY_PROC_MEM) {
                r = read_each(memory, ranges, n, read_proc_mem, err);
                if (r == 0)
                        memory->ways &= ~(unsigned) LIVE_MEMORY_PROC_MEM;
        }
        if (r == 0 && (memory->ways & LIVE_MEMORY_PEEK))
                r = read_each(memory, ranges, n, read_peek, err);
        if (r == 0)
                return jail_error_set(err, JAIL_EREAD, 0, "no way to read the memory of process %d", memory->pid);
        return r < 0 ? r : 0;
}

void live_memory_open(struct live_memory *memory, pid_t pid, unsigned ways) {
        char path[32];
        snprintf(path, sizeof(path), "/proc/%d/mem", pid);
        *memory = (struct live_memory){
                .reader.readv = live_readv,
                .pid = pid,
                .stopped_tid = pid,
                .mem_fd = ways & LIVE_MEMORY_PROC_MEM ? open(path, O_RDONLY | O_CLOEXEC) : -1,
                .ways = ways,
        };
}

void live_memory_close(struct live_memory *memory) {
        if (memory->reader.readv && memory->mem_fd >= 0)
                close(memory->mem_fd);
        *memory = (struct live_memory){ .mem_fd = -1 };
}
