/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of the verdict, one after the other, as docs/threat-model.md and the design name them. */
#include "verdict/scene.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include <cmocka.h>

static struct scene s;

static int setup(void **state) {
        (void) state;
        scene_init(&s, SCENE_GO_MOD, false);
        return 0;
}

static int setup_cgo(void **state) {
        (void) state;
        scene_init(&s, SCENE_GO_MOD, true);
        return 0;
}

static int setup_default(void **state) {
        (void) state;
        scene_init(&s, "// gomodjail:confined\nmodule example.com/main\nrequire example.com/good v1.0.0 // gomodjail:unconfined\n",
                   false);
        return 0;
}

static int teardown(void **state) {
        (void) state;
        scene_clear(&s);
        return 0;
}

static void decide(const char *functions, enum unwind_text text, bool allow, enum jail_reason reason, const char *blamed) {
        s.operation.has_targets = false;
        s.operation.n_targets = 0;
        const char *got = scene_decide(&s, text);
        if (s.decision.allow != allow || s.decision.reason != reason || strcmp(got, blamed) != 0)
                fail_msg("%s: %s, reason %d, blamed %s (%s)", functions, s.decision.allow ? "allowed" : "denied",
                         (int) s.decision.reason, got, s.decision.detail);
        if (reason != JAIL_REASON_CONFINED) {
                assert_true(s.decision.blamed_frame == DECISION_NO_FRAME);
                assert_int_equal(s.decision.blamed, MODULE_NONE);
        }
        bool careful = reason == JAIL_REASON_LOADER && attribution_confined_cgo(s.attribution) && s.operation.number != SYS_mmap;
        assert_int_equal(s.decision.alone, reason == JAIL_REASON_STD_STATE || careful);
}

/* A complete stack that ends at runtime.main, and what is decided. */
static void top(const char *functions, bool allow, enum jail_reason reason, const char *blamed) {
        scene_stack(&s, UNWIND_TOP, UNWIND_ROOT_MAIN, functions);
        decide(functions, UNWIND_TEXT_UNKNOWN, allow, reason, blamed);
}

static void allowed(const char *functions) {
        top(functions, true, JAIL_REASON_ALLOWED, "-");
}

static void confined(const char *functions, const char *module, size_t frame, size_t logical) {
        top(functions, false, JAIL_REASON_CONFINED, module);
        assert_int_equal(s.decision.blamed_frame, frame);
        assert_int_equal(s.decision.blamed_inline, logical);
}

#define OUTER " main.main runtime.main runtime.goexit"

/* Row 1. */
static void test_loader(void **state) {
        (void) state;
        scene_stack(&s, UNWIND_TOP, UNWIND_ROOT_START, "C");
        decide("loader opens", UNWIND_TEXT_LOADER, true, JAIL_REASON_LOADER, "-");
        decide("C library opens", UNWIND_TEXT_C, true, JAIL_REASON_LOADER, "-");
        scene_call(&s, SYS_mmap, 0, NULL, 0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE);
        decide("maps text", UNWIND_TEXT_LOADER, true, JAIL_REASON_LOADER, "-");
        /* What is no loading is C code without a goroutine: row 4, and nobody has C code here. */
        scene_call(&s, SYS_mmap, 0, NULL, 0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS);
        decide("anonymous", UNWIND_TEXT_LOADER, true, JAIL_REASON_ALLOWED, "-");
        scene_open(&s, "/tmp/x", O_WRONLY | O_CREAT);
        decide("writes", UNWIND_TEXT_LOADER, true, JAIL_REASON_ALLOWED, "-");
        /* Once the runtime has started, the same is a thread of C's. */
        scene_open(&s, "/etc/passwd", O_RDONLY);
        scene_stack(&s, UNWIND_TOP, UNWIND_ROOT_C_THREAD, "C");
        decide("later", UNWIND_TEXT_LOADER, true, JAIL_REASON_ALLOWED, "-");
}

