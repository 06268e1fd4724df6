/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <jail/class.h>
#include <string.h>

static const char *const class_names[JAIL_CLASS_COUNT] = {
        [JAIL_CLASS_FS_READ] = "fs.read",       [JAIL_CLASS_FS_WRITE] = "fs.write", [JAIL_CLASS_NET_CONNECT] = "net.connect",
        [JAIL_CLASS_NET_LISTEN] = "net.listen", [JAIL_CLASS_EXEC] = "exec",         [JAIL_CLASS_PROC] = "proc",
        [JAIL_CLASS_MEM_EXEC] = "mem.exec",     [JAIL_CLASS_SYS] = "sys",           [JAIL_CLASS_OTHER] = "other",
};

const char *jail_class_name(enum jail_class cls) {
        assert(cls < JAIL_CLASS_COUNT);
        return class_names[cls];
}

int jail_class_parse(const char *text, size_t len, enum jail_class *ret_class) {
        for (size_t i = 0; i < JAIL_CLASS_COUNT; i++)
                if (strlen(class_names[i]) == len && memcmp(class_names[i], text, len) == 0) {
                        *ret_class = (enum jail_class) i;
                        return 0;
                }
        return -1;
}
