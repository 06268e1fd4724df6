/* SPDX-License-Identifier: Apache-2.0 */
/* Calls as the user reads them. */
#include "program.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/netlink.h>
#include <linux/prctl.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>

#include <cmocka.h>

#define CWD ((uint64_t) AT_FDCWD)

static struct program program;

static int setup(void **state) {
        (void) state;
        program_init(&program);
        return 0;
}

static uint64_t put(const char *string) {
        return program_put_string(&program, string);
}

#define CALL(name, a, b, c, d, e, f) program_call(&program, name, a, b, c, d, e, f)

static void test_open(void **state) {
        const uint64_t key = put("/root/.ssh/id_rsa"), relative = put("a/b");
        (void) state;

        assert_string_equal(CALL("openat", CWD, key, O_RDONLY | O_CLOEXEC, 0, 0, 0), "openat(\"/root/.ssh/id_rsa\", O_RDONLY)");
        assert_int_equal(program.operation.cls, JAIL_CLASS_FS_READ);
        assert_false(program.operation.writes);
        assert_true(program.operation.racy);
        assert_int_equal(program.operation.n_targets, 1);
        assert_int_equal(program.operation.targets[0].kind, OPERATION_TARGET_PATH);
        assert_int_equal(program.operation.targets[0].dirfd, AT_FDCWD);
        assert_string_equal(program.operation.targets[0].text, "/root/.ssh/id_rsa");

        /* the kernel takes the descriptor as an int */
        assert_string_equal(CALL("openat", (uint32_t) AT_FDCWD, relative, O_RDONLY, 0, 0, 0), "openat(\"a/b\", O_RDONLY)");
        assert_string_equal(CALL("openat", 7, key, O_RDONLY, 0, 0, 0), "openat(\"/root/.ssh/id_rsa\", O_RDONLY)");
        assert_int_equal(program.operation.targets[0].dirfd, 7);
        assert_string_equal(CALL("openat", 7, relative, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644, 0, 0),
                            "openat(7, \"a/b\", O_WRONLY|O_CREAT|O_TRUNC, 0644)");
        assert_int_equal(program.operation.cls, JAIL_CLASS_FS_WRITE);
        assert_true(program.operation.writes);
        assert_string_equal(CALL("open", relative, O_RDWR | O_APPEND | O_EXCL | O_CREAT, 0600, 0, 0, 0),
                            "open(\"a/b\", O_RDWR|O_CREAT|O_EXCL|O_APPEND, 0600)");
        assert_string_equal(CALL("openat", CWD, relative, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | 0100000, 0, 0, 0),
                            "openat(\"a/b\", O_RDONLY|O_DIRECTORY|O_NOFOLLOW)");
        assert_string_equal(CALL("openat", CWD, relative, O_RDWR | O_TMPFILE, 0600, 0, 0),
                            "openat(\"a/b\", O_RDWR|O_TMPFILE, 0600)");
        assert_string_equal(CALL("openat", CWD, relative, O_PATH | O_CLOEXEC, 0, 0, 0), "openat(\"a/b\", O_RDONLY|O_PATH)");
        assert_string_equal(CALL("openat", CWD, relative, O_RDONLY | O_SYNC | 0x10000000, 0, 0, 0),
                            "openat(\"a/b\", O_RDONLY|O_SYNC|0x10000000)");
        assert_string_equal(CALL("creat", relative, 0666, 0, 0, 0, 0), "creat(\"a/b\", 0666)");

        const uint64_t how[3] = { O_WRONLY | O_CREAT, 0600, 0 };
        assert_string_equal(CALL("openat2", CWD, relative, program_put_words(&program, how, 3), 24, 0, 0),
                            "openat2(\"a/b\", {flags=O_WRONLY|O_CREAT})");
        assert_true(program.operation.has_memory_flags);
        assert_int_equal(program.operation.memory_flags, O_WRONLY | O_CREAT);
        assert_int_equal(program.operation.cls, JAIL_CLASS_FS_WRITE);
}

