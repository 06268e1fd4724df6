/* SPDX-License-Identifier: Apache-2.0 */
#include "unwind/go_process.h"

#include "base/text.h"
#include "gobin/symbol_name.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void require(bool condition, const char *what) {
        if (condition)
                return;
        fprintf(stderr, "go_process: %s\n", what);
        abort();
}

static const struct process_region *region_at(const struct process_memory *memory, uint64_t vaddr) {
        for (size_t i = 0; i < memory->n_regions; i++)
                if (vaddr - memory->regions[i].vaddr < memory->regions[i].len)
                        return &memory->regions[i];
        return NULL;
}

static int memory_readv(struct memory_reader *reader, struct memory_range *ranges, size_t n, struct jail_error *err) {
        struct process_memory *memory = (struct process_memory *) reader;
        bool heap = false;
        if (++memory->n_reads == memory->fail_at)
                return jail_error_set(err, JAIL_EREAD, 0, "the process is gone");
        for (size_t i = 0; i < n; i++) {
                const struct process_region *region = region_at(memory, ranges[i].vaddr);
                ranges[i].got_bytes = 0;
                if (!region)
                        continue;
                size_t offset = (size_t) (ranges[i].vaddr - region->vaddr), room = region->len - offset;
                ranges[i].got_bytes = ranges[i].len_bytes < room ? ranges[i].len_bytes : room;
                memcpy(ranges[i].buffer, region->bytes + offset, ranges[i].got_bytes);
                heap = heap || region->vaddr == PROCESS_HEAP;
        }
        memory->n_heap_reads += heap;
        return 0;
}

static void add_region(struct go_process *p, uint64_t vaddr, uint8_t *bytes, size_t len) {
        p->memory.regions[p->memory.n_regions++] = (struct process_region){ vaddr, len, bytes };
}

static enum unwind_text classify(void *data, uint64_t pc) {
        (void) data;
        if (pc - PROCESS_C_TEXT < 0x1000)
                return UNWIND_TEXT_C;
        return pc - PROCESS_LOADER_TEXT < 0x1000 ? UNWIND_TEXT_LOADER : UNWIND_TEXT_UNKNOWN;
}

/* Every function has 64 bytes. */
static void fill_tables(struct go_tables *t, unsigned minor) {
        static const struct {
                const char *name;
                int32_t delta;
        } functions[] = {
                { "internal/runtime/syscall/linux.Syscall6", 0 },
                { "syscall.openat", 104 },
                { "os.ReadFile", 72 },
                { "runtime.main", 80 },
                { "runtime.goexit", 0 },
                { "example.com/evil.Start", 24 },
                { "example.com/evil.work", 40 },
                { "runtime.newproc", 64 },
                { "runtime.newproc1", 96 },
                { "runtime.systemstack_switch", 8 },
                { "runtime.systemstack", 8 },
                { "runtime.mcall", 8 },
                { "runtime.morestack", 8 },
                { "runtime.mstart", 0 },
                { "runtime.rt0_go", 24 },
                { "runtime.sigtramp", 56 },
                { "runtime.cgoSigtramp", 0 },
                { "runtime.sighandler", 48 },
                { "runtime.sigpanic", 32 },
                { "runtime.asyncPreempt", 16 },
                { "runtime.schedule", 40 },
                { "runtime.cgocall", 56 },
                { "runtime.cgocallback", 56 },
                { "runtime.runfinq", 88 },
                { "runtime.runFinalizers", 88 },
                { "runtime.runCleanups", 88 },
                { "time.goFunc", 24 },
                { "runtime.deep", 0 },
        };
        tables_init(t, minor);
        for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
                tables_simple(t, functions[i].name, 64, functions[i].delta, "/go/src/x.go", 1);
                if (strcmp(functions[i].name, "internal/runtime/syscall/linux.Syscall6") == 0)
                        tables_flags(t, GO_FUNC_ASM);
        }
        tables_function(t, "main.main", 64);
        TABLES_SP(t, { 64, 40 });
        TABLES_INLINE(t, { 20, -1 }, { 40, 0 }, { 64, -1 });
        tables_inlined(t, "example.com/evil.F", 10);
        tables_function(t, "syscall.rawVforkSyscall", 64);
        TABLES_SP(t, { 32, 0 }, { 64, -8 });
        tables_function(t, "bare.assembly", 64);
        tables_function(t, "damaged.pcsp", 64);
        TABLES_SP(t, { 32, 4 }, { 64, 0 });
        tables_function(t, "odd.shrinking", 64);
        TABLES_SP(t, { 64, -64 });
        tables_finish(t);
}

