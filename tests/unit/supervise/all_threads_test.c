/* SPDX-License-Identifier: Apache-2.0 */
/* Calls that all threads repeat: only a thread that was told, once, and the very same call. */
#include "supervise/all_threads.h"

#include <linux/audit.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <sys/syscall.h>

#include <cmocka.h>

#define PID    100
#define SIGNAL 33

static struct go_inline_frame names[2];
static struct code_point points[2];
static struct unwind_frame frames[2];

static struct unwind_stack by_go(void) {
        names[0].name = STR("internal/runtime/syscall/linux.Syscall6");
        names[1].name = STR("syscall.runtime_doAllThreadsSyscall");
        for (int i = 0; i < 2; i++) {
                points[i] = (struct code_point){ .n_frames = 1, .frames = &names[i] };
                frames[i] = (struct unwind_frame){ .kind = UNWIND_OWN, .code = &points[i] };
        }
        return (struct unwind_stack){ .frames = frames, .n_frames = 2 };
}

static struct unwind_stack by_c(void) {
        frames[0] = (struct unwind_frame){ .kind = UNWIND_FOREIGN };
        return (struct unwind_stack){ .frames = frames, .n_frames = 1, .foreign = true };
}

static struct operation *call(long number, uint64_t a, uint64_t b, uint64_t c) {
        static struct operation operation;
        const uint64_t args[6] = { a, b, c, 0, 0, 0 };
        operation_init(&operation, AUDIT_ARCH_X86_64, AUDIT_ARCH_X86_64, number, args);
        return &operation;
}

static void test_go(void **state) {
        (void) state;
        struct all_threads all = { 0 };
        struct unwind_stack stack = by_go();
        all_threads_note(&all, PID, &stack, call(SYS_tgkill, PID, 101, SIGNAL)); /* before there is anything to repeat */
        assert_false(all_threads_expects(&all, 101, call(SYS_setuid, 5, 0, 0)));
        all_threads_note(&all, PID, &stack, call(SYS_setuid, 5, 0, 0));
        all_threads_note(&all, PID, &stack, call(SYS_tgkill, PID, 101, SIGNAL));
        all_threads_note(&all, PID, &stack, call(SYS_tgkill, PID + 1, 102, SIGNAL)); /* of another process */
        all_threads_note(&all, PID, &stack, call(SYS_tgkill, PID, 103, SIGNAL + 1)); /* another signal */
        assert_true(all_threads_expects(&all, 101, call(SYS_setuid, 5, 0, 0)));
        assert_false(all_threads_expects(&all, 101, call(SYS_setuid, 0, 0, 0)));
        assert_false(all_threads_expects(&all, 101, call(SYS_setuid, 5, 0, 1)));
        assert_false(all_threads_expects(&all, 101, call(SYS_setgid, 5, 0, 0)));
        assert_false(all_threads_expects(&all, 102, call(SYS_setuid, 5, 0, 0)));
        assert_false(all_threads_expects(&all, 103, call(SYS_setuid, 5, 0, 0)));
        all_threads_made(&all, 101, call(SYS_setuid, 5, 0, 0));
        assert_false(all_threads_expects(&all, 101, call(SYS_setuid, 5, 0, 0)));
        all_threads_clear(&all);
}

static void test_c(void **state) {
        (void) state;
        struct all_threads all = { 0 };
        struct unwind_stack stack = by_c();
        all_threads_note(&all, PID, &stack, call(SYS_tgkill, PID, 101, SIGNAL));
        all_threads_note(&all, PID, &stack, call(SYS_tgkill, PID, 102, SIGNAL));
        all_threads_note(&all, PID, &stack, call(SYS_tgkill, PID, 103, SIGNAL));
        assert_false(all_threads_expects(&all, 101, call(SYS_chdir, 5, 0, 0)));
        assert_true(all_threads_expects(&all, 101, call(SYS_setgid, 5, 0, 0)));
        all_threads_made(&all, 101, call(SYS_setgid, 5, 0, 0));
        assert_true(all_threads_expects(&all, 102, call(SYS_setgid, 5, 0, 0))); /* the first says what */
        assert_false(all_threads_expects(&all, 102, call(SYS_setgid, 0, 0, 0)));
        all_threads_made(&all, 102, call(SYS_setgid, 5, 0, 0));
        all_threads_note(&all, PID, &stack, call(SYS_setgid, 5, 0, 0)); /* the caller's own: it is over */
        assert_false(all_threads_expects(&all, 103, call(SYS_setgid, 5, 0, 0)));
        all_threads_clear(&all);
}

/* The registers behind a call's arguments hold in each thread what was there; the arguments themselves must be the same. */
static void test_c_junk(void **state) {
        (void) state;
        struct all_threads all = { 0 };
        struct unwind_stack stack = by_c();
        all_threads_note(&all, PID, &stack, call(SYS_tgkill, PID, 101, SIGNAL));
        all_threads_note(&all, PID, &stack, call(SYS_tgkill, PID, 102, SIGNAL));
        struct operation *operation = call(SYS_setreuid, 5, 6, 7);
        operation->args[5] = 8;
        all_threads_made(&all, 101, operation);
        assert_true(all_threads_expects(&all, 102, call(SYS_setreuid, 5, 6, 99)));
        assert_false(all_threads_expects(&all, 102, call(SYS_setreuid, 5, 7, 7)));
        assert_false(all_threads_expects(&all, 102, call(SYS_setreuid, 4, 6, 7)));
        all_threads_clear(&all);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_go),
                cmocka_unit_test(test_c),
                cmocka_unit_test(test_c_junk),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
