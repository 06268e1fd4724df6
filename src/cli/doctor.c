/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cleanup.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/doctor_probe.h"
#include "cli/message.h"
#include "cli/option.h"
#include "report/style_choice.h"
#include "supervise/listener_probe.h"

#include <errno.h>
#include <inttypes.h>
#include <jail/image.h>
#include <jail/supervisor.h>
#include <linux/magic.h>
#include <linux/seccomp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <sys/vfs.h>

/* One finding per line: a mark, what it is about, what was found and what helps. */
struct findings {
        struct text text;
        bool failed;
};

static void add_finding(struct findings *findings, const char *mark, const char *subject, const char *format, va_list args)
        __attribute__((format(printf, 4, 0)));
static void add_finding(struct findings *findings, const char *mark, const char *subject, const char *format, va_list args) {
        char found[1024];
        vsnprintf(found, sizeof(found), format, args);
        text_printf(&findings->text, "%-5s %-9s ", mark, subject);
        struct style style = style_choose(STYLE_COLOR_NEVER);
        style_add_escaped(&findings->text, &style, str_from(found));
        text_add(&findings->text, STR("\n"));
}

static void find_ok(struct findings *findings, const char *subject, const char *format, ...) __attribute__((format(printf, 3, 4)));
static void find_ok(struct findings *findings, const char *subject, const char *format, ...) {
        va_list args;
        va_start(args, format);
        add_finding(findings, "ok", subject, format, args);
        va_end(args);
}

static void find_note(struct findings *findings, const char *subject, const char *format, ...)
        __attribute__((format(printf, 3, 4)));
static void find_note(struct findings *findings, const char *subject, const char *format, ...) {
        va_list args;
        va_start(args, format);
        add_finding(findings, "note", subject, format, args);
        va_end(args);
}

static void find_failure(struct findings *findings, const char *subject, const char *format, ...)
        __attribute__((format(printf, 3, 4)));
static void find_failure(struct findings *findings, const char *subject, const char *format, ...) {
        va_list args;
        va_start(args, format);
        add_finding(findings, "fail", subject, format, args);
        va_end(args);
        findings->failed = true;
}

/* Reads a small file of /proc into buffer; false when there is none. */
static bool read_small(const char *path, char *buffer, size_t size) {
        CLEANUP_FCLOSE FILE *file = fopen(path, "re");
        if (!file)
                return false;
        size_t n = fread(buffer, 1, size - 1, file);
        buffer[n] = '\0';
        return true;
}

/* The value of a line "Name:\tvalue" of /proc/self/status, cut at its end; "" when it has no such line. */
static const char *status_value(char *status, const char *name, char *buffer, size_t size) {
        buffer[0] = '\0';
        char *line = strstr(status, name);
        if (line) {
                line += strlen(name) + strspn(line + strlen(name), ":\t ");
                snprintf(buffer, size, "%.*s", (int) strcspn(line, "\n"), line);
        }
        return buffer;
}

static void check_kernel(struct findings *findings) {
        struct utsname name;
        if (uname(&name) < 0)
                find_failure(findings, "kernel", "uname: %s", strerror(errno));
        else
                find_ok(findings, "kernel", "%s %s, %s (needs Linux 5.3 or newer)", name.sysname, name.release, name.machine);
}

static void check_seccomp(struct findings *findings) {
        if (doctor_probe_has_action(SECCOMP_RET_TRACE))
                find_ok(findings, "seccomp", "filters can stop calls for a tracer (SECCOMP_RET_TRACE)");
        else
                find_failure(findings, "seccomp",
                             "no SECCOMP_RET_TRACE: the kernel needs CONFIG_SECCOMP_FILTER, or a sandbox around this "
                             "process refuses seccomp(2)");
}

static void check_surroundings(struct findings *findings) {
        struct statfs fs;
        if (statfs("/proc", &fs) < 0 || fs.f_type != PROC_SUPER_MAGIC) {
                find_failure(findings, "proc", "/proc is not mounted: mount -t proc proc /proc");
                return;
        }
        find_ok(findings, "proc", "/proc is mounted");

        char status[8192], value[128];
        if (!read_small("/proc/self/status", status, sizeof(status)))
                return;
        const char *pids = status_value(status, "NSpid", value, sizeof(value));
        if (strpbrk(pids, "\t "))
                find_note(findings, "pids",
                          "in a nested pid namespace; a PID 1 that does not reap orphans needs jail run --foreground");
        if (strcmp(status_value(status, "NoNewPrivs", value, sizeof(value)), "1") == 0)
                find_note(findings, "privs",
                          "no_new_privs is set already: set-user-ID programs gain nothing here, with or without jail");
        if (strcmp(status_value(status, "Seccomp", value, sizeof(value)), "2") == 0)
                find_note(findings, "filters", "a seccomp filter from outside is in force (a container, a service manager)");
}

static void check_listener(struct findings *findings) {
        struct jail_error err = { 0 };
        bool listener = false;
        if (listener_probe(&listener, &err) < 0)
                find_failure(findings, "listener", "%s", err.msg);
        else if (listener)
                find_failure(findings, "listener",
                             "a supervisor outside answers system calls before jail sees them; run without it, or "
                             "trust it with --allow-outer-listener");
        else
                find_ok(findings, "listener", "no supervisor outside answers system calls");
}