static void test_two_paths(void **state) {
        const uint64_t a = put("old"), b = put("/new"), empty = put("");
        (void) state;

        assert_string_equal(CALL("rename", a, b, 0, 0, 0, 0), "rename(\"old\", \"/new\")");
        assert_string_equal(CALL("renameat", CWD, a, 5, b, 0, 0), "renameat(\"old\", \"/new\")");
        assert_string_equal(CALL("renameat2", 4, a, 5, a, 1, 0), "renameat2(4, \"old\", 5, \"old\", 0x1)");
        assert_string_equal(CALL("linkat", 9, empty, CWD, b, AT_EMPTY_PATH, 0), "linkat(9, \"\", \"/new\", AT_EMPTY_PATH)");
        assert_int_equal(program.operation.targets[0].dirfd, 9);
        assert_int_equal(program.operation.targets[1].dirfd, AT_FDCWD);
        assert_string_equal(program_target(&program, 1), "/new");
        assert_string_equal(CALL("symlinkat", b, CWD, a, 0, 0, 0), "symlinkat(\"/new\", \"old\")");
        assert_int_equal(program.operation.targets[0].kind, OPERATION_TARGET_STRING);
        assert_int_equal(program.operation.targets[1].kind, OPERATION_TARGET_PATH);
}

static void test_other_files(void **state) {
        const uint64_t a = put("a");
        (void) state;

        assert_string_equal(CALL("unlinkat", CWD, a, 0, 0, 0, 0), "unlinkat(\"a\")");
        assert_string_equal(CALL("unlinkat", CWD, a, AT_REMOVEDIR, 0, 0, 0), "unlinkat(\"a\", AT_REMOVEDIR)");
        assert_string_equal(CALL("mkdirat", CWD, a, 0755, 0, 0, 0), "mkdirat(\"a\", 0755)");
        assert_string_equal(CALL("fchmod", 3, 0600, 0, 0, 0, 0), "fchmod(3, 0600)");
        assert_string_equal(CALL("fchownat", CWD, a, 0, ~0U, AT_SYMLINK_NOFOLLOW, 0),
                            "fchownat(\"a\", 0, -1, AT_SYMLINK_NOFOLLOW)");
        assert_string_equal(CALL("ftruncate", 3, 1ULL << 33, 0, 0, 0, 0), "ftruncate(3, 8589934592)");
        assert_string_equal(CALL("utimensat", 3, 0, 0x1000, 0, 0, 0), "utimensat(3, NULL)");
        assert_true(program.operation.targets[0].absent);
        assert_false(program.operation.racy);
        assert_string_equal(CALL("setxattr", a, put("user.x"), 0, 0, 0, 0), "setxattr(\"a\", \"user.x\")");
        assert_string_equal(CALL("mount", put("none"), put("/mnt"), 0, 0, 0, 0), "mount(\"none\", \"/mnt\", 0)");
        assert_string_equal(CALL("chdir", put("/"), 0, 0, 0, 0, 0), "chdir(\"/\")");
}

static uint64_t put_inet(const char *ip, uint16_t port) {
        struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port) };
        inet_pton(AF_INET, ip, &address.sin_addr);
        return program_put(&program, &address, sizeof(address));
}

static uint64_t put_inet6(const char *ip, uint16_t port, uint32_t scope) {
        struct sockaddr_in6 address = { .sin6_family = AF_INET6, .sin6_port = htons(port), .sin6_scope_id = scope };
        inet_pton(AF_INET6, ip, &address.sin6_addr);
        return program_put(&program, &address, sizeof(address));
}

static uint64_t put_unix(const void *path, size_t len) {
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        memcpy(address.sun_path, path, len);
        return program_put(&program, &address, sizeof(address));
}