void process_init(struct go_process *p, unsigned minor) {
        memset(p, 0, sizeof(*p));
        fill_tables(&p->tables, minor);
        p->tab = tables_pclntab(&p->tables);
        p->memory.reader.readv = memory_readv;
        add_region(p, PROCESS_STACK, p->stack_bytes, sizeof(p->stack_bytes));
        add_region(p, PROCESS_G0_STACK, p->g0_bytes, sizeof(p->g0_bytes));
        add_region(p, PROCESS_SIGNAL_STACK, p->signal_bytes, sizeof(p->signal_bytes));
        add_region(p, PROCESS_HEAP, p->heap_bytes, sizeof(p->heap_bytes));
        add_region(p, PROCESS_OBJECTS, p->object_bytes, sizeof(p->object_bytes));
        p->process = (struct unwind_process){
                .layout = p->tables.layout,
                .arch = arch_native(),
                .bias = PROCESS_BIAS,
                .text_vaddr = p->tab.text_vaddr,
                .etext_vaddr = p->tab.etext_vaddr,
                .memory = &p->memory.reader,
                .max_ancestors = 4,
                .started = true,
                .tls_known = true,
                .tls_offset = -8,
                .classify = classify,
        };
        require(code_table_new(&p->tab, &p->process.code, NULL) == 0 && ancestry_cache_new(&p->process.ancestry, NULL) == 0,
                "memory");

        const uint64_t gs[] = { PROCESS_G, PROCESS_G0, PROCESS_GSIGNAL };
        const uint64_t stacks[] = { PROCESS_STACK, PROCESS_G0_STACK, PROCESS_SIGNAL_STACK };
        for (int i = 0; i < 3; i++) {
                PROCESS_PUT_G(p, gs[i], stack_lo, stacks[i]);
                PROCESS_PUT_G(p, gs[i], stack_hi, stacks[i] + PROCESS_STACK_BYTES);
                PROCESS_PUT_G(p, gs[i], m, PROCESS_M);
        }
        PROCESS_PUT_G(p, PROCESS_G, goid, 17);
        PROCESS_PUT_M(p, g0, PROCESS_G0);
        PROCESS_PUT_M(p, gsignal, PROCESS_GSIGNAL);
        PROCESS_PUT_M(p, curg, PROCESS_G);
        PROCESS_PUT_M(p, procid, PROCESS_TID);
        p->regs = (struct arch_regs){ .tls = PROCESS_TLS, .has_g = true, .has_tls = true };
        process_on(p, PROCESS_G);
}

void process_clear(struct go_process *p) {
        unwind_stack_clear(&p->stack);
        ancestry_cache_free(p->process.ancestry);
        code_table_free(p->process.code);
        p->process.ancestry = NULL;
        p->process.code = NULL;
}

uint64_t process_pc(const struct go_process *p, const char *function, uint32_t offset) {
        return tables_pc(&p->tables, function, offset) + PROCESS_BIAS;
}

void process_put(struct go_process *p, uint64_t vaddr, uint64_t value) {
        const struct process_region *region = region_at(&p->memory, vaddr);
        require(region && vaddr - region->vaddr <= region->len - 8, "a word outside memory");
        memcpy(region->bytes + (vaddr - region->vaddr), &value, 8);
}

uint64_t process_get(const struct go_process *p, uint64_t vaddr) {
        const struct process_region *region = region_at(&p->memory, vaddr);
        uint64_t value;
        require(region && vaddr - region->vaddr <= region->len - 8, "a word outside memory");
        memcpy(&value, region->bytes + (vaddr - region->vaddr), 8);
        return value;
}

void process_on(struct go_process *p, uint64_t g_vaddr) {
        p->regs.g = g_vaddr;
        process_put(p, PROCESS_TLS - 8, g_vaddr);
}

void process_in_c(struct go_process *p) {
        p->regs.ip = PROCESS_C_TEXT + 8;
        p->regs.sp = PROCESS_G0_STACK + 0x800;
        p->regs.g = 0x4242;
        process_put(p, PROCESS_TLS - 8, PROCESS_G0);
}

void process_unmap(struct go_process *p, uint64_t vaddr) {
        for (size_t i = 0; i < p->memory.n_regions; i++)
                if (p->memory.regions[i].vaddr == vaddr)
                        p->memory.regions[i].len = 0;
}

void process_stop(struct go_process *p, const char *function, uint32_t offset, uint64_t sp) {
        p->regs.ip = process_pc(p, function, offset);
        p->regs.sp = p->cursor = sp;
}

void process_return(struct go_process *p, int32_t delta_bytes, const char *function, uint32_t offset) {
        uint64_t slot = p->cursor + (uint64_t) (int64_t) delta_bytes;
        process_put(p, slot, process_pc(p, function, offset));
        p->cursor = slot + 8;
}

void process_return_from_main(struct go_process *p, int32_t delta_bytes) {
        process_return(p, delta_bytes, "runtime.main", 33);
        process_return(p, 80, "runtime.goexit", 1);
}

