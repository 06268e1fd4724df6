/* SPDX-License-Identifier: Apache-2.0 */
#include "supervise/judge.h"

#include "base/cleanup.h"
#include "supervise/child_env_check.h"
#include "supervise/exec_check.h"
#include "supervise/judge_internal.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define MAX_THREADS_REMEMBERED 65536

int judge_new(const struct jail_supervisor_options *options, const struct jail_policy *policy, struct judge **ret_judge,
              struct jail_error *err) {
        struct judge *judge = calloc(1, sizeof(*judge));
        if (!judge)
                return jail_error_set(err, JAIL_ENOMEM, 0, "out of memory");
        judge->options = options;
        judge->policy = policy;
        judge->decision_options = (struct decision_options){
                .incomplete_allow = options->incomplete_allow,
                .c_thread_allow = options->c_thread_allow,
                .unattributed_allow = options->unattributed_allow,
                .truncated_allow = options->truncated_allow,
                .cgi_allow = options->cgi_allow,
        };
        int r = child_env_new(environ, &judge->child_env, err);
        if (r < 0) {
                judge_free(judge);
                return r;
        }
        *ret_judge = judge;
        return 0;
}

void judge_set_is_over(struct judge *judge, bool (*is_over)(pid_t tid)) {
        judge->is_over = is_over;
}

void judge_free(struct judge *judge) {
        if (!judge)
                return;
        judge_free_images(judge);
        child_env_free(judge->child_env);
        unwind_stack_clear(&judge->stack);
        free(judge);
}

uint64_t judge_denied(const struct judge *judge) {
        return judge->n_denied;
}

bool judge_policy_image_seen(const struct judge *judge) {
        return judge->policy_image_seen;
}

int judge_check_first(struct judge *judge, const char *path, bool *ret_confines, struct jail_error *err) {
        CLEANUP_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
        if (fd < 0)
                return jail_error_set(err, JAIL_ESYS, errno, "%s", path);
        struct judged_image *image = NULL;
        switch (judge_open_image(judge, fd, path, !judge->options->via, &image, err)) {
        case JUDGED_OF_POLICY: *ret_confines = module_set_confines(image->modules); return 0;
        case JUDGED_OTHER: *ret_confines = true; return 0; /* --via: what it will start is not known yet */
        case JUDGED_REFUSED: break;
        }
        return err->code;
}

/* --- processes --- */

static enum unwind_text classify(void *data, uint64_t pc) {
        return text_map_classify(data, pc);
}

static int remember_stacks(struct judge_process *process, struct jail_error *err) {
        int r = ancestry_cache_new(&process->unwind.ancestry, err);
        return r == 0 ? chain_table_new(&process->unwind.chains, err) : r;
}

/* The code points that they hold are void. */
static void forget_stacks(struct judge_process *process) {
        ancestry_cache_clear(process->unwind.ancestry);
        chain_table_clear(process->unwind.chains);
}

/* Everything that unwinding needs to know of the new image of a process. */
static int attach_image(const struct judge *judge, struct judge_process *process, pid_t pid, struct judged_image *image,
                        struct jail_error *err) {
        struct judged_auxiliary auxiliary = { 0 };
        uint64_t entry_vaddr;
        live_memory_open(&process->memory, pid, LIVE_MEMORY_ALL);
        int r = judge_read_auxiliary(judge, process, pid, &auxiliary, err);
        if (r < 0)
                return r;
        if (!bytes_u64(image->image->file.bytes, offsetof(Elf64_Ehdr, e_entry), &entry_vaddr))
                return jail_error_set(err, JAIL_EFORMAT, 0, "truncated ELF header");
        process->image = image;
        image->n_processes++;
        process->unwind = (struct unwind_process){
                .code = image->code,
                .layout = image->image->layout,
                .arch = image->image->file.arch,
                .bias = auxiliary.entry - entry_vaddr,
                .text_vaddr = image->image->tab.text_vaddr,
                .etext_vaddr = image->image->tab.etext_vaddr,
                .memory = &process->memory.reader,
                .tls_known = image->tls.kind == ARCH_TLS_OFFSET,
                .tls_offset = image->tls.offset,
                .classify = classify,
                .classify_data = &process->text,
        };
        const struct text_map_image text = {
                .file = &image->image->file,
                .bias = process->unwind.bias,
                .loader_vaddr = auxiliary.base,
                .stub_vaddr = image->is_packed ? image->packed.stub_vaddr + process->unwind.bias : 0,
                .stub_end_vaddr = image->is_packed ? image->packed.stub_vaddr + image->packed.stub_bytes + process->unwind.bias : 0,
        };
        text_map_init(&process->text, pid, &text);
        return remember_stacks(process, err);
}

