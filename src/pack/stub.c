/* SPDX-License-Identifier: Apache-2.0 */
/* The entry stub, built without the C library and linked flat (stub.ld). */
#include "pack/stub.h"

#include "pack/stub_internal.h"
#include "pack/stub_load.h"
#include "supervise/entry_call.h"
#include "supervise/handshake.h"

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/memfd.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U /* since Linux 6.3 */
#endif

#define EXIT_STATUS 125 /* jail's own failures: JAIL_EXIT_FAILURE */
#define ALL_SEALS   (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)
#define MAX_TRIES   200  /* to find a word from the other side: each takes about a microsecond */
#define STACK_BYTES 8192 /* of the processes that lead to the supervisor */

/* The call that asks a supervisor to set the program going; it returns only when there is none, or when it refuses. */
long stub_call(long number, long operation, long flags, const void *initial_stack, uint64_t loader_word)
        __attribute__((visibility("hidden")));

/* clone(2), whose child calls function(argument) on a stack that ends at stack_end. Returns its pid, or why there is none. */
long stub_start_process(unsigned long flags, void *stack_end, void (*function)(void *), void *argument)
        __attribute__((visibility("hidden")));

_Noreturn void stub_main(const uint64_t *initial_stack, uint64_t loader_word) __attribute__((visibility("hidden")));

/* The compiler may ask for these. */
void *memcpy(void *to, const void *from, size_t len);
void *memset(void *to, int byte, size_t len);

void *memcpy(void *to, const void *from, size_t len) {
        char *out = to;
        const char *in = from;
        while (len-- > 0)
                *out++ = *in++;
        return to;
}

void *memset(void *to, int byte, size_t len) {
        char *out = to;
        while (len-- > 0)
                *out++ = (char) byte;
        return to;
}

/* --- words ------------------------------------------------------------------------------------------------------------------- */

/* Text that never outgrows its buffer of `size` bytes, terminated. */
struct words {
        char *buffer;
        size_t size, len;
};

static void add(struct words *words, const char *text) {
        while (*text && words->len + 1 < words->size)
                words->buffer[words->len++] = *text++;
        words->buffer[words->len] = '\0';
}

static void add_number(struct words *words, long number) {
        char digits[24];
        size_t at = sizeof(digits) - 1;
        unsigned long rest = (unsigned long) number;
        digits[at] = '\0';
        do {
                digits[--at] = (char) ('0' + rest % 10);
                rest /= 10;
        } while (rest > 0);
        add(words, digits + at);
}

/* What failed, and the errno of it: there is no table of its words here. */
static void describe(struct words *words, const char *what, long error_number) {
        add(words, what);
        if (error_number == 0)
                return;
        add(words, " (errno ");
        add_number(words, error_number);
        add(words, ")");
}

_Noreturn static void end(void) {
        for (;;)
                CALL1(SYS_exit_group, EXIT_STATUS);
}

/* One line on stderr; control characters could only come from a path that the supervisor names, and become question marks. */
_Noreturn static void give_up(const char *message) {
        char line[JAIL_ERROR_MSG_SIZE + 16] = "";
        struct words words = { line, sizeof(line) - 1, 0 };
        add(&words, "jail: ");
        add(&words, message);
        for (size_t i = 0; i < words.len; i++)
                if (line[i] >= 0 && line[i] < ' ')
                        line[i] = '?';
        line[words.len++] = '\n';
        CALL3(SYS_write, 2, line, words.len);
        end();
}

_Noreturn static void give_up_because(const char *what, long result) {
        char message[128];
        struct words words = { message, sizeof(message), 0 };
        describe(&words, what, -result);
        give_up(message);
}

/* --- the supervisor's side --------------------------------------------------------------------------------------------------- */

/* What the process that becomes the supervisor is given. */
struct beginning {
        long supervisor; /* its pid, or why there is none */
        long fds[2];     /* the socket: the program's end, and its own */
        long program;    /* this process's pid */
        const uint64_t *initial_stack;
};

_Noreturn static void fail(long fd, const char *what, long result) {
        struct handshake_message message;
        memset(&message, 0, sizeof(message));
        message.kind = HANDSHAKE_FAILED;
        message.error.code = JAIL_ESYS;
        struct words words = { message.error.msg, sizeof(message.error.msg), 0 };
        describe(&words, what, -result);
        stub_syscall(SYS_sendto, fd, (long) &message, sizeof(message), MSG_NOSIGNAL, 0, 0);
        end();
}

/* Moves a descriptor away from 0 to 2, which the caller may have started without. */
static long move_up(long fd, long command) {
        long moved = CALL3(SYS_fcntl, fd, command, 3);
        CALL1(SYS_close, fd);
        return moved;
}

