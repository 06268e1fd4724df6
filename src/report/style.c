/* SPDX-License-Identifier: Apache-2.0 */
#include "report/style.h"

#include <ctype.h>

#define MAX_SYMBOL_BYTES 160
#define MAX_FILE_BYTES   200

void style_begin(struct text *text, const struct style *style, enum style_color color) {
        static const char *const codes[] = {
                [STYLE_DENIED] = "\033[1;31m",
                [STYLE_NOTICE] = "\033[33m",
                [STYLE_NAME] = "\033[1m",
                [STYLE_LABEL] = "\033[2m",
        };
        if (style->color)
                text_add(text, str_from(codes[color]));
}

void style_end(struct text *text, const struct style *style) {
        if (style->color)
                text_add(text, STR("\033[0m"));
}

void style_add_escaped(struct text *text, const struct style *style, struct str escaped) {
        while (escaped.len > 0) {
                size_t n_plain = 0, len = 0;
                while (n_plain < escaped.len) {
                        len = text_harmless_sequence(str_from_offset(escaped, n_plain));
                        if (len == 0 || (len > 1 && !style->utf8) || n_plain + len > text->size - 1 - text->len)
                                break;
                        n_plain += len;
                }
                text_add(text, str_head(escaped, n_plain));
                if (n_plain < escaped.len)
                        text_printf(text, "\\x%02x", (unsigned char) escaped.ptr[n_plain++]);
                if (text->cut)
                        return;
                escaped = str_from_offset(escaped, n_plain);
        }
}

void style_add_raw(struct text *text, const struct style *style, struct str raw) {
        if (style->utf8) {
                text_add_escaped(text, raw);
                return;
        }
        while (raw.len > 0) {
                size_t n_ascii = 0;
                while (n_ascii < raw.len && (unsigned char) raw.ptr[n_ascii] < 0x80)
                        n_ascii++;
                text_add_escaped(text, str_head(raw, n_ascii));
                if (n_ascii < raw.len)
                        text_printf(text, "\\x%02x", (unsigned char) raw.ptr[n_ascii++]);
                raw = str_from_offset(raw, n_ascii);
        }
}

/* At most max_bytes of raw, and an ellipsis when that is not all. */
static void add_bounded(struct text *text, const struct style *style, struct str raw, size_t max_bytes) {
        style_add_raw(text, style, str_head(raw, max_bytes));
        if (raw.len > max_bytes)
                text_add(text, STR("..."));
}

static bool is_major_version(struct str element) {
        if (element.len < 2 || element.ptr[0] != 'v')
                return false;
        for (size_t i = 1; i < element.len; i++) {
                if (!isdigit((unsigned char) element.ptr[i]))
                        return false;
        }
        return true;
}

/* Where the short form of symbol begins. */
static size_t short_start(struct str symbol) {
        size_t n_path = 0; /* the package path ends before a receiver or type arguments, which hold paths of their own */
        while (n_path < symbol.len && symbol.ptr[n_path] != '[' && symbol.ptr[n_path] != '(')
                n_path++;
        struct str path = str_head(symbol, n_path);
        ptrdiff_t slash = str_last_index(path, '/');
        if (slash < 0)
                return 0;

        struct str element = str_from_offset(path, (size_t) slash + 1);
        ptrdiff_t dot = str_index(element, '.');
        if (dot > 0 && is_major_version(str_head(element, (size_t) dot)))
                return (size_t) str_last_index(str_head(path, (size_t) slash), '/') + 1;
        return (size_t) slash + 1;
}

/* The offset behind the type arguments that open at symbol's start. */
static size_t type_arguments_end(struct str symbol) {
        size_t depth = 0;
        for (size_t i = 0; i < symbol.len; i++) {
                if (symbol.ptr[i] == '[')
                        depth++;
                else if (symbol.ptr[i] == ']' && --depth == 0)
                        return i + 1;
        }
        return symbol.len;
}

void style_add_symbol(struct text *text, const struct style *style, struct str symbol) {
        char short_form[MAX_SYMBOL_BYTES + 8];
        struct text name;
        text_init(&name, short_form, sizeof(short_form));

        symbol = str_from_offset(symbol, short_start(symbol));
        while (symbol.len > 0 && !name.cut) {
                size_t n_used = 1;
                if (symbol.ptr[0] == '[') {
                        text_add(&name, STR("[...]"));
                        n_used = type_arguments_end(symbol);
                } else if (str_starts(symbol, STR("%2e"))) { /* the linker's escape for a dot in the last path element */
                        text_add(&name, STR("."));
                        n_used = 3;
                } else {
                        text_add(&name, str_head(symbol, 1));
                }
                symbol = str_from_offset(symbol, n_used);
        }
        add_bounded(text, style, (struct str){ name.ptr, name.len }, MAX_SYMBOL_BYTES);
}

void style_add_file(struct text *text, const struct style *style, struct str file) {
        ptrdiff_t last = str_last_index(file, '/');
        if (last <= 0) {
                add_bounded(text, style, file, MAX_FILE_BYTES);
                return;
        }
        struct str directory = str_head(file, (size_t) last);
        directory = str_from_offset(directory, (size_t) (str_last_index(directory, '/') + 1));
        ptrdiff_t version = str_index(directory, '@'); /* in the module cache: evil@v1.2.3 */
        add_bounded(text, style, version > 0 ? str_head(directory, (size_t) version) : directory, MAX_FILE_BYTES);
        add_bounded(text, style, str_from_offset(file, (size_t) last), MAX_FILE_BYTES);
}