void judge_process_free(struct judge_process *process) {
        if (!process)
                return;
        struct judged_thread *thread, *next;
        HASH_ITER(hh, process->threads, thread, next) {
                HASH_DEL(process->threads, thread);
                free(thread);
        }
        if (process->image)
                process->image->n_processes--;
        ancestry_cache_free(process->unwind.ancestry);
        chain_table_free(process->unwind.chains);
        all_threads_clear(&process->all_threads);
        text_map_clear(&process->text);
        live_memory_close(&process->memory);
        free(process->path);
        free(process);
}

static enum judge_image refuse(struct judge *judge, pid_t pid, const char *path, enum jail_reason reason, const char *detail) {
        judge_report_refused(judge, pid, path, reason, detail);
        return JUDGE_IMAGE_REFUSED;
}

/* Whether a process that has executed a new image runs one of the policy. */
static enum judged_kind look_at(struct judge *judge, struct judge_process *process, pid_t pid, bool first,
                                struct judged_image **ret_image, struct jail_error *err) {
        if (first && judge->start_image) {
                *ret_image = judge->start_image;
                return JUDGED_OF_POLICY;
        }
        if (judge_knows_image(judge, pid, !first, ret_image))
                return *ret_image ? JUDGED_OF_POLICY : JUDGED_OTHER;
        CLEANUP_CLOSE int fd = judge_open_executable(pid);
        if (fd >= 0)
                return judge_open_image(judge, fd, judge_process_path(process, pid), first && !judge->options->via, ret_image, err);
        (void) jail_error_set(err, JAIL_ESYS, 0, "its executable cannot be read");
        return JUDGED_REFUSED;
}

enum judge_image judge_exec(struct judge *judge, pid_t pid, bool first, struct judge_process **ret_process) {
        struct jail_error err = { 0 };
        struct judged_image *image = NULL;
        struct judge_process *process = calloc(1, sizeof(*process));
        *ret_process = process;
        if (!process)
                return refuse(judge, pid, "?", JAIL_REASON_UNSUPPORTED, "jail is out of memory");

        switch (look_at(judge, process, pid, first, &image, &err)) {
        case JUDGED_REFUSED: return refuse(judge, pid, judge_process_path(process, pid), JAIL_REASON_UNSUPPORTED, err.msg);
        case JUDGED_OTHER:
                if (judge->options->deny_children && !first)
                        return refuse(judge, pid, judge_process_path(process, pid), JAIL_REASON_CHILDREN, "--children=deny");
                process->other_packed = judge->other_is_packed;
                if (first || judge->options->tell_trusted)
                        judge_report_image(judge, process, pid, first, false);
                return JUDGE_IMAGE_TRUSTED;
        case JUDGED_OF_POLICY: break;
        }
        if (attach_image(judge, process, pid, image, &err) < 0)
                return refuse(judge, pid, judge_process_path(process, pid), JAIL_REASON_UNSUPPORTED, err.msg);
        judge->policy_image_seen = true;
        judge_report_image(judge, process, pid, first, true);
        return JUDGE_IMAGE_SUPERVISED;
}

