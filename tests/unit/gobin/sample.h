/* SPDX-License-Identifier: Apache-2.0 */
/* A small imaginary program that several tests share. */
#ifndef TESTS_SAMPLE_H
#define TESTS_SAMPLE_H

#include "gobin/go_tables.h"

#define SAMPLE_GOROOT  "/usr/lib/go/src/"
#define SAMPLE_ROOT    "/src/proj/"
#define SAMPLE_EVIL    "/mod/example.com/evil@v1.2.3/"
#define SAMPLE_MODULES "path\texample.com/main\nmod\texample.com/main\t(devel)\t\ndep\texample.com/evil\tv1.2.3\th1:AAAA=\n"

/*
 * runtime.goexit, runtime.main, main.main, os.ReadFile, a leaf in assembly, a function without a pcsp table, and runtime.text's
 * end. main.main is 128 bytes; its pcs from 20 on are evil.F inlined at line 10 of main.go, from 40 on evil.g inlined into that at
 * line 30 of evil.go, from 60 on its own again.
 */
void sample_tables(struct go_tables *tables, unsigned minor);

#endif
