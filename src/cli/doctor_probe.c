/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/doctor_probe.h"

#include "base/cleanup.h"
#include "supervise/backend.h"
#include "supervise/filter.h"
#include "supervise/live_memory.h"
#include "supervise/wait_event.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

enum {
        TIMEOUT_S = 10,
        TRACEE_DENIED = 0, /* the tracee's exit codes; others are the errno of the filter's installation */
        TRACEE_NOT_DENIED = 254,
        TRACEE_LOST = 255,
};

static const char probe_path[] = "/";

struct probe_pipes {
        int to_tracer[2], to_tracee[2], report[2];
};

static void close_all(struct probe_pipes *pipes) {
        int *const fds[] = { pipes->to_tracer, pipes->to_tracee, pipes->report };
        for (size_t i = 0; i < 3; i++) {
                cleanup_close(&fds[i][0]);
                cleanup_close(&fds[i][1]);
        }
}

/* The process that takes the place of the program. */
static int be_tracee(const struct probe_pipes *pipes, pid_t tracer, const struct filter_program *filter) {
        pid_t self = getpid();
        char go;
        alarm(TIMEOUT_S);
        prctl(PR_SET_PTRACER, (unsigned long) tracer, 0, 0, 0); /* fails without Yama */
        if (write(pipes->to_tracer[1], &self, sizeof(self)) != sizeof(self) || read(pipes->to_tracee[0], &go, 1) != 1)
                return TRACEE_LOST;
        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
                return errno;
        int r = filter_install(filter);
        if (r != 0)
                return r < 0 ? -r : EBUSY;
        long fd = syscall(SYS_openat, AT_FDCWD, probe_path, O_RDONLY | O_CLOEXEC);
        return fd == -1 && errno == EPERM ? TRACEE_DENIED : TRACEE_NOT_DENIED;
}

static bool can_read(pid_t tracee, unsigned way) {
        char byte = 0;
        struct live_memory memory;
        live_memory_open(&memory, tracee, way);
        int r = memory_read(&memory.reader, (uintptr_t) probe_path, &byte, 1, NULL);
        live_memory_close(&memory);
        return r == 0 && byte == probe_path[0];
}

/* Handles a stop by the filter: the probe's own call is denied, any other goes on. Returns 0 or a negative errno. */
static int handle_call(pid_t tracee, struct doctor_probe *probe) {
        struct judge_stop stop = { .pid = tracee, .tid = tracee };
        if (probe->n_done == DOCTOR_STEP_FILTER)
                probe->n_done = DOCTOR_STEP_CALL;
        int r = ptrace_backend.read_entry(tracee, &stop);
        if (r < 0)
                return r;
        if (stop.number != SYS_openat || stop.args[1] != (uintptr_t) probe_path)
                return ptrace_backend.resume(tracee, 0);
        probe->n_done = DOCTOR_STEP_DENY;
        probe->proc_mem = can_read(tracee, LIVE_MEMORY_PROC_MEM);
        probe->peek = can_read(tracee, LIVE_MEMORY_PEEK);
        r = ptrace_backend.deny(tracee, EPERM);
        return r < 0 ? r : ptrace_backend.resume(tracee, 0);
}

/* What the tracee's end says of the steps that only it can see. */
static void conclude(struct doctor_probe *probe, int status) {
        int code = WIFEXITED(status) ? WEXITSTATUS(status) : TRACEE_LOST;
        if (probe->n_done == DOCTOR_STEP_DENY && code == TRACEE_DENIED) {
                probe->n_done = DOCTOR_STEP_COUNT;
        } else if (probe->n_done == DOCTOR_STEP_FILTER) {
                if (code == TRACEE_NOT_DENIED)
                        probe->n_done = DOCTOR_STEP_STOP; /* the filter is there, but stopped nothing */
                else if (code != TRACEE_DENIED && code != TRACEE_LOST)
                        probe->step_errno = code;
        }
}

static int trace(pid_t tracee, struct doctor_probe *probe) {
        for (;;) {
                pid_t tid = 0;
                int status = 0;
                int r = ptrace_backend.wait(tracee, true, &tid, &status);
                if (r == -EINTR)
                        continue;
                if (r < 0)
                        return r;
                struct wait_event event = wait_event_classify(status);
                if (event.kind == WAIT_EVENT_GONE) {
                        conclude(probe, status);
                        return 0;
                }
                if (event.kind == WAIT_EVENT_SECCOMP)
                        r = handle_call(tracee, probe);
                else
                        r = ptrace_backend.resume(tracee, event.kind == WAIT_EVENT_SIGNAL ? event.signal : 0);
                if (r < 0 && r != -ESRCH)
                        return r;
        }
}

/* The process that takes the place of the supervisor. */
static int be_tracer(const struct probe_pipes *pipes) {
        struct doctor_probe probe = { .n_done = DOCTOR_STEP_SEIZE };
        pid_t tracee = 0;
        if (read(pipes->to_tracer[0], &tracee, sizeof(tracee)) != sizeof(tracee))
                return 1;
        int r = ptrace_backend.attach(tracee);
        if (r == 0) {
                probe.n_done = DOCTOR_STEP_FILTER;
                r = write(pipes->to_tracee[1], "", 1) == 1 ? trace(tracee, &probe) : -errno;
        }
        if (r < 0)
                probe.step_errno = -r;
        return write(pipes->report[1], &probe, sizeof(probe)) == sizeof(probe) ? 0 : 1;
}

/* Ends a child that is in the way, and waits for it. */
static void end_child(pid_t child) {
        if (child <= 0)
                return;
        kill(child, SIGKILL);
        while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
                ;
}

static int run_children(struct probe_pipes *pipes, const struct filter_program *filter, struct doctor_probe *ret_probe,
                        struct jail_error *err) {
        pid_t tracer = fork();
        if (tracer == 0)
                _exit(be_tracer(pipes));
        pid_t tracee = tracer > 0 ? fork() : -1;
        if (tracee == 0)
                _exit(be_tracee(pipes, tracer, filter));
        int fork_errno = errno;
        close(pipes->report[1]);
        pipes->report[1] = -1;

        ssize_t n = -1;
        if (tracee > 0) {
                do
                        n = read(pipes->report[0], ret_probe, sizeof(*ret_probe));
                while (n < 0 && errno == EINTR);
        }
        end_child(tracer);
        end_child(tracee);
        if (tracee < 0)
                return jail_error_set(err, JAIL_ESYS, fork_errno, "cannot make a process");
        if (n != sizeof(*ret_probe))
                return jail_error_set(err, JAIL_ESYS, 0, "the tracing process ended without a result");
        return 0;
}

int doctor_probe_run(struct doctor_probe *ret_probe, struct jail_error *err) {
        struct probe_pipes pipes = { { -1, -1 }, { -1, -1 }, { -1, -1 } };
        int r = 0;
        if (pipe2(pipes.to_tracer, O_CLOEXEC) < 0 || pipe2(pipes.to_tracee, O_CLOEXEC) < 0 || pipe2(pipes.report, O_CLOEXEC) < 0)
                r = jail_error_set(err, JAIL_ESYS, errno, "cannot make a pipe");
        if (r == 0)
                r = run_children(&pipes, &filter_program, ret_probe, err);
        close_all(&pipes);
        return r;
}

bool doctor_probe_has_action(unsigned action) {
        return syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
}