/* Row 2: only the runtime runs on system stacks; other return addresses there are forged. */
static void test_module_on_system_stack(void **state) {
        (void) state;
        static const enum unwind_root roots[] = { UNWIND_ROOT_RT0, UNWIND_ROOT_SIGNAL, UNWIND_ROOT_MSTART, UNWIND_ROOT_MCALL,
                                                  UNWIND_ROOT_MORESTACK };
        for (size_t i = 0; i < sizeof(roots) / sizeof(roots[0]); i++) {
                scene_stack(&s, UNWIND_TOP, roots[i], "main.main");
                decide("main on a system stack", UNWIND_TEXT_UNKNOWN, false, JAIL_REASON_INCOMPLETE, "-");
        }
}

/* Row 1 where a confined module has C code: its constructors run before the runtime, too. */
static void test_loader_with_cgo(void **state) {
        (void) state;
        scene_stack(&s, UNWIND_TOP, UNWIND_ROOT_START, "C");
        decide("a constructor jumps into the loader", UNWIND_TEXT_LOADER, false, JAIL_REASON_C_THREAD, "-");
        scene_open(&s, "/tmp/x.so/secret", O_RDONLY);
        decide("a directory named like a library", UNWIND_TEXT_LOADER, false, JAIL_REASON_C_THREAD, "-");
        scene_open(&s, "/etc/ld.so.cache", O_RDONLY);
        decide("loader opens its cache", UNWIND_TEXT_LOADER, true, JAIL_REASON_LOADER, "-");
        scene_open(&s, "/lib/x86_64-linux-gnu/libc.so.6", O_RDONLY);
        decide("loader opens", UNWIND_TEXT_LOADER, true, JAIL_REASON_LOADER, "-");
        decide("C code opens", UNWIND_TEXT_C, false, JAIL_REASON_C_THREAD, "-");
        scene_call(&s, SYS_mmap, 0, NULL, 0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE);
        decide("loader maps text", UNWIND_TEXT_LOADER, true, JAIL_REASON_LOADER, "-");
        scene_open(&s, "/tmp/x", O_WRONLY | O_CREAT);
        decide("loader writes", UNWIND_TEXT_LOADER, false, JAIL_REASON_C_THREAD, "-");
        scene_call(&s, SYS_mmap, 0, NULL, 0, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE);
        decide("writable text", UNWIND_TEXT_LOADER, false, JAIL_REASON_C_THREAD, "-");
        scene_call(&s, SYS_mmap, 0, NULL, 0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS);
        decide("anonymous text", UNWIND_TEXT_LOADER, false, JAIL_REASON_C_THREAD, "-");
        scene_call(&s, SYS_execve, 0, "/bin/sh", 0, 0, 0, 0);
        decide("exec", UNWIND_TEXT_LOADER, false, JAIL_REASON_C_THREAD, "-");
        /* runtime/cgo has the C library measure the stack. */
        scene_open(&s, "/proc/self/maps", O_RDONLY);
        decide("measures", UNWIND_TEXT_C, true, JAIL_REASON_STD_STATE, "-");
        scene_open(&s, "/proc/self/maps2", O_RDONLY);
        decide("something else", UNWIND_TEXT_C, false, JAIL_REASON_C_THREAD, "-");
        scene_open(&s, "/proc/self/maps", O_RDWR);
        decide("writes", UNWIND_TEXT_C, false, JAIL_REASON_C_THREAD, "-");
        scene_open(&s, "/proc/self/maps", O_RDONLY);
        scene_stack(&s, UNWIND_TOP, UNWIND_ROOT_C_THREAD, "C");
        decide("later", UNWIND_TEXT_C, false, JAIL_REASON_C_THREAD, "-");
}