static void test_addresses(void **state) {
        const struct sockaddr_nl netlink = { .nl_family = AF_NETLINK, .nl_pid = 5 };
        const uint16_t vsock[8] = { 40 }, unspecified[8] = { 0 };
        (void) state;

        assert_string_equal(CALL("connect", 3, put_inet("192.0.2.1", 443), 16, 0, 0, 0), "connect(3, 192.0.2.1:443)");
        assert_int_equal(program.operation.targets[0].kind, OPERATION_TARGET_ADDRESS);
        assert_string_equal(program.operation.targets[0].text, "192.0.2.1:443");
        assert_string_equal(CALL("connect", 3, put_inet6("2001:db8::1", 53, 0), 28, 0, 0, 0), "connect(3, [2001:db8::1]:53)");
        assert_string_equal(CALL("bind", 3, put_inet6("fe80::1", 53, 2), 28, 0, 0, 0), "bind(3, [fe80::1%2]:53)");
        assert_string_equal(CALL("connect", 3, put_unix("/run/x", 7), 110, 0, 0, 0), "connect(3, unix:/run/x)");
        assert_string_equal(CALL("connect", 3, put_unix("/run/x", 7), 2 + 4, 0, 0, 0), "connect(3, unix:/run)");
        assert_string_equal(CALL("connect", 3, put_unix("\0abc", 4), 2 + 4, 0, 0, 0), "connect(3, unix:@abc)");
        assert_string_equal(CALL("connect", 3, put_unix("\0a\0b", 4), 2 + 4, 0, 0, 0), "connect(3, unix:@a\\x00b)");
        assert_string_equal(CALL("bind", 3, put_unix("", 1), 2, 0, 0, 0), "bind(3, unix:)");
        assert_string_equal(CALL("bind", 3, program_put(&program, &netlink, sizeof(netlink)), sizeof(netlink), 0, 0, 0),
                            "bind(3, netlink:5)");
        assert_string_equal(CALL("connect", 3, program_put(&program, vsock, sizeof(vsock)), sizeof(vsock), 0, 0, 0),
                            "connect(3, family 40)");
        assert_string_equal(CALL("connect", 3, program_put(&program, unspecified, sizeof(unspecified)), 16, 0, 0, 0),
                            "connect(3, unspecified)");
        assert_string_equal(CALL("connect", 3, put_inet("192.0.2.1", 443), 7, 0, 0, 0), "connect(3, family 2)");
        assert_string_equal(CALL("connect", 3, put_inet("192.0.2.1", 443), 1, 0, 0, 0), "connect(3, empty address)");
        assert_string_equal(CALL("connect", 3, put_inet("192.0.2.1", 443), ~0ULL, 0, 0, 0), "connect(3, empty address)");
        assert_string_equal(CALL("sendto", 3, 0x1000, 5, 0, put_inet("192.0.2.1", 53), 16), "sendto(3, 192.0.2.1:53)");
}

static void test_messages(void **state) {
        struct msghdr message = { .msg_namelen = 16 };
        (void) state;

        message.msg_name = (void *) (uintptr_t) put_inet("192.0.2.7", 53); /* never followed here */
        uint64_t vaddr = program_put(&program, &message, sizeof(message));
        assert_string_equal(CALL("sendmsg", 3, vaddr, 0, 0, 0, 0), "sendmsg(3, 192.0.2.7:53)");
        assert_string_equal(CALL("sendmmsg", 3, vaddr, 2, 0, 0, 0), "sendmmsg(3, 192.0.2.7:53, 2)");
        message.msg_name = NULL;
        vaddr = program_put(&program, &message, sizeof(message));
        assert_string_equal(CALL("sendmsg", 3, vaddr, 0, 0, 0, 0), "sendmsg(3, no address)");
        assert_true(program.operation.racy);
        assert_string_equal(CALL("recvmsg", 3, vaddr, 0, 0, 0, 0), "recvmsg(3)");
}

