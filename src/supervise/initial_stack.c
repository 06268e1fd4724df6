/* SPDX-License-Identifier: Apache-2.0 */
#include "supervise/initial_stack.h"

#include "base/cleanup.h"
#include "memory/window.h"
#include "supervise/godebug.h"

#include <string.h>

/*
 * The kernel maps 128 KiB below the initial stack pointer (fs/exec.c, setup_arg_pages, stack_expand), and does not grow a stack for
 * writes from outside.
 */
#define ROOM_BYTES        (96u << 10)
#define MAX_GODEBUG_BYTES 4096
#define NO_ENTRY          SIZE_MAX

/* The vectors as words: [0] argc, argv…, 0, envp…, 0, auxv pairs up to and with AT_NULL. */
struct vectors {
        uint64_t *words; /* owned, with room for one more */
        size_t n_words;
        size_t envp; /* index of the first environment pointer */
        size_t n_envp;
        size_t godebug; /* index of the pointer to GODEBUG=…, or NO_ENTRY */
};

/* Finds the end of the environment and of the auxiliary vector. */
static bool vectors_parse(struct vectors *vectors, size_t n) {
        uint64_t argc = vectors->words[0];
        if (argc > n || argc + 2 > n || vectors->words[argc + 1] != 0)
                return false;
        vectors->envp = (size_t) argc + 2;
        size_t at = vectors->envp;
        while (at < n && vectors->words[at] != 0)
                at++;
        vectors->n_envp = at - vectors->envp;
        for (at++; at + 1 < n; at += 2)
                if (vectors->words[at] == 0) {
                        vectors->n_words = at + 2;
                        return true;
                }
        return false;
}

static int vectors_read(struct vectors *vectors, struct memory_reader *memory, uint64_t sp, struct jail_error *err) {
        size_t size = 4096;
        for (;;) {
                free(vectors->words);
                vectors->words = malloc(size + sizeof(uint64_t));
                if (!vectors->words)
                        return jail_error_set(err, JAIL_ENOMEM, 0, "out of memory");
                struct memory_range range = { .vaddr = sp, .buffer = vectors->words, .len_bytes = size };
                int r = memory->readv(memory, &range, 1, err);
                if (r < 0)
                        return r;
                if (range.got_bytes >= 4 * sizeof(uint64_t) && vectors_parse(vectors, range.got_bytes / sizeof(uint64_t)))
                        return 0;
                if (range.got_bytes < size)
                        return jail_error_set(err, JAIL_EFORMAT, 0, "no initial stack at 0x%llx", (unsigned long long) sp);
                if (size >= ROOM_BYTES)
                        return jail_error_set(err, JAIL_ELIMIT, 0, "the arguments and the environment are too many");
                size *= 2;
        }
}

/* The runtime takes the first GODEBUG of the environment. */
static int find_godebug(struct vectors *vectors, struct memory_reader *memory, struct jail_error *err) {
        uint64_t name, word;
        struct memory_window window;
        memcpy(&name, "GODEBUG=", sizeof(name));
        memory_window_init(&window, memory);
        vectors->godebug = NO_ENTRY;
        for (size_t i = 0; i < vectors->n_envp; i++) {
                struct jail_error unreadable; /* a string of under eight bytes at the end of the stack */
                int r = memory_window_u64(&window, vectors->words[vectors->envp + i], &word, &unreadable);
                if (r == 0 && word == name) {
                        vectors->godebug = vectors->envp + i;
                        return 0;
                }
        }
        (void) err;
        return 0;
}

/* Puts the entry's address where it belongs: in place of the old one, or as the first of the environment. */
static void vectors_set_godebug(struct vectors *vectors, uint64_t vaddr) {
        if (vectors->godebug == NO_ENTRY) {
                memmove(vectors->words + vectors->envp + 1, vectors->words + vectors->envp,
                        (vectors->n_words - vectors->envp) * sizeof(uint64_t));
                vectors->n_words++;
                vectors->godebug = vectors->envp;
        }
        vectors->words[vectors->godebug] = vaddr;
}

static void vectors_clear(struct vectors *vectors) {
        free(vectors->words);
}

int initial_stack_make(struct memory_reader *memory, uint64_t sp, unsigned ancestors, struct initial_stack *ret_stack,
                       struct jail_error *err) {
        CLEANUP(vectors_clear) struct vectors vectors = { 0 };
        char entry[8 + MAX_GODEBUG_BYTES + 64] = "GODEBUG=", value[MAX_GODEBUG_BYTES] = "";
        size_t len = 0;
        bool cut = false;

        int r = vectors_read(&vectors, memory, sp, err);
        if (r == 0)
                r = find_godebug(&vectors, memory, err);
        if (r == 0 && vectors.godebug != NO_ENTRY)
                r = memory_read_string(memory, vectors.words[vectors.godebug] + 8, value, sizeof(value), &len, &cut, err);
        if (r == 0 && cut)
                r = jail_error_set(err, JAIL_ELIMIT, 0, "GODEBUG is longer than %d bytes", MAX_GODEBUG_BYTES);
        if (r < 0)
                return r;
        if (ancestors == 0)
                ancestors = GODEBUG_DEFAULT_ANCESTORS;
        if (godebug_ancestors(value) >= ancestors) {
                *ret_stack = (struct initial_stack){ .vaddr = sp, .ancestors = godebug_ancestors(value) };
                return 0;
        }
        r = godebug_merge(value, ancestors, entry + 8, sizeof(entry) - 8, err);
        if (r < 0)
                return r;

        if (sp % 8 != 0)
                return jail_error_set(err, JAIL_EFORMAT, 0, "no initial stack at 0x%llx", (unsigned long long) sp);
        size_t entry_bytes = strlen(entry) + 1;
        uint64_t entry_vaddr = sp - entry_bytes;
        vectors_set_godebug(&vectors, entry_vaddr);
        uint64_t vaddr = (entry_vaddr - vectors.n_words * sizeof(uint64_t)) & ~UINT64_C(15);
        if (vaddr >= sp || sp - vaddr > ROOM_BYTES)
                return jail_error_set(err, JAIL_ELIMIT, 0, "no room for GODEBUG below the initial stack");
        uint8_t *bytes = calloc(1, (size_t) (sp - vaddr));
        if (!bytes)
                return jail_error_set(err, JAIL_ENOMEM, 0, "out of memory");
        memcpy(bytes, vectors.words, vectors.n_words * sizeof(uint64_t));
        memcpy(bytes + (entry_vaddr - vaddr), entry, entry_bytes);
        *ret_stack = (struct initial_stack){ vaddr, bytes, (size_t) (sp - vaddr), ancestors };
        return 0;
}

void initial_stack_clear(struct initial_stack *stack) {
        free(stack->bytes);
        *stack = (struct initial_stack){ 0 };
}