static void check_yama(struct findings *findings, bool seized) {
        static const char *const meanings[] = {
                "any process of the same user may be traced",
                "a process may let its supervisor trace it, as jail does",
                "tracing needs CAP_SYS_PTRACE",
                "nobody may trace until the next boot",
        };
        char value[16];
        if (!read_small("/proc/sys/kernel/yama/ptrace_scope", value, sizeof(value))) {
                find_ok(findings, "yama", "not in this kernel: no further limit on tracing");
                return;
        }
        unsigned scope = (unsigned) (value[0] - '0');
        const char *meaning = scope <= 3 ? meanings[scope] : "unknown value";
        if (scope <= 1 || seized)
                find_ok(findings, "yama", "ptrace_scope is %.1s: %s", value, meaning);
        else
                find_failure(findings, "yama", "ptrace_scope is %.1s: %s; set kernel.yama.ptrace_scope=1 with sysctl%s", value,
                             meaning, scope == 3 ? " configuration and boot again" : "");
}

static void report_failed_step(struct findings *findings, const struct doctor_probe *probe) {
        const char *why = probe->step_errno ? strerror(probe->step_errno) : "it had no effect";
        switch (probe->n_done) {
        case DOCTOR_STEP_SEIZE:
                find_failure(findings, "ptrace",
                             "PTRACE_SEIZE: %s; allow ptrace (in a container: its seccomp profile, --cap-add=SYS_PTRACE)", why);
                break;
        case DOCTOR_STEP_FILTER: find_failure(findings, "filter", "cannot install a seccomp filter: %s", why); break;
        case DOCTOR_STEP_STOP: find_failure(findings, "filter", "the filter stopped no call: is this an emulator?"); break;
        case DOCTOR_STEP_CALL:
                find_failure(findings, "ptrace", "PTRACE_GET_SYSCALL_INFO: %s; it needs Linux 5.3 or newer", why);
                break;
        case DOCTOR_STEP_DENY: find_failure(findings, "deny", "a call that was denied went through: %s", why); break;
        case DOCTOR_STEP_COUNT: find_ok(findings, "deny", "traced a process and denied it a call: EPERM, no effect"); break;
        }
}

static void check_memory(struct findings *findings, const struct doctor_probe *probe) {
        if (!probe->proc_mem && !probe->peek)
                find_failure(findings, "memory", "no way to read a traced process's memory");
        else if (!probe->proc_mem)
                find_note(findings, "memory", "readable word by word only (PTRACE_PEEKDATA): decisions are slow");
        else
                find_ok(findings, "memory", "readable with /proc/PID/mem%s", probe->peek ? " and PTRACE_PEEKDATA" : "");
}

static void check_supervision(struct findings *findings) {
        struct jail_error err = { 0 };
        struct doctor_probe probe = { 0 };
        if (doctor_probe_run(&probe, &err) < 0) {
                find_failure(findings, "ptrace", "%s", err.msg);
                return;
        }
        check_yama(findings, probe.n_done > DOCTOR_STEP_SEIZE);
        report_failed_step(findings, &probe);
        if (probe.n_done >= DOCTOR_STEP_DENY)
                check_memory(findings, &probe);
}

static struct cli_exit examine(void) {
        char buffer[16384];
        struct findings findings = { 0 };
        text_init(&findings.text, buffer, sizeof(buffer));
        check_kernel(&findings);
        check_seccomp(&findings);
        check_surroundings(&findings);
        check_listener(&findings);
        check_supervision(&findings);
        find_ok(&findings, "go", "programs of %s", jail_image_supported_versions());

        struct cli_exit exit = message_stdout(findings.text.ptr);
        if (exit.code == 0 && findings.failed)
                exit = message_fail("jail run cannot work here");
        return exit;
}

static const struct option options_table[] = {
        { "help", no_argument, NULL, OPTION_HELP },
        { NULL, 0, NULL, 0 },
};

static struct cli_exit doctor(const struct command *command, int argc, char *argv[]) {
        option_begin();
        int key = getopt_long(argc, argv, "+:h", options_table, NULL);
        if (key == OPTION_HELP)
                return message_stdout(command->help);
        if (key != -1) {
                option_complain(command, options_table, key, argv);
                return (struct cli_exit){ .code = JAIL_EXIT_FAILURE };
        }
        if (optind < argc)
                return message_fail("doctor: unexpected argument %s", argv[optind]);
        return examine();
}

static const char help[] = "Usage: jail doctor\n"
                           "\n"
                           "Says whether jail run can work here: looks at the kernel, at seccomp, at limits\n"
                           "on tracing and at the sandbox around, then traces a process of its own and\n"
                           "denies it a call. One line each: ok, note or fail, and what helps.\n"
                           "\n"
                           "Exit status: 0, or 125 if jail run cannot work.\n";

const struct command command_doctor = {
        .name = "doctor",
        .summary = "say whether jail run can work here",
        .help = help,
        .run = doctor,
};
