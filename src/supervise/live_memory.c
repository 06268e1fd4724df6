/* SPDX-License-Identifier: Apache-2.0 */
#include "supervise/live_memory.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <unistd.h>

/* A read that is still blocked after one to two such periods fails. */
#define DEADLINE_MS 100

static volatile sig_atomic_t deadline_armed;

static void on_deadline(int signal_number) {
        (void) signal_number;
        deadline_armed = 0;
}

int live_memory_install_deadline(struct jail_error *err) {
        struct sigaction action = { .sa_handler = on_deadline }; /* no SA_RESTART: a blocked read must return */
        if (sigaction(SIGALRM, &action, NULL) < 0)
                return jail_error_set(err, JAIL_ESYS, errno, "cannot install the deadline for reads");
        return 0;
}

/* Makes sure that a signal will arrive. The timer is armed at most once per period, so that a read costs no system call more. */
static void deadline_arm(void) {
        if (deadline_armed)
                return;
        const struct itimerval timer = { .it_value.tv_usec = DEADLINE_MS * 1000 };
        deadline_armed = 1;
        setitimer(ITIMER_REAL, &timer, NULL);
}

static int read_blocked(const struct live_memory *memory, struct jail_error *err) {
        return jail_error_set(err, JAIL_EREAD, 0, "memory of process %d: a page's fault was not served in time", memory->pid);
}

#define MAX_RANGES 4

/* Returns 1 when done, 0 when this way does not work for this process, or an error. */
static int read_process_vm(struct live_memory *memory, struct memory_range *ranges, size_t n, struct jail_error *err) {
        struct iovec local[MAX_RANGES], remote[MAX_RANGES];
        for (size_t i = 0; i < n; i++) {
                local[i] = (struct iovec){ ranges[i].buffer, ranges[i].len_bytes };
                remote[i] = (struct iovec){ (void *) (uintptr_t) ranges[i].vaddr, ranges[i].len_bytes };
        }

        ssize_t got = -1;
        for (int attempt = 0; attempt < 2; attempt++) {
                deadline_arm();
                got = process_vm_readv(memory->stopped_tid, local, n, remote, n, 0);
                if (got >= 0 || errno != EINTR)
                        break;
        }
        if (got < 0) {
                if (errno == EINTR)
                        return read_blocked(memory, err);
                if (errno == ESRCH)
                        return jail_error_set(err, JAIL_EREAD, ESRCH, "memory of process %d", memory->pid);
                if (errno != EFAULT)
                        return 0;
                got = 0;
        }

        size_t left = (size_t) got;
        for (size_t i = 0; i < n; i++) {
                ranges[i].got_bytes = left < ranges[i].len_bytes ? left : ranges[i].len_bytes;
                left -= ranges[i].got_bytes;
        }
        /* The call stops at the first range that ends early: the ones after it are read on their own. */
        for (size_t i = 0; i + 1 < n; i++)
                if (ranges[i].got_bytes < ranges[i].len_bytes)
                        return read_process_vm(memory, ranges + i + 1, n - i - 1, err);
        return 1;
}

static int read_proc_mem(struct live_memory *memory, struct memory_range *range, struct jail_error *err) {
        if (memory->mem_fd < 0)
                return 0;
        range->got_bytes = 0;
        int interrupted = 0;
        while (range->got_bytes < range->len_bytes) {
                deadline_arm();
                ssize_t got = pread(memory->mem_fd, (char *) range->buffer + range->got_bytes, range->len_bytes - range->got_bytes,
                                    (off_t) (range->vaddr + range->got_bytes));
                if (got < 0 && errno == EINTR && interrupted++ == 0)
                        continue;
                if (got < 0 && errno == EINTR)
                        return read_blocked(memory, err);
                if (got < 0 && errno != EIO && errno != EFAULT && range->got_bytes == 0)
                        return 0;
                if (got <= 0)
                        break;
                range->got_bytes += (size_t) got;
        }
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

                deadline_arm();
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

        if (n > MAX_RANGES)
                return jail_error_set(err, JAIL_EINVAL, 0, "more than %d ranges in one read", MAX_RANGES);
        for (size_t i = 0; i < n; i++)
                ranges[i].got_bytes = 0;

        if (memory->ways & LIVE_MEMORY_PROCESS_VM) {
                r = read_process_vm(memory, ranges, n, err);
                if (r == 0)
                        memory->ways &= ~(unsigned) LIVE_MEMORY_PROCESS_VM;
        }
        if (r == 0 && (memory->ways & LIVE_MEMORY_PROC_MEM)) {
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