/* Rows 2 and 3. */
static void test_ends(void **state) {
        (void) state;
        static const enum unwind_end ends[] = { UNWIND_LIMIT, UNWIND_BAD_READ,    UNWIND_CYCLE,     UNWIND_NO_STEP,
                                                UNWIND_BAD_G, UNWIND_NO_ANCESTRY, UNWIND_NO_EFFORT, UNWIND_NO_MEMORY };
        for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
                s.options.incomplete_allow = false;
                scene_stack(&s, ends[i], UNWIND_ROOT_NONE, "os.ReadFile example.com/good.F");
                strcpy(s.stack.detail, "why");
                decide("incomplete", UNWIND_TEXT_UNKNOWN, false, JAIL_REASON_INCOMPLETE, "-");
                assert_non_null(strstr(s.decision.detail, unwind_end_name(ends[i])));
                assert_non_null(strstr(s.decision.detail, "why"));
                scene_stack(&s, ends[i], UNWIND_ROOT_NONE, "os.ReadFile example.com/evil.F");
                decide("incomplete, confined", UNWIND_TEXT_UNKNOWN, false, JAIL_REASON_INCOMPLETE, "-");
                /* --incomplete=allow judges what was seen. */
                s.options.incomplete_allow = true;
                decide("relaxed, confined", UNWIND_TEXT_UNKNOWN, false, JAIL_REASON_CONFINED, "example.com/evil");
                scene_stack(&s, ends[i], UNWIND_ROOT_NONE, "os.ReadFile example.com/good.F");
                decide("relaxed", UNWIND_TEXT_UNKNOWN, true, JAIL_REASON_ALLOWED, "-");
                assert_string_equal(s.decision.detail, "");
                scene_stack(&s, ends[i], UNWIND_ROOT_NONE, "");
                decide("relaxed, nothing seen", UNWIND_TEXT_UNKNOWN, true, JAIL_REASON_ALLOWED, "-");
                scene_stack(&s, UNWIND_UNKNOWN_CODE, UNWIND_ROOT_NONE, "os.ReadFile");
                strcpy(s.stack.detail, "anonymous");
                decide("unknown code", UNWIND_TEXT_UNKNOWN, false, JAIL_REASON_UNKNOWN_CODE, "-");
                assert_string_equal(s.decision.detail, "anonymous");
        }
}

/* Row 4. */
static void test_c_thread(void **state) {
        (void) state;
        scene_stack(&s, UNWIND_TOP, UNWIND_ROOT_C_THREAD, "C");
        decide("nobody's C", UNWIND_TEXT_C, true, JAIL_REASON_ALLOWED, "-");
        scene_stack(&s, UNWIND_TOP, UNWIND_ROOT_C_THREAD, "os.ReadFile example.com/evil.F runtime.goexit");
        decide("evil, called by C", UNWIND_TEXT_UNKNOWN, false, JAIL_REASON_CONFINED, "example.com/evil");
        scene_stack(&s, UNWIND_TOP, UNWIND_ROOT_C_THREAD, "os.ReadFile example.com/good.F runtime.goexit");
        decide("good, called by C", UNWIND_TEXT_UNKNOWN, true, JAIL_REASON_ALLOWED, "-");
}

/* A thread says that it has no goroutine: it must have been made for C. */
static void test_c_thread_claimed(void **state) {
        (void) state;
        static const char *const stacks[] = { "C", "os.ReadFile example.com/good.F runtime.goexit", "os.ReadFile runtime.goexit" };
        for (size_t i = 0; i < sizeof(stacks) / sizeof(stacks[0]); i++) {
                scene_stack(&s, UNWIND_TOP, UNWIND_ROOT_C_THREAD, stacks[i]);
                s.stack.c_thread = true;
                s.c_made = false;
                decide("Go's thread", UNWIND_TEXT_C, false, JAIL_REASON_C_THREAD, "-");
                s.c_made = true;
                decide("C's thread", UNWIND_TEXT_C, true, JAIL_REASON_ALLOWED, "-");
        }
}

