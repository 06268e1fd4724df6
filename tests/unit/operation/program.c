/* SPDX-License-Identifier: Apache-2.0 */
#include "program.h"

#include <assert.h>
#include <linux/audit.h>
#include <string.h>

void program_init(struct program *program) {
        memset(program, 0, sizeof(*program));
        memory_buffer_init(&program->memory, PROGRAM_VADDR, (struct bytes){ program->bytes, sizeof(program->bytes) });
}

uint64_t program_put(struct program *program, const void *bytes, size_t len) {
        size_t offset = (program->used + 7) & ~(size_t) 7;
        assert(offset + len <= sizeof(program->bytes));
        memcpy(program->bytes + offset, bytes, len);
        program->used = offset + len;
        return PROGRAM_VADDR + offset;
}

uint64_t program_put_string(struct program *program, const char *string) {
        return program_put(program, string, strlen(string) + 1);
}

uint64_t program_put_words(struct program *program, const uint64_t *words, size_t n) {
        return program_put(program, words, n * sizeof(*words));
}

uint64_t program_put_at_end(struct program *program, const void *bytes, size_t len) {
        memcpy(program->bytes + sizeof(program->bytes) - len, bytes, len);
        return PROGRAM_VADDR + sizeof(program->bytes) - len;
}

static const char *show(struct program *program) {
        struct text text;
        text_init(&text, program->shown, sizeof(program->shown));
        operation_format(&program->operation, &text);
        return program->shown;
}

const char *program_call(struct program *program, const char *name, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e,
                         uint64_t f) {
        const struct syscall_desc *desc = syscall_by_name(name);
        const uint64_t args[6] = { a, b, c, d, e, f };
        assert(desc);
        operation_init(&program->operation, AUDIT_ARCH_X86_64, AUDIT_ARCH_X86_64, desc->number, args);
        operation_read_targets(&program->operation, &program->memory.reader);
        return show(program);
}

const char *program_target(struct program *program, size_t index) {
        struct text text;
        assert(index < program->operation.n_targets);
        text_init(&text, program->shown, sizeof(program->shown));
        operation_format_target(&program->operation.targets[index], &text);
        return program->shown;
}
