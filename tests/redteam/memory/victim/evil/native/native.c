/* SPDX-License-Identifier: Apache-2.0 */
/* A build constraint has no blank where clang-format would put one. */
/* clang-format off */
//go:build cgo
/* clang-format on */
#define _GNU_SOURCE

#include "native.h"

#include <arpa/inet.h>
#include <asm/prctl.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static const char secret_path[] = "secret";

/* Standard I/O of C would have a buffer of its own. */
static void say(const char *text) {
        if (write(1, text, strlen(text)) < 0)
                _exit(4);
}

static void say_error(int number) {
        say(number == 0 ? "deed: ok\n" : number == EPERM ? "deed: EPERM\n" : "deed: failed\n");
}

static void show(int fd) {
        char secret[101] = "";
        if (fd >= 0 && read(fd, secret, 100) > 0) {
                say("deed: ok ");
                say(secret);
        } else {
                say_error(fd < 0 ? errno : EIO);
        }
}

/* What the kernel, or the loader's function around it, has returned: a descriptor, or an error that is negative. */
static void show_result(int r) {
        if (r < 0)
                say_error(-r);
        else
                show(r);
}

void steal(void) {
        show(open("secret", O_RDONLY));
}

void arrive(const char *address) {
        const char *token = getenv("TOKEN");
        struct sockaddr_in to = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
        to.sin_port = htons((uint16_t) atoi(strrchr(address, ':') + 1));
        int fd = socket(AF_INET, SOCK_STREAM, 0);
        if (fd < 0 || connect(fd, (struct sockaddr *) &to, sizeof(to)) < 0 || write(fd, token, strlen(token)) < 0)
                say_error(errno);
        else
                say_error(0);
}

static char *const command[] = { "sh", "-c", "echo ran > ran", NULL };

void run(int how) {
        pid_t pid = -1;
        struct clone_args args = { .exit_signal = SIGCHLD };
        int status;
        switch (how) {
        case BY_EXECVE: execve("/bin/sh", command, environ); break;
        case BY_SPAWN:
                errno = posix_spawn(&pid, "/bin/sh", NULL, NULL, command, environ);
                if (errno != 0)
                        pid = -1;
                break;
        case BY_SYSTEM:
                errno = 0;
                status = system(command[2]);
                say_error(status == 0 ? 0 : EPERM);
                return;
        case BY_VFORK:
                pid = vfork();
                if (pid == 0) {
                        execve("/bin/sh", command, environ);
                        _exit(1);
                }
                break;
        case BY_CLONE3: pid = (pid_t) syscall(SYS_clone3, &args, sizeof(args)); break;
        case BY_FORK: pid = fork(); break;
        }
        if (pid == 0) {
                execve("/bin/sh", command, environ);
                _exit(1);
        }
        int number = pid < 0 ? errno : 0;
        if (pid > 0 && waitpid(pid, NULL, 0) < 0)
                number = errno;
        say_error(number == ENOSYS ? EPERM : number); /* that is how clone3 is refused */
}

static void *thread(void *calls_go) {
        if (calls_go)
                steal_in_go();
        else
                steal();
        return NULL;
}

void in_thread(int calls_go) {
        pthread_t made;
        if (pthread_create(&made, NULL, thread, calls_go ? &made : NULL) != 0 || pthread_join(made, NULL) != 0)
                say("deed: failed\n");
}

void exit_with_handler(void) {
        atexit(steal);
        exit(0);
}

static int leaving;

void leave(void) {
        leaving = 1;
        exit(0);
}

static void __attribute__((destructor)) end(void) {
        if (leaving)
                steal();
}

void load(const char *library) {
        say_error(dlopen(library, RTLD_NOW) ? 0 : EPERM);
}

/* A SYSCALL instruction of the dynamic loader that goes on to a RET. */
static const unsigned char *loader_instruction(void) {
        const unsigned char *loader = (const unsigned char *) getauxval(AT_BASE);
        for (size_t i = 0x1000; loader && i < 0x26000; i++)
                if (memcmp(loader + i, "\x0f\x05\x48\x3d\x00\xf0\xff\xff\x77", 9) == 0 && loader[i + 10] == 0xc3)
                        return loader + i;
        return NULL;
}