static void test_exec(void **state) {
        const uint64_t argv[4] = { put("sh"), put("-c"), put("id\n\"x\"") };
        const uint64_t none[1] = { 0 };
        const uint64_t sh = put("/bin/sh"), vector = program_put_words(&program, argv, 4);
        (void) state;

        assert_string_equal(CALL("execve", sh, vector, 0x1000, 0, 0, 0),
                            "execve(\"/bin/sh\", [\"sh\", \"-c\", \"id\\n\\\"x\\\"\"])");
        assert_int_equal(program.operation.n_targets, 2);
        assert_int_equal(program.operation.targets[1].kind, OPERATION_TARGET_ARGV);
        assert_string_equal(program_target(&program, 1), "\"sh\", \"-c\", \"id\\n\\\"x\\\"\"");
        assert_string_equal(CALL("execve", sh, program_put_words(&program, none, 1), 0, 0, 0, 0), "execve(\"/bin/sh\", [])");
        assert_string_equal(CALL("execve", sh, 0, 0, 0, 0, 0), "execve(\"/bin/sh\", NULL)");
        assert_string_equal(CALL("execveat", 9, put(""), vector, 0, AT_EMPTY_PATH, 0),
                            "execveat(9, \"\", [\"sh\", \"-c\", \"id\\n\\\"x\\\"\"], AT_EMPTY_PATH)");
}

static void test_processes(void **state) {
        const uint64_t clone_args[11] = { CLONE_VM | CLONE_VFORK, 0, 0, 0, SIGCHLD };
        (void) state;

        assert_string_equal(CALL("kill", 1234, SIGKILL, 0, 0, 0, 0), "kill(1234, SIGKILL)");
        assert_int_equal(program.operation.targets[0].kind, OPERATION_TARGET_PID);
        assert_int_equal(program.operation.targets[0].pid, 1234);
        assert_false(program.operation.racy);
        assert_string_equal(program_target(&program, 0), "1234");
        assert_string_equal(CALL("kill", (uint32_t) -1, 0, 0, 0, 0, 0), "kill(-1, 0)");
        assert_int_equal(program.operation.targets[0].pid, -1);
        assert_string_equal(CALL("tgkill", 5, 6, 34, 0, 0, 0), "tgkill(5, 6, 34)");
        assert_string_equal(CALL("clone", CLONE_VM | CLONE_VFORK | SIGCHLD, 0, 0, 0, 0, 0), "clone(CLONE_VM|CLONE_VFORK|SIGCHLD)");
        assert_string_equal(CALL("clone", SIGCHLD, 0, 0, 0, 0, 0), "clone(SIGCHLD)");
        assert_string_equal(CALL("clone", 0, 0, 0, 0, 0, 0), "clone(0)");
        assert_string_equal(CALL("clone3", program_put_words(&program, clone_args, 11), 88, 0, 0, 0, 0),
                            "clone3({flags=CLONE_VM|CLONE_VFORK})");
        assert_true(program.operation.has_memory_flags);
        assert_true(program.operation.racy);
        assert_int_equal(program.operation.memory_flags, CLONE_VM | CLONE_VFORK);
        assert_string_equal(CALL("unshare", CLONE_NEWNET | CLONE_NEWUSER, 0, 0, 0, 0, 0), "unshare(CLONE_NEWUSER|CLONE_NEWNET)");
        assert_string_equal(CALL("fork", 1, 2, 3, 4, 5, 6), "fork()");
        assert_string_equal(CALL("prlimit64", 1, 7, 0x1000, 0, 0, 0), "prlimit64(1, 7, 0x1000)");
}

static void test_the_rest(void **state) {
        (void) state;

        assert_string_equal(CALL("socket", AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, 0, 0, 0),
                            "socket(AF_INET, SOCK_STREAM, 0)");
        assert_string_equal(CALL("socket", 77, 9, 0, 0, 0, 0), "socket(77, 9, 0)");
        assert_string_equal(CALL("mmap", 0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, ~0ULL, 0),
                            "mmap(NULL, 4096, PROT_READ|PROT_EXEC, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0)");
        assert_string_equal(CALL("mprotect", 0x400000, 4096, PROT_READ | PROT_EXEC | 1ULL << 40, 0, 0, 0),
                            "mprotect(0x400000, 4096, PROT_READ|PROT_EXEC|0x10000000000)");
        assert_string_equal(CALL("fcntl", 3, F_SETOWN, 5, 0, 0, 0), "fcntl(3, F_SETOWN, 5)");
        assert_string_equal(CALL("fcntl", 3, 4095, 5, 0, 0, 0), "fcntl(3, 4095, 5)");
        assert_string_equal(CALL("prctl", PR_SET_DUMPABLE, 0, 0, 0, 0, 0), "prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)");
        assert_string_equal(CALL("ioctl", 0, 0x5412, 0x1000, 0, 0, 0), "ioctl(0, 0x5412, 0x1000)");
        assert_string_equal(CALL("memfd_create", put("x"), 3, 0, 0, 0, 0), "memfd_create(\"x\", 0x3)");
}

