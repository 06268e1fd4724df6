/* SPDX-License-Identifier: Apache-2.0 */
#include "supervise/foreground.h"

#include "base/cleanup.h"
#include "supervise/background.h"
#include "supervise/handshake.h"
#include "supervise/note.h"
#include "supervise/supervisor_process.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/*
 * kill(2) to a process group, and a service manager that signals a whole unit, reach the program as well: a signal is forwarded
 * only if the program has not got the same one from the same sender. It may have got it before, at most so long ago; or it gets it
 * later: that is waited for, longer when it is seen to be on its way.
 */
#define TWIN_BEFORE_NS   UINT64_C(2000000000)
#define TWIN_AFTER_NS    UINT64_C(20000000)
#define TWIN_PATIENCE_NS UINT64_C(2000000000)
#define TWIN_PAUSE_NS    1000000L

struct foreground {
        const struct launch_plan *plan;
        struct run_record *record; /* shared with the supervisor; NULL when unsupervised */
        pid_t supervisor, program; /* 0: none */
        int supervisor_status;     /* once it has ended */
        bool supervisor_gone;
        bool program_gone;
        int program_status;
        sigset_t mask; /* the caller's */
        struct sigaction child_action;
};

/* What the program's launcher tells when it could not start it; nothing when it could. */
struct launch_failure {
        int exit_code;
        struct jail_error error;
};

static uint64_t now_ns(void) {
        struct timespec now;
        clock_gettime(CLOCK_MONOTONIC, &now);
        return (uint64_t) now.tv_sec * 1000000000U + (uint64_t) now.tv_nsec;
}

/* --- start ------------------------------------------------------------------------------------------------------------------- */

_Noreturn static void run_program(const struct foreground *front, int handshake_fd, int failure_fd) {
        struct launch_failure failure = { .exit_code = JAIL_EXIT_FAILURE };
        int r = 0;
        sigaction(SIGCHLD, &front->child_action, NULL);
        if (handshake_fd >= 0)
                r = launch_meet(handshake_fd, front->supervisor, front->plan->filter, &failure.error);
        if (r == 0)
                r = launch_execute(front->plan, &front->mask, &failure.exit_code, &failure.error);
        (void) !write(failure_fd, &failure, sizeof(failure));
        _exit(failure.exit_code);
}

