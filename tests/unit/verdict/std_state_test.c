/* SPDX-License-Identifier: Apache-2.0 */
/* The initialisers of the standard library and their targets, the operations below exempt roots, and known denials. */
#include "verdict/std_state.h"

#include "verdict/exempt.h"
#include "verdict/known_denials.h"

#include <fcntl.h>
#include <linux/audit.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include <cmocka.h>

static struct operation operation;

/* An open of this path, whose target was read. */
static void open_path(const char *path, uint64_t flags) {
        const uint64_t args[6] = { (uint64_t) AT_FDCWD, 0x1000, flags, 0, 0, 0 };
        operation_init(&operation, AUDIT_ARCH_X86_64, AUDIT_ARCH_X86_64, SYS_openat, args);
        operation.has_targets = true;
        operation.n_targets = 1;
        operation.targets[0] = (struct operation_target){ .kind = OPERATION_TARGET_PATH, .arg = 1, .dirfd = AT_FDCWD };
        operation.targets[0].len = strlen(path);
        strcpy(operation.targets[0].text, path);
}

static bool allows(const char *function, const char *path) {
        const struct std_state *entry = std_state_find(str_from(function));
        if (!entry)
                fail_msg("%s is no initialiser", function);
        open_path(path, O_RDONLY | O_CLOEXEC);
        return std_state_allows(entry, &operation, 1);
}

static void test_find(void **state) {
        (void) state;
        static const char *const unknown[] = {
                "time.initLocalx",   "time.initLoca",    "xtime.initLocal", "main.initLocal", "",
                "time.LoadLocation", "crypto/x509.init", "initLocal",       "os.ReadFile",    "example.com/time.initLocal"
        };
        for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++)
                assert_null(std_state_find(str_from(unknown[i])));
        assert_non_null(std_state_find(STR("time.initLocal")));
        assert_non_null(std_state_find(STR("crypto/x509.initSystemRoots")));
}

static void test_targets(void **state) {
        (void) state;
        static const struct {
                const char *function, *path;
                bool allow;
        } cases[] = {
                { "time.initLocal", "/etc/localtime", true },
                { "time.initLocal", "/etc/localtime/", false },
                { "time.initLocal", "/etc//localtime", false },
                { "time.initLocal", "//etc/localtime", false },
                { "time.initLocal", "etc/localtime", false },
                { "time.initLocal", "/etc/localtimex", false },
                { "time.initLocal", "/etc/localtim", false },
                { "time.initLocal", "/etc/./localtime", false },
                { "time.initLocal", "/x/../etc/localtime", false },
                { "time.initLocal", "", false },
                { "time.initLocal", "/usr/share/zoneinfo/UTC", true },
                { "time.initLocal", "/usr/share/zoneinfo/Europe/Berlin", true },
                { "time.initLocal", "/usr/share/lib/zoneinfo/UTC", true },
                { "time.initLocal", "/etc/zoneinfo/UTC", true },
                { "time.initLocal", "/usr/share/zoneinfo/..", false },
                { "time.initLocal", "/usr/share/zoneinfo/../../../etc/passwd", false },
                { "time.initLocal", "/usr/share/zoneinfo/Europe/..", false },
                { "time.initLocal", "/usr/share/zoneinfo/Europe/../x", false },
                { "time.initLocal", "/usr/share/zoneinfo/.", false },
                { "time.initLocal", "/usr/share/zoneinfo/Europe//Berlin", false },
                { "time.initLocal", "/usr/share/zoneinfo/Europe/", false },
                { "time.initLocal", "/usr/share/zoneinfo/", false },
                { "time.initLocal", "/usr/share/zoneinfo", false },
                { "time.initLocal", "/usr/share/zoneinfox/UTC", false },
                { "time.initLocal", "/usr/share/zoneinfo/...", true }, /* a name like others */
                { "time.initLocal", "/usr/share/zoneinfo/..x", true },
                { "time.initLocal", "/etc/resolv.conf", false },
                { "crypto/x509.initSystemRoots", "/etc/ssl/certs/ca-certificates.crt", true },
                { "crypto/x509.initSystemRoots", "/etc/pki/tls/certs/ca-bundle.crt", true },
                { "crypto/x509.initSystemRoots", "/etc/ssl/cert.pem", true },
                { "crypto/x509.initSystemRoots", "/etc/ssl/certs", true },
                { "crypto/x509.initSystemRoots", "/etc/ssl/certs/a.pem", true },
                { "crypto/x509.initSystemRoots", "/etc/ssl/certs/../private/key.pem", false },
                { "crypto/x509.initSystemRoots", "/etc/ssl/private/key.pem", false },
                { "crypto/x509.initSystemRoots", "/root/.ssh/id_rsa", false },
                { "net.(*resolverConfig).init", "/etc/resolv.conf", true },
                { "net.(*resolverConfig).tryUpdate", "/etc/resolv.conf", true },
                { "net.(*resolverConfig).init", "/etc/hosts", false },
                { "net.initConfVal", "/etc/nsswitch.conf", true },
                { "net.(*nsswitchConfig).init", "/etc/nsswitch.conf", true },
                { "net.readHosts", "/etc/hosts", true },
                { "net.readHosts", "/etc/passwd", false },
                { "net.readServices", "/etc/services", true },
                { "net.readProtocols", "/etc/protocols", true },
                { "net.maxListenerBacklog", "/proc/sys/net/core/somaxconn", true },
                { "net.maxListenerBacklog", "/proc/self/environ", false },
                { "mime.initMimeUnix", "/etc/mime.types", true },
                { "mime.initMimeUnix", "/etc/mime.types/x", false },
        };
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
                if (allows(cases[i].function, cases[i].path) != cases[i].allow)
                        fail_msg("%s of %s is %s", cases[i].function, cases[i].path, cases[i].allow ? "denied" : "allowed");
}

