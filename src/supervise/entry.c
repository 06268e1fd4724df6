/* SPDX-License-Identifier: Apache-2.0 */
#include "supervise/entry.h"

#include "supervise/entry_call.h"
#include "supervise/note.h"

#include <errno.h>
#include <signal.h>
#include <sys/syscall.h>

static bool is_entry_call(const struct judge_stop *stop) {
        return stop->audit_arch == arch_native()->audit_arch && stop->number == SYS_seccomp &&
               (uint32_t) stop->args[0] == ENTRY_CALL_OPERATION;
}

static void resume(struct process_tree *tree, struct task *task) {
        task->state = TASK_RUNNING;
        (void) tree->backend->resume(task->tid, 0); /* -ESRCH: its end will be reported */
}

static void refuse(struct process_tree *tree, struct task *task, int error_number) {
        int r = tree->backend->deny(task->tid, error_number);
        if (r < 0 && r != -ESRCH)
                kill(task->process->pid, SIGKILL);
        resume(tree, task);
}

/* From here on the program runs as if the kernel, or the dynamic loader, had jumped to its own entry point. */
static void set_going(struct process_tree *tree, struct task *task, uint64_t entry, uint64_t sp, uint64_t loader_word) {
        int r = tree->backend->enter(task->tid, entry, sp, loader_word);
        if (r < 0 && r != -ESRCH)
                kill(task->process->pid, SIGKILL);
        resume(tree, task);
}

/* The program that this supervisor was started for: its process has been a launcher until now. */
static void begin(struct process_tree *tree, struct task *task, const struct judge_stop *stop) {
        struct task_process *process = task->process;
        struct judge_entry entry;
        uint64_t sp = stop->args[2];
        struct task_space *space = task_space_new();
        if (!space) {
                refuse(tree, task, ENTRY_CALL_REFUSED);
                return;
        }
        enum judge_image image = judge_exec(tree->judge, process->pid, true, &space->judged);
        if (image == JUDGE_IMAGE_SUPERVISED && (!judge_process_entry(space->judged, &entry) || stop->regs.ip != entry.call_vaddr)) {
                judge_exec_failed(tree->judge, space->judged, process->pid, "its entry stub is not where it was put");
                image = JUDGE_IMAGE_REFUSED;
        }
        if (image != JUDGE_IMAGE_SUPERVISED || !process_tree_keep_ancestry(tree, task, space, &sp)) {
                task_space_free(space);
                refuse(tree, task, ENTRY_CALL_REFUSED);
                return;
        }
        process->stack_tid = 0;
        task_process_enter(process, space);
        tree->program_started = true;
        set_going(tree, task, entry.entry_vaddr, sp, stop->args[3]);
}

bool entry_answer(struct process_tree *tree, struct task *task, const struct judge_stop *stop) {
        struct task_space *space = task->process->space;
        struct judge_entry entry;
        if (!is_entry_call(stop))
                return false;
        if (space->launching) {
                begin(tree, task, stop);
                return true;
        }
        if (space->trusted) {
                space->entry_pending = false;
                note_send(tree->options, stop->pid,
                          "process %d is a packed program with another policy than the one that it was started under: refused",
                          stop->pid);
                refuse(tree, task, ENTRY_CALL_OTHER_POLICY);
                return true;
        }
        /* Anybody can jump to the stub later on, or make the call from elsewhere: neither is its start. */
        if (!space->entry_pending || task->process->n_tasks != 1 || !judge_process_entry(space->judged, &entry) ||
            stop->regs.ip != entry.call_vaddr)
                return false;
        space->entry_pending = false;
        set_going(tree, task, entry.entry_vaddr, stop->args[2], stop->args[3]);
        return true;
}
