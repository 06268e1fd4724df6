/* SPDX-License-Identifier: Apache-2.0 */
/* What jail packed into a program, as the supervisor reads it from the end of its own file. */
#include "gobin/packed.h"

#include "fuzz.h"

#include <jail/policy.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        struct packed packed;
        struct bytes before;
        struct jail_policy *policy = NULL;
        volatile uint8_t sum = 0;
        if (packed_parse_end((struct bytes){ data, size }, &packed, &before, NULL) < 0)
                return 0;
        if (before.len + packed.len_bytes != size)
                abort();
        for (size_t i = 0; i < PACKED_PARTS; i++) /* all of a part is there */
                for (size_t j = 0; j < packed.parts[i].len; j++)
                        sum ^= packed.parts[i].ptr[j];
        if (jail_policy_decode(packed.parts[PACKED_POLICY].ptr, packed.parts[PACKED_POLICY].len, &policy, NULL) == 0)
                jail_policy_free(policy);
        return 0;
}
