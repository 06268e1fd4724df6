/* SPDX-License-Identifier: Apache-2.0 */
/* Tables that are truncated at every byte, and with every bit flipped: reading ends, and never tells something else than it knows.
 */
#include "gobin/sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct go_tables tables;

/* What the tables say of one pc. */
struct answer {
        bool found;
        enum go_spdelta step;
        int32_t delta;
        int n_frames;
        char names[3][64], files[3][64];
        uint32_t lines[3];
};

static void keep(char *copy, struct str s) {
        snprintf(copy, 64, "%.*s", STR_ARG(s));
}

static struct answer ask(const struct pclntab *tab, uint64_t vaddr) {
        struct answer answer;
        struct go_func func;
        struct go_inline_frame frames[PCLNTAB_MAX_INLINE_DEPTH];
        memset(&answer, 0, sizeof(answer));
        answer.found = pclntab_find(tab, vaddr, &func);
        if (!answer.found)
                return answer;
        answer.step = pclntab_spdelta(tab, &func, vaddr, &answer.delta);
        answer.n_frames = pclntab_expand(tab, &func, vaddr, frames, PCLNTAB_MAX_INLINE_DEPTH);
        for (int i = 0; i < answer.n_frames; i++) {
                volatile char last = frames[i].name.len ? frames[i].name.ptr[frames[i].name.len - 1] : 'x';
                assert_int_not_equal(last, '\0');
                if (i < 3) {
                        keep(answer.names[i], frames[i].name);
                        keep(answer.files[i], frames[i].file);
                        answer.lines[i] = frames[i].line;
                }
        }
        uint32_t unit;
        (void) pclntab_flags(tab, &func);
        (void) pclntab_unit(&func, &unit);
        return answer;
}

enum { TEXT_BYTES = 0x110 };
static struct answer honest[TEXT_BYTES];

static const size_t parts[] = {
        offsetof(struct pclntab, funcnames), offsetof(struct pclntab, cutab),   offsetof(struct pclntab, filetab),
        offsetof(struct pclntab, pctab),     offsetof(struct pclntab, functab), offsetof(struct pclntab, gofunc),
};

static struct bytes *part_of(struct pclntab *tab, size_t part) {
        return (struct bytes *) ((char *) tab + parts[part]);
}

static void learn_honest(unsigned minor) {
        sample_tables(&tables, minor);
        struct pclntab tab = tables_pclntab(&tables);
        assert_int_equal(tables.text_bytes, TEXT_BYTES);
        for (uint64_t i = 0; i < TEXT_BYTES; i++)
                honest[i] = ask(&tab, TABLES_TEXT_VADDR + i);
}

/* Either what the whole tables say, or that it cannot be told. */
static void assert_honest(const struct answer *answer, const struct answer *want, const char *what, size_t at) {
        if (!answer->found)
                return;
        bool step_ok = answer->step == GO_SPDELTA_DAMAGED || (answer->step == want->step && answer->delta == want->delta);
        bool frames_ok = answer->n_frames == -1 ||
                         (answer->n_frames == want->n_frames && memcmp(answer->names, want->names, sizeof(want->names)) == 0 &&
                          memcmp(answer->files, want->files, sizeof(want->files)) == 0 &&
                          memcmp(answer->lines, want->lines, sizeof(want->lines)) == 0);
        if (!step_ok || !frames_ok)
                fail_msg("%s at %zu: something else is said", what, at);
}

static void test_truncated(void **state) {
        (void) state;
        for (unsigned minor = 18; minor <= 26; minor += 4) {
                learn_honest(minor);
                struct pclntab whole = tables_pclntab(&tables);
                for (size_t part = 0; part < sizeof(parts) / sizeof(parts[0]); part++)
                        for (size_t len = 0; len < part_of(&whole, part)->len; len++) {
                                struct pclntab tab = whole;
                                uint8_t *copy = malloc(len + 1); /* exactly as long: a sanitizer sees what is read behind it */
                                assert_non_null(copy);
                                memcpy(copy + 1, part_of(&whole, part)->ptr, len);
                                *part_of(&tab, part) = (struct bytes){ copy + 1, len };
                                for (uint64_t i = 0; i < TEXT_BYTES; i += 4) {
                                        struct answer answer = ask(&tab, TABLES_TEXT_VADDR + i);
                                        assert_honest(&answer, &honest[i], "truncated", len);
                                }
                                free(copy);
                        }
        }
}

static void test_flipped(void **state) {
        (void) state;
        learn_honest(26);
        struct pclntab tab = tables_pclntab(&tables);
        for (size_t part = 0; part < sizeof(parts) / sizeof(parts[0]); part++) {
                struct bytes *bytes = part_of(&tab, part);
                struct bytes before = *bytes;
                uint8_t *copy = malloc(before.len);
                assert_non_null(copy);
                memcpy(copy, before.ptr, before.len);
                bytes->ptr = copy;
                for (size_t bit = 0; bit < before.len * 8; bit++) {
                        copy[bit / 8] ^= (uint8_t) (1 << bit % 8);
                        for (uint64_t i = 0; i < TEXT_BYTES; i += 8)
                                (void) ask(&tab, TABLES_TEXT_VADDR + i);
                        copy[bit / 8] ^= (uint8_t) (1 << bit % 8);
                }
                *bytes = before;
                free(copy);
        }
}

/* Records that are put at places where they cannot be, and counts that are too large. */
static void test_oversized(void **state) {
        (void) state;
        static const uint32_t values[] = { 0x7fffffff, 0x80000000, 0xfffffff0, 0xffffffff, 0x10000 };
        sample_tables(&tables, 26);
        struct pclntab tab = tables_pclntab(&tables);
        struct go_func func;
        uint32_t record_off = 0;
        assert_true(bytes_u32(tab.functab, 2 * 8 + 4, &record_off)); /* main.main's */
        static const struct {
                uint32_t at;
                const char *what;
        } fields[] = { { 16, "pcsp" }, { 20, "pcfile" }, { 24, "pcln" }, { 28, "npcdata" }, { 32, "cuOffset" } };
        for (size_t f = 0; f < sizeof(fields) / sizeof(fields[0]); f++)
                for (size_t v = 0; v < sizeof(values) / sizeof(values[0]); v++) {
                        uint8_t *field = tables.functab.bytes + record_off + fields[f].at, before[4];
                        memcpy(before, field, 4);
                        memcpy(field, &values[v], 4);
                        struct answer answer = ask(&tab, 0x401050 + 50);
                        if (answer.step != GO_SPDELTA_DAMAGED && answer.n_frames != -1)
                                fail_msg("%s of 0x%x is believed", fields[f].what, values[v]);
                        memcpy(field, before, 4);
                }
        static const uint32_t offsets[] = { 2 * 8 + 4, 3 * 8 };
        for (size_t f = 0; f < 2; f++)
                for (size_t v = 0; v < sizeof(values) / sizeof(values[0]); v++) {
                        uint8_t *field = tables.functab.bytes + offsets[f], before[4];
                        memcpy(before, field, 4);
                        memcpy(field, &values[v], 4);
                        (void) ask(&tab, 0x401050 + 50);
                        (void) ask(&tab, 0x4010d0);
                        memcpy(field, before, 4);
                }
        tab.n_functions = UINT32_MAX;
        assert_false(pclntab_function(&tab, UINT32_MAX - 1, &func));
        (void) ask(&tab, 0x401050);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_truncated),
                cmocka_unit_test(test_flipped),
                cmocka_unit_test(test_oversized),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
