/* SPDX-License-Identifier: Apache-2.0 */
#include "supervise/background.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * The C library keeps signals 32 and 33 for itself and refuses to block or to change them; the kernel does not. What is blocked is
 * never delivered; SIGKILL and SIGSTOP cannot be.
 */
static void block_signals(void) {
        static const uint64_t all = UINT64_MAX;
        (void) syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all, NULL, sizeof(all));
        /* For each stop it would only cost time; ignored, it would change how waiting works. */
        sigaction(SIGCHLD, &(struct sigaction){ .sa_handler = SIG_DFL, .sa_flags = SA_NOCLDSTOP }, NULL);
}

/* What /proc/self/fd lists, or, where that is not to be had, whatever the limits allow. */
static void close_one_by_one(unsigned first, unsigned last) {
        struct rlimit limit = { 0 };
        DIR *dir = opendir("/proc/self/fd");
        if (!dir) {
                (void) getrlimit(RLIMIT_NOFILE, &limit);
                for (unsigned fd = first; fd <= last && fd < limit.rlim_max; fd++)
                        close((int) fd);
                return;
        }
        for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
                unsigned long fd = strtoul(entry->d_name, NULL, 10); /* "." and ".." are 0, below first */
                if (fd >= first && fd <= last && fd != (unsigned long) dirfd(dir))
                        close((int) fd);
        }
        closedir(dir);
}

/* close_range(2) is of Linux 5.9, and containers may refuse what is newer than they are. */
static void close_between(unsigned first, unsigned last) {
        if (close_range(first, last, 0) < 0)
                close_one_by_one(first, last);
}

/* Closes everything from descriptor 3 on but keep_fds: the gaps between them, from the lowest up. */
static void close_others(const int *keep_fds, size_t n_keep_fds) {
        unsigned first = STDERR_FILENO + 1;
        for (;;) {
                unsigned next = UINT_MAX;
                for (size_t i = 0; i < n_keep_fds; i++)
                        if (keep_fds[i] >= (int) first && (unsigned) keep_fds[i] < next)
                                next = (unsigned) keep_fds[i];
                if (next == UINT_MAX)
                        break;
                if (next > first)
                        close_between(first, next - 1);
                first = next + 1;
        }
        close_between(first, UINT_MAX);
}

static int replace_standard_fds(struct jail_error *err) {
        int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
        if (null_fd < 0) /* a bare directory as root: a descriptor that can be neither read nor written will do */
                null_fd = open("/", O_PATH | O_CLOEXEC);
        if (null_fd < 0)
                return jail_error_set(err, JAIL_ESYS, errno, "/dev/null");
        dup2(null_fd, STDIN_FILENO);
        dup2(null_fd, STDOUT_FILENO);
        if (fcntl(STDERR_FILENO, F_GETFD) < 0) /* closed from the start: nothing else may get that number */
                dup2(null_fd, STDERR_FILENO);
        if (null_fd > STDERR_FILENO)
                close(null_fd);
        return 0;
}

int background_close_fds(const int *keep_fds, size_t n_keep_fds, struct jail_error *err) {
        int r = replace_standard_fds(err);
        if (r == 0)
                close_others(keep_fds, n_keep_fds);
        return r;
}

int background_enter(const int *keep_fds, size_t n_keep_fds, struct jail_error *err) {
        /* Not a session of its own: the kernel shares CPUs out by sessions (sched(7), autogroup), and these two take turns. */
        if (setpgid(0, 0) < 0)
                return jail_error_set(err, JAIL_ESYS, errno, "the supervisor cannot leave the process group");
        block_signals();
        int r = background_close_fds(keep_fds, n_keep_fds, err);
        if (r < 0)
                return r;
        clearenv();
        /* Without it the supervisor would keep a file system busy that a daemon has left. */
        if (chdir("/") < 0)
                return jail_error_set(err, JAIL_ESYS, errno, "/");
        /* Whatever else runs as the same user has no business in the supervisor's memory. */
        prctl(PR_SET_DUMPABLE, 0);
        return 0;
}
