/* SPDX-License-Identifier: Apache-2.0 */
/* Running a program under a policy. */
#ifndef JAIL_SUPERVISOR_H
#define JAIL_SUPERVISOR_H

#include <jail/error.h>
#include <jail/event.h>
#include <jail/policy.h>
#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* jail's own exit codes, by the convention of env(1), timeout(1) and the shell. */
enum {
        JAIL_EXIT_FAILURE = 125,        /* jail itself failed: nothing was run */
        JAIL_EXIT_NOT_EXECUTABLE = 126, /* found, but cannot be executed */
        JAIL_EXIT_NOT_FOUND = 127,
};

struct jail_supervisor_options {
        bool foreground;       /* jail stays in front of the program as its parent */
        bool via;              /* the first image may be a launcher that does not belong to the policy */
        bool permissive;       /* decide and report everything, deny nothing */
        bool decide_all;       /* supervise and decide even if the policy confines nothing in the program */
        bool deny_children;    /* --children=deny: refuse exec of images that are not of the policy */
        bool strict_child_env; /* --child-env=strict: refuse exec of such images with an environment that could steer them */
        bool allow_outer_listener;
        bool incomplete_allow, c_thread_allow, unattributed_allow; /* relaxations of rows 2, 4 and 7 */
        bool truncated_allow;   /* what is left of a truncated stack is judged as if it were whole */
        bool cgi_allow;         /* what net/http/cgi does is judged as anything else; else it is denied */
        bool tell_trusted;      /* on_event wants JAIL_EVENT_IMAGE of trusted images, too */
        bool stats;             /* collect time per decision and stops per system call */
        unsigned ancestors;     /* tracebackancestors; 0 means the default */
        int report_fd;          /* a descriptor that must not be open in the program, or -1 */
        jail_event_fn on_event; /* called in the supervisor's process */
        void *on_event_data;
};

/* How a run in the foreground ended. */
struct jail_supervisor_result {
        int wait_status;        /* as waitpid(2) gives it */
        uint64_t n_denied;      /* denials that are not quiet, until the program's end */
        bool policy_image_seen; /* an image of the policy was run */
        bool ran_unsupervised;  /* the policy confines nothing in it */
};

/*
 * Runs argv[0] (looked up as execvp does) under the policy. Without options->foreground it does not return on success: the calling
 * process becomes the program, and the supervisor is a process of its own. In the foreground it returns 0 and fills *ret_result
 * when the program has ended; the caller must not have children of its own that it waits for meanwhile, and has no descriptors
 * afterwards but stderr, options->report_fd and /dev/null as 0 and 1. *ret_exit_code tells, on failure, the exit code that says
 * why (JAIL_EXIT_…). Errors: any code; nothing was run then.
 */
int jail_supervisor_run(const struct jail_supervisor_options *options, const struct jail_policy *policy, char *const argv[],
                        struct jail_supervisor_result *ret_result, int *ret_exit_code, struct jail_error *err) JAIL_MUST_USE;

#ifdef __cplusplus
}
#endif

#endif
