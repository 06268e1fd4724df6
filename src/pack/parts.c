/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/parts.h"

extern const uint8_t parts_stub_begin[], parts_stub_end[], parts_supervisor_begin[], parts_supervisor_end[];

struct bytes parts_stub(void) {
        return (struct bytes){ parts_stub_begin, (size_t) (parts_stub_end - parts_stub_begin) };
}

struct bytes parts_supervisor(void) {
        return (struct bytes){ parts_supervisor_begin, (size_t) (parts_supervisor_end - parts_supervisor_begin) };
}