void process_return_framed(struct go_process *p, uint64_t *fp_slot, int32_t delta_bytes, const char *function, uint32_t offset) {
        uint64_t slot = p->cursor + (uint64_t) delta_bytes;
        if (delta_bytes > 0) {
                if (*fp_slot == 0)
                        p->regs.fp = slot - 8;
                else
                        process_put(p, *fp_slot, slot - 8);
                *fp_slot = slot - 8;
        }
        process_return(p, delta_bytes, function, offset);
}

void process_stop_whole(struct go_process *p, uint64_t sp) {
        uint64_t fp_slot = 0;
        process_stop(p, "internal/runtime/syscall/linux.Syscall6", 40, sp);
        p->regs.has_fp = true;
        process_return_framed(p, &fp_slot, 0, "syscall.openat", 12);
        process_return_framed(p, &fp_slot, 104, "os.ReadFile", 12);
        process_return_framed(p, &fp_slot, 72, "main.main", 50);
        process_return_framed(p, &fp_slot, 40, "runtime.main", 33);
        process_return_framed(p, &fp_slot, 80, "runtime.goexit", 1);
}

uint64_t process_heap(struct go_process *p, const uint64_t *words, size_t n) {
        uint64_t vaddr = PROCESS_HEAP + p->heap_used;
        require(n * 8 <= sizeof(p->heap_bytes) - p->heap_used, "the heap is full");
        memcpy(p->heap_bytes + p->heap_used, words, n * 8);
        p->heap_used += n * 8;
        return vaddr;
}

void process_put_pcs(struct go_process *p, struct process_ancestor *ancestor) {
        ancestor->pcs_vaddr = process_heap(p, ancestor->pcs, ancestor->n_pcs);
}

void process_ancestors(struct go_process *p, uint64_t gopc, const struct process_ancestor *ancestors, size_t n) {
        uint64_t records[64 * 5];
        require(n <= 64, "too many ancestors");
        for (size_t i = 0; i < n; i++) {
                uint64_t pcs =
                        ancestors[i].pcs_vaddr ? ancestors[i].pcs_vaddr : process_heap(p, ancestors[i].pcs, ancestors[i].n_pcs);
                const uint64_t record[5] = { pcs, ancestors[i].n_pcs, ancestors[i].n_pcs, ancestors[i].goid, ancestors[i].gopc };
                memcpy(records + i * 5, record, sizeof(record));
        }
        const uint64_t slice[3] = { process_heap(p, records, n * 5), n, n };
        PROCESS_PUT_G(p, PROCESS_G, gopc, gopc);
        PROCESS_PUT_G(p, PROCESS_G, ancestors, process_heap(p, slice, 3));
        if (p->process.layout->g.parent_goid != GO_LAYOUT_ABSENT && n > 0)
                PROCESS_PUT_G(p, PROCESS_G, parent_goid, ancestors[0].goid);
}

static void show_frame(struct text *text, const struct unwind_frame *frame) {
        if (!frame->code) {
                text_printf(text, "C ");
                return;
        }
        static const char *const prefixes[] = {
                [UNWIND_OWN] = "", [UNWIND_FOREIGN] = "?", [UNWIND_CREATED] = "go:", [UNWIND_ANCESTOR] = "^"
        };
        uint16_t n = frame->kind == UNWIND_ANCESTOR ? 1 : frame->code->n_frames;
        for (uint16_t i = 0; i < n; i++) {
                struct str name = symbol_name_short(frame->code->frames[i].name);
                bool inlined = frame->code->frames[i].inlined;
                text_printf(text, "%s%s%.*s%s ", prefixes[frame->kind], inlined ? "(" : "", STR_ARG(name), inlined ? ")" : "");
        }
}

const char *process_walk(struct go_process *p) {
        static const char *const roots[] = {
                [UNWIND_ROOT_NONE] = "none",           [UNWIND_ROOT_MAIN] = "main",       [UNWIND_ROOT_RT0] = "rt0",
                [UNWIND_ROOT_SIGNAL] = "signal",       [UNWIND_ROOT_MSTART] = "mstart",   [UNWIND_ROOT_MCALL] = "mcall",
                [UNWIND_ROOT_MORESTACK] = "morestack", [UNWIND_ROOT_SERVICE] = "service", [UNWIND_ROOT_C_THREAD] = "c-thread",
                [UNWIND_ROOT_START] = "start",
        };
        struct text text;
        unwind_walk(&p->process, &p->thread, &p->regs, PROCESS_TID, &p->stack);
        text_init(&text, p->shown, sizeof(p->shown));
        for (size_t i = 0; i < p->stack.n_frames; i++)
                show_frame(&text, &p->stack.frames[i]);
        if (p->stack.end == UNWIND_TOP)
                text_printf(&text, "= %s%s", roots[p->stack.root], p->stack.truncated ? ", truncated" : "");
        else
                text_printf(&text, "! %s", unwind_end_name(p->stack.end));
        return p->shown;
}
