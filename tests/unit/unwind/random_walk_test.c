/* SPDX-License-Identifier: Apache-2.0 */
/* Arbitrary memory: whatever stacks, g, m and ancestors hold, a walk ends with a value. */
#include "unwind/go_process.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct go_process p;
static uint64_t seed;

/* splitmix64 (Steele, Lea, Flood 2014). */
static uint64_t next(void) {
        uint64_t z = (seed += UINT64_C(0x9e3779b97f4a7c15));
        z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
        z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
        return z ^ z >> 31;
}

/* A word as it might be found: mostly something that leads on. */
static uint64_t plausible(void) {
        static const uint64_t places[] = { PROCESS_STACK,   PROCESS_G0_STACK,   PROCESS_SIGNAL_STACK, PROCESS_HEAP,
                                           PROCESS_G,       PROCESS_G0,         PROCESS_GSIGNAL,      PROCESS_M,
                                           PROCESS_TLS - 8, PROCESS_C_TEXT,     PROCESS_OBJECTS,      0,
                                           UINT64_MAX - 64, PROCESS_LOADER_TEXT };
        switch (next() % 8) {
        case 0:
        case 1:
        case 2:
        case 3: return PROCESS_BIAS + p.tab.text_vaddr + next() % (p.tables.text_bytes + 8);
        case 4: return places[next() % (sizeof(places) / sizeof(places[0]))] + next() % 64 * 8;
        case 5: return places[next() % (sizeof(places) / sizeof(places[0]))];
        case 6: return next() % 128;
        default: return next();
        }
}

static void fill(uint8_t *bytes, size_t len) {
        for (size_t at = 0; at + 8 <= len; at += 8) {
                uint64_t word = plausible();
                memcpy(bytes + at, &word, 8);
        }
}

static void walk_once(void) {
        (void) process_walk(&p);
        assert_true(p.stack.n_frames <= UNWIND_MAX_FRAMES);
        assert_in_range(p.stack.end, UNWIND_TOP, UNWIND_NO_MEMORY);
        if (p.stack.end != UNWIND_TOP)
                assert_int_equal(p.stack.root, UNWIND_ROOT_NONE);
        for (size_t i = 0; i < p.stack.n_frames; i++)
                assert_true(p.stack.frames[i].code || p.stack.frames[i].kind == UNWIND_FOREIGN);
}

static void put_g_that_fits(void) {
        const uint64_t gs[] = { PROCESS_G, PROCESS_G0, PROCESS_GSIGNAL };
        const uint64_t stacks[] = { PROCESS_STACK, PROCESS_G0_STACK, PROCESS_SIGNAL_STACK };
        for (int i = 0; i < 3; i++) {
                PROCESS_PUT_G(&p, gs[i], stack_lo, stacks[i]);
                PROCESS_PUT_G(&p, gs[i], stack_hi, stacks[i] + PROCESS_STACK_BYTES);
                PROCESS_PUT_G(&p, gs[i], m, PROCESS_M);
        }
        PROCESS_PUT_M(&p, g0, PROCESS_G0);
        PROCESS_PUT_M(&p, gsignal, PROCESS_GSIGNAL);
        PROCESS_PUT_M(&p, curg, PROCESS_G);
        PROCESS_PUT_M(&p, procid, PROCESS_TID);
}

static void test_random(void **state) {
        (void) state;
        static const unsigned minors[] = { 18, 22, 26 };
        unsigned n_complete = 0;
        for (size_t v = 0; v < 3; v++) {
                process_init(&p, minors[v]);
                for (seed = v * 100000; seed < v * 100000 + 1500; seed++) {
                        uint64_t before = seed;
                        fill(p.stack_bytes, sizeof(p.stack_bytes));
                        fill(p.g0_bytes, sizeof(p.g0_bytes));
                        fill(p.signal_bytes, 0x1000);
                        fill(p.heap_bytes, 0x1000);
                        fill(p.object_bytes, sizeof(p.object_bytes));
                        bool fits = next() % 4 != 0; /* else everything ends at once */
                        if (fits)
                                put_g_that_fits();
                        for (int i = 0; i < 16; i++) {
                                p.regs.ip = plausible();
                                p.regs.sp = next() % 4 ? PROCESS_STACK + next() % PROCESS_STACK_BYTES : plausible();
                                p.regs.fp = plausible();
                                p.regs.has_fp = next() % 2;
                                p.regs.g = next() % 4 ? PROCESS_G : plausible();
                                p.regs.tls = next() % 2 ? PROCESS_TLS : plausible();
                                p.process.started = next() % 2;
                                p.thread.m_vaddr = next() % 2 ? plausible() : 0;
                                walk_once();
                                n_complete += p.stack.end == UNWIND_TOP;
                        }
                        ancestry_cache_clear(p.process.ancestry);
                        seed = before;
                }
                process_clear(&p);
        }
        assert_true(n_complete > 100); /* it did look at something */
}

int main(void) {
        const struct CMUnitTest tests[] = { cmocka_unit_test(test_random) };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
