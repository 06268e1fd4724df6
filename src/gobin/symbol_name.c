/* SPDX-License-Identifier: Apache-2.0 */
#include "gobin/symbol_name.h"

#include <ctype.h>

/*
 * The offset of the dot that ends the package path, or -1. Type arguments and receivers may hold slashes and dots, so the search
 * ends at the first '[' or '('; neither can be in an import path. Dots in the path's last element are escaped.
 */
static ptrdiff_t package_end(struct str name) {
        for (size_t i = 0; i < name.len; i++)
                if (name.ptr[i] == '[' || name.ptr[i] == '(') {
                        name.len = i;
                        break;
                }
        if (str_index(name, ' ') >= 0 || str_index(name, '{') >= 0)
                return -1; /* a type literal */
        ptrdiff_t slash = str_last_index(name, '/');
        ptrdiff_t dot = str_index(str_from_offset(name, (size_t) (slash + 1)), '.');
        return dot < 0 ? -1 : slash + 1 + dot;
}

/* Takes off what the compiler and the linker put in front of a type's or package's name. */
static struct str strip_prefixes(struct str name) {
        static const struct str prefixes[] = {
                { "type:.eq.", 9 }, { "type:.hash.", 11 }, { "type..eq.", 9 }, { "type..hash.", 11 }, { "go:", 3 },
        };
        for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
                if (str_starts(name, prefixes[i]))
                        return str_from_offset(name, prefixes[i].len);
        /* Methods of unnamed structs, up to Go 1.19; a module path may well begin with "go.". */
        if (str_starts(name, STR("go.(*struct")) || str_starts(name, STR("go.struct")))
                return (struct str){ 0 };
        return name;
}

static int hex_digit(char c) {
        if (c >= '0' && c <= '9')
                return c - '0';
        if (c >= 'a' && c <= 'f')
                return c - 'a' + 10;
        return -1;
}

struct str symbol_name_package(struct str name, char *buffer, size_t size) {
        name = strip_prefixes(name);
        ptrdiff_t end = package_end(name);
        if (end <= 0)
                return (struct str){ 0 };

        size_t len = 0;
        for (size_t i = 0; i < (size_t) end; i++) {
                char c = name.ptr[i];
                if (c == '%' && i + 2 < (size_t) end) {
                        int high = hex_digit(name.ptr[i + 1]), low = hex_digit(name.ptr[i + 2]);
                        if (high >= 0 && low >= 0) {
                                c = (char) (high << 4 | low);
                                i += 2;
                        }
                }
                if (len == size)
                        return (struct str){ 0 };
                buffer[len++] = c;
        }
        return (struct str){ buffer, len };
}

struct str symbol_name_short(struct str name) {
        ptrdiff_t end = package_end(name);
        if (end < 0)
                return name;
        ptrdiff_t slash = str_last_index(str_head(name, (size_t) end), '/');
        return str_from_offset(name, (size_t) (slash + 1));
}

struct str symbol_name_local(struct str name) {
        ptrdiff_t end = package_end(name);
        return end < 0 ? (struct str){ 0 } : str_from_offset(name, (size_t) end + 1);
}

struct str symbol_name_raw_package(struct str name) {
        ptrdiff_t end = package_end(name);
        return end < 0 ? (struct str){ 0 } : str_head(name, (size_t) end);
}

bool symbol_name_is_in(struct str name, struct str package) {
        if (name.len <= package.len || name.ptr[package.len] != '.' || !str_starts(name, package))
                return false;
        /* "a/b.F" and "a/b.c/d.F" begin alike. */
        for (size_t i = package.len + 1; i < name.len && name.ptr[i] != '[' && name.ptr[i] != '('; i++)
                if (name.ptr[i] == '/' || name.ptr[i] == ' ' || name.ptr[i] == '{')
                        return false;
        return true;
}