/* A sealed file in memory with both sections. */
static long supervisor_file(long fd) {
        long file = CALL3(SYS_memfd_create, "jail", MFD_ALLOW_SEALING | MFD_EXEC, 0);
        if (file == -EINVAL)
                file = CALL3(SYS_memfd_create, "jail", MFD_ALLOW_SEALING, 0);
        if (file < 0)
                fail(fd, "cannot start the supervisor: memfd_create", file);
        file = move_up(file, F_DUPFD);
        for (uint64_t done = 0; done < stub_parameters.sections_bytes;) {
                long n = CALL3(SYS_write, file, stub_sections() + done, stub_parameters.sections_bytes - done);
                if (n <= 0)
                        fail(fd, "cannot start the supervisor: write", n);
                done += (uint64_t) n;
        }
        long r = CALL3(SYS_fcntl, file, F_ADD_SEALS, ALL_SEALS);
        if (r < 0)
                fail(fd, "cannot start the supervisor: sealing", r);
        return file;
}

/* Looks for a word from the program's side, which is the supervisor's to read. */
static long look_for_word(long fd, long flags) {
        char kind;
        return stub_syscall(SYS_recvfrom, fd, (long) &kind, sizeof(kind), MSG_PEEK | flags, 0, 0);
}

/* Until the program's side has found the sections to be what was packed: nothing of them is executed before. */
static void wait_for_go(long fd) {
        long n = -EAGAIN;
        /* It is about to come: to sleep until then, and to be woken, takes longer. */
        for (int i = 0; i < MAX_TRIES && n == -EAGAIN; i++) {
                n = look_for_word(fd, MSG_DONTWAIT);
                if (n == -EAGAIN)
                        CALL0(SYS_sched_yield);
        }
        if (n <= 0) /* no word may be too early to say, as in handshake.c */
                do
                        n = look_for_word(fd, 0);
                while (n == -EINTR);
        if (n <= 0)
                end(); /* it has said why, or was killed */
}

/* Where it cannot be loaded in place: by an exec of a file in memory. */
_Noreturn static void execute_supervisor(const struct beginning *beginning, const char *name, const char *fd_text) {
        char file_text[24];
        struct words file_words = { file_text, sizeof(file_text), 0 };
        const char *const arguments[] = { name, fd_text, file_text, 0 };
        const char empty[] = "";
        long fd = beginning->fds[1];
        long file = supervisor_file(fd);
        add_number(&file_words, file);
        CALL3(SYS_fcntl, fd, F_SETFD, 0);
        wait_for_go(fd);
        long r = CALL5(SYS_execveat, file, empty, arguments, beginning->initial_stack + beginning->initial_stack[0] + 2,
                       AT_EMPTY_PATH);
        fail(fd, "cannot start the supervisor: execveat", r);
}

_Noreturn static void become_supervisor(const struct beginning *beginning) {
        char fd_text[24], policy_text[24], len_text[24];
        struct words fd_words = { fd_text, sizeof(fd_text), 0 }, policy_words = { policy_text, sizeof(policy_text), 0 },
                     len_words = { len_text, sizeof(len_text), 0 };
        const char name[] = "jail";
        const char *const arguments[STUB_LOAD_ARGUMENTS] = { name, fd_text, policy_text, len_text };
        struct stub_load load;
        CALL1(SYS_close, beginning->fds[0]);
        add_number(&fd_words, beginning->fds[1]);
        add_number(&policy_words, (long) (stub_sections() + stub_parameters.policy_offset));
        add_number(&len_words, (long) (stub_parameters.sections_bytes - stub_parameters.policy_offset));
        if (!stub_load_prepare(&load, beginning->initial_stack))
                execute_supervisor(beginning, name, fd_text);
        wait_for_go(beginning->fds[1]);
        stub_load_enter(&load, arguments);
}

/* As supervisor_process_set_apart(), of a child. */
static void set_apart(long pid) {
        CALL3(SYS_setpgid, pid, pid, 0);
        CALL3(SYS_kill, pid, SIGCONT, 0);
}

/*
 * In a process between, which ends at once: so the supervisor is an orphan. The one between has its parent's memory, and its child
 * a copy of it: the supervisor's code is never executable in the program's own process. Process 1 would adopt an orphan; it gets a
 * child that wait(2) does not find, as no signal comes at its end (until an exec, where it takes one, gives it the usual signal).
 */
static void start_from_between(void *data) {
        struct beginning *beginning = data;
        bool is_init = beginning->program == 1;
        beginning->supervisor = CALL5(SYS_clone, is_init ? CLONE_PARENT : SIGCHLD, 0, 0, 0, 0);
        if (beginning->supervisor == 0)
                become_supervisor(beginning);
        if (beginning->supervisor > 0 && !is_init)
                set_apart(beginning->supervisor);
        CALL1(SYS_exit_group, 0);
}

/* --- the program's side ------------------------------------------------------------------------------------------------------ */

