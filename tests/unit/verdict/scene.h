/* SPDX-License-Identifier: Apache-2.0 */
/* A stop of an imaginary program, complete but for the walk: its logical stack is written down as names. */
#ifndef TESTS_SCENE_H
#define TESTS_SCENE_H

#include "gobin/go_program.h"
#include "memory/buffer.h"
#include "operation/operation.h"
#include "verdict/attribution.h"
#include "verdict/decision.h"

/*
 * The program: functions of runtime, os, time, crypto/x509, sync; of the main module; of example.com/evil (confined), good, cobra
 * (confined, with callbacks) and nobody, which go.mod does not name. main.host has evil.F inlined; main.main.F.func1 is a closure
 * of evil's that got its host's name; evil.G claims to stand in main's file.
 */
#define SCENE_GO_MOD                                                                                                               \
        "module example.com/main\nrequire example.com/evil v1.2.3 // gomodjail:confined\n"                                         \
        "require example.com/good v1.0.0\nrequire example.com/cobra v1.0.0 // gomodjail:confined jail:callbacks\n"

enum { SCENE_PID = 4242 };

struct scene {
        struct go_program program;
        struct code_table *code;
        struct attribution *attribution;
        struct unwind_stack stack;
        struct operation operation;
        struct memory_buffer memory;
        char memory_bytes[512];
        struct decision_options options;
        bool c_made; /* the thread is C's own */
        struct decision decision;
};

/* go_mod: SCENE_GO_MOD or another one; cgo: evil has C code. Free it with scene_clear(). */
void scene_init(struct scene *scene, const char *go_mod, bool cgo);
void scene_clear(struct scene *scene);

/* The code point of a function; of main.host and its like within what is inlined. */
const struct code_point *scene_code(struct scene *scene, const char *function);

/* A stack of these functions, innermost first, separated by spaces: F, go:F (a `go` statement), ^F (an ancestor's), C (foreign). */
void scene_stack(struct scene *scene, enum unwind_end end, enum unwind_root root, const char *functions);

/* The operation of a native call with this path (or NULL) as the argument at path_arg. */
void scene_call(struct scene *scene, long number, int path_arg, const char *path, uint64_t a, uint64_t b, uint64_t c, uint64_t d);
void scene_open(struct scene *scene, const char *path, int flags);

/* Decides, and tells the module that is blamed as a word ("-" for none). */
const char *scene_decide(struct scene *scene, enum unwind_text text);

#endif
