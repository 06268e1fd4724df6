/* SPDX-License-Identifier: Apache-2.0 */
#include "verdict/known_denials.h"

#include <stddef.h>

static const struct {
        struct str module, function;
        enum jail_class cls;
        const char *name;
} table[] = {
        /* internal/detrand/rand.go: hashes the program's own executable at start to vary its output; falls back to 0 without it. */
        { { "google.golang.org/protobuf", 26 },
          { "google.golang.org/protobuf/internal/detrand.binaryHash", 54 },
          JAIL_CLASS_FS_READ,
          "protobuf-detrand" },
        { { "github.com/golang/protobuf", 26 },
          { "google.golang.org/protobuf/internal/detrand.binaryHash", 54 },
          JAIL_CLASS_FS_READ,
          "protobuf-detrand" },
};

const char *known_denial(struct str module_path, struct str function, enum jail_class cls) {
        for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
                if (cls == table[i].cls && str_equal(module_path, table[i].module) && str_equal(function, table[i].function))
                        return table[i].name;
        return NULL;
}
