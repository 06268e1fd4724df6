/* SPDX-License-Identifier: Apache-2.0 */
#include <jail/supervisor.h>

#include "base/cleanup.h"
#include "supervise/attach.h"
#include "supervise/detached.h"
#include "supervise/foreground.h"
#include "supervise/godebug.h"
#include "supervise/judge.h"
#include "supervise/listener_probe.h"
#include "supervise/note.h"
#include "supervise/program_path.h"

#include <stdlib.h>
#include <unistd.h>

static void cleanup_judge(struct judge **judge) {
        judge_free(*judge);
}

/* Who else may have a say about this process's calls: nobody where no filter is in force. */
static int check_filtered(const struct jail_supervisor_options *options, struct jail_error *err) {
        if (!listener_may_be())
                return 0;
        /* First: another jail, as tracer, would answer the probe for a listener as a listener does. */
        int r = attach_check_untraced(err);
        if (r == 0 && !options->allow_outer_listener)
                r = listener_refuse("--allow-outer-listener", err);
        return r;
}

static int run_plan(const struct launch_plan *plan, struct jail_supervisor_result *ret_result, int *ret_exit_code,
                    struct jail_error *err) {
        if (plan->options->foreground)
                return foreground_run(plan, ret_result, ret_exit_code, err);
        if (plan->filter)
                return detached_run(plan, ret_exit_code, err);
        sigset_t mask;
        sigprocmask(SIG_BLOCK, NULL, &mask);
        return launch_execute(plan, &mask, ret_exit_code, err);
}

static int run_supervised(struct launch_plan *plan, struct jail_supervisor_result *ret_result, int *ret_exit_code,
                          struct jail_error *err) {
        CLEANUP_FREE char **environment = NULL;
        unsigned ancestors = plan->options->ancestors ? plan->options->ancestors : GODEBUG_DEFAULT_ANCESTORS;

        int r = check_filtered(plan->options, err);
        if (r == 0)
                r = godebug_amend(plan->environment, ancestors, &environment, err);
        if (r < 0)
                return r;
        plan->filter = &filter_program;
        plan->environment = environment;
        return run_plan(plan, ret_result, ret_exit_code, err);
}

int jail_supervisor_run(const struct jail_supervisor_options *options, const struct jail_policy *policy, char *const argv[],
                        struct jail_supervisor_result *ret_result, int *ret_exit_code, struct jail_error *err) {
        CLEANUP_FREE char *path = NULL;
        __attribute__((cleanup(cleanup_judge))) struct judge *judge = NULL;
        bool confines = false;

        *ret_exit_code = JAIL_EXIT_FAILURE;
        if (!argv[0])
                return jail_error_set(err, JAIL_EINVAL, 0, "no program to run");
        int r = program_path_find(argv[0], getenv("PATH"), &path, ret_exit_code, err);
        if (r < 0)
                return r;
        *ret_exit_code = JAIL_EXIT_FAILURE;
        r = judge_new(options, policy, &judge, err);
        if (r == 0)
                r = judge_check_first(judge, path, &confines, err);
        if (r < 0)
                return r;

        struct launch_plan plan = { .options = options, .judge = judge, .path = path, .argv = argv, .environment = environ };
        if (confines || options->decide_all)
                return run_supervised(&plan, ret_result, ret_exit_code, err);
        note_send(options, 0, "%s confines no module of %s; running it unsupervised", jail_policy_file(policy), argv[0]);
        return run_plan(&plan, ret_result, ret_exit_code, err);
}