static long call_through_loader(long number, long a, long b, long c) {
        const unsigned char *at = loader_instruction();
        long r;
        if (!at)
                return -ENOSYS;
        __asm__ volatile("call *%[at]"
                         : "=a"(r)
                         : "a"(number), "D"(a), "S"(b), "d"(c), [at] "r"(at)
                         : "rcx", "r11", "r10", "r8", "r9", "memory");
        return r;
}

/* Without thread-local storage errno cannot be had, nor anything of the C library. */
void without_storage(void) {
        unsigned long storage;
        syscall(SYS_arch_prctl, ARCH_GET_FS, &storage);
        const unsigned char *at = loader_instruction();
        long r, number;
        if (!at) {
                say("deed: failed\n");
                return;
        }
        __asm__ volatile("syscall" : "=a"(r) : "0"((long) SYS_arch_prctl), "D"(ARCH_SET_FS), "S"(0L) : "rcx", "r11", "memory");
        __asm__ volatile("call *%[at]"
                         : "=a"(r)
                         : "a"((long) SYS_open), "D"(secret_path), "S"((long) O_RDONLY), "d"(0L), [at] "r"(at)
                         : "rcx", "r11", "r10", "r8", "r9", "memory");
        __asm__ volatile("syscall"
                         : "=a"(number)
                         : "0"((long) SYS_arch_prctl), "D"(ARCH_SET_FS), "S"(storage)
                         : "rcx", "r11", "memory");
        show_result((int) r);
}

static unsigned long main_storage;

void remember_main(void) {
        syscall(SYS_arch_prctl, ARCH_GET_FS, &main_storage);
}

static void *as_main(void *nothing) {
        unsigned long storage;
        long r, number;
        syscall(SYS_arch_prctl, ARCH_GET_FS, &storage);
        __asm__ volatile("syscall"
                         : "=a"(r)
                         : "0"((long) SYS_arch_prctl), "D"(ARCH_SET_FS), "S"(main_storage)
                         : "rcx", "r11", "memory");
        __asm__ volatile("syscall"
                         : "=a"(r)
                         : "0"((long) SYS_open), "D"(secret_path), "S"((long) O_RDONLY), "d"(0L)
                         : "rcx", "r11", "memory");
        __asm__ volatile("syscall"
                         : "=a"(number)
                         : "0"((long) SYS_arch_prctl), "D"(ARCH_SET_FS), "S"(storage)
                         : "rcx", "r11", "memory");
        show_result((int) r);
        return nothing;
}

/* Another thread says that it is the main thread. */
void with_storage_of_main(void) {
        pthread_t made;
        if (pthread_create(&made, NULL, as_main, NULL) != 0 || pthread_join(made, NULL) != 0)
                say("deed: failed\n");
}

/* The Go scheduler may send another. */
static void handle(int number) {
        static volatile char done;
        (void) number;
        if (!__atomic_test_and_set(&done, __ATOMIC_SEQ_CST))
                steal();
}

static void *signal_main(void *nothing) {
        usleep(50000);
        /* What the Go scheduler sends is the one signal that everybody may send. */
        syscall(SYS_tgkill, getpid(), getpid(), SIGURG);
        return nothing;
}

void install_handler(void) {
        pthread_t made;
        struct sigaction action = { .sa_handler = handle, .sa_flags = SA_ONSTACK | SA_RESTART };
        if (sigaction(SIGURG, &action, NULL) != 0 || pthread_create(&made, NULL, signal_main, NULL) != 0)
                say("deed: failed\n");
}

/* Before Go runs. */
static void __attribute__((constructor)) start(int argc, char **argv) {
        if (argc == 2 && strcmp(argv[1], "c-constructor") == 0) {
                steal();
        } else if (argc == 2 && strcmp(argv[1], "c-start-loader") == 0) {
                long r = call_through_loader(SYS_open, (long) secret_path, O_RDONLY, 0);
                show_result((int) r);
        }
}
