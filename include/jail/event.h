/* SPDX-License-Identifier: Apache-2.0 */
/* One event: what the supervisor decided about one stop, or has to say. docs/report.md describes the same in JSON Lines. */
#ifndef JAIL_EVENT_H
#define JAIL_EVENT_H

#include <jail/class.h>
#include <jail/policy.h>
#include <jail/stats.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

enum jail_event_kind {
        JAIL_EVENT_START,   /* supervision begins: image, policy */
        JAIL_EVENT_DENIED,  /* an operation was denied, or would have been (permissive) */
        JAIL_EVENT_NOTE,    /* something that the user should know: message */
        JAIL_EVENT_IMAGE,   /* an exec brought a new image: image, supervised or trusted */
        JAIL_EVENT_SUMMARY, /* the program has ended: the counts */
};

/* Why an operation was denied: the reason words of docs/threat-model.md. */
enum jail_reason {
        JAIL_REASON_ALLOWED,
        JAIL_REASON_LOADER,
        JAIL_REASON_INCOMPLETE,
        JAIL_REASON_UNKNOWN_CODE,
        JAIL_REASON_C_THREAD,
        JAIL_REASON_STD_STATE,
        JAIL_REASON_CONFINED,
        JAIL_REASON_UNATTRIBUTED,
        JAIL_REASON_TRUNCATED,
        JAIL_REASON_LISTENER,    /* a new seccomp listener: refused to everybody */
        JAIL_REASON_CHILDREN,    /* --children=deny */
        JAIL_REASON_CHILD_ENV,   /* --child-env=strict */
        JAIL_REASON_CGI,         /* net/http/cgi, without --allow-cgi */
        JAIL_REASON_UNSUPPORTED, /* exec of an image of the policy that jail cannot supervise */
        JAIL_REASON_COUNT
};

/* The reason's word: "confined", "incomplete", … Static string. reason must be below JAIL_REASON_COUNT. */
const char *jail_reason_name(enum jail_reason reason);

/* One logical frame. Strings are borrowed for the callback; they came from the program's file and are not escaped. */
struct jail_event_frame {
        uint64_t pc;             /* run-time address; 0 for a frame that is only named */
        const char *function;    /* the symbol as in pclntab; for code without one a description such as "(C code)" */
        const char *file;        /* source file, "" when unknown */
        unsigned line;           /* 0 when unknown */
        const char *module;      /* the module that the symbol names, "std", or "" when none */
        const char *file_module; /* the module that the file names when it differs from module, else "" */
        bool inlined;
        bool created; /* this frame is a `go` statement: what follows is the creator's stack */
};

struct jail_event {
        enum jail_event_kind kind;
        uint64_t time_ns;  /* CLOCK_REALTIME */
        pid_t pid, tid;    /* in the supervisor's pid namespace; 0 when not about a process */
        const char *image; /* the program's path, "" when unknown */

        /* JAIL_EVENT_DENIED */
        bool permissive;   /* decided and reported, but not denied */
        bool quiet;        /* jail:quiet or a known harmless denial: counted, shown with -v only */
        const char *known; /* the harmless-denials table's name for it, or "" */
        enum jail_reason reason;
        enum jail_class cls;
        const char *syscall;                   /* "openat" */
        const char *call;                      /* "openat(\"/etc/passwd\", O_RDONLY)", already escaped */
        const char *target;                    /* the first target alone, already escaped; "" for none */
        bool racy;                             /* the target was read from memory that other threads can change */
        const char *module;                    /* the module that is to blame, "" when nobody is named */
        const char *version;                   /* its version, "" when unknown */
        const char *policy_file;               /* go.mod */
        unsigned policy_line;                  /* the line of its requirement, 0 when not named there */
        const struct jail_event_frame *frames; /* innermost first */
        size_t n_frames;
        size_t blamed_frame;  /* index of the innermost frame of the module, or n_frames */
        bool stack_truncated; /* the runtime kept only part of the ancestry */
        const char *detail;   /* for reasons other than confined: what was the matter, "" for none */

        /* JAIL_EVENT_NOTE; also a longer text for IMAGE */
        const char *message;
        bool verbose_only; /* shown with -v only */

        /* JAIL_EVENT_START, JAIL_EVENT_IMAGE */
        bool supervised;        /* false: a trusted image */
        const char *go_version; /* "" for other images */

        /* JAIL_EVENT_SUMMARY */
        uint64_t n_stops, n_decided, n_allowed, n_denied, n_quiet, n_truncated; /* n_denied without the quiet ones */
        int wait_status;                                                        /* of the program, as waitpid(2) gives it */
        const struct jail_stats *stats;                                         /* NULL unless they were asked for */
};

/*
 * Receives every event, in the supervisor's process and before the call returns to the program. That process is confined: a
 * function may write to stderr and to the descriptor that was named as report_fd, and allocate; to open a file for writing, or a
 * socket, fails with ENOSYS there, and to make a process or a thread ends it, and the program with it.
 */
typedef void (*jail_event_fn)(const struct jail_event *event, void *data);

#ifdef __cplusplus
}
#endif

#endif
