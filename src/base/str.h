/* SPDX-License-Identifier: Apache-2.0 */
/* A view of characters that someone else owns; not terminated. An empty view may have ptr NULL. */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct str {
        const char *ptr;
        size_t len;
};

/* A string literal as a view. */
#define STR(literal) ((struct str){ "" literal, sizeof(literal) - 1 })

/* For printf: "%.*s", STR_ARG(s). */
#define STR_ARG(s) (int) (s).len, (s).ptr ? (s).ptr : ""

/* The view of a terminated string; NULL gives an empty view. */
static inline struct str str_from(const char *text) {
        return (struct str){ text, text ? strlen(text) : 0 };
}

static inline bool str_equal(struct str a, struct str b) {
        return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static inline bool str_starts(struct str s, struct str prefix) {
        return s.len >= prefix.len && (prefix.len == 0 || memcmp(s.ptr, prefix.ptr, prefix.len) == 0);
}

static inline bool str_ends(struct str s, struct str suffix) {
        return s.len >= suffix.len && (suffix.len == 0 || memcmp(s.ptr + s.len - suffix.len, suffix.ptr, suffix.len) == 0);
}

/* The part of s from offset on; empty when offset is past the end. */
static inline struct str str_from_offset(struct str s, size_t offset) {
        if (offset >= s.len)
                return (struct str){ s.ptr, 0 };
        return (struct str){ s.ptr + offset, s.len - offset };
}

/* The first len bytes of s, or all of it. */
static inline struct str str_head(struct str s, size_t len) {
        return (struct str){ s.ptr, len < s.len ? len : s.len };
}

/* The offset of the first (last) c in s, or -1. */
static inline ptrdiff_t str_index(struct str s, char c) {
        const char *found = s.len ? memchr(s.ptr, c, s.len) : NULL;
        return found ? found - s.ptr : -1;
}

static inline ptrdiff_t str_last_index(struct str s, char c) {
        const char *found = s.len ? memrchr(s.ptr, c, s.len) : NULL;
        return found ? found - s.ptr : -1;
}

/* The offset of the first occurrence of needle in s, or -1. */
static inline ptrdiff_t str_find(struct str s, struct str needle) {
        const char *found = s.len ? memmem(s.ptr, s.len, needle.ptr, needle.len) : NULL;
        return found ? found - s.ptr : -1;
}

#endif
