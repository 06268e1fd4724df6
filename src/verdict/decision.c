/* SPDX-License-Identifier: Apache-2.0 */
#include "verdict/decision.h"

#include "verdict/exempt.h"
#include "verdict/std_state.h"
#include "verdict/survey.h"

#include <stdarg.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/syscall.h>

static void deny(struct decision *decision, enum jail_reason reason, const char *format, ...) __attribute__((format(printf, 3, 4)));

static void deny(struct decision *decision, enum jail_reason reason, const char *format, ...) {
        va_list args;
        decision->allow = false;
        decision->reason = reason;
        va_start(args, format);
        vsnprintf(decision->detail, sizeof(decision->detail), format, args);
        va_end(args);
}

static void allow(struct decision *decision, enum jail_reason reason) {
        decision->allow = true;
        decision->reason = reason;
}

/* What the dynamic loader opens: libraries, ld.so.cache, ld.so.preload. */
static bool is_library(const struct decision_input *input) {
        operation_read_targets(input->operation, input->memory);
        const struct operation_target *target = &input->operation->targets[0];
        if (input->operation->n_targets != 1 || target->kind != OPERATION_TARGET_PATH || target->unreadable || target->cut)
                return false;
        struct str name = { target->text, target->len };
        ptrdiff_t slash = str_last_index(name, '/');
        return str_find(slash < 0 ? name : str_from_offset(name, (size_t) slash + 1), STR(".so")) >= 0;
}

/*
 * Row 1: before the Go runtime has started, the dynamic loader and the C library load what the program is made of. Whether a
 * confined module has C code is asked last: all names must be looked at for that.
 */
static bool is_loading(const struct decision_input *input, bool *ret_alone) {
        const struct operation *operation = input->operation;
        bool loader = input->text == UNWIND_TEXT_LOADER;
        *ret_alone = false;
        if (input->stack->root != UNWIND_ROOT_START)
                return false;
        if (operation->number == SYS_mmap && !operation->foreign_entry)
                return !(operation->args[3] & MAP_ANONYMOUS) && !(operation->args[2] & PROT_WRITE) &&
                       (loader || !attribution_confined_cgo(input->attribution));
        if (operation->cls != JAIL_CLASS_FS_READ || operation->writes)
                return false;
        /* A constructor can jump to the loader's instruction, too, while a thread of its own rewrites the path. */
        *ret_alone = loader && is_library(input);
        return *ret_alone || !attribution_confined_cgo(input->attribution); /* else constructors call the C library as well */
}

/*
 * On its way to the Go runtime, runtime/cgo asks the C library where the main thread's stack is, which glibc looks up in a file
 * (src/runtime/cgo/gcc_linux_amd64.c, x_cgo_init; pthread_getattr_np). Where a confined module has C code, its constructors could
 * ask as well: they learn what they can see in their memory anyway.
 */
static const struct str stack_files[] = { { "/proc/self/maps", 15 } };

/*
 * When the runtime has C make a thread, or such a thread begins, there is no goroutine yet, and glibc's malloc() may ask for the
 * number of processors (malloc/arena.c, arena_get2; getsysstats.c) and how memory is given back (check_may_shrink_heap). Who else
 * asks learns nothing that matters.
 */
static const struct str thread_files[] = { { "/sys/devices/system/cpu/online", 30 },
                                           { "/sys/devices/system/cpu/possible", 32 },
                                           { "/proc/stat", 10 },
                                           { "/proc/sys/vm/overcommit_memory", 30 } };

static bool is_measuring(const struct decision_input *input) {
        struct operation *operation = input->operation;
        bool starts = input->stack->root == UNWIND_ROOT_START, thread = input->stack->c_thread && input->stack->foreign;
        const struct str *files = starts ? stack_files : thread_files;
        size_t n_files = starts ? sizeof(stack_files) / sizeof(stack_files[0]) : sizeof(thread_files) / sizeof(thread_files[0]);
        if (!(starts || thread) || operation->cls != JAIL_CLASS_FS_READ || operation->writes)
                return false;
        operation_read_targets(operation, input->memory);
        if (operation->n_targets != 1)
                return false;
        const struct operation_target *target = &operation->targets[0];
        if (target->kind != OPERATION_TARGET_PATH || target->unreadable || target->cut)
                return false;
        for (size_t i = 0; i < n_files; i++)
                if (str_equal((struct str){ target->text, target->len }, files[i]))
                        return true;
        return false;
}

