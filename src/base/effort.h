/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How much of a hostile image is looked at to answer one question. What takes time that the image decides (functions, names, bytes
 * of tables) is spent here; when all is spent, the search ends, nothing that came of it is remembered, and the answer is the safe
 * one. A count rather than a clock: the same image always gives the same answer.
 */
#ifndef BASE_EFFORT_H
#define BASE_EFFORT_H

#include <stdbool.h>
#include <stdint.h>

/*
 * What one stop, and what opening an image, may take: about a nanosecond per unit. Each first use of a program of 115 MB takes less
 * than a tenth of a stop's (tests/bench/run, "first use").
 */
#define EFFORT_PER_STOP  (UINT64_C(1) << 30)
#define EFFORT_PER_IMAGE (UINT64_C(1) << 32)

/* What to spend for each, beside the bytes that are read. */
enum {
        EFFORT_LOOK = 8,     /* a look at a few words */
        EFFORT_ENTRY = 512,  /* a function, a name, a jump */
        EFFORT_FRAME = 1024, /* a logical frame, which is remembered as well */
};

struct effort {
        uint64_t left;
        bool spent; /* more was asked for than was left; stays so until effort_begin() */
};

static inline void effort_begin(struct effort *effort, uint64_t units) {
        if (effort)
                *effort = (struct effort){ .left = units };
}

/* False when there is not so much left. NULL has no end. */
static inline bool effort_spend(struct effort *effort, uint64_t units) {
        if (!effort)
                return true;
        if (effort->spent || effort->left < units) {
                effort->spent = true;
                return false;
        }
        effort->left -= units;
        return true;
}

static inline bool effort_is_spent(const struct effort *effort) {
        return effort && effort->spent;
}

#endif
