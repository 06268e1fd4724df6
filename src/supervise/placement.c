/* SPDX-License-Identifier: Apache-2.0 */
#include "supervise/placement.h"

#include "base/cleanup.h"

#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* sched_setattr(2); the C library has no name for it yet. */
struct attributes {
        uint32_t size, policy;
        uint64_t flags;
        int32_t nice;
        uint32_t priority;
        uint64_t runtime_ns, deadline_ns, period_ns; /* of SCHED_OTHER, runtime_ns is the length of a turn */
};

void placement_take_short_turns(void) {
        struct attributes attributes = { 0 };
        if (syscall(SYS_sched_getattr, 0, &attributes, sizeof(attributes), 0) < 0 || attributes.policy != SCHED_OTHER)
                return;
        attributes.size = sizeof(attributes);
        attributes.runtime_ns = PLACEMENT_TURN_NS;
        (void) syscall(SYS_sched_setattr, 0, &attributes, 0);
}

/* The CPU that a task ran on last: field 39 of proc_pid_stat(5). -1 when it cannot be read. */
static int cpu_of(pid_t tid) {
        char path[48], line[1024];
        snprintf(path, sizeof(path), "/proc/%d/stat", tid);
        CLEANUP_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
        ssize_t len = fd < 0 ? -1 : read(fd, line, sizeof(line) - 1);
        if (len <= 0)
                return -1;
        line[len] = '\0';
        const char *field = strrchr(line, ')'); /* the name, field 2, may hold anything */
        for (int i = 2; field && i < 39; i++)
                field = strchr(field + 1, ' ');
        return field ? atoi(field) : -1;
}

/* A task that stays where it is, is looked at less and less often. */
static unsigned longer(unsigned interval) {
        if (interval < PLACEMENT_FIRST_INTERVAL)
                return PLACEMENT_FIRST_INTERVAL;
        return interval < PLACEMENT_LAST_INTERVAL / 2 ? interval * 2 : PLACEMENT_LAST_INTERVAL;
}

void placement_follow(struct placement *placement, pid_t tid) {
        if (placement->off || placement->n_stops++ < placement->interval)
                return;
        placement->n_stops = 0;
        int cpu = cpu_of(tid);
        /* Being there is not enough: the kernel may move this process the next time that it wakes. */
        if (cpu < 0 || cpu >= CPU_SETSIZE || (placement->pinned && cpu == placement->cpu)) {
                placement->interval = longer(placement->interval);
                return;
        }
        placement->interval = PLACEMENT_FIRST_INTERVAL;
        placement->pinned = true;
        placement->apart = false;
        placement->cpu = cpu;
        cpu_set_t set;
        CPU_ZERO(&set);
        CPU_SET((unsigned) cpu, &set);
        placement->off = sched_setaffinity(0, sizeof(set), &set) < 0;
}

void placement_part(struct placement *placement, pid_t tid) {
        int cpu = placement->off ? -1 : tid == 0 ? sched_getcpu() : cpu_of(tid);
        if (cpu < 0 || cpu >= CPU_SETSIZE || (placement->apart && cpu == placement->cpu))
                return;
        if (!placement->known)
                placement->known = sched_getaffinity(0, sizeof(placement->allowed), &placement->allowed) == 0;
        cpu_set_t set = placement->allowed;
        CPU_CLR((unsigned) cpu, &set);
        placement->apart = placement->known && CPU_COUNT(&set) > 0 && sched_setaffinity(0, sizeof(set), &set) == 0;
        placement->pinned = placement->pinned && !placement->apart;
        placement->cpu = cpu;
}