static void test_other_operations(void **state) {
        (void) state;
        const struct std_state *entry = std_state_find(STR("time.initLocal"));
        static const uint64_t flags[] = { O_WRONLY, O_RDWR, O_CREAT, O_TRUNC, O_RDWR | O_CREAT | O_EXCL };
        for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
                open_path("/etc/localtime", flags[i]);
                assert_false(std_state_allows(entry, &operation, 1));
        }
        open_path("/etc/localtime", O_RDONLY);
        assert_true(std_state_allows(entry, &operation, 1));
        operation.targets[0].unreadable = true;
        assert_false(std_state_allows(entry, &operation, 1));
        open_path("/etc/localtime", O_RDONLY);
        operation.targets[0].cut = true;
        assert_false(std_state_allows(entry, &operation, 1));
        open_path("/etc/localtime", O_RDONLY);
        operation.targets[0].kind = OPERATION_TARGET_STRING;
        assert_false(std_state_allows(entry, &operation, 1));
        open_path("/etc/localtime", O_RDONLY);
        operation.n_targets = 2;
        assert_false(std_state_allows(entry, &operation, 1));
        operation.n_targets = 0;
        assert_false(std_state_allows(entry, &operation, 1));
        open_path("/etc/localtime", O_RDONLY);
        operation.targets[0].len = 13; /* "/etc/localtim" */
        assert_false(std_state_allows(entry, &operation, 1));
        open_path("/etc/localtime", O_RDONLY);
        operation.cls = JAIL_CLASS_EXEC;
        assert_false(std_state_allows(entry, &operation, 1));
}

enum { PID = 4242 };

