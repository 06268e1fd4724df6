/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Errors of the public API: a caller-owned object, passed as the last argument. Nothing here allocates, so an error can be
 * reported when memory is short.
 */
#ifndef JAIL_ERROR_H
#define JAIL_ERROR_H

#ifdef __cplusplus
extern "C" {
#endif

/* Every fallible function returns 0 or one of these, and the caller must look. */
#define JAIL_MUST_USE __attribute__((warn_unused_result))

enum jail_error_code {
        JAIL_OK = 0,
        JAIL_ENOMEM = -1,       /* memory ran out */
        JAIL_ESYS = -2,         /* a system call failed: sys_errno says why */
        JAIL_EINVAL = -3,       /* the caller's arguments contradict each other */
        JAIL_ESYNTAX = -4,      /* a text (go.mod, option) breaks its grammar: msg has file:line:column */
        JAIL_EFORMAT = -5,      /* a binary or memory structure is malformed or truncated */
        JAIL_EUNSUPPORTED = -6, /* well-formed, but of a kind or version that jail does not know */
        JAIL_ENOTFOUND = -7,    /* looked, and it is not there */
        JAIL_ELIMIT = -8,       /* more than jail is willing to hold */
        JAIL_EREAD = -9,        /* could not look: the process's memory could not be read */
};

#define JAIL_ERROR_MSG_SIZE 1024

struct jail_error {
        enum jail_error_code code;
        int sys_errno; /* 0, or the errno of the failed system call */
        char msg[JAIL_ERROR_MSG_SIZE];
};

/*
 * Fills *err (NULL is fine) and returns code, so that `return jail_error_set(err, JAIL_ENOMEM, 0, "…");` reads as one step.
 * A sys_errno other than 0 appends ": " and its text. A message that is too long is cut. Never allocates.
 */
int jail_error_set(struct jail_error *err, enum jail_error_code code, int sys_errno, const char *format, ...)
        __attribute__((format(printf, 4, 5)));

#ifdef __cplusplus
}
#endif

#endif