static const char *show_raw(uint32_t arch, long number) {
        static const uint64_t args[6] = { 0, 1, 2, 0xffff, 0, 5 };
        struct text text;
        operation_init(&program.operation, AUDIT_ARCH_X86_64, arch, number, args);
        operation_read_targets(&program.operation, &program.memory.reader);
        text_init(&text, program.shown, sizeof(program.shown));
        operation_format(&program.operation, &text);
        assert_null(program.operation.desc);
        assert_int_equal(program.operation.cls, JAIL_CLASS_OTHER);
        assert_int_equal(program.operation.n_targets, 0);
        return program.shown;
}

static void test_unknown_calls(void **state) {
        (void) state;

        assert_string_equal(show_raw(AUDIT_ARCH_X86_64, 999), "syscall 999(0, 0x1, 0x2, 0xffff, 0, 0x5)");
        assert_false(program.operation.foreign_entry);
        assert_string_equal(show_raw(AUDIT_ARCH_X86_64, -1), "syscall -1(0, 0x1, 0x2, 0xffff, 0, 0x5)");
        assert_false(program.operation.foreign_entry);
        assert_string_equal(show_raw(AUDIT_ARCH_I386, 5), "i386 syscall 5(0, 0x1, 0x2, 0xffff, 0, 0x5)");
        assert_true(program.operation.foreign_entry);
        assert_string_equal(show_raw(AUDIT_ARCH_I386, SYS_openat), "i386 syscall 257(0, 0x1, 0x2, 0xffff, 0, 0x5)");
        assert_string_equal(show_raw(AUDIT_ARCH_X86_64, 0x40000002), "x32 syscall 2(0, 0x1, 0x2, 0xffff, 0, 0x5)");
        assert_true(program.operation.foreign_entry);
        assert_string_equal(show_raw(AUDIT_ARCH_AARCH64, 56), "foreign syscall 56(0, 0x1, 0x2, 0xffff, 0, 0x5)");
        assert_true(program.operation.foreign_entry);
}

/* Without targets, addresses; and reading them twice changes nothing. */
static void test_two_steps(void **state) {
        const uint64_t args[6] = { CWD, put("/x"), O_RDONLY, 0, 0, 0 };
        struct text text;
        (void) state;

        operation_init(&program.operation, AUDIT_ARCH_X86_64, AUDIT_ARCH_X86_64, SYS_openat, args);
        assert_false(program.operation.has_targets);
        text_init(&text, program.shown, sizeof(program.shown));
        operation_format(&program.operation, &text);
        assert_string_equal(program.shown, "openat(0xc000000000, O_RDONLY)");
        operation_read_targets(&program.operation, &program.memory.reader);
        operation_read_targets(&program.operation, &program.memory.reader);
        assert_int_equal(program.operation.n_targets, 1);
        text_init(&text, program.shown, sizeof(program.shown));
        operation_format(&program.operation, &text);
        assert_string_equal(program.shown, "openat(\"/x\", O_RDONLY)");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup(test_open, setup),          cmocka_unit_test_setup(test_two_paths, setup),
                cmocka_unit_test_setup(test_other_files, setup),   cmocka_unit_test_setup(test_addresses, setup),
                cmocka_unit_test_setup(test_messages, setup),      cmocka_unit_test_setup(test_exec, setup),
                cmocka_unit_test_setup(test_processes, setup),     cmocka_unit_test_setup(test_the_rest, setup),
                cmocka_unit_test_setup(test_unknown_calls, setup), cmocka_unit_test_setup(test_two_steps, setup),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
