/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The floor of any ptrace tool: the same filter, a stop, PTRACE_CONT, and nothing else. With --filter-only the same instructions
 * let every call go on, and nobody traces.
 *
 *     null_tracer [--filter-only] [--one-cpu | --anywhere] PROG [ARG...]
 *
 * It runs where jail would: on the CPU of the task that stops. With --one-cpu the program is kept on that CPU as well; with
 * --anywhere the kernel chooses.
 */
#include "supervise/filter.h"
#include "supervise/placement.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#define OPTIONS                                                                                                                    \
        (PTRACE_O_EXITKILL | PTRACE_O_TRACESECCOMP | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE |              \
         PTRACE_O_TRACEEXEC)

static _Noreturn void fail(const char *what) {
        fprintf(stderr, "null_tracer: %s: %s\n", what, strerror(errno));
        exit(125);
}

static _Noreturn void run_program(const struct filter_program *filter, bool traced, char **argv) {
        if (traced)
                raise(SIGSTOP); /* until the tracer is there */
        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || filter_install(filter) != 0)
                fail("filter");
        execvp(argv[0], argv);
        fail(argv[0]);
}

/* What to do after a stop with this status: the signal to deliver, or -1 to listen. */
static int signal_after(int status) {
        int event = status >> 16;
        if (event == PTRACE_EVENT_STOP)
                return WSTOPSIG(status) == SIGTRAP || WSTOPSIG(status) == SIGSTOP ? 0 : -1;
        return event != 0 ? 0 : WSTOPSIG(status);
}

static int trace(pid_t program, struct placement *placement) {
        int status, program_status = 0;
        for (pid_t tid; (tid = waitpid(-1, &status, __WALL)) > 0 || errno == EINTR;) {
                if (tid < 0)
                        continue;
                if (!WIFSTOPPED(status)) {
                        if (tid == program)
                                program_status = status;
                        continue;
                }
                int signal_number = signal_after(status);
                if (signal_number < 0)
                        ptrace(PTRACE_LISTEN, tid, NULL, NULL);
                else
                        ptrace(PTRACE_CONT, tid, NULL, (void *) (long) signal_number);
                if (status >> 16 == PTRACE_EVENT_SECCOMP)
                        placement_follow(placement, tid);
        }
        return WIFEXITED(program_status) ? WEXITSTATUS(program_status) : 128 + WTERMSIG(program_status);
}

/* The same instructions, with every stop turned into a go-on. */
static struct filter_program remove_stops(void) {
        struct sock_filter *copy = malloc(filter_program.n_instructions * sizeof(*copy));
        if (!copy)
                fail("memory");
        for (size_t i = 0; i < filter_program.n_instructions; i++) {
                copy[i] = filter_program.instructions[i];
                if (copy[i].code == (BPF_RET | BPF_K) && copy[i].k == (SECCOMP_RET_TRACE | FILTER_TRACE_DATA))
                        copy[i].k = SECCOMP_RET_ALLOW;
        }
        return (struct filter_program){ copy, filter_program.n_instructions };
}

int main(int argc, char **argv) {
        bool filter_only = false;
        struct placement placement = { 0 };
        int at = 1;
        for (; at < argc && argv[at][0] == '-'; at++) {
                if (strcmp(argv[at], "--filter-only") == 0)
                        filter_only = true;
                else if (strcmp(argv[at], "--anywhere") == 0)
                        placement.off = true;
                else if (strcmp(argv[at], "--one-cpu") == 0) {
                        placement.off = true;
                        cpu_set_t set;
                        CPU_ZERO(&set);
                        CPU_SET(0, &set);
                        if (sched_setaffinity(0, sizeof(set), &set) < 0)
                                fail("affinity");
                }
        }
        if (at == argc) {
                fprintf(stderr, "usage: null_tracer [--filter-only] [--one-cpu | --anywhere] PROG [ARG...]\n");
                return 125;
        }
        if (filter_only) {
                const struct filter_program without_stops = remove_stops();
                run_program(&without_stops, false, argv + at);
        }

        pid_t program = fork();
        if (program == 0)
                run_program(&filter_program, true, argv + at);
        int status;
        if (program < 0 || waitpid(program, &status, WUNTRACED) != program || !WIFSTOPPED(status) ||
            ptrace(PTRACE_SEIZE, program, NULL, (void *) (unsigned long) OPTIONS) < 0 || kill(program, SIGCONT) < 0)
                fail("trace");
        placement_take_short_turns();
        return trace(program, &placement);
}