/* glibc's malloc() counts the processors in a thread that the runtime had C make. */
static void test_c_thread_measures(void **state) {
        (void) state;
        static const char *const files[] = { "/sys/devices/system/cpu/online", "/sys/devices/system/cpu/possible", "/proc/stat",
                                             "/proc/sys/vm/overcommit_memory" };
        scene_stack(&s, UNWIND_TOP, UNWIND_ROOT_C_THREAD, "C");
        s.stack.c_thread = true;
        for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
                scene_open(&s, files[i], O_RDONLY | O_CLOEXEC);
                decide(files[i], UNWIND_TEXT_C, true, JAIL_REASON_STD_STATE, "-");
                assert_true(s.decision.alone);
                scene_open(&s, files[i], O_RDWR);
                decide(files[i], UNWIND_TEXT_C, false, JAIL_REASON_C_THREAD, "-");
        }
        scene_open(&s, "/proc/stat/../1/environ", O_RDONLY);
        decide("something else", UNWIND_TEXT_C, false, JAIL_REASON_C_THREAD, "-");
        scene_open(&s, "/proc/self/maps", O_RDONLY);
        decide("what only the start asks", UNWIND_TEXT_C, false, JAIL_REASON_C_THREAD, "-");
}

static bool is_c_thread(enum unwind_end end, enum unwind_root root, const char *maker, bool no_goroutine, bool maker_is_c) {
        scene_stack(&s, end, root, maker);
        s.stack.c_thread = no_goroutine;
        return decision_is_c_thread(&s.stack, s.attribution, maker_is_c);
}

static void test_whose_thread(void **state) {
        (void) state;
        assert_true(is_c_thread(UNWIND_TOP, UNWIND_ROOT_START, "C", false, false)); /* a constructor */
        assert_true(is_c_thread(UNWIND_TOP, UNWIND_ROOT_MAIN, "C runtime.cgocall example.com/good.F" OUTER, false, false));
        assert_false(is_c_thread(UNWIND_TOP, UNWIND_ROOT_MAIN, "C runtime.cgocall example.com/evil.F" OUTER, false, false));
        assert_false(is_c_thread(UNWIND_TOP, UNWIND_ROOT_MAIN, "C runtime.cgocall example.com/good.F example.com/evil.F" OUTER,
                                 false, true));
        /* The runtime has C make its own threads, on a system stack. */
        assert_false(is_c_thread(UNWIND_TOP, UNWIND_ROOT_MAIN, "C runtime.schedule" OUTER, false, false));
        assert_false(is_c_thread(UNWIND_TOP, UNWIND_ROOT_MAIN, "example.com/good.F" OUTER, false, false));
        assert_false(is_c_thread(UNWIND_BAD_G, UNWIND_ROOT_NONE, "C runtime.cgocall example.com/good.F", false, true));
        /* What a thread says of itself is believed when it is C's. */
        assert_true(is_c_thread(UNWIND_TOP, UNWIND_ROOT_C_THREAD, "C", true, true));
        assert_false(is_c_thread(UNWIND_TOP, UNWIND_ROOT_C_THREAD, "C", true, false));
        assert_true(is_c_thread(UNWIND_TOP, UNWIND_ROOT_C_THREAD, "C runtime.cgocall example.com/good.F", true, true));
        assert_false(is_c_thread(UNWIND_TOP, UNWIND_ROOT_C_THREAD, "C runtime.cgocall example.com/evil.F", true, true));
        assert_false(is_c_thread(UNWIND_TOP, UNWIND_ROOT_C_THREAD, "C runtime.cgocall example.com/good.F", true, false));
}