bool judge_child_environment(struct judge *judge, struct judge_process *process, pid_t pid) {
        return child_env_check_image(judge, process, pid);
}

bool judge_process_awaits_entry(const struct judge_process *process) {
        return process->other_packed || judge_process_entry(process, NULL);
}

bool judge_process_entry(const struct judge_process *process, struct judge_entry *ret_entry) {
        if (!process->image || !process->image->is_packed)
                return false;
        if (ret_entry)
                *ret_entry = (struct judge_entry){
                        .call_vaddr = process->image->packed.call_vaddr + process->unwind.bias,
                        .entry_vaddr = process->image->packed.original_entry_vaddr + process->unwind.bias,
                };
        return true;
}

struct memory_reader *judge_process_memory(struct judge_process *process) {
        return &process->memory.reader;
}

void judge_process_set_ancestors(struct judge_process *process, unsigned ancestors) {
        process->unwind.max_ancestors = ancestors;
}

void judge_exec_failed(struct judge *judge, struct judge_process *process, pid_t pid, const char *why) {
        judge_report_refused(judge, pid, judge_process_path(process, pid), JAIL_REASON_UNSUPPORTED, why);
}

struct judge_process *judge_fork(struct judge *judge, const struct judge_process *parent, pid_t child_pid) {
        struct judge_process *process = calloc(1, sizeof(*process));
        struct jail_error err;
        (void) judge;
        if (!process || (parent->path && !(process->path = strdup(parent->path)))) {
                judge_process_free(process);
                return NULL;
        }
        if (!parent->image)
                return process;
        live_memory_open(&process->memory, child_pid, LIVE_MEMORY_ALL);
        process->image = parent->image;
        process->image->n_processes++;
        process->unwind = parent->unwind;
        process->unwind.ancestry = NULL;
        process->unwind.chains = NULL;
        process->unwind.memory = &process->memory.reader;
        process->unwind.classify_data = &process->text;
        text_map_fork(&process->text, child_pid, &parent->text);
        if (remember_stacks(process, &err) < 0) {
                judge_process_free(process);
                return NULL;
        }
        return process;
}

static struct unwind_thread *find_thread(struct judge_process *process, pid_t tid) {
        static struct unwind_thread forgotten;
        struct judged_thread *thread;
        HASH_FIND(hh, process->threads, &tid, sizeof(tid), thread);
        if (thread)
                return &thread->unwind;
        if (HASH_COUNT(process->threads) >= MAX_THREADS_REMEMBERED || !(thread = calloc(1, sizeof(*thread)))) {
                forgotten = (struct unwind_thread){ 0 };
                return &forgotten;
        }
        thread->tid = tid;
        HASH_ADD(hh, process->threads, tid, sizeof(thread->tid), thread);
        if (!thread->hh.tbl) {
                free(thread);
                forgotten = (struct unwind_thread){ 0 };
                return &forgotten;
        }
        return &thread->unwind;
}

void judge_thread_gone(struct judge_process *process, pid_t tid) {
        struct judged_thread *thread = NULL;
        if (process)
                HASH_FIND(hh, process->threads, &tid, sizeof(tid), thread);
        if (!thread)
                return;
        HASH_DEL(process->threads, thread);
        free(thread);
}

/* --- stops --- */

/*
 * clone3 has its flags in memory, where another thread can change them after any check. A caller that is not granted exec
 * is told that the call does not exist: C libraries then make their threads with clone, whose flags are in a register.
 */
static int denied_errno(const struct operation *operation) {
        return !operation->foreign_entry && operation->number == SYS_clone3 ? ENOSYS : EPERM;
}

static void count_stop(struct judge *judge, bool decided) {
        const struct operation *operation = &judge->operation;
        bool known = operation->desc && operation->number >= 0 && operation->number < JUDGE_COUNTED_CALLS - 1;
        struct jail_stats_syscall *row = &judge->counts[known ? operation->number : JUDGE_COUNTED_CALLS - 1];
        row->name = known ? operation->desc->name : "other";
        row->n_stops++;
        row->n_decided += decided;
}

