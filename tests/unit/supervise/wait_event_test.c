/* SPDX-License-Identifier: Apache-2.0 */
#include "supervise/wait_event.h"

#include <linux/ptrace.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define EXITED(code)           ((code) << 8)
#define STOPPED(signal_number) (((signal_number) << 8) | 0x7f)
#define EVENT(event)           (((event) << 16) | STOPPED(SIGTRAP))

static const struct {
        const char *name;
        int status;
        enum wait_event_kind kind;
        int signal;
} rows[] = {
        { "exit 0", EXITED(0), WAIT_EVENT_GONE, 0 },
        { "exit 255", EXITED(255), WAIT_EVENT_GONE, 0 },
        { "killed", SIGKILL, WAIT_EVENT_GONE, 0 },
        { "core dumped", SIGSEGV | 0x80, WAIT_EVENT_GONE, 0 },
        { "continued", 0xffff, WAIT_EVENT_UNKNOWN, 0 },
        { "signal", STOPPED(SIGTERM), WAIT_EVENT_SIGNAL, SIGTERM },
        { "a real SIGTRAP", STOPPED(SIGTRAP), WAIT_EVENT_SIGNAL, SIGTRAP },
        { "real-time signal", STOPPED(64), WAIT_EVENT_SIGNAL, 64 },
        { "SIGSTOP on its way", STOPPED(SIGSTOP), WAIT_EVENT_SIGNAL, SIGSTOP },
        { "end of a call", STOPPED(SIGTRAP | 0x80), WAIT_EVENT_CALL_END, 0 },
        { "seccomp", EVENT(PTRACE_EVENT_SECCOMP), WAIT_EVENT_SECCOMP, 0 },
        { "clone", EVENT(PTRACE_EVENT_CLONE), WAIT_EVENT_CLONE, 0 },
        { "fork", EVENT(PTRACE_EVENT_FORK), WAIT_EVENT_FORK, 0 },
        { "vfork", EVENT(PTRACE_EVENT_VFORK), WAIT_EVENT_VFORK, 0 },
        { "end of a vfork", EVENT(PTRACE_EVENT_VFORK_DONE), WAIT_EVENT_VFORK_DONE, 0 },
        { "exec", EVENT(PTRACE_EVENT_EXEC), WAIT_EVENT_EXEC, 0 },
        { "exit event", EVENT(PTRACE_EVENT_EXIT), WAIT_EVENT_EXITING, 0 },
        { "interrupted", EVENT(PTRACE_EVENT_STOP), WAIT_EVENT_TRAP, 0 },
        { "group stop", (PTRACE_EVENT_STOP << 16) | STOPPED(SIGSTOP), WAIT_EVENT_GROUP_STOP, SIGSTOP },
        { "group stop by ^Z", (PTRACE_EVENT_STOP << 16) | STOPPED(SIGTSTP), WAIT_EVENT_GROUP_STOP, SIGTSTP },
        { "group stop by reading", (PTRACE_EVENT_STOP << 16) | STOPPED(SIGTTIN), WAIT_EVENT_GROUP_STOP, SIGTTIN },
        { "an event that is not known", EVENT(99), WAIT_EVENT_UNKNOWN, 0 },
};

static void test_classify(void **state) {
        (void) state;
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                struct wait_event event = wait_event_classify(rows[i].status);
                if (event.kind != rows[i].kind || event.signal != rows[i].signal)
                        fail_msg("%s: kind %d, signal %d", rows[i].name, (int) event.kind, event.signal);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = { cmocka_unit_test(test_classify) };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
