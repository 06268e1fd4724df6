/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the judge share. */
#ifndef SUPERVISE_JUDGE_INTERNAL_H
#define SUPERVISE_JUDGE_INTERNAL_H

#include "base/hash.h"
#include "gobin/packed.h"
#include "operation/operation.h"
#include "supervise/all_threads.h"
#include "supervise/child_env.h"
#include "supervise/judge.h"
#include "supervise/text_map.h"
#include "unwind/ancestry.h"
#include "unwind/chain.h"
#include "unwind/unwind.h"
#include "verdict/attribution.h"
#include "verdict/decision.h"

#include <jail/stats.h>

/* A file as it was opened: whoever changes it changes its time, which only the kernel sets. All zero: none. */
struct file_key {
        uint64_t device, inode;
        int64_t size_bytes, changed_ns;
};

/* A Go image of the policy, shared by all processes that run its file. */
struct judged_image {
        struct file_key key;
        struct jail_image *image;
        struct module_set *modules;
        struct code_table *code;
        struct attribution *attribution;
        struct survey_cache *surveys;
        struct arch_tls_access tls;
        struct effort effort; /* what the present stop may still take of the image's tables */
        uint32_t n_processes; /* that run it */
        size_t populated;     /* how far pclntab_populate() has got */
        size_t sparse_bytes;  /* how far elf_file_map_sparsely() has got */
        bool sparse;          /* it is done */
        bool prepared;        /* judge_prepare() has nothing to do for it any more */
        bool is_packed;
        struct packed packed; /* borrowed from image, when is_packed */
        uint32_t generation;  /* of the code table that attribution goes with */
        struct judged_image *next;
};

struct judged_thread {
        pid_t tid;
        struct unwind_thread unwind;
        UT_hash_handle hh;
};

struct judge_process {
        struct judged_image *image; /* borrowed from the judge; NULL for a trusted image */
        char *path;                 /* owned: of the executable, for messages; NULL until judge_process_path() is asked */
        bool other_packed;          /* a trusted image that is a packed program, of another policy */
        struct live_memory memory;
        struct unwind_process unwind;
        struct text_map text;
        struct judged_thread *threads; /* by tid */
        struct all_threads all_threads;
        uint32_t generation; /* of the code table that the ancestry goes with */
};

#define JUDGE_REMEMBERED_OTHERS 32

/* Counts per system call; the last row is for numbers that the table does not have. */
#define JUDGE_COUNTED_CALLS 512

struct judge {
        const struct jail_supervisor_options *options; /* borrowed */
        const struct jail_policy *policy;              /* borrowed */
        bool (*is_over)(pid_t tid);                    /* or NULL; see judge_set_is_over() */
        struct decision_options decision_options;
        struct child_env *child_env;                     /* owned */
        struct judged_image *images;                     /* owned; the newest first */
        struct file_key others[JUDGE_REMEMBERED_OTHERS]; /* the last files that were not of the policy */
        size_t n_others;
        size_t n_images;
        struct unwind_stack stack;  /* reused from stop to stop */
        struct operation operation; /* likewise */
        bool policy_image_seen;
        bool other_is_packed;             /* what judge_open_image() looked at last was JUDGED_OTHER, and a packed program */
        struct judge_start start;         /* of a packed program, else all zero */
        struct judged_image *start_image; /* its image, where it was put together from memory */
        uint64_t n_stops, n_decided, n_allowed, n_denied, n_quiet, n_truncated;
        struct jail_stats stats;
        struct jail_stats_syscall counts[JUDGE_COUNTED_CALLS];
};

/* --- judge_start.c --- */

/* Of the auxiliary vector of a process (getauxval(3)), what the kernel told the program at its start. */
struct judged_auxiliary {
        uint64_t entry, base;
};

int judge_read_auxiliary(const struct judge *judge, struct judge_process *process, pid_t pid,
                         struct judged_auxiliary *ret_auxiliary, struct jail_error *err) JAIL_MUST_USE;

/* The executable of a process; -1 with errno. */
int judge_open_executable(pid_t pid);

/* The path that the kernel gives for the executable; for messages. Owned by the caller; NULL when memory ran out. */
char *judge_read_path(pid_t pid);

/* That of what process pid runs, read when it is wanted first. Borrowed from process. Never NULL. */
const char *judge_process_path(struct judge_process *process, pid_t pid);

/* --- judge_image.c --- */

/* Whether the file open at fd is an image of the policy, and what it holds then. */
enum judged_kind {
        JUDGED_OF_POLICY,
        JUDGED_OTHER,   /* no Go program, or one of another main module */
        JUDGED_REFUSED, /* of the policy, but it cannot be supervised: err says why */
};

/*
 * Looks at the file. first: it belongs to the policy by being the first, and anything else is an error. *ret_image is borrowed from
 * the judge, NULL unless JUDGED_OF_POLICY.
 */
enum judged_kind judge_open_image(struct judge *judge, int fd, const char *path, bool first, struct judged_image **ret_image,
                                  struct jail_error *err);

/*
 * Whether process pid runs a file that judge_open_image() has looked at, which need not be readable any more: an image of the
 * policy, *ret_image; or, with or_other, one that is JUDGED_OTHER and no packed program, where that is NULL.
 */
bool judge_knows_image(struct judge *judge, pid_t pid, bool or_other, struct judged_image **ret_image);

/*
 * Whether a path of this process's own names a file that judge_open_image() has looked at, and that may be executed as far as the
 * image goes: of the policy, or JUDGED_OTHER and no packed program. Cost: one system call.
 */
bool judge_knows_file(struct judge *judge, const char *path);

/* An image that was put together from memory is that of the file that process pid runs. */
void judge_rename_image(struct judged_image *image, pid_t pid);

void judge_free_images(struct judge *judge);

/* --- judge_event.c --- */

/* Whether the stopped task has been killed meanwhile, see judge_set_is_over(). Cost: one system call. */
bool judge_is_over(const struct judge *judge, pid_t tid);

/* Makes the event of a denial, or of what would have been one. */
void judge_report_denial(struct judge *judge, struct judge_process *process, const struct judge_stop *stop,
                         const struct decision *decision);

/* Makes a note about a process (0 for none). */
void judge_report_note(struct judge *judge, pid_t pid, bool verbose_only, const char *format, ...)
        __attribute__((format(printf, 4, 5)));

/* Makes the event of a new image. */
void judge_report_image(struct judge *judge, struct judge_process *process, pid_t pid, bool first, bool supervised);

/* Makes the event of an exec that was refused; none when the process has been killed meanwhile. */
void judge_report_refused(struct judge *judge, pid_t pid, const char *path, enum jail_reason reason, const char *detail);

#endif
