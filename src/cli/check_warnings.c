/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/check_warnings.h"

#include "cli/message.h"

enum { MAX_FLAGS = 8 }; /* more modules than that are not worth a flag each */

static bool is_confined_here(const struct check_row *row) {
        return row->policy->confined && row->linked == CHECK_LINKED_YES;
}

static bool has_finding(const struct check_row *row) {
        for (unsigned i = 0; i < SOURCE_FINDING_COUNT; i++)
                if (row->scan.at[i])
                        return true;
        return row->scan.incomplete;
}

static const char *describe(enum source_finding finding) {
        switch (finding) {
        case SOURCE_ASSEMBLY: return "assembly";
        case SOURCE_CGO: return "C code";
        case SOURCE_LINKNAME: return "functions with another package's name (//go:linkname)";
        case SOURCE_LINE: return "functions with another directory's file (//line)";
        case SOURCE_FINDING_COUNT: break;
        }
        return "";
}

static void print_findings(FILE *out, const struct check_row *row) {
        for (unsigned i = 0; i < SOURCE_FINDING_COUNT; i++) {
                if (!row->scan.at[i])
                        continue;
                fputs("warning  ", out);
                message_print_escaped(out, row->path, 0);
                fprintf(out, " has %s: ", describe(i));
                message_print_escaped(out, row->scan.at[i], 0);
                fputs("\n", out);
        }
        if (row->scan.incomplete) {
                fputs("warning  ", out);
                message_print_escaped(out, row->path, 0);
                fputs(": not all of its sources could be read\n", out);
        }
}

/* The flags that keep the modules' functions apart from others. */
static void print_inlined(FILE *out, const struct check_rows *rows, size_t n_inlined) {
        fprintf(out, "note     %zu confined module%s functions that are compiled into other modules' (inlined), where\n", n_inlined,
                n_inlined == 1 ? " has" : "s have");
        fputs("         //go:linkname and //line leave no trace. To keep them apart, build with\n           ", out);
        if (n_inlined > MAX_FLAGS) {
                fputs(" -gcflags=all=-l\n", out);
                return;
        }
        for (size_t i = 0; i < rows->n_rows; i++) {
                if (!is_confined_here(&rows->rows[i]) || !rows->rows[i].inlined)
                        continue;
                fputs(" -gcflags=", out);
                message_print_escaped(out, rows->rows[i].path, 0);
                fputs("/...=-l", out);
        }
        fputs("\n", out);
}

void check_warnings_print(FILE *out, const struct check_rows *rows) {
        size_t n_inlined = 0, n_unseen = 0, n_found = 0;
        for (size_t i = 0; i < rows->n_rows; i++) {
                const struct check_row *row = &rows->rows[i];
                if (!is_confined_here(row))
                        continue;
                n_inlined += row->inlined;
                n_unseen += !row->scanned;
                n_found += has_finding(row);
        }
        if (n_inlined + n_unseen + n_found == 0)
                return;
        fputs("\n", out);
        for (size_t i = 0; i < rows->n_rows; i++)
                print_findings(out, &rows->rows[i]);
        if (n_unseen > 0)
                fprintf(out, "note     the sources of %zu confined module%s are not at hand; see go mod download\n", n_unseen,
                        n_unseen == 1 ? "" : "s");
        if (n_inlined > 0)
                print_inlined(out, rows, n_inlined);
}
