/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/stub_load.h"

#include "pack/stub_internal.h"

#include <sys/mman.h>
#include <sys/random.h>
#include <sys/syscall.h>

#define STACK_BYTES (UINT64_C(1) << 20)
#define GUARD_BYTES STUB_PAGE_BYTES
#define LIVE_BYTES  16384 /* more than the stack that this runs on will still grow by */
#define VVAR_BYTES  32768 /* the data of the kernel's code, below it: this much at most */
/* How far what is mapped from here on, and the heap, may lie from where the program could guess it. */
#define GAP_PAGES  (UINT64_C(1) << 24)
#define HEAP_PAGES (UINT64_C(1) << 16)

/* Sets all registers to what they are at a program's start, and jumps. */
_Noreturn void stub_jump(const void *stack, const void *entry) __attribute__((visibility("hidden")));

static uintptr_t page_down(uintptr_t address) {
        return address & ~(uintptr_t) (STUB_PAGE_BYTES - 1);
}

static uintptr_t page_up(uintptr_t address) {
        return page_down(address + STUB_PAGE_BYTES - 1);
}

/* --- memory ------------------------------------------------------------------------------------------------------------------ */

struct range {
        uintptr_t begin, end;
};

static void sort(struct range *ranges, int n) {
        for (int i = 1; i < n; i++) {
                for (int k = i; k > 0 && ranges[k - 1].begin > ranges[k].begin; k--) {
                        struct range range = ranges[k];
                        ranges[k] = ranges[k - 1];
                        ranges[k - 1] = range;
                }
        }
}

/*
 * The kernel's own code, with its data. It is mapped up to the end of its image, which is that of its section headers, not of what
 * they call loaded, and cannot be unmapped in part (arch/x86/entry/vdso/vma.c, map_vdso; mm/mmap.c, special_mapping_split).
 */
static struct range find_vdso(const uint64_t *initial_stack) {
        uintptr_t begin = stub_auxiliary_value(initial_stack, AT_SYSINFO_EHDR), end = begin;
        if (begin == 0)
                return (struct range){ 0, 0 };
        const Elf64_Ehdr *header = (const Elf64_Ehdr *) begin;
        const Elf64_Phdr *segments = (const Elf64_Phdr *) (begin + header->e_phoff);
        for (unsigned i = 0; i < header->e_phnum; i++)
                if (segments[i].p_type == PT_LOAD)
                        end = page_up(begin + segments[i].p_offset + segments[i].p_memsz);
        uintptr_t image_end = page_up(begin + header->e_shoff + (uintptr_t) header->e_shnum * header->e_shentsize);
        if (end < image_end)
                end = image_end;
        return (struct range){ begin - VVAR_BYTES, end };
}

/* A small library may lie so near. Where nothing is, nothing can be done, and that is no matter. */
static void make_readable_only(uintptr_t begin, uintptr_t end) {
        for (uintptr_t page = begin; page < end; page += STUB_PAGE_BYTES)
                CALL3(SYS_mprotect, page, STUB_PAGE_BYTES, PROT_READ);
}

/* Unmaps all of the program's but this code, what was packed, the initial stack with all above it, and the kernel's own code. */
static bool unmap_program(const uint64_t *initial_stack) {
        struct range kept[] = {
                { page_down((uintptr_t) &stub_parameters), page_up((uintptr_t) stub_sections() + stub_parameters.sections_bytes) },
                { page_down((uintptr_t) __builtin_frame_address(0) - LIVE_BYTES), UINTPTR_MAX },
                find_vdso(initial_stack),
        };
        const struct range *vdso = &kept[2];
        const int n = sizeof(kept) / sizeof(kept[0]);
        uintptr_t at = 0;
        if (vdso->end > 0 && vdso->end <= kept[1].begin)
                make_readable_only(vdso->begin, vdso->begin + VVAR_BYTES);
        sort(kept, n);
        for (int i = 0; i < n; i++) {
                if (kept[i].begin > at && CALL3(SYS_munmap, at, kept[i].begin - at, 0) < 0)
                        return false;
                if (kept[i].end > at)
                        at = kept[i].end;
        }
        return true;
}

/* The heap begins where the program's would have: somewhere else, then. */
static bool move_heap(uint64_t random) {
        uintptr_t begin = (uintptr_t) CALL1(SYS_brk, 0);
        uintptr_t end = page_up(begin) + random % HEAP_PAGES * STUB_PAGE_BYTES;
        if ((uintptr_t) CALL1(SYS_brk, end) != end)
                return false;
        return end == page_up(begin) || CALL3(SYS_munmap, page_up(begin), end - page_up(begin), 0) == 0;
}