static void test_c_thread_with_cgo(void **state) {
        (void) state;
        scene_stack(&s, UNWIND_TOP, UNWIND_ROOT_C_THREAD, "C");
        decide("evil's C", UNWIND_TEXT_C, false, JAIL_REASON_C_THREAD, "-");
        scene_stack(&s, UNWIND_TOP, UNWIND_ROOT_C_THREAD, "os.ReadFile example.com/good.F runtime.goexit");
        decide("good, called by C", UNWIND_TEXT_UNKNOWN, false, JAIL_REASON_C_THREAD, "-");
        s.options.c_thread_allow = true;
        decide("relaxed", UNWIND_TEXT_UNKNOWN, true, JAIL_REASON_ALLOWED, "-");
        scene_stack(&s, UNWIND_TOP, UNWIND_ROOT_C_THREAD, "os.ReadFile example.com/evil.F runtime.goexit");
        decide("relaxed, evil", UNWIND_TEXT_UNKNOWN, false, JAIL_REASON_CONFINED, "example.com/evil");
        scene_stack(&s, UNWIND_TOP, UNWIND_ROOT_MAIN, "C example.com/good.F" OUTER); /* C that a goroutine called */
        decide("good's C", UNWIND_TEXT_C, true, JAIL_REASON_ALLOWED, "-");
        scene_stack(&s, UNWIND_TOP, UNWIND_ROOT_MAIN, "C example.com/evil.F" OUTER);
        decide("evil's C", UNWIND_TEXT_C, false, JAIL_REASON_CONFINED, "example.com/evil");
}

/* Row 5. */
static void test_std_state(void **state) {
        (void) state;
        static const char stack[] = "os.ReadFile time.initLocal sync.(*Once).doSlow example.com/evil.F" OUTER;
        scene_open(&s, "/etc/localtime", O_RDONLY);
        top(stack, true, JAIL_REASON_STD_STATE, "-");
        top("os.ReadFile time.initLocal sync.(*Once).doSlow runtime.goexit go:time.goFunc", true, JAIL_REASON_STD_STATE, "-");
        scene_open(&s, "/usr/share/zoneinfo/Europe/Berlin", O_RDONLY);
        top(stack, true, JAIL_REASON_STD_STATE, "-");
        /* Not the entry's target: had the target been read as another, it would have been allowed. */
        scene_open(&s, "/etc/passwd", O_RDONLY);
        confined(stack, "example.com/evil", 3, 0);
        assert_false(s.decision.by_stack);
        scene_open(&s, "/usr/share/zoneinfo/../../../etc/passwd", O_RDONLY);
        confined(stack, "example.com/evil", 3, 0);
        scene_open(&s, "/etc/ssl/cert.pem", O_RDONLY);
        confined(stack, "example.com/evil", 3, 0);
        top("os.ReadFile crypto/x509.initSystemRoots sync.(*Once).doSlow example.com/evil.F" OUTER, true, JAIL_REASON_STD_STATE,
            "-");
        scene_open(&s, "/etc/localtime", O_RDWR);
        confined(stack, "example.com/evil", 3, 0);
        scene_call(&s, SYS_unlink, 0, "/etc/localtime", 0, 0, 0, 0);
        confined(stack, "example.com/evil", 3, 0);
        /* Not only the standard library between the initialiser and the call. */
        scene_open(&s, "/etc/localtime", O_RDONLY);
        confined("os.ReadFile example.com/evil.F time.initLocal" OUTER, "example.com/evil", 1, 0);
        assert_true(s.decision.by_stack);
        confined("os.ReadFile example.com/good.F time.initLocal example.com/evil.F" OUTER, "example.com/evil", 3, 0);
        confined("os.ReadFile asm time.initLocal example.com/evil.F" OUTER, "example.com/evil", 3, 0);
        confined("C time.initLocal example.com/evil.F" OUTER, "example.com/evil", 2, 0);
        /* Not the goroutine that calls. */
        confined("os.ReadFile sync.(*Once).doSlow go:time.initLocal ^time.initLocal ^example.com/evil.F", "example.com/evil", 4, 0);
        /* Nobody confined is there: no need to stop anybody. */
        allowed("os.ReadFile time.initLocal sync.(*Once).doSlow example.com/good.F" OUTER);
}

