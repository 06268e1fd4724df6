/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the first use of each lazily computed table of a Go image costs: a line per step with the microseconds of the fastest of
 * five and the effort that it took (base/effort.h), of which one stop has EFFORT_PER_STOP; last, the dearest attribution of
 * thousands of functions' entries, each asked once after these.
 *
 *     first_use PROG GO.MOD
 */
#include "unwind/code.h"
#include "verdict/attribution.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define ROUNDS  5
#define SAMPLES 10000u

enum step { OPEN, MODULES, NAMES, FIRST_ATTRIBUTION, FILES, CGO_NAMES, DEAREST, N_STEPS };

static const char *const step_names[N_STEPS] = {
        [OPEN] = "open",
        [MODULES] = "modules",
        [NAMES] = "names",
        [FIRST_ATTRIBUTION] = "units-and-first-attribution",
        [FILES] = "files",
        [CGO_NAMES] = "cgo-names",
        [DEAREST] = "dearest-attribution",
};

struct cost {
        int64_t ns;
        uint64_t effort;
};

struct image {
        struct jail_image *image;
        struct jail_policy *policy;
        struct module_set *set;
        struct code_table *code;
        struct attribution *attribution;
        struct effort effort;
};

static int64_t now_ns(void) {
        struct timespec now;
        clock_gettime(CLOCK_MONOTONIC, &now);
        return (int64_t) now.tv_sec * 1000000000 + now.tv_nsec;
}

static void require(bool done, const struct jail_error *err) {
        if (done)
                return;
        fprintf(stderr, "first_use: %s\n", err->msg);
        exit(125);
}

static void attribute(struct image *image, uint32_t index) {
        struct go_func func;
        const struct code_point *point = NULL;
        if (pclntab_function(&image->image->tab, index, &func))
                point = code_table_find(image->code, func.entry_vaddr, true);
        if (point)
                (void) attribution_find(image->attribution, point);
}

static void do_step(struct image *image, enum step step, char **argv) {
        struct jail_error err = { 0 };
        module_id id;
        switch (step) {
        case OPEN:
                require(jail_image_open(argv[1], &image->image, &err) == 0, &err);
                image->image->tab.effort = &image->effort;
                break;
        case MODULES: require(module_set_new(image->image, image->policy, &image->set, &err) == 0, &err); break;
        case NAMES: {
                uint8_t *linked = calloc(module_set_count(image->set), 1);
                require(linked != NULL, &err);
                module_set_linked(image->set, linked);
                free(linked);
                break;
        }
        case FIRST_ATTRIBUTION:
                require(code_table_new(&image->image->tab, &image->code, &err) == 0 &&
                                attribution_new(image->set, image->code, &image->attribution, &err) == 0,
                        &err);
                attribute(image, image->image->tab.n_functions / 2);
                break;
        case FILES: require(module_set_by_file(image->set, STR("/no/such/file.go"), &id, &err) == 0, &err); break;
        case CGO_NAMES: (void) attribution_confined_cgo(image->attribution); break;
        case DEAREST:
        case N_STEPS: break;
        }
}

static void keep_least(struct cost *cost, int64_t ns, uint64_t effort) {
        if (cost->effort == 0 || ns < cost->ns)
                *cost = (struct cost){ ns, effort };
}

static void find_dearest(struct image *image, struct cost *dearest) {
        uint32_t n = image->image->tab.n_functions;
        for (uint32_t i = 0; i < n; i += n / SAMPLES + 1) {
                effort_begin(&image->effort, EFFORT_PER_STOP);
                int64_t start = now_ns();
                attribute(image, i);
                uint64_t effort = EFFORT_PER_STOP - image->effort.left;
                if (effort > dearest->effort)
                        *dearest = (struct cost){ now_ns() - start, effort };
        }
}

int main(int argc, char **argv) {
        struct cost costs[N_STEPS] = { 0 };
        struct jail_error err;
        if (argc != 3) {
                fprintf(stderr, "usage: first_use PROG GO.MOD\n");
                return 125;
        }
        for (int round = 0; round < ROUNDS; round++) {
                struct image image = { 0 };
                require(jail_policy_load(argv[2], NULL, 0, &image.policy, &err) == 0, &err);
                for (enum step step = OPEN; step < DEAREST; step++) {
                        effort_begin(&image.effort, EFFORT_PER_IMAGE);
                        int64_t start = now_ns();
                        do_step(&image, step, argv);
                        keep_least(&costs[step], now_ns() - start, EFFORT_PER_IMAGE - image.effort.left);
                }
                if (round == 0)
                        find_dearest(&image, &costs[DEAREST]);
                attribution_free(image.attribution);
                code_table_free(image.code);
                module_set_free(image.set);
                jail_policy_free(image.policy);
                jail_image_free(image.image);
        }
        for (int step = OPEN; step < N_STEPS; step++)
                printf("%s %" PRId64 " %" PRIu64 "\n", step_names[step], costs[step].ns / 1000, costs[step].effort);
        return 0;
}
