/* SPDX-License-Identifier: Apache-2.0 */
#include "unwind/goroutine.h"

#include "base/bytes.h"

static bool field(struct bytes b, int16_t offset, uint64_t *ret_value) {
        if (offset == GO_LAYOUT_ABSENT) {
                *ret_value = 0;
                return true;
        }
        return bytes_u64(b, (uint64_t) offset, ret_value);
}

bool goroutine_parse(const struct go_layout *layout, uint64_t vaddr, const uint8_t *buffer, size_t len_bytes,
                     struct goroutine *ret_g) {
        struct bytes b = { buffer, len_bytes };
        ret_g->vaddr = vaddr;
        return field(b, layout->g.stack_lo, &ret_g->stack_lo) && field(b, layout->g.stack_hi, &ret_g->stack_hi) &&
               field(b, layout->g.m, &ret_g->m_vaddr) && field(b, layout->g.sched_sp, &ret_g->sched_sp) &&
               field(b, layout->g.sched_pc, &ret_g->sched_pc) && field(b, layout->g.syscallsp, &ret_g->syscall_sp) &&
               field(b, layout->g.syscallpc, &ret_g->syscall_pc) && field(b, layout->g.goid, &ret_g->goid) &&
               field(b, layout->g.parent_goid, &ret_g->parent_goid) && field(b, layout->g.gopc, &ret_g->gopc) &&
               field(b, layout->g.ancestors, &ret_g->ancestors_vaddr);
}

bool machine_parse(const struct go_layout *layout, uint64_t vaddr, const uint8_t *buffer, size_t len_bytes, struct machine *ret_m) {
        struct bytes b = { buffer, len_bytes };
        ret_m->vaddr = vaddr;
        return field(b, layout->m.g0, &ret_m->g0_vaddr) && field(b, layout->m.gsignal, &ret_m->gsignal_vaddr) &&
               field(b, layout->m.curg, &ret_m->curg_vaddr) && field(b, layout->m.procid, &ret_m->procid);
}

int goroutine_read(const struct go_layout *layout, struct memory_reader *memory, uint64_t vaddr, struct goroutine *ret_g,
                   struct jail_error *err) {
        uint8_t buffer[GOROUTINE_G_BYTES];
        int r = memory_read(memory, vaddr, buffer, sizeof(buffer), err);
        if (r < 0)
                return r;
        (void) goroutine_parse(layout, vaddr, buffer, sizeof(buffer), ret_g);
        return 0;
}

int machine_read(const struct go_layout *layout, struct memory_reader *memory, uint64_t vaddr, struct machine *ret_m,
                 struct jail_error *err) {
        uint8_t buffer[GOROUTINE_M_BYTES];
        int r = memory_read(memory, vaddr, buffer, sizeof(buffer), err);
        if (r < 0)
                return r;
        (void) machine_parse(layout, vaddr, buffer, sizeof(buffer), ret_m);
        return 0;
}