/* Which operations the runtime may make below which roots. */
static void test_exempt(void **state) {
        (void) state;
        static const struct {
                long number;
                uint64_t args[4];
                const char *allowed; /* the roots, by their letters below */
                const char *what;
        } cases[] = {
                { SYS_openat, { (uint64_t) AT_FDCWD, 0x1000, O_RDONLY, 0 }, "MRSTCO", "open for reading" },
                { SYS_openat, { (uint64_t) AT_FDCWD, 0x1000, O_RDWR, 0 }, "", "open for writing" },
                { SYS_openat, { (uint64_t) AT_FDCWD, 0x1000, O_CREAT, 0644 }, "", "create" },
                { SYS_open, { 0x1000, O_RDONLY, 0, 0 }, "MRSTCO", "open for reading" },
                { SYS_prlimit64, { 0, 7, 0x1000, 0 }, "M", "prlimit64" },
                { SYS_setrlimit, { 7, 0x1000, 0, 0 }, "M", "setrlimit" },
                { SYS_mmap, { 0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS }, "", "mmap of executable memory" },
                { SYS_mprotect, { 0x1000, 4096, PROT_READ | PROT_EXEC, 0 }, "", "mprotect to executable" },
                { SYS_tgkill, { PID, 77, 15, 0 }, "MRSTCO", "a signal to itself" },
                { SYS_tgkill, { PID + 1, 77, 15, 0 }, "", "a signal to another" },
                { SYS_kill, { PID, 15, 0, 0 }, "MRSTCO", "a signal to itself" },
                { SYS_kill, { 1, 15, 0, 0 }, "", "a signal to another" },
                { SYS_kill, { (uint64_t) -PID, 15, 0, 0 }, "", "a signal to its group" },
                { SYS_kill, { (uint64_t) -1, 15, 0, 0 }, "", "a signal to everybody" },
                { SYS_tkill, { 77, 15, 0, 0 }, "S", "a signal to a thread" },
                { SYS_execve, { 0x1000, 0, 0, 0 }, "", "exec" },
                { SYS_unlink, { 0x1000, 0, 0, 0 }, "", "unlink" },
                { SYS_socket, { 2, 1, 0, 0 }, "", "socket" },
                { SYS_connect, { 3, 0x1000, 16, 0 }, "", "connect" },
                { SYS_ptrace, { 0, 0, 0, 0 }, "", "ptrace" },
                { 100000, { 0, 0, 0, 0 }, "", "an unknown call" },
        };
        static const struct {
                enum unwind_root root;
                char letter;
        } roots[] = {
                { UNWIND_ROOT_MAIN, 'M' },    { UNWIND_ROOT_RT0, 'R' },   { UNWIND_ROOT_SIGNAL, 'S' },
                { UNWIND_ROOT_MSTART, 'T' },  { UNWIND_ROOT_MCALL, 'C' }, { UNWIND_ROOT_MORESTACK, 'O' },
                { UNWIND_ROOT_SERVICE, 'V' }, { UNWIND_ROOT_NONE, 'N' },  { UNWIND_ROOT_C_THREAD, 'H' },
                { UNWIND_ROOT_START, 'A' },
        };
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
                for (size_t r = 0; r < sizeof(roots) / sizeof(roots[0]); r++) {
                        const uint64_t args[6] = { cases[i].args[0], cases[i].args[1], cases[i].args[2], cases[i].args[3], 0, 0 };
                        struct unwind_stack stack = { .end = UNWIND_TOP, .root = roots[r].root };
                        operation_init(&operation, AUDIT_ARCH_X86_64, AUDIT_ARCH_X86_64, cases[i].number, args);
                        bool want = strchr(cases[i].allowed, roots[r].letter) != NULL;
                        if (exempt_allows(&stack, &operation, PID) != want)
                                fail_msg("%s at root %c is %s", cases[i].what, roots[r].letter, want ? "denied" : "allowed");
                        operation.foreign_entry = true;
                        assert_false(exempt_allows(&stack, &operation, PID));
                        assert_true(strlen(exempt_root_name(roots[r].root)) > 3);
                }
        /* A thread that began on its system stack. */
        const uint64_t args[6] = { 77, 15, 0, 0, 0, 0 };
        struct unwind_stack stack = { .end = UNWIND_TOP, .root = UNWIND_ROOT_MSTART, .on_g0 = true };
        operation_init(&operation, AUDIT_ARCH_X86_64, AUDIT_ARCH_X86_64, SYS_tkill, args);
        assert_true(exempt_allows(&stack, &operation, PID));
}

/* At start closed standard descriptors become /dev/null. */
static void test_dev_null(void **state) {
        (void) state;
        struct unwind_stack stack = { .end = UNWIND_TOP, .root = UNWIND_ROOT_RT0 };
        open_path("/dev/null", O_RDWR);
        assert_true(exempt_allows(&stack, &operation, PID));
        stack.root = UNWIND_ROOT_MAIN;
        assert_false(exempt_allows(&stack, &operation, PID));
        stack.root = UNWIND_ROOT_RT0;
        open_path("/dev/nul", O_RDWR);
        assert_false(exempt_allows(&stack, &operation, PID));
        open_path("/dev/nullx", O_RDWR);
        assert_false(exempt_allows(&stack, &operation, PID));
        open_path("/dev/null", O_RDWR);
        operation.targets[0].unreadable = true;
        assert_false(exempt_allows(&stack, &operation, PID));
}

static void test_known_denials(void **state) {
        (void) state;
        static const struct str protobuf = { "google.golang.org/protobuf", 26 };
        static const struct str hash = { "google.golang.org/protobuf/internal/detrand.binaryHash", 54 };
        assert_string_equal(known_denial(protobuf, hash, JAIL_CLASS_FS_READ), "protobuf-detrand");
        assert_null(known_denial(protobuf, hash, JAIL_CLASS_FS_WRITE));
        assert_null(known_denial(STR("example.com/evil"), hash, JAIL_CLASS_FS_READ));
        assert_null(known_denial(protobuf, STR("google.golang.org/protobuf/internal/detrand.binaryHas"), JAIL_CLASS_FS_READ));
        assert_null(
                known_denial(protobuf, STR("google.golang.org/protobuf/internal/detrand.binaryHash.func1"), JAIL_CLASS_FS_READ));
        assert_null(known_denial(STR(""), STR(""), JAIL_CLASS_FS_READ));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_find),   cmocka_unit_test(test_targets),  cmocka_unit_test(test_other_operations),
                cmocka_unit_test(test_exempt), cmocka_unit_test(test_dev_null), cmocka_unit_test(test_known_denials),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