static void count_denial(struct judge *judge) {
        const struct operation *operation = &judge->operation;
        bool known = operation->desc && operation->number >= 0 && operation->number < JUDGE_COUNTED_CALLS - 1;
        judge->counts[known ? operation->number : JUDGE_COUNTED_CALLS - 1].n_denied++;
}

static uint64_t monotonic_ns(void) {
        struct timespec now;
        clock_gettime(CLOCK_MONOTONIC, &now);
        return (uint64_t) now.tv_sec * 1000000000 + (uint64_t) now.tv_nsec;
}

/* Walks the stack of a thread that stopped. */
static void walk(struct judge *judge, struct judge_process *process, const struct judge_stop *stop) {
        struct judged_image *image = process->image;
        effort_begin(&image->effort, EFFORT_PER_STOP);
        uint32_t generation = code_table_trim(image->code);
        if (generation != image->generation)
                attribution_clear(image->attribution);
        if (generation != process->generation)
                forget_stacks(process);
        image->generation = process->generation = generation;
        process->memory.stopped_tid = process->text.tid = stop->tid;
        unwind_walk(&process->unwind, find_thread(process, stop->stack_tid), &stop->regs, stop->stack_tid, &judge->stack);
}

bool judge_is_c_thread(struct judge *judge, struct judge_process *process, const struct judge_stop *maker) {
        const struct unwind_process *unwind = &process->unwind;
        uint64_t vaddr = maker->regs.ip - unwind->bias;
        if (!process->image || (vaddr >= unwind->text_vaddr && vaddr < unwind->etext_vaddr))
                return false; /* Go makes its threads itself, or has C do so on a system stack */
        walk(judge, process, maker);
        return decision_is_c_thread(&judge->stack, process->image->attribution, maker->c_made);
}

/* Walks the stack and decides. */
static void decide(struct judge *judge, struct judge_process *process, const struct judge_stop *stop,
                   struct decision *ret_decision) {
        struct judged_image *image = process->image;
        enum unwind_text text = UNWIND_TEXT_UNKNOWN;

        walk(judge, process, stop);
        bool told = all_threads_expects(&process->all_threads, stop->tid, &judge->operation);
        if (judge->stack.root == UNWIND_ROOT_START || (told && judge->stack.foreign))
                text = text_map_classify(&process->text, stop->regs.ip);

        const struct decision_input input = {
                .operation = &judge->operation,
                .stack = &judge->stack,
                .attribution = image->attribution,
                .surveys = image->surveys,
                .memory = &process->memory.reader,
                .options = &judge->decision_options,
                .text = text,
                .pid = stop->pid,
                .c_made = stop->c_made,
                .told = told,
        };
        decision_make(&input, ret_decision);
        if (ret_decision->allow && told)
                all_threads_made(&process->all_threads, stop->tid, &judge->operation);
        else if (ret_decision->allow)
                all_threads_note(&process->all_threads, stop->pid, &judge->stack, &judge->operation);
        judge->n_truncated += judge->stack.truncated;
        if (ret_decision->allow && judge->operation.cls == JAIL_CLASS_MEM_EXEC)
                text_map_invalidate(&process->text);
}

static void answer_denial(struct judge *judge, struct judge_process *process, const struct judge_stop *stop,
                          const struct decision *decision, struct judge_answer *ret_answer) {
        if (!decision->by_stack && judge_is_over(judge, stop->tid))
                return;
        count_denial(judge);
        judge_report_denial(judge, process, stop, decision);
        ret_answer->verdict = judge->options->permissive ? JUDGE_ALLOW : JUDGE_DENY;
        ret_answer->error_number = EPERM;
}