static void open_sockets(long ret_fds[2]) {
        int fds[2] = { -1, -1 };
        long r = CALL4(SYS_socketpair, AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds);
        for (int i = 0; i < 2 && r >= 0; i++)
                ret_fds[i] = r = move_up(fds[i], F_DUPFD_CLOEXEC);
        if (r < 0)
                give_up_because("cannot make a socket pair", r);
}

/* That both sections are what was packed, while the supervisor is loaded in another process. */
static void check_sections(void) {
        const char *last = stub_sections() + stub_parameters.sections_bytes - sizeof(uint64_t);
        /* Where the file ends early, a read is a signal, and the kernel's own an error: all signals are blocked, so this only
         * reads. */
        if (CALL4(SYS_rt_sigprocmask, SIG_BLOCK, last, 0, sizeof(uint64_t)) < 0)
                give_up("this packed program is truncated");
        if (stub_checksum(stub_sections(), stub_parameters.sections_bytes) != stub_parameters.checksum)
                give_up("this packed program is damaged: what jail packed into it was changed");
}

/*
 * Starts it, and checks meanwhile what it will be. Since the process between shares memory, the kernel forgets for it, and so for
 * its child, where it was told to write by a dynamic loader (rseq(2)): that will be unmapped there.
 */
static void start_supervisor(struct beginning *beginning, char *stack_end) {
        long between = stub_start_process(CLONE_VM, stack_end, start_from_between, beginning); /* no signal at its end */
        if (between < 0)
                give_up_because("cannot start the supervisor: clone", between);
        check_sections();
        while (CALL4(SYS_wait4, between, 0, __WALL, 0) == -EINTR)
                ;
        if (beginning->supervisor <= 0)
                give_up_because("cannot start the supervisor: clone", beginning->supervisor);
        if (beginning->program == 1)
                set_apart(beginning->supervisor);
}

/* Waits until this process is seized. */
static void wait_until_ready(long fd) {
        struct handshake_message message;
        long len = 0;
        do {
                len = stub_syscall(SYS_recvfrom, fd, (long) &message, sizeof(message), 0, 0, 0);
                /* The other end may have closed with our word unread: that is told once, and what it said comes after it. */
        } while (len == -EINTR || len == -ECONNRESET);
        if (len == (long) sizeof(message) && message.kind == HANDSHAKE_FAILED) {
                message.error.msg[sizeof(message.error.msg) - 1] = '\0';
                give_up(message.error.msg);
        }
        if (len != (long) sizeof(message) || message.kind != HANDSHAKE_READY)
                give_up("the supervisor ended before it had begun");
}

/* Lets the supervisor seize this process. Whether it is there to read this, is seen when it answers. */
static void send_go(const struct beginning *beginning, const uint64_t *initial_stack) {
        struct handshake_message message;
        memset(&message, 0, sizeof(message));
        message.kind = HANDSHAKE_GO;
        message.pid = (pid_t) beginning->program;
        message.initial_stack = (uintptr_t) initial_stack;
        message.stub = (uintptr_t) &stub_parameters;
        stub_syscall(SYS_sendto, beginning->fds[0], (long) &message, sizeof(message), MSG_NOSIGNAL, 0, 0);
}

