/* SPDX-License-Identifier: Apache-2.0 */
#include "base/array.h"

#include <stdint.h>
#include <stdlib.h>

int array_reserve(void **items, size_t *capacity, size_t count, size_t element_size, size_t max_count, struct jail_error *err) {
        if (count < *capacity)
                return 0;
        if (count >= max_count)
                return jail_error_set(err, JAIL_ELIMIT, 0, "more than %zu entries", max_count);

        size_t grown = *capacity < 8 ? 8 : *capacity * 2;
        if (grown > max_count)
                grown = max_count;
        if (grown > SIZE_MAX / element_size)
                return jail_error_set(err, JAIL_ENOMEM, 0, "out of memory");

        void *larger = realloc(*items, grown * element_size);
        if (!larger)
                return jail_error_set(err, JAIL_ENOMEM, 0, "out of memory");
        *items = larger;
        *capacity = grown;
        return 0;
}