/* Row 6: the innermost frame of a module that is not granted, by any witness. */
static void test_confined(void **state) {
        (void) state;
        confined("os.ReadFile example.com/evil.F" OUTER, "example.com/evil", 1, 0);
        confined("example.com/evil.F" OUTER, "example.com/evil", 0, 0);
        confined("os.ReadFile example.com/good.F example.com/evil.F example.com/evil.F" OUTER, "example.com/evil", 2, 0);
        confined("os.ReadFile main.main example.com/evil.F" OUTER, "example.com/evil", 2, 0); /* evil called main back */
        confined("os.ReadFile main.host" OUTER, "example.com/evil", 1, 0);                    /* inlined */
        confined("os.ReadFile main.main.F.func1" OUTER, "example.com/evil", 1, 0);            /* the file says so */
        confined("os.ReadFile example.com/evil.G" OUTER, "example.com/evil", 1, 0);           /* the symbol says so */
        confined("os.ReadFile example.com/cobra.Execute example.com/evil.F" OUTER, "example.com/cobra", 1, 0);
        confined("os.ReadFile asm example.com/evil.F" OUTER, "example.com/evil", 2, 0);
        /* In another goroutine. */
        confined("os.ReadFile example.com/good.F runtime.goexit go:example.com/evil.F ^example.com/evil.F ^main.main ^runtime.main "
                 "^runtime.goexit",
                 "example.com/evil", 3, 0);
        confined("os.ReadFile example.com/good.F runtime.goexit go:example.com/good.F ^example.com/good.F ^example.com/evil.F",
                 "example.com/evil", 5, 0);
        confined("os.ReadFile runtime.goexit go:main.host ^main.main", "example.com/evil", 2, 0);
        confined("os.ReadFile runtime.goexit go:main.main ^main.host", "example.com/evil", 3, 0);
        /* Classes of every kind. */
        scene_call(&s, SYS_socket, 0, NULL, 2, 1, 0, 0);
        confined("os.ReadFile example.com/evil.F" OUTER, "example.com/evil", 1, 0);
        scene_call(&s, SYS_execve, 0, "/bin/sh", 0, 0, 0, 0);
        confined("os.ReadFile example.com/evil.F" OUTER, "example.com/evil", 1, 0);
        scene_call(&s, 100000, 0, NULL, 0, 0, 0, 0);
        confined("os.ReadFile example.com/evil.F" OUTER, "example.com/evil", 1, 0);
}

/* An ancestor's pcs are one per logical frame: what the runtime lists next is the caller. */
static void test_ancestor_counts_once(void **state) {
        (void) state;
        scene_stack(&s, UNWIND_TOP, UNWIND_ROOT_MAIN, "os.ReadFile runtime.goexit go:main.main ^main.main");
        struct code_point outer = *s.stack.frames[3].code, host = *scene_code(&s, "main.host");
        struct go_inline_frame frames[2] = { outer.frames[0], host.frames[0] }; /* main.main, with evil.F outside it */
        outer.frames = frames;
        outer.n_frames = 2;
        outer.index = 5000;
        s.stack.frames[3].code = &outer;
        decide("ancestor", UNWIND_TEXT_UNKNOWN, true, JAIL_REASON_ALLOWED, "-");
        s.stack.frames[3].kind = UNWIND_OWN;
        decide("own", UNWIND_TEXT_UNKNOWN, false, JAIL_REASON_CONFINED, "example.com/evil");
}

/* The module-line default holds for modules that go.mod does not name. */
static void test_default(void **state) {
        (void) state;
        confined("os.ReadFile example.com/nobody.F" OUTER, "unknown", 1, 0);
        confined("os.ReadFile example.com/evil.F" OUTER, "example.com/evil", 1, 0); /* named by the build info */
        allowed("os.ReadFile example.com/good.F" OUTER);
        allowed("os.ReadFile example.com/main/lib.F" OUTER);
}

