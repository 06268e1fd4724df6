/* SPDX-License-Identifier: Apache-2.0 */
#include "gobin/sample.h"

void sample_tables(struct go_tables *t, unsigned minor) {
        tables_init(t, minor);
        tables_simple(t, "runtime.goexit", 16, 0, SAMPLE_GOROOT "runtime/asm_amd64.s", 1594);
        tables_flags(t, GO_FUNC_TOPFRAME | GO_FUNC_ASM);
        tables_simple(t, "runtime.main", 64, 72, SAMPLE_GOROOT "runtime/proc.go", 283);

        tables_unit(t);
        tables_function(t, "main.main", 128);
        TABLES_SP(t, { 4, 0 }, { 120, 40 }, { 128, 0 });
        TABLES_FILES(t, { 20, SAMPLE_ROOT "main.go" }, { 60, SAMPLE_EVIL "evil.go" }, { 128, SAMPLE_ROOT "main.go" });
        TABLES_LINES(t, { 20, 10 }, { 40, 30 }, { 60, 31 }, { 128, 12 });
        TABLES_INLINE(t, { 20, -1 }, { 40, 0 }, { 60, 1 }, { 128, -1 });
        tables_inlined(t, "example.com/evil.F", 19);
        tables_inlined(t, "example.com/evil.g", 39);

        tables_unit(t);
        tables_simple(t, "os.ReadFile", 32, 24, SAMPLE_GOROOT "os/file.go", 700);
        tables_unit(t);
        tables_simple(t, "internal/runtime/syscall/linux.Syscall6", 16, 0, SAMPLE_GOROOT "internal/runtime/syscall/asm.s", 36);
        tables_flags(t, GO_FUNC_ASM);
        tables_function(t, "gosave_systemstack_switch", 16);
        tables_finish(t);
}