static void install_filter(void) {
        struct sock_fprog program = {
                .len = (unsigned short) stub_parameters.filter_instructions,
                .filter = (struct sock_filter *) ((uintptr_t) &stub_parameters + stub_parameters.filter_offset),
        };
        long r = CALL5(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
        if (r < 0)
                give_up_because("no_new_privs", r);
        r = CALL3(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program);
        if (r != 0)
                give_up_because("cannot install the seccomp filter", r);
}

/* Asks to be set going. Returns when nobody is there to do it. */
static void ask(const uint64_t *initial_stack, uint64_t loader_word) {
        long r = stub_call(SYS_seccomp, ENTRY_CALL_OPERATION, 0, initial_stack, loader_word);
        if (r == -ENTRY_CALL_OTHER_POLICY)
                give_up("this packed program was started by one that is supervised for another policy, and refuses to run");
        if (r == -ENTRY_CALL_REFUSED)
                end();
}

/*
 * The words of the initial stack up to AT_NULL, when the environment has no GODEBUG; else 0. Most have none. Then it is put there
 * here; where it must be changed, the supervisor does it, word by word, which takes longer.
 */
static size_t count_words_without_godebug(const uint64_t *stack) {
        const size_t name_bytes = sizeof(STUB_GODEBUG_NAME) - 1;
        for (const uint64_t *at = stack + stack[0] + 2; *at != 0; at++) {
                const char *variable = (const char *) *at;
                size_t i = 0;
                while (i < name_bytes && variable[i] == STUB_GODEBUG_NAME[i])
                        i++;
                if (i == name_bytes)
                        return 0;
        }
        size_t n = stub_count_words(stack);
        return n <= STUB_MAX_WORDS ? n : 0;
}

/* The same with GODEBUG as the first of the environment, and its text behind all. `to` has room for both. */
static void copy_with_godebug(uint64_t *to, const uint64_t *stack, size_t n_words) {
        size_t environment = stack[0] + 2;
        char *text = (char *) (to + n_words + 1);
        memcpy(to, stack, environment * sizeof(*to));
        to[environment] = (uintptr_t) text;
        memcpy(to + environment + 1, stack + environment, (n_words - environment) * sizeof(*to));
        memcpy(text, stub_parameters.godebug, sizeof(stub_parameters.godebug));
}

/*
 * Where orphans among this process's descendants become its children, the supervisor would be a child that the program knows
 * nothing of: while it becomes an orphan, somebody further up adopts it. Returns what to restore. Process 1 cannot do this.
 */
static int stop_adopting(void) {
        int subreaper = 0;
        if (CALL5(SYS_prctl, PR_GET_CHILD_SUBREAPER, &subreaper, 0, 0, 0) == 0 && subreaper != 0)
                CALL5(SYS_prctl, PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0);
        return subreaper;
}

static void adopt_again(int subreaper) {
        if (subreaper != 0)
                CALL5(SYS_prctl, PR_SET_CHILD_SUBREAPER, subreaper, 0, 0, 0);
}

/*
 * Whether this process has one thread. Where a dynamic loader was, constructors may have made more: then /proc/self/task has more
 * links above a directory's two (proc_task_getattr, fs/proc/base.c). Without /proc it cannot be told.
 */
static bool is_alone(const uint64_t *initial_stack) {
        struct stat st;
        if (stub_auxiliary_value(initial_stack, AT_BASE) == 0)
                return true;
        return CALL4(SYS_newfstatat, AT_FDCWD, "/proc/self/task", &st, 0) == 0 && st.st_nlink == 3;
}

/*
 * Starts the supervisor, and returns when it has seized this process, under the filter. That is installed while the supervisor
 * starts, since no call from there to its answer is one that stops; but other threads' might.
 */
static void meet_supervisor(const uint64_t *initial_stack) {
        struct beginning beginning = { 0, { -1, -1 }, CALL0(SYS_getpid), initial_stack };
        char stack[STACK_BYTES] __attribute__((aligned(16)));
        bool alone = is_alone(initial_stack);

        open_sockets(beginning.fds);
        int subreaper = stop_adopting();
        start_supervisor(&beginning, stack + sizeof(stack));
        adopt_again(subreaper);
        CALL1(SYS_close, beginning.fds[1]);
        /* As in launch.c: an executable that its user may not read is not dumpable, and Yama wants the tracer named. */
        CALL5(SYS_prctl, PR_SET_DUMPABLE, 1, 0, 0, 0);
        bool named = CALL5(SYS_prctl, PR_SET_PTRACER, beginning.supervisor, 0, 0, 0) == 0;
        send_go(&beginning, initial_stack);
        if (alone)
                install_filter();
        wait_until_ready(beginning.fds[0]);
        if (named)
                CALL5(SYS_prctl, PR_SET_PTRACER, 0, 0, 0, 0);
        if (!alone)
                install_filter();
        CALL1(SYS_close, beginning.fds[0]);
}

/* Before anything else: what is damaged may do anything, and for ever, but hardly in the little code that leads to here. */
static void check_self(void) {
        const char *begin = (const char *) (&stub_parameters.own_checksum + 1);
        if (stub_checksum(begin, (size_t) (stub_end - begin)) != stub_parameters.own_checksum)
                give_up("this packed program is damaged: the stub was changed");
}

_Noreturn void stub_main(const uint64_t *initial_stack, uint64_t loader_word) {
        uint64_t all = ~UINT64_C(0), mask = 0;

        check_self();
        ask(initial_stack, loader_word);
        /* A signal that arrives from here on waits until the program is there to get it. */
        CALL4(SYS_rt_sigprocmask, SIG_SETMASK, &all, &mask, sizeof(mask));
        meet_supervisor(initial_stack);
        CALL4(SYS_rt_sigprocmask, SIG_SETMASK, &mask, 0, sizeof(mask));
        size_t n_words = count_words_without_godebug(initial_stack);
        uint64_t room[n_words + 1 + STUB_GODEBUG_BYTES / sizeof(uint64_t) + 1];
        if (n_words > 0) {
                uint64_t *copy = (uint64_t *) (((uintptr_t) room + 15) & ~(uintptr_t) 15); /* as the ABI wants it */
                copy_with_godebug(copy, initial_stack, n_words);
                initial_stack = copy;
        }
        ask(initial_stack, loader_word);
        give_up("the supervisor did not set the program going");
}