/*
 * A call that all threads repeat, by the runtime's signal handler or the C library's, whose stack is whatever was interrupted. Who
 * asked was judged when this thread was told.
 */
static bool is_told(const struct decision_input *input) {
        return input->told && (input->text == UNWIND_TEXT_C || exempt_repeats_for_all_threads(input->stack));
}

/* Only the runtime runs on system stacks: whoever else is there has put its return addresses there. */
static bool is_system_root(enum unwind_root root) {
        return root == UNWIND_ROOT_RT0 || root == UNWIND_ROOT_SIGNAL || root == UNWIND_ROOT_MSTART || root == UNWIND_ROOT_MCALL ||
               root == UNWIND_ROOT_MORESTACK;
}

/* Rows 2 and 3: what could not be read or unwound. Returns whether the stack is complete. */
static bool check_end(const struct decision_input *input, const struct survey *survey, struct decision *decision) {
        const struct unwind_stack *stack = input->stack;
        if (stack->end == UNWIND_TOP && is_system_root(stack->root) && survey->names_module) {
                deny(decision, JAIL_REASON_INCOMPLETE, "code of a module on a system stack");
                return false;
        }
        switch (stack->end) {
        case UNWIND_TOP: return true;
        case UNWIND_UNKNOWN_CODE: deny(decision, JAIL_REASON_UNKNOWN_CODE, "%s", stack->detail); return false;
        case UNWIND_LIMIT:
        case UNWIND_BAD_READ:
        case UNWIND_CYCLE:
        case UNWIND_NO_STEP:
        case UNWIND_BAD_CALL:
        case UNWIND_BAD_G:
        case UNWIND_NO_ANCESTRY:
        case UNWIND_NO_EFFORT:
        case UNWIND_NO_MEMORY:
                deny(decision, JAIL_REASON_INCOMPLETE, "%s: %s", unwind_end_name(stack->end), stack->detail);
                return false;
        }
        deny(decision, JAIL_REASON_INCOMPLETE, "unknown end");
        return false;
}

bool decision_is_c_thread(const struct unwind_stack *maker, struct attribution *attribution, bool maker_is_c) {
        struct survey survey;
        if (maker->end != UNWIND_TOP || !maker->foreign || (maker->c_thread && !maker_is_c))
                return false;
        if (maker->root == UNWIND_ROOT_START || maker->n_frames == 1)
                return true;
        const struct code_point *caller = maker->frames[1].code;
        return caller && str_equal(caller->func.name, STR("runtime.cgocall")) &&
               survey_stack(attribution, NULL, maker, &survey) == 0 && !survey.confined && !survey.forged;
}

/*
 * Row 4: C frames, and no goroutine that they could belong to. clone3 is refused without a look at all names, which every cgo
 * program would pay for at its start: told that there is no such call, the C library makes its threads with clone, whose flags the
 * filter sees.
 */
static void decide_c_thread(const struct decision_input *input, struct decision *decision) {
        const struct operation *operation = input->operation;
        if (input->options->c_thread_allow)
                allow(decision, JAIL_REASON_ALLOWED);
        else if (operation->number == SYS_clone3 && !operation->foreign_entry)
                deny(decision, JAIL_REASON_C_THREAD, "clone3 by C code that no goroutine called");
        else if (input->stack->c_thread && !input->c_made)
                deny(decision, JAIL_REASON_C_THREAD, "no goroutine, in a thread that is not one of C's own");
        else if (!attribution_confined_cgo(input->attribution))
                allow(decision, JAIL_REASON_ALLOWED);
        else
                deny(decision, JAIL_REASON_C_THREAD, "C code that no goroutine called, and a confined module has C code");
}

static bool exempt_allows_now(const struct decision_input *input) {
        if (input->stack->root == UNWIND_ROOT_RT0) /* once per start, and nobody else runs yet */
                operation_read_targets(input->operation, input->memory);
        return exempt_allows(input->stack, input->operation, input->pid);
}

