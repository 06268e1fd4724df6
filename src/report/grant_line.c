/* SPDX-License-Identifier: Apache-2.0 */
#include "report/grant_line.h"

#include <ctype.h>

/* Line number n (1-based) of a file, without its end; empty when the file has fewer. */
static struct str line_at(struct str file, unsigned n) {
        for (; n > 1 && file.len > 0; n--) {
                ptrdiff_t end = str_index(file, '\n');
                file = end < 0 ? (struct str){ NULL, 0 } : str_from_offset(file, (size_t) end + 1);
        }
        ptrdiff_t end = str_index(file, '\n');
        return end < 0 ? file : str_head(file, (size_t) end);
}

static struct str skip_space(struct str s) {
        while (s.len > 0 && isspace((unsigned char) s.ptr[0]))
                s = str_from_offset(s, 1);
        return s;
}

/* As cmd/go reads it (modfile.isIndirect): the comment is `// indirect`, alone or before a semicolon. */
static bool is_indirect(struct str line) {
        ptrdiff_t comment = str_find(line, STR("//"));
        if (comment < 0)
                return false;
        line = skip_space(str_from_offset(line, (size_t) comment + 2));
        if (!str_starts(line, STR("indirect")))
                return false;
        line = str_from_offset(line, strlen("indirect"));
        return line.len == 0 || line.ptr[0] == ';' || isspace((unsigned char) line.ptr[0]);
}

static bool is_single_require(struct str line) {
        line = skip_space(line);
        return str_starts(line, STR("require")) && line.len > strlen("require") &&
               isspace((unsigned char) line.ptr[strlen("require")]);
}

unsigned grant_line_add_module(struct text *text, const struct jail_policy *policy, struct str go_mod, struct str module) {
        const struct jail_policy_module *required = policy ? jail_policy_module_find(policy, module.ptr, module.len) : NULL;
        if (!required || required->require_line == 0 || required->origin == JAIL_POLICY_ORIGIN_OVERRIDE) {
                text_add(text, STR("--module="));
                text_add_escaped(text, module);
                text_add(text, STR("=unconfined"));
                return 0;
        }
        struct str line = line_at(go_mod, required->require_line);
        if (is_single_require(line))
                text_add(text, STR("require "));
        text_add_escaped(text, module);
        text_printf(text, " %s //%s gomodjail:unconfined", required->version, is_indirect(line) ? " indirect;" : "");
        return required->require_line;
}

unsigned grant_line_to_remove(const struct jail_policy *policy, struct str module) {
        const struct jail_policy_module *required = policy ? jail_policy_module_find(policy, module.ptr, module.len) : NULL;
        bool is_above = required && required->origin == JAIL_POLICY_ORIGIN_LINE && required->origin_line != required->require_line;
        return is_above ? required->origin_line : 0;
}

void grant_line_add_option(struct text *text, enum jail_reason reason) {
        switch (reason) {
        case JAIL_REASON_INCOMPLETE: text_add(text, STR("--incomplete=allow")); break;
        case JAIL_REASON_C_THREAD: text_add(text, STR("--c-thread=allow")); break;
        case JAIL_REASON_UNATTRIBUTED: text_add(text, STR("--unattributed=allow")); break;
        case JAIL_REASON_TRUNCATED: text_add(text, STR("--truncated=allow")); break;
        case JAIL_REASON_CHILDREN: text_add(text, STR("--children=trust")); break;
        case JAIL_REASON_CGI: text_add(text, STR("--allow-cgi")); break;
        case JAIL_REASON_CHILD_ENV: text_add(text, STR("--child-env=report")); break;
        case JAIL_REASON_ALLOWED:
        case JAIL_REASON_LOADER:
        case JAIL_REASON_UNKNOWN_CODE:
        case JAIL_REASON_STD_STATE:
        case JAIL_REASON_CONFINED:
        case JAIL_REASON_LISTENER:
        case JAIL_REASON_UNSUPPORTED:
        case JAIL_REASON_COUNT: break;
        }
}
