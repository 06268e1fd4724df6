/* SPDX-License-Identifier: Apache-2.0 */
/* The section .go.buildinfo. */
#include "gobin/build_info.h"

#include "fuzz.h"
#include "gobin/go_layout.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        struct build_info info;
        const struct go_layout *layout;
        if (build_info_parse(&info, (struct bytes){ data, size }, NULL) < 0)
                return 0;
        if (go_layout_find(info.go_version, &layout, NULL) < 0)
                layout = NULL;
        build_info_clear(&info);
        return 0;
}