/* Row 7, and the stacks that were cut before they named anybody. */
static void decide_unnamed(const struct decision_input *input, struct decision *decision) {
        if (input->stack->truncated && !input->options->truncated_allow) {
                deny(decision, JAIL_REASON_TRUNCATED, "only standard-library frames are left of the goroutine's ancestry");
        } else if (!input->stack->truncated && exempt_allows_now(input)) {
                allow(decision, JAIL_REASON_ALLOWED);
        } else if (input->options->unattributed_allow) {
                allow(decision, JAIL_REASON_ALLOWED);
        } else {
                deny(decision, JAIL_REASON_UNATTRIBUTED, "only standard-library frames, %s", exempt_root_name(input->stack->root));
        }
}

void decision_make(const struct decision_input *input, struct decision *ret_decision) {
        struct survey survey;
        *ret_decision = (struct decision){ .blamed = MODULE_NONE, .blamed_frame = DECISION_NO_FRAME };

        if (is_told(input)) {
                allow(ret_decision, JAIL_REASON_ALLOWED);
                return;
        }
        bool alone;
        if (is_measuring(input)) {
                allow(ret_decision, JAIL_REASON_STD_STATE);
                ret_decision->alone = true;
                return;
        }
        if (is_loading(input, &alone)) {
                allow(ret_decision, JAIL_REASON_LOADER);
                ret_decision->alone = alone;
                return;
        }
        if (survey_stack(input->attribution, input->surveys, input->stack, &survey) < 0) {
                bool limit = attribution_is_spent(input->attribution);
                deny(ret_decision, JAIL_REASON_INCOMPLETE, "%s",
                     limit ? "too much to look at for one call" : "jail is out of memory");
                return;
        }
        if (!check_end(input, &survey, ret_decision)) {
                bool relaxed = ret_decision->reason == JAIL_REASON_INCOMPLETE && input->options->incomplete_allow;
                if (!relaxed)
                        return;
                ret_decision->detail[0] = '\0';
        } else if (input->stack->root == UNWIND_ROOT_C_THREAD || input->stack->root == UNWIND_ROOT_START) {
                decide_c_thread(input, ret_decision);
                if (!ret_decision->allow || !survey.confined)
                        return;
        }

        if (survey.std_state && (survey.confined || !survey.names_module)) {
                operation_read_targets(input->operation, input->memory);
                if (std_state_allows(survey.std_state, input->operation, input->pid)) {
                        allow(ret_decision, JAIL_REASON_STD_STATE);
                        ret_decision->alone = input->operation->racy; /* what registers tell nobody can change */
                        return;
                }
        }
        if (survey.confined) {
                deny(ret_decision, JAIL_REASON_CONFINED, "%s", "");
                ret_decision->by_stack = !survey.std_state;
                ret_decision->blamed = survey.blamed;
                ret_decision->blamed_frame = survey.blamed_frame;
                ret_decision->blamed_inline = survey.blamed_inline;
                return;
        }
        if (survey.cgi && !input->options->cgi_allow) {
                deny(ret_decision, JAIL_REASON_CGI, "net/http/cgi runs programs for whoever asks");
                return;
        }
        if (survey.forged && !input->options->unattributed_allow) {
                struct str name = survey.forged->func.name;
                deny(ret_decision, JAIL_REASON_UNATTRIBUTED, "%.*s is not from where its name says",
                     (int) (name.len < 120 ? name.len : 120), name.ptr);
                return;
        }
        if (!survey.names_module && input->stack->end == UNWIND_TOP && input->stack->root != UNWIND_ROOT_C_THREAD &&
            input->stack->root != UNWIND_ROOT_START) {
                decide_unnamed(input, ret_decision);
                return;
        }
        if (input->stack->truncated && !input->options->truncated_allow) {
                deny(ret_decision, JAIL_REASON_TRUNCATED, "the runtime kept only part of the goroutine's ancestry");
                return;
        }
        allow(ret_decision, JAIL_REASON_ALLOWED);
}