/* Room for the supervisor and its stack, below a gap: what is mapped later comes below them. */
static bool reserve(struct stub_load *load, uint64_t random) {
        uint64_t span_bytes = stub_parameters.supervisor.span_bytes;
        uint64_t bytes = span_bytes + GUARD_BYTES + STACK_BYTES;
        long base = stub_syscall(SYS_mmap, 0, (long) (bytes + (1 + random % GAP_PAGES) * STUB_PAGE_BYTES), PROT_NONE,
                                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (base < 0)
                return false;
        load->base = (char *) base;
        load->stack_end = load->base + bytes;
        return CALL3(SYS_mprotect, load->stack_end - STACK_BYTES, STACK_BYTES, PROT_READ | PROT_WRITE) == 0;
}

/* Before it is moved: so nothing is when code from files may not become executable here. */
static bool make_executable(const struct stub_segment *segment) {
        uintptr_t begin = (uintptr_t) stub_sections() + page_down(segment->offset);
        uintptr_t end = (uintptr_t) stub_sections() + page_up(segment->offset + segment->file_bytes);
        return !(segment->protection & PROT_EXEC) || CALL3(SYS_mprotect, begin, end - begin, segment->protection) == 0;
}

static bool place(const struct stub_segment *segment, char *base) {
        char *begin = base + page_down(segment->vaddr);
        uint64_t len = page_up(segment->vaddr + segment->memory_bytes) - page_down(segment->vaddr);
        if (segment->protection & PROT_WRITE)
                return CALL3(SYS_mprotect, begin, len, segment->protection) == 0;
        return CALL5(SYS_mremap, stub_sections() + page_down(segment->offset), len, len, MREMAP_MAYMOVE | MREMAP_FIXED, begin) ==
               (long) begin;
}

bool stub_load_prepare(struct stub_load *load, const uint64_t *initial_stack) {
        const struct stub_segment *segments = stub_parameters.supervisor.segments;
        uint64_t random[4];
        load->initial_stack = initial_stack;
        if (stub_count_words(initial_stack) > STUB_MAX_WORDS ||
            CALL3(SYS_getrandom, random, sizeof(random), GRND_NONBLOCK) != (long) sizeof(random))
                return false;
        load->secret[0] = random[0];
        load->secret[1] = random[1];
        for (int i = 0; i < STUB_MAX_SEGMENTS; i++)
                if (!make_executable(&segments[i]))
                        return false;
        if (!unmap_program(initial_stack) || !move_heap(random[2]) || !reserve(load, random[3]))
                return false;
        for (int i = 0; i < STUB_MAX_SEGMENTS; i++)
                if (segments[i].memory_bytes > 0 && !place(&segments[i], load->base))
                        return false;
        return true;
}

/* --- the beginning ----------------------------------------------------------------------------------------------------------- */

/* From one multiple of 8 to another. */
static void copy(char *to, const char *from, uint64_t len) {
        uint64_t *out = (uint64_t *) to;
        const uint64_t *in = (const uint64_t *) from;
        for (uint64_t i = 0; i < len / sizeof(*out); i++)
                out[i] = in[i];
        for (uint64_t i = len / sizeof(*out) * sizeof(*out); i < len; i++)
                to[i] = from[i];
}

/* What /proc/PID/cmdline shows is where the kernel has put the program's arguments. */
static void rename_process(const uint64_t *initial_stack, const char *name) {
        char *begin = (char *) initial_stack[1], *end = (char *) initial_stack[initial_stack[0]];
        if (initial_stack[0] == 0 || begin <= (const char *) initial_stack || end < begin)
                return; /* none, or a constructor has put others there */
        end += 1;
        while (end[-1] != '\0')
                end++;
        for (char *at = begin; at + 1 < end; at++)
                *at = *name ? *name++ : '\0';
}

/* One pair of the program's auxiliary vector, as it is for the supervisor. */
static uint64_t change(const struct stub_load *load, uint64_t type, uint64_t value, const char *name) {
        const struct stub_image *image = &stub_parameters.supervisor;
        switch (type) {
        case AT_PHDR: return (uintptr_t) load->base + image->headers_vaddr;
        case AT_PHENT: return sizeof(Elf64_Phdr);
        case AT_PHNUM: return image->n_headers;
        case AT_ENTRY: return (uintptr_t) load->base + image->entry_vaddr;
        case AT_BASE: return 0;
        case AT_EXECFN: return (uintptr_t) name;
        case AT_RANDOM: return (uintptr_t) load->stack_end - sizeof(load->secret);
        default: return value;
        }
}

static const uint64_t *make_stack(const struct stub_load *load, const char *const *arguments) {
        size_t n_words = stub_count_words(load->initial_stack) + STUB_LOAD_ARGUMENTS;
        uint64_t *secret = (uint64_t *) load->stack_end - 2, *stack = secret - (n_words + 1) / 2 * 2, *to = stack;
        const uint64_t *from = load->initial_stack + load->initial_stack[0] + 2;
        secret[0] = load->secret[0];
        secret[1] = load->secret[1];
        *to++ = STUB_LOAD_ARGUMENTS;
        for (int i = 0; i < STUB_LOAD_ARGUMENTS; i++)
                *to++ = (uintptr_t) arguments[i];
        *to++ = 0;
        do
                *to++ = *from;
        while (*from++ != 0);
        do {
                *to++ = from[0];
                *to++ = change(load, from[0], from[1], arguments[0]);
                from += 2;
        } while (from[-2] != AT_NULL);
        return stack;
}

void stub_load_enter(const struct stub_load *load, const char *const arguments[STUB_LOAD_ARGUMENTS]) {
        const struct stub_image *image = &stub_parameters.supervisor;
        for (int i = 0; i < STUB_MAX_SEGMENTS; i++) {
                const struct stub_segment *segment = &image->segments[i];
                if (segment->protection & PROT_WRITE) /* the rest of it is zero */
                        copy(load->base + segment->vaddr, stub_sections() + segment->offset, segment->file_bytes);
        }
        const uint64_t *stack = make_stack(load, arguments);
        rename_process(load->initial_stack, arguments[0]);
        stub_jump(stack, load->base + image->entry_vaddr);
}