/* jail:callbacks: main's own work between the module and the call frees it, and nothing else does. */
static void test_callbacks(void **state) {
        (void) state;
        allowed("os.ReadFile main.main example.com/cobra.Execute" OUTER);
        allowed("os.ReadFile example.com/good.F example.com/main/lib.F example.com/cobra.Execute" OUTER);
        allowed("os.ReadFile main.main runtime.goexit go:example.com/cobra.Execute ^example.com/cobra.Execute ^main.main");
        confined("os.ReadFile example.com/cobra.Execute" OUTER, "example.com/cobra", 1, 0);
        confined("os.ReadFile example.com/good.F example.com/cobra.Execute" OUTER, "example.com/cobra", 2, 0);
        confined("os.ReadFile main.(*T).M example.com/cobra.Execute" OUTER, "example.com/cobra", 2, 0); /* the symbol alone */
        confined("os.ReadFile example.com/cobra.Execute main.main example.com/cobra.Execute" OUTER, "example.com/cobra", 1, 0);
        confined("os.ReadFile main.main example.com/evil.F example.com/cobra.Execute" OUTER, "example.com/evil", 2, 0);
        confined("os.ReadFile main.main.F.func1 example.com/cobra.Execute" OUTER, "example.com/evil", 1, 0);
        confined("os.ReadFile main.host example.com/cobra.Execute" OUTER, "example.com/evil", 1, 0);
}

/* jail:quiet is a matter of the report. */
static void test_quiet_is_no_verdict(void **state) {
        (void) state;
        scene_clear(&s);
        scene_init(&s, "module example.com/main\nrequire example.com/evil v1.2.3 // gomodjail:confined jail:quiet fs.read\n",
                   false);
        confined("os.ReadFile example.com/evil.F" OUTER, "example.com/evil", 1, 0);
}

static void std_only(enum unwind_root root, bool allow, enum jail_reason reason) {
        scene_stack(&s, UNWIND_TOP, root, "os.ReadFile sync.(*Once).doSlow");
        decide("std only", UNWIND_TEXT_UNKNOWN, allow, reason, "-");
}

/* Row 7; exempt_test has each operation below each root. */
static void test_unattributed(void **state) {
        (void) state;
        std_only(UNWIND_ROOT_MAIN, true, JAIL_REASON_ALLOWED);
        std_only(UNWIND_ROOT_RT0, true, JAIL_REASON_ALLOWED);
        std_only(UNWIND_ROOT_MSTART, true, JAIL_REASON_ALLOWED);
        std_only(UNWIND_ROOT_SERVICE, false, JAIL_REASON_UNATTRIBUTED);
        std_only(UNWIND_ROOT_NONE, false, JAIL_REASON_UNATTRIBUTED);
        scene_call(&s, SYS_unlink, 0, "/x", 0, 0, 0, 0);
        std_only(UNWIND_ROOT_MAIN, false, JAIL_REASON_UNATTRIBUTED);
        std_only(UNWIND_ROOT_SERVICE, false, JAIL_REASON_UNATTRIBUTED);
        std_only(UNWIND_ROOT_MCALL, false, JAIL_REASON_UNATTRIBUTED);
        /* A timer or finalizer that was created with a function of os. */
        top("os.Remove time.goFunc", false, JAIL_REASON_UNATTRIBUTED, "-");
        top("os.Remove asm", false, JAIL_REASON_UNATTRIBUTED, "-");
        /* Below a service somebody else's frame does count. */
        scene_stack(&s, UNWIND_TOP, UNWIND_ROOT_SERVICE, "os.Remove example.com/good.F go:time.goFunc");
        decide("good, by a timer", UNWIND_TEXT_UNKNOWN, true, JAIL_REASON_ALLOWED, "-");
        scene_stack(&s, UNWIND_TOP, UNWIND_ROOT_SERVICE, "os.Remove example.com/evil.F go:time.goFunc");
        decide("evil, by a timer", UNWIND_TEXT_UNKNOWN, false, JAIL_REASON_CONFINED, "example.com/evil");
        s.options.unattributed_allow = true;
        std_only(UNWIND_ROOT_SERVICE, true, JAIL_REASON_ALLOWED);
        scene_stack(&s, UNWIND_TOP, UNWIND_ROOT_SERVICE, "os.Remove example.com/evil.F go:time.goFunc");
        decide("evil, by a timer", UNWIND_TEXT_UNKNOWN, false, JAIL_REASON_CONFINED, "example.com/evil");
}