/* Starts the supervisor with its ends of the two socket pairs; without a filter there is none. */
static int start_supervisor(struct foreground *front, int handshake_fd, int ended_fd, struct jail_error *err) {
        if (!front->plan->filter)
                return 0;
        front->record = mmap(NULL, sizeof(*front->record), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (front->record == MAP_FAILED) {
                front->record = NULL;
                return jail_error_set(err, JAIL_ENOMEM, errno, "cannot start the supervisor");
        }
        front->supervisor = fork();
        if (front->supervisor == 0)
                supervisor_process_run(front->plan, handshake_fd, front->record, ended_fd);
        if (front->supervisor < 0)
                return jail_error_set(err, JAIL_ESYS, errno, "cannot start the supervisor");
        supervisor_process_set_apart(front->supervisor);
        return 0;
}

/* Waits until the program's image is there. */
static int wait_for_exec(int failure_fd, int *ret_exit_code, struct jail_error *err) {
        struct launch_failure failure = { 0 };
        ssize_t len_bytes = 0;
        do {
                len_bytes = read(failure_fd, &failure, sizeof(failure));
        } while (len_bytes < 0 && errno == EINTR);
        if (len_bytes <= 0) /* closed by the exec, or by the death of the launcher, whose status then tells */
                return 0;
        *ret_exit_code = failure.exit_code;
        if (err)
                *err = failure.error;
        return failure.error.code;
}

static int start(struct foreground *front, int *ret_ended_fd, int *ret_exit_code, struct jail_error *err) {
        int handshake_fds[2] = { -1, -1 }, failure_fds[2] = { -1, -1 }, ended_fds[2] = { -1, -1 };
        int r = handshake_open(handshake_fds, err);
        if (r == 0)
                r = handshake_open(failure_fds, err);
        if (r == 0)
                r = handshake_open(ended_fds, err);
        if (r == 0)
                r = start_supervisor(front, handshake_fds[1], ended_fds[1], err);
        cleanup_close(&handshake_fds[1]);
        cleanup_close(&ended_fds[1]);
        if (r == 0) {
                front->program = fork();
                if (front->program == 0)
                        run_program(front, front->supervisor ? handshake_fds[0] : -1, failure_fds[1]);
                if (front->program < 0)
                        r = jail_error_set(err, JAIL_ESYS, errno, "cannot start the program");
        }
        cleanup_close(&handshake_fds[0]);
        cleanup_close(&failure_fds[1]);
        const int keep_fds[] = { failure_fds[0], ended_fds[0], front->plan->options->report_fd };
        if (r == 0) /* the program is on its way: with the descriptors still open, it runs as well */
                (void) !background_close_fds(keep_fds, sizeof(keep_fds) / sizeof(keep_fds[0]), NULL);
        if (r == 0)
                r = wait_for_exec(failure_fds[0], ret_exit_code, err);
        cleanup_close(&failure_fds[0]);
        if (r == 0)
                *ret_ended_fd = steal_fd(&ended_fds[0]);
        cleanup_close(&ended_fds[0]);
        return r;
}

/* --- meanwhile --------------------------------------------------------------------------------------------------------------- */

/* Stops jail as the program was stopped, so that a shell sees its job stopped; returns when it is continued. */
static void stop_likewise(int signal_number) {
        sigset_t only;
        sigemptyset(&only);
        sigaddset(&only, signal_number);
        raise(signal_number);
        sigprocmask(SIG_UNBLOCK, &only, NULL); /* here it stops: jail leaves these signals' actions alone */
        sigprocmask(SIG_BLOCK, &only, NULL);
}

/* Takes note of every child's news; as PID 1 jail may have children that it never made. */
static void reap(struct foreground *front) {
        int status = 0;
        for (;;) {
                pid_t pid = waitpid(-1, &status, WNOHANG | WUNTRACED);
                if (pid < 0 && errno == EINTR)
                        continue;
                if (pid <= 0)
                        return;
                if (pid == front->supervisor && !WIFSTOPPED(status)) {
                        front->supervisor_gone = true;
                        front->supervisor_status = status;
                }
                if (pid != front->program)
                        continue;
                if (WIFSTOPPED(status)) {
                        stop_likewise(WSTOPSIG(status));
                } else {
                        front->program_gone = true;
                        front->program_status = status;
                }
        }
}

/* Takes the same signal of the same sender, if the program has got it. */
static bool take_twin(const struct foreground *front, const siginfo_t *info, uint64_t received_ns) {
        struct run_record *record = front->record;
        if (atomic_load(&record->signals[info->si_signo].sender) != info->si_pid ||
            atomic_load(&record->signals[info->si_signo].time_ns) + TWIN_BEFORE_NS < received_ns ||
            atomic_load(&record->signals[info->si_signo].n) <= 0)
                return false;
        atomic_fetch_sub(&record->signals[info->si_signo].n, 1);
        return true;
}

/* Whether the program has been sent such a signal and has not taken it yet. */
static bool is_pending(pid_t pid, int signal_number) {
        char path[48], line[256];
        unsigned long long pending = 0;
        snprintf(path, sizeof(path), "/proc/%d/status", pid);
        CLEANUP_FCLOSE FILE *file = fopen(path, "re");
        while (file && fgets(line, sizeof(line), file))
                if (sscanf(line, "ShdPnd: %llx", &pending) == 1)
                        break;
        return (pending >> (signal_number - 1)) & 1;
}

/* Whether a process has work to do: the supervisor, that may have news of the program. */
static bool is_busy(pid_t pid) {
        char path[48], line[1024];
        snprintf(path, sizeof(path), "/proc/%d/stat", pid);
        CLEANUP_FCLOSE FILE *file = fopen(path, "re");
        const char *name_end = file && fgets(line, sizeof(line), file) ? strrchr(line, ')') : NULL;
        return name_end && strncmp(name_end, ") R", 3) == 0;
}

/* Whether the program gets the same signal from the same sender. */
static bool has_twin(const struct foreground *front, const siginfo_t *info) {
        if (!front->record)
                return false;
        uint64_t received_ns = now_ns();
        for (;;) {
                uint64_t waited_ns = now_ns() - received_ns;
                bool pending = is_pending(front->program, info->si_signo);
                if (take_twin(front, info, received_ns))
                        return true;
                bool on_its_way = pending || waited_ns < TWIN_AFTER_NS || is_busy(front->supervisor);
                if (!on_its_way || waited_ns >= TWIN_PATIENCE_NS)
                        return pending; /* blocked there: another one would be the same */
                nanosleep(&(struct timespec){ .tv_nsec = TWIN_PAUSE_NS }, NULL);
        }
}

static void forward(const struct foreground *front, const siginfo_t *info) {
        bool sent = info->si_code == SI_USER || info->si_code == SI_QUEUE || info->si_code == SI_TKILL;
        if (!sent || info->si_pid == front->program || has_twin(front, info))
                return;
        if (info->si_code == SI_QUEUE)
                (void) sigqueue(front->program, info->si_signo, info->si_value);
        else
                (void) kill(front->program, info->si_signo);
}

/* What was sent to jail while the program ran was for the program: jail must not die of it instead of telling how that ended. */
static void drop_signals(void) {
        static const struct timespec now;
        sigset_t all;
        sigfillset(&all);
        while (sigtimedwait(&all, NULL, &now) > 0 || errno == EINTR)
                ;
}

static void wait_for_program(struct foreground *front) {
        sigset_t all;
        sigfillset(&all);
        reap(front);
        while (!front->program_gone) {
                siginfo_t info;
                int signal_number = sigwaitinfo(&all, &info);
                if (signal_number > 0) /* a SIGCHLD of the kernel is not one that somebody sent */
                        forward(front, &info);
                reap(front);
        }
}

/* --- end --------------------------------------------------------------------------------------------------------------------- */

/* The supervisor ends with the program, unless descendants live on; it says which. */
static void part_from_supervisor(struct foreground *front, int ended_fd) {
        char byte = 0;
        ssize_t len_bytes = 0;
        if (front->supervisor <= 0 || front->supervisor_gone)
                return;
        do {
                len_bytes = ended_fd >= 0 ? read(ended_fd, &byte, 1) : 0;
        } while (len_bytes < 0 && errno == EINTR);
        if (len_bytes > 0)
                return;
        while (waitpid(front->supervisor, &front->supervisor_status, 0) < 0 && errno == EINTR)
                ;
        front->supervisor_gone = true;
}

static void fill_result(const struct foreground *front, struct jail_supervisor_result *ret_result) {
        *ret_result = (struct jail_supervisor_result){
                .wait_status = front->program_status,
                .ran_unsupervised = !front->plan->filter,
        };
        if (!front->record)
                return;
        ret_result->n_denied = front->record->n_denied;
        ret_result->policy_image_seen = front->record->policy_image_seen;
        if (atomic_load(&front->record->complete))
                return;
        if (WIFSIGNALED(front->supervisor_status))
                note_send(front->plan->options, front->program, "the supervisor was killed (%s), and the program with it",
                          strsignal(WTERMSIG(front->supervisor_status)));
}

int foreground_run(const struct launch_plan *plan, struct jail_supervisor_result *ret_result, int *ret_exit_code,
                   struct jail_error *err) {
        struct foreground front = { .plan = plan };
        const struct sigaction default_action = { .sa_handler = SIG_DFL };
        int ended_fd = -1;

        *ret_exit_code = JAIL_EXIT_FAILURE;
        launch_block_signals(&front.mask);
        sigaction(SIGCHLD, &default_action, &front.child_action); /* ignored, it would take the statuses away */
        int r = start(&front, &ended_fd, ret_exit_code, err);
        if (front.program > 0)
                wait_for_program(&front);
        part_from_supervisor(&front, ended_fd);
        if (r == 0)
                fill_result(&front, ret_result);
        cleanup_close(&ended_fd);
        if (front.program > 0)
                drop_signals();
        if (front.record)
                munmap(front.record, sizeof(*front.record));
        sigaction(SIGCHLD, &front.child_action, NULL);
        sigprocmask(SIG_SETMASK, &front.mask, NULL);
        return r;
}
