/* SPDX-License-Identifier: Apache-2.0 */
#include <jail/error.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int jail_error_set(struct jail_error *err, enum jail_error_code code, int sys_errno, const char *format, ...) {
        if (!err)
                return code;

        char msg[sizeof(err->msg)]; /* the arguments may point into *err */
        va_list args;
        va_start(args, format);
        int len = vsnprintf(msg, sizeof(msg), format, args);
        va_end(args);

        if (len < 0)
                msg[0] = '\0';
        if (sys_errno != 0 && len >= 0 && (size_t) len < sizeof(msg)) {
                const char *text = strerrordesc_np(sys_errno);
                snprintf(msg + len, sizeof(msg) - (size_t) len, ": %s", text ? text : "unknown error");
        }

        err->code = code;
        err->sys_errno = sys_errno;
        memcpy(err->msg, msg, sizeof(msg));
        return code;
}