bool judge_is_native_call(struct judge_process *process, const struct judge_stop *stop) {
        if (!process || !process->image)
                return false;
        const struct code_point *code = code_table_find(process->image->code, stop->regs.ip - process->unwind.bias, false);
        if (!code || code->before != CODE_BEFORE_SYSCALL || !(code->flags & GO_FUNC_ASM))
                return false;
        return stop->number >= 0 && !syscall_goes_on(syscall_by_number(stop->number), stop->args);
}

/* Nothing is kept of what was read of the operation before; a stop that is looked at again counts once. */
static void begin(struct judge *judge, const struct judge_process *process, const struct judge_stop *stop, bool again) {
        operation_init(&judge->operation, arch_native()->audit_arch, stop->audit_arch, stop->number, stop->args);
        if (again)
                return;
        judge->n_stops++;
        count_stop(judge, process->image != NULL);
}

void judge_listener(struct judge *judge, struct judge_process *process, const struct judge_stop *stop) {
        const struct decision decision = { .reason = JAIL_REASON_LISTENER,
                                           .blamed = MODULE_NONE,
                                           .blamed_frame = DECISION_NO_FRAME };
        begin(judge, process, stop, false);
        judge->stack.n_frames = 0;
        judge->stack.truncated = false;
        count_denial(judge);
        judge_report_denial(judge, process, stop, &decision);
}

void judge_not_alone(struct judge *judge, struct judge_process *process, const struct judge_stop *stop,
                     struct judge_answer *ret_answer) {
        const struct decision decision = {
                .reason = JAIL_REASON_INCOMPLETE,
                .blamed = MODULE_NONE,
                .blamed_frame = DECISION_NO_FRAME,
                .detail = "another thread could not be stopped, and might have changed what the call reads",
        };
        answer_denial(judge, process, stop, &decision, ret_answer);
}

static enum judge_begun begun_by(const struct operation *operation) {
        if (operation->foreign_entry)
                return JUDGE_BEGINS_PROCESS;
        switch (operation->number) {
        case SYS_clone:
        case SYS_clone3:
        case SYS_fork:
        case SYS_vfork: return JUDGE_BEGINS_PROCESS;
        case SYS_execve:
        case SYS_execveat: return JUDGE_BEGINS_IMAGE;
        default: return JUDGE_BEGINS_NOTHING;
        }
}

void judge_stop(struct judge *judge, struct judge_process *process, const struct judge_stop *stop, bool again,
                struct judge_answer *ret_answer) {
        struct decision decision = { .blamed = MODULE_NONE, .blamed_frame = DECISION_NO_FRAME };
        begin(judge, process, stop, again);
        *ret_answer = (struct judge_answer){ .verdict = JUDGE_DENY, .error_number = EPERM, .begins = begun_by(&judge->operation) };
        if (!process->image)
                return; /* a refused one, that was killed */
        uint64_t start_ns = judge->options->stats ? monotonic_ns() : 0;
        decide(judge, process, stop, &decision);
        if (judge->options->stats)
                jail_stats_add_time(&judge->stats, monotonic_ns() - start_ns);
        if (!again)
                judge->n_decided++;

        if (!decision.allow) {
                int error_number = denied_errno(&judge->operation);
                if (error_number == ENOSYS && judge->stack.foreign) {
                        ret_answer->error_number = error_number; /* a C library's thread: not an attempt */
                        ret_answer->clone_follows = !decision_is_c_thread(&judge->stack, process->image->attribution, stop->c_made);
                        return;
                }
                answer_denial(judge, process, stop, &decision, ret_answer);
                return;
        }
        if (ret_answer->begins == JUDGE_BEGINS_IMAGE &&
            (decision.reason = exec_check(judge, process, stop, decision.detail, sizeof(decision.detail))) != JAIL_REASON_ALLOWED) {
                answer_denial(judge, process, stop, &decision, ret_answer);
                return;
        }
        bool hold = decision.alone && !stop->alone;
        ret_answer->verdict = hold ? JUDGE_ALLOW_ALONE : JUDGE_ALLOW;
        judge->n_allowed += !hold;
}
