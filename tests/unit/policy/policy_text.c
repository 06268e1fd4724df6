/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/policy_text.h"

#include <stdio.h>
#include <stdlib.h>

const char policy_rich_go_mod[] = "// Package main does things.\n"
                                  "//\n"
                                  "// Deprecated: use example.com/main/v2.\n"
                                  "// gomodjail:confined\n"
                                  "module example.com/main // jail:quiet exec\n"
                                  "\n"
                                  "go 1.24.1\r\n"
                                  "\n"
                                  "toolchain go1.25.0\n"
                                  "\n"
                                  "godebug default=go1.21\n"
                                  "godebug (\n"
                                  "\tpanicnil=1\n"
                                  "\tasynctimerchan=0 // prose\n"
                                  ")\n"
                                  "\n"
                                  "require example.com/single v1.0.0 // gomodjail:unconfined\n"
                                  "\n"
                                  "// gomodjail:unconfined\n"
                                  "require ( // jail:quiet fs.read\n"
                                  "\texample.com/a v1.2.3\n"
                                  "\t\"example.com/quoted\" \"v0.1.0\"\n"
                                  "\t`example.com/raw` v0.0.0-20240101000000-abcdefabcdef // indirect; gomodjail:confined\n"
                                  "\n"
                                  "\t// Needed by the server.\n"
                                  "\t// gomodjail:confined jail:callbacks\n"
                                  "\texample.com/b/v2 v2.0.0 // indirect // jail:quiet net.connect, jail:quiet net.listen\n"
                                  "\tgopkg.in/yaml.v3 v3.0.1\n"
                                  ")\n"
                                  "\n"
                                  "require ()\n"
                                  "exclude example.com/a v1.2.2\n"
                                  "exclude (\n\texample.com/a v1.2.1\n)\n"
                                  "replace example.com/a => ../a\n"
                                  "replace (\n"
                                  "\texample.com/b/v2 v2.0.0 => example.com/fork/v2 v2.0.1\n"
                                  "\texample.com/deep v1.5.0 => \"./with \\\"quotes\\\" \\u00e9\"\n"
                                  ")\n"
                                  "retract v1.9.0\n"
                                  "retract [v1.0.0, v1.1.0] // Published by mistake.\n"
                                  "retract (\n\tv1.2.0\n\t[v1.3.0,v1.4.0]\n)\n"
                                  "tool example.com/a/cmd/tool\n"
                                  "tool (\n\texample.com/b/v2/cmd\n)\n"
                                  "ignore ./node_modules\n"
                                  "ignore (\n\tstatic\n)";

static void add_grant(FILE *out, const struct jail_policy_module *module) {
        static const char *const origins[] = { "none", "module", "block", "line", "override" };
        fputs(module->confined ? " confined" : " unconfined", out);
        if (module->callbacks)
                fputs(" callbacks", out);
        if (module->quiet_classes)
                fputs(" quiet", out);
        for (int i = 0; i < JAIL_CLASS_COUNT; i++)
                if (module->quiet_classes & UINT32_C(1) << i)
                        fprintf(out, " %s", jail_class_name((enum jail_class) i));
        fprintf(out, " %s", origins[module->origin]);
        if (module->origin_line)
                fprintf(out, ":%u", module->origin_line);
        if (module->require_line)
                fprintf(out, " require:%u", module->require_line);
        fputc('\n', out);
}

static const char *or_dash(const char *version) {
        return version[0] == '\0' ? "-" : version;
}

char *policy_text(const struct jail_policy *policy) {
        char *text = NULL;
        size_t len;
        FILE *out = open_memstream(&text, &len);
        if (!out)
                abort();
        fprintf(out, "main %s\ndefault", jail_policy_main_module(policy));
        add_grant(out, jail_policy_default(policy));
        for (size_t i = 0; i < jail_policy_module_count(policy); i++) {
                const struct jail_policy_module *module = jail_policy_module_at(policy, i);
                fprintf(out, "%s %s", module->path, or_dash(module->version));
                if (module->replace_path)
                        fprintf(out, " => %s %s", module->replace_path, or_dash(module->replace_version));
                add_grant(out, module);
        }
        fclose(out);
        return text;
}
