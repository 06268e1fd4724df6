/* SPDX-License-Identifier: Apache-2.0 */
#include "supervise/supervisor_process.h"

#include "base/cleanup.h"
#include "supervise/attach.h"
#include "supervise/background.h"
#include "supervise/confinement.h"
#include "supervise/handshake.h"
#include "supervise/note.h"
#include "supervise/stop_loop.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

/* When the launcher is ready for it, takes it over. */
static int take_over(const struct launch_plan *plan, struct process_tree *tree, int handshake_fd, struct jail_error *err) {
        CLEANUP_FREE pid_t *tids = NULL;
        size_t n_tids = 0;
        struct handshake_message go;
        int r = handshake_receive(handshake_fd, HANDSHAKE_GO, &go, err);
        if (r < 0)
                return r;
        tree->program_pid = go.pid;
        if (plan->packed) {
                /* Before it is attached to: afterwards it would be killed before it could say why. */
                const struct judge_start start = { go.pid, plan->packed, go.initial_stack, go.stub };
                r = judge_check_packed(plan->judge, &start, err);
        }
        if (r == 0)
                r = attach_process(tree->backend, tree->program_pid, &tids, &n_tids, err);
        if (r == 0)
                r = process_tree_begin(tree, tids, n_tids, err);
        if (r == 0)
                r = handshake_send(handshake_fd, HANDSHAKE_READY, err);
        return r;
}

void supervisor_process_set_apart(pid_t pid) {
        (void) setpgid(pid, pid);
        (void) kill(pid, SIGCONT);
}

_Noreturn void supervisor_process_run(const struct launch_plan *plan, int handshake_fd, struct run_record *record, int ended_fd) {
        const int keep_fds[] = { handshake_fd, ended_fd, plan->options->report_fd };
        struct jail_error err = { 0 };
        struct process_tree tree = {
                .backend = &ptrace_backend,
                .judge = plan->judge,
                .options = plan->options,
                .record = record,
                .packed = plan->packed != NULL,
        };

        placement_take_short_turns();
        judge_set_is_over(plan->judge, tree.backend->is_over);
        /* The launcher goes on where this process was born. What an entry stub does meanwhile is too little to move for. */
        if (!plan->packed)
                placement_part(&tree.placement, 0);
        if (background_enter(keep_fds, sizeof(keep_fds) / sizeof(keep_fds[0]), &err) < 0 ||
            take_over(plan, &tree, handshake_fd, &err) < 0) {
                handshake_send_failure(handshake_fd, &err);
                _exit(SUPERVISOR_PROCESS_GAVE_UP);
        }
        close(handshake_fd);

        /* Before it reads anything that the program writes: while that begins, or while the launcher executes it. */
        int r = stop_loop_start(&tree, &err);
        if (r == 0)
                r = confinement_enter(&err);
        if (r == 0)
                r = stop_loop_run(&tree, ended_fd, &err);
        if (r < 0) {
                note_send(plan->options, tree.program_pid, "the supervisor gives up, and the program is killed: %s", err.msg);
                /* Everything that is attached dies with its tracer (PTRACE_O_EXITKILL). */
                _exit(SUPERVISOR_PROCESS_GAVE_UP);
        }
        _exit(EXIT_SUCCESS);
}