/* An ancestry of which the runtime kept a part only. */
static void truncated(const char *functions, bool allow, enum jail_reason reason, const char *blamed) {
        scene_stack(&s, UNWIND_TOP, UNWIND_ROOT_NONE, functions);
        s.stack.truncated = true;
        decide(functions, UNWIND_TEXT_UNKNOWN, allow, reason, blamed);
}

static void test_truncated(void **state) {
        (void) state;
        truncated("os.ReadFile sync.(*Once).doSlow", false, JAIL_REASON_TRUNCATED, "-");
        truncated("os.ReadFile example.com/good.F", false, JAIL_REASON_TRUNCATED, "-");
        truncated("os.ReadFile example.com/evil.F", false, JAIL_REASON_CONFINED, "example.com/evil");
        s.options.truncated_allow = true;
        truncated("os.ReadFile sync.(*Once).doSlow", false, JAIL_REASON_UNATTRIBUTED, "-");
        truncated("os.ReadFile example.com/good.F", true, JAIL_REASON_ALLOWED, "-");
        truncated("os.ReadFile example.com/evil.F", false, JAIL_REASON_CONFINED, "example.com/evil");
        s.options.unattributed_allow = true;
        truncated("os.ReadFile sync.(*Once).doSlow", true, JAIL_REASON_ALLOWED, "-");
        truncated("os.ReadFile example.com/evil.F", false, JAIL_REASON_CONFINED, "example.com/evil");
        s.options.unattributed_allow = s.options.truncated_allow = false;
        allowed("os.ReadFile example.com/good.F" OUTER);
}

/* Row 8. */
static void test_allowed(void **state) {
        (void) state;
        allowed("os.ReadFile main.main runtime.main runtime.goexit");
        allowed("os.ReadFile example.com/good.F" OUTER);
        allowed("os.ReadFile example.com/nobody.F" OUTER);
        allowed("os.ReadFile main.(*T).M asm" OUTER);
        allowed("os.ReadFile runtime.goexit go:main.main ^main.main");
        scene_call(&s, SYS_execve, 0, "/bin/sh", 0, 0, 0, 0);
        allowed("os.ReadFile example.com/good.F" OUTER);
        scene_call(&s, 100000, 0, NULL, 0, 0, 0, 0);
        allowed("os.ReadFile example.com/good.F" OUTER);
}

#define TEST(name)       cmocka_unit_test_setup_teardown(name, setup, teardown)
#define TEST_CGO(name)   cmocka_unit_test_setup_teardown(name, setup_cgo, teardown)
#define TEST_OTHER(name) cmocka_unit_test_setup_teardown(name, setup_default, teardown)

int main(void) {
        const struct CMUnitTest tests[] = {
                TEST(test_loader),
                TEST(test_module_on_system_stack),
                TEST_CGO(test_loader_with_cgo),
                TEST(test_ends),
                TEST(test_c_thread),
                TEST(test_c_thread_claimed),
                TEST(test_c_thread_measures),
                TEST(test_whose_thread),
                TEST_CGO(test_c_thread_with_cgo),
                TEST(test_std_state),
                TEST(test_confined),
                TEST(test_ancestor_counts_once),
                TEST_OTHER(test_default),
                TEST(test_callbacks),
                TEST(test_quiet_is_no_verdict),
                TEST(test_unattributed),
                TEST(test_truncated),
                TEST(test_allowed),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
