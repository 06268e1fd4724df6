/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cleanup.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/run_options.h"
#include "report/relaxed.h"
#include "report/report.h"
#include "report/report_file.h"

#include <sys/wait.h>

/*
 * `go test ./...` runs a test binary, called PACKAGE.test, for every package; many reach no confined module, and have nothing to
 * check. A go.mod that confines nothing at all is a mistake even so.
 */
static bool is_test_binary(const char *program) {
        return str_ends(str_from(program), STR(".test"));
}

/* The status of a program that ended, or of the run that it was part of. */
static struct cli_exit exit_of(const struct run_options *options, const struct jail_policy *policy,
                               const struct jail_supervisor_result *result) {
        if (WIFSIGNALED(result->wait_status)) {
                int signal = WTERMSIG(result->wait_status);
                return (struct cli_exit){ .code = 128 + signal, .signal = signal };
        }
        struct cli_exit exit = { .code = WEXITSTATUS(result->wait_status) };
        if (exit.code != 0 || options->deny_code == 0)
                return exit;
        if (result->ran_unsupervised && is_test_binary(options->program[0]) && jail_policy_confines(policy))
                return exit;
        if (result->ran_unsupervised)
                return message_fail("--fail-on-deny: %s confines no module of %s, so nothing was checked", jail_policy_file(policy),
                                    options->program[0]);
        if (!result->policy_image_seen)
                return (struct cli_exit){ .code = JAIL_EXIT_FAILURE }; /* the report says so */
        if (result->n_denied > 0)
                exit.code = (int) options->deny_code;
        return exit;
}

static struct cli_exit run_program(const struct run_options *options, const struct jail_policy *policy, struct str go_mod,
                                   int report_fd) {
        char relaxed_buffer[256];
        struct text relaxed;
        text_init(&relaxed, relaxed_buffer, sizeof(relaxed_buffer));
        relaxed_add(&relaxed, &options->supervisor);

        const struct report_options report_options = {
                .text_fd = message_fd(),
                .json_fd = report_fd,
                .json_name = options->report,
                .style = style_choose(options->color),
                .quiet = options->quiet,
                .verbose = options->verbose,
                .permissive = options->supervisor.permissive,
                .via = options->supervisor.via,
                .relaxed = relaxed.ptr,
                .policy = policy,
                .go_mod = go_mod,
        };
        struct jail_error err = { 0 };
        struct report *report = NULL;
        if (report_new(&report_options, &report, &err) < 0)
                return message_fail("%s", err.msg);

        struct jail_supervisor_options supervisor = options->supervisor;
        supervisor.report_fd = report_fd;
        supervisor.on_event = report_event;
        supervisor.on_event_data = report;
        supervisor.tell_trusted = report_tells_trusted(&report_options);

        struct jail_supervisor_result result = { 0 };
        int exit_code = JAIL_EXIT_FAILURE;
        int r = jail_supervisor_run(&supervisor, policy, options->program, &result, &exit_code, &err);
        report_free(report);
        if (r < 0) {
                message_print("%s", err.msg);
                return (struct cli_exit){ .code = exit_code };
        }
        return exit_of(options, policy, &result);
}

static struct cli_exit run_with_options(const struct run_options *options) {
        struct jail_error err = { 0 };
        struct jail_policy *policy = NULL;
        struct str go_mod = { NULL, 0 };
        if (policy_option_load(&options->policy, &policy, &go_mod, &err) < 0)
                return message_fail("%s", err.msg);
        CLEANUP_FREE void *go_mod_text = (void *) go_mod.ptr;

        struct cli_exit exit;
        CLEANUP_CLOSE int report_fd = -1;
        if (options->report && report_file_open(options->report, &report_fd, &err) < 0)
                exit = message_fail("run: --report=%s", err.msg);
        else
                exit = run_program(options, policy, go_mod, report_fd);
        jail_policy_free(policy);
        return exit;
}

static struct cli_exit run(const struct command *command, int argc, char *argv[]) {
        struct run_options options;
        struct cli_exit exit;
        switch (run_options_parse(command, argc, argv, &options)) {
        case OPTION_OK: exit = run_with_options(&options); break;
        case OPTION_SHOW_HELP: exit = message_stdout(command->help); break;
        case OPTION_ERROR:
        default: exit = (struct cli_exit){ .code = JAIL_EXIT_FAILURE }; break;
        }
        run_options_clear(&options);
        return exit;
}

static const char help[] = "Usage: jail run [OPTION]... [--] PROG [ARG]...\n"
                           "\n"
                           "Runs PROG, a Go program, so that the modules that go.mod marks as\n"
                           "gomodjail:confined make no system calls with an effect. Options end at PROG.\n"
                           "\n"
                           "Policy:\n"
                           "      --go-mod=FILE          the go.mod to read; otherwise it is looked for in\n"
                           "                             the working directory and the ones above it\n"
                           "      --module=MODULE=confined|unconfined\n"
                           "                             overrides go.mod for a module; may be repeated\n"
                           "                             (--policy is the same)\n"
                           "      --permissive           decide and report everything, deny nothing, and say\n"
                           "                             what to put in go.mod\n"
                           "      --children=trust|deny  what other programs that PROG starts may do:\n"
                           "                             anything (default), or not run at all\n"
                           "      --child-env=report|strict\n"
                           "                             a variable that steers such programs (PATH, LD_*,\n"
                           "                             BASH_ENV, GIT_* ...) and was changed meanwhile is\n"
                           "                             shown (default), or the program not run\n"
                           "      --via                  PROG is a launcher (make, a script): confine the\n"
                           "                             programs of the policy that it starts\n"
                           "      --decide-all           supervise even if nothing in PROG is confined\n"
                           "\n"
                           "Results:\n"
                           "      --fail-on-deny[=CODE]  exit with CODE (1) if anything was denied and PROG\n"
                           "                             itself succeeded; implies --foreground\n"
                           "      --foreground           stay in front of PROG as its parent\n"
                           "      --report=FILE|fd:N     append the report as JSON Lines\n"
                           "      --stats                show stops per system call, and what they cost\n"
                           "  -v, --verbose              show quiet denials and details, too\n"
                           "  -q, --quiet                no notes and no summary; twice: no denials, either\n"
                           "      --color=auto|always|never\n"
                           "  -h, --help                 show this\n"
                           "\n"
                           "Doubtful cases:\n"
                           "      --incomplete=deny|allow    stacks that cannot be read to their root\n"
                           "      --c-thread=deny|allow      C threads, when a confined module has cgo\n"
                           "      --unattributed=deny|allow  calls on behalf of no known module\n"
                           "      --truncated=deny|allow     stacks of which Go kept only a part\n"
                           "      --allow-cgi                calls of net/http/cgi, which runs programs\n"
                           "                                 for whoever asks\n"
                           "      --ancestors=N              how many creating goroutines Go remembers\n"
                           "      --allow-outer-listener     run although another supervisor can answer\n"
                           "                                 system calls before jail sees them\n"
                           "\n"
                           "Exit status: PROG's own; 125 if jail failed, 126 if PROG cannot be executed,\n"
                           "127 if it is not found. See jail(1).\n";

const struct command command_run = {
        .name = "run",
        .summary = "run a Go program under the policy of its go.mod",
        .help = help,
        .run = run,
};
