/* SPDX-License-Identifier: Apache-2.0 */
/* go.mod, and the encoding of what was read. */
#include "fuzz.h"

#include <jail/policy.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        struct jail_policy *policy = NULL, *again = NULL;
        uint8_t *bytes = NULL;
        size_t len;
        if (jail_policy_parse((const char *) data, size, "go.mod", NULL, 0, &policy, NULL) < 0)
                return 0;
        if (jail_policy_encode(policy, &bytes, &len, NULL) < 0 || jail_policy_decode(bytes, len, &again, NULL) < 0)
                abort(); /* what was read can be written and read again */
        jail_policy_free(again);
        free(bytes);
        jail_policy_free(policy);
        return 0;
}
