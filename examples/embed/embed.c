/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Embedding jail: runs a program under a go.mod and counts, by class, what was denied.
 *
 *     cc -o embed embed.c $(pkg-config --cflags --libs jail)
 *     ./embed go.mod ./prog args…
 */
#include <jail/jail.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

/* Called in the supervisor's process, before the denied call returns to the program: it should be brief. */
static void on_event(const struct jail_event *event, void *data) {
        FILE *out = data;
        switch (event->kind) {
        case JAIL_EVENT_DENIED:
                fprintf(out, "embed: %s wanted %s: %s (%s)\n", event->module[0] != '\0' ? event->module : "(nobody)",
                        jail_class_name(event->cls), event->call, jail_reason_name(event->reason));
                break;
        case JAIL_EVENT_NOTE:
                if (!event->verbose_only)
                        fprintf(out, "embed: note: %s\n", event->message);
                break;
        case JAIL_EVENT_SUMMARY: fprintf(out, "embed: %llu calls denied\n", (unsigned long long) event->n_denied); break;
        case JAIL_EVENT_START:
        case JAIL_EVENT_IMAGE: break;
        }
        fflush(out);
}

static int exit_code(int wait_status) {
        return WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : 128 + WTERMSIG(wait_status);
}

int main(int argc, char **argv) {
        if (argc < 3) {
                fprintf(stderr, "usage: embed GO.MOD PROGRAM [ARGUMENT...]\n");
                return JAIL_EXIT_FAILURE;
        }

        struct jail_error err = { 0 };
        struct jail_policy *policy = NULL;
        if (jail_policy_load(argv[1], NULL, 0, &policy, &err) != 0) {
                fprintf(stderr, "embed: %s\n", err.msg);
                return JAIL_EXIT_FAILURE;
        }

        /* In the foreground the call returns when the program has ended. */
        struct jail_supervisor_options options = {
                .foreground = true,
                .report_fd = -1,
                .on_event = on_event,
                .on_event_data = stderr,
        };
        struct jail_supervisor_result result = { 0 };
        int code = JAIL_EXIT_FAILURE;
        if (jail_supervisor_run(&options, policy, argv + 2, &result, &code, &err) != 0)
                fprintf(stderr, "embed: %s\n", err.msg);
        else
                code = exit_code(result.wait_status);
        jail_policy_free(policy);
        return code;
}
